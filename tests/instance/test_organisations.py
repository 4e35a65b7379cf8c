"""Organisations: names that can stand in an address, members, and a profile that is journaled."""

import uuid

import pytest
from sqlalchemy import select

from instance import journal, organisations
from instance.base import Refused
from instance.organisations import Kind
from tests.instance.neighbourhood import NOW, Neighbourhood


def found(town: Neighbourhood, **more: object) -> organisations.Organisation:
    given = {"name": "Comité des Essais", "kind": Kind.COMMITTEE, "summary": "Inventé."}
    return organisations.found(town.session, now=NOW, **{**given, **more})


def test_a_name_gives_the_short_name(town: Neighbourhood) -> None:
    assert found(town).slug == "comite_des_essais"


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"name": " "}, "missing", "name"),
        ({"name": "x" * 121}, "too_long", "name"),
        ({"summary": ""}, "missing", "summary"),
        ({"summary": "x" * 501}, "too_long", "summary"),
        ({"slug": "a"}, "slug_shape", "slug"),
        ({"slug": "no-dash"}, "slug_shape", "slug"),
        ({"name": "北区"}, "slug_shape", "slug"),
        ({"slug": "Instance"}, "slug_taken", "slug"),
        ({"slug": "palier"}, "slug_taken", "slug"),
        ({"slug": "quartier_nord"}, "slug_taken", "slug"),
        ({"slug": "deja"}, "slug_taken", "slug"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    town: Neighbourhood, given: dict[str, str], code: str, field: str
) -> None:
    found(town, slug="deja")
    with pytest.raises(Refused) as refused:
        found(town, **given)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_each_change_of_the_profile_is_journaled_once(town: Neighbourhood) -> None:
    committee = found(town)
    organisations.describe(town.session, organisation=committee, name="Comité", summary="Autre.", now=NOW)
    with pytest.raises(Refused, match="missing"):
        organisations.describe(town.session, organisation=committee, name="Comité", summary=" ", now=NOW)
    changes = town.session.scalars(select(journal.Change).order_by(journal.Change.id)).all()
    assert [(one.subject, one.subject_id, one.version) for one in changes] == [
        ("organisation", committee.public_id, 1),
        ("organisation", committee.public_id, 2),
    ]


def test_a_refused_description_changes_nothing(town: Neighbourhood) -> None:
    committee = found(town)
    with pytest.raises(Refused, match="missing"):
        organisations.describe(town.session, organisation=committee, name="Autre nom", summary=" ", now=NOW)
    assert (committee.name, committee.version) == ("Comité des Essais", 1)


def test_members_write_until_they_are_removed(stored_town: Neighbourhood) -> None:
    town = stored_town
    committee, other = found(town), found(town, slug="autre")
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    for _ in range(2):
        organisations.add_member(town.session, organisation=committee, resident=ines, now=NOW)
    assert organisations.may_write(town.session, organisation=committee, resident=ines)
    assert not organisations.may_write(town.session, organisation=committee, resident=zoe)
    assert not organisations.may_write(town.session, organisation=other, resident=ines)
    assert organisations.of_resident(town.session, resident=ines) == [committee]
    organisations.remove_member(town.session, organisation=committee, resident=ines)
    assert not organisations.may_write(town.session, organisation=committee, resident=ines)
    assert organisations.of_resident(town.session, resident=ines) == []


def test_finding(town: Neighbourhood) -> None:
    committee = found(town)
    assert organisations.by_slug(town.session, slug=committee.slug) is committee
    assert organisations.by_public_id(town.session, public_id=committee.public_id) is committee
    assert organisations.every(town.session) == [committee]
    for find in (
        lambda: organisations.by_slug(town.session, slug="nobody"),
        lambda: organisations.by_public_id(town.session, public_id=uuid.uuid4()),
    ):
        with pytest.raises(Refused, match="not_found"):
            find()
