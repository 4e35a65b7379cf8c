"""News: who may write it, for whom, and what a change of it does."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from instance import news, notices, organisations
from instance.audience import Audience
from instance.base import Refused
from instance.happenings import Happening
from instance.journal import Change
from tests.instance.neighbourhood import NOW, Neighbourhood

WORDS: dict[str, Any] = {"title": "x", "summary": "y", "body": "z", "happening": None}
DAY = Happening(begins=NOW + timedelta(days=25), ends=NOW + timedelta(days=25, hours=3), place="Place des Essais")


def test_only_members_write(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    committee = town.organisation(ines)
    item = town.post(ines, committee, Audience.NETWORK)
    for act in (
        lambda: town.post(zoe, committee, Audience.INSTANCE),
        lambda: news.edit(town.session, item=item, by=zoe, now=NOW, **WORDS),
        lambda: news.narrow(town.session, item=item, by=zoe, audience=Audience.INSTANCE, now=NOW),
        lambda: notices.withdraw(town.session, notice=item, by=zoe, now=NOW),
    ):
        with pytest.raises(Refused, match="not_yours"):
            act()
    assert (item.title, item.summary, item.version) == ("Fête du quartier", "Samedi sur la place.", 1)


def test_any_member_may_change_what_another_wrote(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.far)
    committee = town.organisation(ines, zoe)
    item = town.post(ines, committee, Audience.INSTANCE)
    said = {"title": "Reportée", "summary": "Dimanche.", "body": "*Pluie*"}
    news.edit(town.session, item=item, by=zoe, now=NOW, **{**WORDS, **said})
    assert (item.title, item.summary, item.version) == ("Reportée", "Dimanche.", 2)
    organisations.remove_member(town.session, organisation=committee, resident=ines)
    with pytest.raises(Refused, match="not_yours"):
        news.edit(town.session, item=item, by=ines, now=NOW, **WORDS)
    assert item.summary == "Dimanche."
    wanted = select(Change.version).where(Change.subject_id == item.public_id).order_by(Change.id)
    assert list(town.session.scalars(wanted)) == [1, 2]


@pytest.mark.parametrize(
    ("words", "code", "field"),
    [
        ({"title": ""}, "missing", "title"),
        ({"summary": " "}, "missing", "summary"),
        ({"summary": "x" * 501}, "too_long", "summary"),
        ({"body": ""}, "missing", "body"),
    ],
)
def test_a_refused_change_changes_nothing(town: Neighbourhood, words: dict[str, str], code: str, field: str) -> None:
    ines = town.resident(town.lilas)
    committee = town.organisation(ines)
    item = town.post(ines, committee, Audience.INSTANCE)
    before = (item.title, item.summary, item.body, item.version)
    for act in (
        lambda: town.post(ines, committee, Audience.INSTANCE, **words),
        lambda: news.edit(town.session, item=item, by=ines, now=NOW, **{**WORDS, **words}),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert (refused.value.code, refused.value.field) == (code, field)
    assert (item.title, item.summary, item.body, item.version) == before


def test_a_building_s_board_is_for_whoever_answers_for_it(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    developer, other = town.organisation(ines), town.organisation(ines)
    town.lilas.installer_id = developer.id
    item = town.post(ines, developer, Audience.BUILDING, building=town.lilas)
    assert (item.circle, item.quarter) == (f"building:{town.lilas.id}", town.north)
    for organisation, building, code in (
        (other, town.lilas, "not_your_building"),
        (developer, town.tilleuls, "not_your_building"),
        (developer, None, "place_missing"),
    ):
        with pytest.raises(Refused) as refused:
            town.post(ines, organisation, Audience.BUILDING, building=building)
        assert (refused.value.code, refused.value.field) == (code, "audience")


def test_a_quarter_s_organisation_stays_in_its_quarter(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    northern, citywide = town.organisation(ines, quarter=town.north), town.organisation(ines)
    assert town.post(ines, northern, Audience.QUARTER).quarter is town.north
    assert town.post(ines, northern, Audience.NETWORK).quarter is town.north
    assert town.post(ines, citywide, Audience.QUARTER, quarter=town.south).quarter is town.south
    assert town.post(ines, citywide, Audience.NETWORK).quarter is None
    with pytest.raises(Refused, match="not_your_quarter"):
        town.post(ines, northern, Audience.QUARTER, quarter=town.south)
    with pytest.raises(Refused, match="place_missing"):
        town.post(ines, citywide, Audience.QUARTER)


def test_narrowing_news(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    committee = town.organisation(ines, quarter=town.north)
    town.lilas.installer_id = committee.id
    item = town.post(ines, committee, Audience.NETWORK)
    for audience, version in ((Audience.INSTANCE, 2), (Audience.QUARTER, 3)):
        news.narrow(town.session, item=item, by=ines, audience=audience, now=NOW)
        assert (item.audience, item.version, item.reached_network) == (audience, version, True)
    with pytest.raises(Refused, match="not_your_building"):
        news.narrow(town.session, item=item, by=ines, audience=Audience.BUILDING, building=town.far, now=NOW)
    news.narrow(town.session, item=item, by=ines, audience=Audience.BUILDING, building=town.lilas, now=NOW)
    assert (item.circle, item.version) == (f"building:{town.lilas.id}", 4)


# --- news with a date


def test_a_date_is_set_moved_and_taken_away_while_it_is_at_home(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    item = town.post(ines, town.organisation(ines), Audience.INSTANCE, happening=DAY)
    town.session.expire_all()
    assert item.happening == DAY
    later = Happening(begins=DAY.begins + timedelta(days=7))
    for wanted in (later, None, DAY):
        news.edit(town.session, item=item, by=ines, now=NOW, **{**WORDS, "happening": wanted})
        town.session.expire_all()
        assert item.happening == wanted


def test_what_is_called_off_hangs_on_and_stays_called_off(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    item = town.post(ines, town.organisation(ines), Audience.INSTANCE, happening=DAY)
    with pytest.raises(Refused, match="not_yours"):
        news.call_off(town.session, item=item, by=zoe, now=NOW)
    news.call_off(town.session, item=item, by=ines, now=NOW)
    town.session.expire_all()
    assert (item.is_live, item.version, item.happening) == (True, 2, replace(DAY, called_off=True))
    with pytest.raises(Refused, match="off_already"):
        news.call_off(town.session, item=item, by=ines, now=NOW)
    plain = town.post(ines, town.organisation(ines), Audience.INSTANCE)
    with pytest.raises(Refused, match="no_date"):
        news.call_off(town.session, item=plain, by=ines, now=NOW)


def test_what_left_town_neither_gains_nor_loses_a_date(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    committee = town.organisation(ines)
    dated = town.post(ines, committee, Audience.NETWORK, happening=DAY)
    plain = town.post(ines, committee, Audience.NETWORK)
    for item, wanted in ((dated, None), (plain, DAY)):
        with pytest.raises(Refused) as refused:
            news.edit(town.session, item=item, by=ines, now=NOW, **{**WORDS, "happening": wanted})
        assert (refused.value.code, refused.value.field) == ("date_stays", "begins")
        assert (item.version, item.happening is None) == (1, item is plain)
    moved = Happening(begins=DAY.begins + timedelta(days=1))
    news.edit(town.session, item=dated, by=ines, now=NOW, **{**WORDS, "happening": moved})
    assert (dated.happening, dated.version) == (moved, 2)
