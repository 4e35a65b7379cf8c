"""The first steps: which are done, which comes next, and that they are read from the rows and from nothing else."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from instance import beginnings, halls, organisations, places, residents, verification
from instance.beginnings import Step, There
from instance.organisations import Kind

NOW = datetime(2027, 5, 11, 8, 0, tzinfo=UTC)
ALL = There(**dict.fromkeys((one.name for one in fields(There)), True))


def following(there: There) -> Step | None:
    return next((one.step for one in beginnings.stages(there=there) if one.following), None)


@pytest.mark.parametrize(
    ("missing", "step"),
    [
        ({"quarter"}, Step.PLACE),
        ({"building"}, Step.BUILDING),
        ({"organisation"}, Step.ORGANISATION),
        ({"writer"}, Step.ORGANISATION),
        ({"answered"}, Step.ORGANISATION),
        ({"letters"}, Step.LETTERS),
        ({"screen"}, Step.SCREEN),
        ({"letters", "answered", "screen"}, Step.ORGANISATION),
        ({"opened"}, None),
        (set(), None),
    ],
)
def test_the_first_step_that_is_not_done_is_the_following_one(missing: set[str], step: Step | None) -> None:
    there = replace(ALL, **dict.fromkeys(missing, False))
    assert following(there) == step
    stages = beginnings.stages(there=there)
    assert sum(one.following for one in stages) == (step is not None)
    assert all(not one.done for one in stages if one.following)


def test_what_a_step_builds_on_comes_first() -> None:
    ready = {one.step for one in beginnings.stages(there=There()) if one.ready}
    assert ready == {Step.PLACE}
    ready = {one.step for one in beginnings.stages(there=There(quarter=True)) if one.ready}
    assert ready == {Step.PLACE, Step.BUILDING}
    assert all(one.ready for one in beginnings.stages(there=There(quarter=True, building=True)))


def test_the_whole_takes_less_than_ten_minutes_and_nothing_at_the_end() -> None:
    assert 0 < beginnings.minutes_left(stages=beginnings.stages(there=There())) < 10
    assert beginnings.minutes_left(stages=beginnings.stages(there=ALL)) == 0


def test_each_row_brings_its_step(home_session: Session) -> None:
    session = home_session
    assert beginnings.look(session) == There()
    assert beginnings.latest_building(session) is None
    city = places.add_city(session, name="Exemple", insee="99001", now=NOW)
    quarter = places.add_quarter(session, city=city, name="Les Pins", postcode="99000", district=None, now=NOW)
    assert beginnings.look(session) == There(quarter=True)
    building = places.add_building(session, quarter=quarter, name="A", street="1 rue", lots=["1"], now=NOW)
    assert beginnings.look(session) == There(quarter=True, building=True)
    assert beginnings.latest_building(session) is building
    committee = organisations.found(session, name="Comité", kind=Kind.COMMITTEE, summary="Nous.", now=NOW)
    assert beginnings.latest_organisation(session) is committee
    somebody = residents.register(
        session,
        login="nadia",
        first_name="Nadia",
        last_name="Exemple",
        password="une phrase de passe",
        email=None,
        locale="fr",
        now=NOW,
    )
    organisations.add_member(session, organisation=committee, resident=somebody, now=NOW)
    organisations.answer_for(session, building=building, organisation=committee)
    done = There(quarter=True, building=True, organisation=True, writer=True, answered=True)
    assert beginnings.look(session) == done
    verification.issue(session, lot=building.lots[0], pepper=b"pepper", now=NOW)
    screen, _ = halls.install(session, building=building, now=NOW)
    places.open_quarter(session, quarter=quarter, now=NOW)
    assert beginnings.look(session) == ALL
    halls.remove(session, public_id=screen.public_id, now=NOW)
    assert following(beginnings.look(session)) == Step.SCREEN


def test_a_neighbour_who_came_in_proves_that_there_were_letters(home_session: Session) -> None:
    session = home_session
    city = places.add_city(session, name="Exemple", insee="99001", now=NOW)
    quarter = places.add_quarter(session, city=city, name="Les Pins", postcode="99000", district=None, now=NOW)
    building = places.add_building(session, quarter=quarter, name="A", street="1 rue", lots=["1"], now=NOW)
    somebody = residents.register(
        session,
        login="nadia",
        first_name="Nadia",
        last_name="Exemple",
        password="une phrase de passe",
        email=None,
        locale="fr",
        now=NOW,
    )
    residents.move_in(session, resident=somebody, lot=building.lots[0], now=NOW)
    assert beginnings.look(session).letters
