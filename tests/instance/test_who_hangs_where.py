"""What a level lets somebody hang: the quarter's board from the first proof on, the others from the building's on."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instance import assurance, comments, conversations, endings, listings, moving, notices, residents, rings
from instance.assurance import Kind, Level, Proof
from instance.audience import Audience
from instance.base import Refused
from instance.needs import Need
from instance.residents import Resident
from instance.rings import Pace
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, Neighbourhood


def near(town: Neighbourhood, kind: Kind = Kind.PRESENCE) -> tuple[Resident, Proof]:
    """Somebody known in the quarter by one proof."""
    somebody, lot = town.resident(), town.lilas.lots[1]
    residents.settle(town.session, resident=somebody, lot=lot, now=town.now)
    return somebody, assurance.give(
        town.session,
        resident_id=somebody.id,
        lot_id=lot.id,
        kind=kind,
        household_id=town.lilas.lots[0].id,
        now=town.now,
    )


def ask(town: Neighbourhood, by: Resident, audience: Audience, pace: Pace) -> listings.Listing:
    words = {"title": "Un œuf", "body": "Pour ce soir.", "byline": "Une voisine"}
    return rings.ask(town.session, by=by, need=Need.HAND, pace=pace, audience=audience, now=town.now, **words)


@pytest.mark.parametrize("kind", [Kind.PRESENCE, Kind.NOTE, Kind.VOUCHED])
def test_one_word_one_note_or_the_hall_hangs_in_the_quarter(stored_town: Neighbourhood, kind: Kind) -> None:
    town = stored_town
    somebody, proof = near(town, kind)
    hung = town.offer(somebody, Audience.QUARTER)
    assert (hung.circle, hung.building) == (f"quarter:{town.north.id}", None)
    for audience in set(Audience) - {Audience.QUARTER}:
        with pytest.raises(Refused, match="board_closed"):
            town.offer(somebody, audience)
    neighbour = town.resident(town.tilleuls)
    assert hung in town.feed(town.reader(neighbour))
    # They comment and answer there as well.
    item = town.post(neighbour, town.organisation(neighbour, quarter=town.north), Audience.QUARTER)
    assert comments.add(town.session, notice=item, by=somebody, body="Merci.", now=town.now)
    theirs = town.offer(neighbour, Audience.QUARTER)
    assert conversations.answer(town.session, listing=theirs, by=somebody, body="Bonjour.", now=town.now)
    # Losing the level closes it at once.
    assurance.revoke(town.session, proof=proof, now=town.now)
    with pytest.raises(Refused, match="no_home"):
        town.offer(somebody, Audience.QUARTER)
    with pytest.raises(Refused, match="not_known"):
        conversations.answer(town.session, listing=theirs, by=somebody, body="Encore.", now=town.now)
    with pytest.raises(Refused, match="not_found"):
        notices.find(town.session, public_id=theirs.public_id, reader=town.reader(somebody))


def test_what_hangs_is_renewed_only_by_whoever_may_hang_it(town: Neighbourhood) -> None:
    somebody, proof = near(town)
    hung = town.offer(somebody, Audience.QUARTER)
    later = town.now + timedelta(days=60)
    endings.renew(town.session, listing=hung, by=somebody, now=later)
    until = hung.expires_at
    assurance.revoke(town.session, proof=proof, now=later)
    with pytest.raises(Refused, match="board_closed"):
        endings.renew(town.session, listing=hung, by=somebody, now=later + timedelta(days=60))
    assert hung.expires_at == until
    notices.withdraw(town.session, notice=hung, by=somebody, now=later)
    assert not hung.is_live


def test_nothing_begins_in_a_building_that_is_closed(town: Neighbourhood) -> None:
    somebody, _ = near(town)
    for audience in set(Audience) - {Audience.BUILDING}:
        with pytest.raises(Refused, match="board_closed"):
            ask(town, somebody, audience, Pace.EVENING)
    assert ask(town, somebody, Audience.QUARTER, Pace.AT_ONCE).audience is Audience.QUARTER


def test_a_request_widens_no_further_than_its_author_may_hang(town: Neighbourhood) -> None:
    somebody, _ = near(town)
    note = assurance.give(
        town.session, resident_id=somebody.id, lot_id=town.lilas.lots[1].id, kind=Kind.NOTE, now=town.now
    )
    asked = ask(town, somebody, Audience.INSTANCE, Pace.HOURS)
    rings.open_due(town.session, now=town.later(hours=3))
    assert asked.audience is Audience.QUARTER
    assurance.revoke(town.session, proof=note, now=town.now)
    rings.open_due(town.session, now=town.later(hours=3))
    assert asked.audience is Audience.QUARTER, "known in the quarter only: no further"
    assert rings.ahead(town.session, listing=asked) is None


def test_of_two_homes_each_opens_its_own(town: Neighbourhood) -> None:
    """Known in one building, and in the quarter of another."""
    somebody = town.resident(town.tilleuls)
    residents.settle(town.session, resident=somebody, lot=town.far.lots[0], now=town.now)
    given = {"resident_id": somebody.id, "lot_id": town.far.lots[0].id, "now": town.now}
    assurance.give(town.session, kind=Kind.PRESENCE, **given)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="place_missing"):
        town.offer(somebody, Audience.QUARTER)
    assert town.offer(somebody, Audience.QUARTER, building=town.far).quarter == town.south
    assert town.offer(somebody, Audience.BUILDING, building=town.tilleuls).building == town.tilleuls
    with pytest.raises(Refused, match="place_missing"):
        town.offer(somebody, Audience.BUILDING, building=town.far)


# --- before a building is handed over


def future(town: Neighbourhood, *, days: int = 30) -> Resident:
    somebody = town.resident(town.lilas)
    town.lilas.delivered_on = (town.now + timedelta(days=days)).date()
    town.session.flush()
    return somebody


def test_a_future_neighbour_has_the_building_and_nothing_around_it(stored_town: Neighbourhood) -> None:
    town = stored_town
    old = town.resident(town.tilleuls)
    around = [town.offer(old, one) for one in (Audience.QUARTER, Audience.INSTANCE)]
    somebody, other = future(town), town.resident(town.lilas)
    hung = town.offer(somebody, Audience.BUILDING, title="Un camion pour emménager")
    assert town.feed(town.reader(other)) == [hung]
    assert residents.names_for(town.session, people=[somebody], reader=town.reader(other)) == {
        somebody.id: somebody.full_name
    }
    assert conversations.answer(town.session, listing=hung, by=other, body="Volontiers.", now=town.now)
    for audience in set(Audience) - {Audience.BUILDING}:
        with pytest.raises(Refused, match="board_closed"):
            town.offer(somebody, audience)
        with pytest.raises(Refused, match="board_closed"):
            ask(town, somebody, audience, Pace.EVENING) if audience > Audience.BUILDING else None
    for notice in around:
        with pytest.raises(Refused, match="not_found"):
            notices.find(town.session, public_id=notice.public_id, reader=town.reader(somebody))
    # On the day, by the town's clock, it is open by itself: nothing was stored and no job ran.
    town.now = NOW.replace(month=6, day=9, hour=21, minute=59)
    assert town.feed(town.reader(somebody)) == [hung]
    town.now = NOW.replace(month=6, day=9, hour=22, minute=0)
    assert set(town.feed(town.reader(somebody))) == {hung, *around}
    assert town.offer(somebody, Audience.QUARTER).quarter == town.north


def test_whoever_lives_in_the_quarter_already_keeps_it(town: Neighbourhood) -> None:
    somebody = future(town)
    residents.move_in(town.session, resident=somebody, lot=town.tilleuls.lots[0], now=town.now)
    assert residents.quarters_of(town.session, resident=somebody, now=town.now) == [town.north]
    assert town.offer(somebody, Audience.QUARTER, building=town.tilleuls)
    moving.move_out(town.session, resident=somebody, lot=town.tilleuls.lots[0], now=town.now)
    assert residents.quarters_of(town.session, resident=somebody, now=town.now) == []


def test_no_lot_votes_before_the_day(town: Neighbourhood) -> None:
    somebody = future(town)
    given = {"resident_id": somebody.id, "lot_id": town.lilas.lots[0].id, "now": town.now}
    assurance.give(town.session, kind=Kind.LOT_LIST, **given)  # type: ignore[arg-type]
    (home,) = residents.dwellings(town.session, resident=somebody)
    assert home.level is Level.LOT_LIST
    assert not home.votes(now=town.now)
    assert home.votes(now=town.now + timedelta(days=31))


def test_the_day_is_changed_or_taken_away_in_one_act(town: Neighbourhood) -> None:
    somebody = future(town)
    assert residents.quarters_of(town.session, resident=somebody, now=town.now) == []
    town.lilas.delivered_on = None
    assert residents.quarters_of(town.session, resident=somebody, now=town.now) == [town.north]


@given(st.sets(st.sampled_from(list(Kind))), st.integers(-2, 2), st.sampled_from(list(Audience)))
@settings(max_examples=80)
def test_what_may_be_hung_is_what_may_be_read(kinds: set[Kind], days: int, audience: Audience) -> None:
    """Whatever is known and whenever a building is handed over: nobody hangs where they do not read."""
    with neighbourhood.fresh_session() as session:
        town = neighbourhood.build(session)
        somebody, lot = town.resident(), town.lilas.lots[0]
        residents.settle(session, resident=somebody, lot=lot, now=town.now)
        for kind in kinds:
            assurance.give(
                session,
                resident_id=somebody.id,
                lot_id=lot.id,
                kind=kind,
                household_id=town.lilas.lots[1].id,
                now=town.now,
            )
        town.lilas.delivered_on = (town.now + timedelta(days=days)).date()
        session.flush()
        reader = town.reader(somebody)
        may = {one.hangs_for(audience, now=town.now) for one in residents.dwellings(session, resident=somebody)}
        if may == {False}:
            with pytest.raises(Refused, match=r"board_closed|no_home"):
                town.offer(somebody, audience)
            return
        assert town.offer(somebody, audience).circle in reader.circles
        assert days <= 0 or audience is Audience.BUILDING
