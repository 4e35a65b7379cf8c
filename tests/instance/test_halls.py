"""Hall screens: a wall shows what is on its allow-list, and never who lives there."""

import dataclasses
import re
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from instance import boards, forgetting, halls, listings, notices, slides, verification
from instance.audience import Audience
from instance.base import Refused
from instance.halls import Pairing, Screen, Wall
from instance.listings import Direction
from instance.notices import State
from instance.residents import Role
from instance.slides import Slide
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, Neighbourhood


def test_a_slide_has_these_fields_and_no_other() -> None:
    # A new field is a decision about what strangers in a hall may read: change this list with care.
    assert {one.name for one in dataclasses.fields(Slide)} == {
        "happening",  # when and where, of news that organisations announce
        "kind",
        "title",
        "summary",
        "organisation",
        "city",
        "audience",
        "since",
        "until",
        "urgent_until",
        # A public id, drawn at random: what it leads to asks to sign in.
        "notice",
        # Of news of another town's organisations, public where it comes from; never of what a resident hung.
        "picture",
    }
    assert {one.name for one in dataclasses.fields(Wall)} == {
        # The building's, drawn at random and not shown: the code of these ten minutes is made from it and the key.
        "public_id",
        "building",
        "street",
        "quarter",
        "installer_name",
        "installer",
        "at_home",
        "around",
        "urgent",
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
    assert len(wall.at_home) == slides.SLIDES


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
    assert boards.board(town.session, circle="building:0") == []


# --- pairing


def test_a_code_on_a_display_makes_it_a_screen(stored_town: Neighbourhood) -> None:
    town = stored_town
    secret = halls.ask(town.session, now=NOW)
    code = halls.waiting(town.session, secret=secret, now=NOW)
    assert code is not None
    assert re.fullmatch(f"[{verification.LETTERS}]{{6}}", code.letters)
    kept = repr([vars(one) for one in town.session.scalars(select(Pairing))])
    assert secret not in kept, "only hashes are kept"
    assert code.letters not in kept
    with pytest.raises(Refused, match="not_found"):
        halls.wall(town.session, key=secret)
    typed = f" {code.letters[:3].lower()}-{code.letters[3:].lower()} "
    screen = halls.pair(town.session, code=typed, building=town.lilas, now=NOW)
    assert halls.screens(town.session, building=town.lilas) == [screen]
    assert halls.wall(town.session, key=secret).building == "Les Lilas", "the display's own secret is its key"
    assert halls.waiting(town.session, secret=secret, now=NOW) is None
    with pytest.raises(Refused, match="pairing_dead") as refused:
        halls.pair(town.session, code=code.letters, building=town.far, now=NOW)
    assert refused.value.field == "code"


def test_a_code_lives_ten_minutes_and_is_renewed_by_its_display(stored_town: Neighbourhood) -> None:
    town = stored_town
    secret = halls.ask(town.session, now=NOW)
    first = halls.waiting(town.session, secret=secret, now=NOW)
    assert first is not None
    assert halls.renew(town.session, secret=secret, now=NOW) == first, "a code on show stays"
    late = NOW + halls.CODE_VALID_FOR
    assert halls.waiting(town.session, secret=secret, now=late) is None
    with pytest.raises(Refused, match="pairing_dead"):
        halls.pair(town.session, code=first.letters, building=town.lilas, now=late)
    second = halls.renew(town.session, secret=secret, now=late)
    assert second is not None
    assert second.letters != first.letters
    halls.pair(town.session, code=second.letters, building=town.lilas, now=late)
    assert halls.renew(town.session, secret=secret, now=late) is None


def test_displays_that_stop_asking_are_forgotten(stored_town: Neighbourhood, monkeypatch: pytest.MonkeyPatch) -> None:
    town = stored_town
    monkeypatch.setattr(halls, "MOST_WAITING", 3)
    secrets = [halls.ask(town.session, now=NOW) for _ in range(5)]
    known = [one for one in secrets if halls.waiting(town.session, secret=one, now=NOW)]
    assert known == secrets[-3:], "the oldest ones have to ask again"
    forgetting.forget_spent(town.session, now=NOW + halls.CODE_VALID_FOR + timedelta(minutes=59))
    assert town.session.scalar(select(func.count()).select_from(Pairing)) == 3
    forgetting.forget_spent(town.session, now=NOW + halls.CODE_VALID_FOR + halls.PAIRING_KEPT)
    assert town.session.scalar(select(func.count()).select_from(Pairing)) == 0


def test_who_may_put_up_a_screen(town: Neighbourhood) -> None:
    member, stranger = town.resident(town.lilas), town.resident(town.lilas)
    admin = town.resident(role=Role.ADMINISTRATOR)
    developer = town.organisation(member)
    town.organisation(stranger)
    assert not halls.may_install(town.session, building=town.lilas, by=member)
    town.lilas.installer_id = developer.id
    may = [halls.may_install(town.session, building=town.lilas, by=one) for one in (member, stranger, admin)]
    assert may == [True, False, True]
    assert not halls.may_install(town.session, building=town.far, by=member)


# --- urgent


def test_urgent_news_is_on_every_wall_of_its_circle_however_much_is_newer(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    hall = town.organisation(ines)
    until = NOW + timedelta(hours=3)
    town.post(ines, hall, Audience.INSTANCE, title="Coupure d’eau", urgent_until=until)
    for _ in range(slides.SLIDES + 3):
        town.later(minutes=1)
        town.offer(ines, Audience.INSTANCE)
    for building in (town.lilas, town.far):
        wall = halls.of_building(town.session, building=building)
        assert [(one.title, one.urgent_until) for one in wall.urgent] == [("Coupure d’eau", until)]
        assert "Coupure d’eau" not in [one.title for one in wall.around]


@pytest.mark.parametrize(
    ("after", "code"), [(timedelta(0), "urgent_past"), (timedelta(days=3, seconds=1), "urgent_long")]
)
def test_urgency_has_an_end_that_is_near(town: Neighbourhood, after: timedelta, code: str) -> None:
    ines = town.resident(town.lilas)
    with pytest.raises(Refused, match=code) as refused:
        town.post(ines, town.organisation(ines), Audience.INSTANCE, urgent_until=NOW + after)
    assert refused.value.field == "urgent_until"


# --- the pulse


def test_the_pulse_differs_after_whatever_changes_a_wall(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    hall = town.organisation(ines)
    screen, _ = halls.install(town.session, building=town.lilas, now=NOW)
    beats = [halls.pulse(town.session)]

    def beat(*circles: str) -> None:
        found = halls.pulse(town.session)
        assert found != beats[-1]
        assert {one for one, *_ in found.circles ^ beats[-1].circles} == set(circles)
        beats.append(found)

    inside, city = f"building:{town.lilas.id}", "instance"
    offer = town.offer(ines, Audience.INSTANCE)
    beat(city)
    notices.edit(town.session, notice=offer, by=ines, title="Autre", body="x", now=NOW)
    beat(city)
    narrower = {"audience": Audience.BUILDING, "building": town.lilas, "quarter": None}
    notices.narrow(town.session, notice=offer, by=ines, now=NOW, **narrower)
    beat(city, inside)
    notices.withdraw(town.session, notice=offer, by=ines, now=NOW)
    beat(inside)
    town.lilas.installer_id = hall.id
    town.session.flush()
    beat()
    hall.name, hall.version = "Autre nom", hall.version + 1
    town.session.flush()
    beat()
    halls.remove(town.session, public_id=screen.public_id, now=NOW)
    beat()
