"""Hall screens: a wall shows what is on its allow-list, and never who lives there."""

import dataclasses
import uuid

import pytest
from sqlalchemy import select

from instance import halls, listings, notices
from instance.audience import Audience
from instance.base import Refused
from instance.halls import Screen, Slide, Wall
from instance.listings import Direction
from instance.notices import State
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, Neighbourhood


def test_a_slide_has_these_fields_and_no_other() -> None:
    # A new field is a decision about what strangers in a hall may read: change this list with care.
    assert {one.name for one in dataclasses.fields(Slide)} == {
        "kind",
        "title",
        "summary",
        "organisation",
        "city",
        "audience",
        "since",
        "until",
    }
    assert {one.name for one in dataclasses.fields(Wall)} == {
        "building",
        "street",
        "quarter",
        "installer_name",
        "installer",
        "at_home",
        "around",
    }


def test_no_resident_is_named_whatever_hangs(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas, name="Wilhelmina")
    developer, committee = town.organisation(ines), town.organisation(ines)
    town.lilas.installer_id = developer.id
    for audience in Audience:
        town.offer(ines, audience)
        town.post(ines, committee, audience, quarter=town.north) if audience is not Audience.BUILDING else None
    town.post(ines, developer, Audience.BUILDING, building=town.lilas)
    wall = halls.of_building(town.session, building=town.lilas)
    shown = repr(wall)
    for word in (ines.first_name, ines.last_name, ines.login, str(ines.public_id), str(ines.id), "Une voisine"):
        assert word not in shown
    assert wall.installer
    assert wall.at_home
    assert wall.around


def test_each_notice_hangs_in_its_pane(town: Neighbourhood) -> None:
    ines, far = town.resident(town.lilas), town.resident(town.far, town.tilleuls)
    developer = town.organisation(ines)
    town.lilas.installer_id = developer.id
    town.offer(ines, Audience.BUILDING, title="chez nous")
    town.offer(far, Audience.BUILDING, title="au loin", building=town.far)
    town.offer(far, Audience.BUILDING, title="à côté", building=town.tilleuls)
    town.offer(far, Audience.QUARTER, title="quartier nord", building=town.tilleuls)
    town.offer(far, Audience.QUARTER, title="quartier sud", building=town.far)
    town.offer(far, Audience.INSTANCE, title="ville", building=town.far)
    hidden = town.offer(ines, Audience.BUILDING, title="caché")
    hidden.state = State.HIDDEN.value
    town.post(ines, developer, Audience.BUILDING, building=town.lilas, title="chantier")
    town.post(ines, developer, Audience.INSTANCE, title="annonce")
    listings.welcome(
        town.session,
        origin=neighbourhood.origin(),
        direction=Direction.REQUEST,
        title="d’ailleurs",
        html="x",
        language="fr",
        now=NOW,
    )
    wall = halls.of_building(town.session, building=town.lilas)
    assert (wall.building, wall.quarter, wall.installer_name) == ("Les Lilas", "Quartier Nord", developer.name)
    assert [one.title for one in wall.installer] == ["chantier"]
    assert [one.title for one in wall.at_home] == ["chez nous"]
    assert [one.title for one in wall.around] == ["d’ailleurs", "annonce", "ville", "quartier nord"]
    assert [(one.kind, one.city, one.organisation) for one in wall.around[:2]] == [
        ("request", "Ailleurs", None),
        ("news", None, developer.name),
    ]


def test_no_pane_pushes_another_off_the_wall(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    developer = town.organisation(ines)
    town.lilas.installer_id = developer.id
    town.post(ines, developer, Audience.BUILDING, building=town.lilas, title="chantier")
    for _ in range(25):
        town.offer(ines, Audience.BUILDING)
    wall = halls.of_building(town.session, building=town.lilas)
    assert [one.title for one in wall.installer] == ["chantier"]
    assert len(wall.at_home) == halls.SLIDES


def test_a_screen_opens_with_its_key_until_it_is_removed(stored_town: Neighbourhood) -> None:
    town = stored_town
    screen, key = halls.install(town.session, building=town.lilas, now=NOW)
    other, _ = halls.install(town.session, building=town.far, now=NOW)
    assert key not in repr([vars(one) for one in town.session.scalars(select(Screen))]), "only its hash is kept"
    assert halls.wall(town.session, key=key).building == "Les Lilas"
    assert halls.screens(town.session, building=town.lilas) == [screen]
    halls.remove(town.session, public_id=screen.public_id, now=NOW)
    assert halls.screens(town.session, building=town.lilas) == []
    assert halls.screens(town.session, building=town.far) == [other]
    for act in (
        lambda: halls.wall(town.session, key=key),
        lambda: halls.wall(town.session, key=""),
        lambda: halls.wall(town.session, key=screen.key_hash),
        lambda: halls.remove(town.session, public_id=uuid.uuid4(), now=NOW),
    ):
        with pytest.raises(Refused, match="not_found"):
            act()


def test_an_empty_building_has_a_wall(town: Neighbourhood) -> None:
    wall = halls.of_building(town.session, building=town.far)
    assert (list(wall.installer), list(wall.at_home), list(wall.around)) == ([], [], [])
    assert wall.installer_name is None
    assert notices.board(town.session, circle="building:0") == []
