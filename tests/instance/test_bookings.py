"""Bookings of standing offers: confirmed at once, one slot for one neighbour, called off politely, seen by two."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from instance import bookings, conversations, forgetting, mailboxes, notices, openings, partings, quiet
from instance.audience import Audience
from instance.base import Refused
from instance.bookings import Booking, Phase, State
from instance.listings import Listing
from instance.outgoing import Kind, OutgoingMail
from instance.residents import Resident
from instance.slots import Window
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, Neighbourhood

# NOW is a Tuesday, ten in the morning.
TUESDAY = NOW.date()
AFTER = Window(weekday=1, begins=18 * 60, ends=20 * 60, minutes=30, first=TUESDAY)


def standing(town: Neighbourhood, by: Resident, window: Window = AFTER, **more: object) -> Listing:
    """An offer that can be had on Tuesdays from 18 to 20."""
    offer = town.offer(by, Audience.QUARTER, **more)
    openings.add(town.session, listing=offer, by=by, window=window, place="Dans le hall", now=town.now)
    return offer


def starts(town: Neighbourhood, offer: Listing) -> list[datetime]:
    return [one.starts_at for one in openings.slots_of(town.session, listing=offer, now=town.now)]


def book(town: Neighbourhood, offer: Listing, by: Resident, at: datetime | None = None) -> Booking:
    at = at or starts(town, offer)[0]
    return bookings.book(town.session, listing=offer, by=by, starts_at=at, now=town.now)


def refused(town: Neighbourhood, offer: Listing, by: Resident, at: datetime | None = None) -> str:
    with pytest.raises(Refused) as found:
        book(town, offer, by, at)
    return found.value.code


def free(town: Neighbourhood, offer: Listing, by: Resident) -> list[bool]:
    return [one.free for one in bookings.choices(town.session, listing=offer, by=by, now=town.now)]


def mails(town: Neighbourhood) -> list[tuple[int, str]]:
    """Who is told what."""
    wanted = select(OutgoingMail).where(OutgoingMail.kind == Kind.BOOKING.value).order_by(OutgoingMail.id)
    return [(one.resident_id, one.cause.rpartition(":")[2]) for one in town.session.scalars(wanted)]


def listening(town: Neighbourhood, *somebody: Resident) -> None:
    for one in somebody:
        mailboxes.prove(town.session, resident=one, address=f"{one.login}@voisins.example", now=town.now)


def test_a_free_slot_is_confirmed_at_once_and_its_owner_is_told(stored_town: Neighbourhood) -> None:
    town = stored_town
    owner, ben, cleo = (town.resident(town.lilas) for _ in range(3))
    listening(town, owner, ben)
    offer = standing(town, owner)
    made = book(town, offer, ben)
    assert made.phase(town.now) is Phase.BOOKED
    assert made.place == "Dans le hall"
    assert made.ends_at - made.starts_at == timedelta(minutes=30)
    assert mails(town) == [(owner.id, "booked")]
    assert book(town, offer, ben) is made
    assert refused(town, offer, cleo) == "slot_taken"
    assert free(town, offer, cleo) == [False] + [True] * 7
    mine = bookings.choices(town.session, listing=offer, by=ben, now=town.now)[0]
    assert (mine.free, mine.mine) == (False, made.public_id)
    assert all(one.mine is None for one in bookings.choices(town.session, listing=offer, by=cleo, now=town.now))
    assert bookings.of_resident(town.session, resident=owner, own_offers=True) == [made]
    assert bookings.of_resident(town.session, resident=ben, own_offers=False) == [made]
    assert bookings.of_resident(town.session, resident=cleo, own_offers=False) == []


def test_either_calls_it_off_and_the_other_is_told(stored_town: Neighbourhood) -> None:
    town = stored_town
    owner, ben, cleo = (town.resident(town.lilas) for _ in range(3))
    listening(town, owner, ben)
    offer = standing(town, owner)
    for who, other in ((owner, ben), (ben, owner)):
        made = book(town, offer, ben)
        bookings.cancel(town.session, booking=made, by=who, now=town.now)
        assert mails(town)[-1] == (other.id, "cancelled")
        told = len(mails(town))
        bookings.cancel(town.session, booking=made, by=other, now=town.now)
        assert (made.phase(town.now), len(mails(town))) == (Phase.CANCELLED, told)
    with pytest.raises(Refused, match="not_found"):
        bookings.cancel(town.session, booking=book(town, offer, ben), by=cleo, now=town.now)


def test_nobody_else_finds_a_booking(town: Neighbourhood) -> None:
    owner, ben, cleo = (town.resident(town.lilas) for _ in range(3))
    made = book(town, standing(town, owner), ben)
    for one in (owner, ben):
        assert bookings.find(town.session, public_id=made.public_id, reader=town.reader(one)) is made
    with pytest.raises(Refused, match="not_found"):
        bookings.find(town.session, public_id=made.public_id, reader=town.reader(cleo))


def test_what_is_not_offered_cannot_be_booked(town: Neighbourhood) -> None:
    owner, ben = town.resident(town.lilas), town.resident(town.lilas)
    offer = standing(town, owner)
    first = starts(town, offer)[0]
    for at in (first + timedelta(minutes=5), first + timedelta(days=1), first + timedelta(days=14), NOW):
        assert refused(town, offer, ben, at) == "slot_gone"
    assert refused(town, offer, owner) == "own_listing"
    town.now = first
    assert refused(town, offer, ben, first) == "slot_gone"


def test_one_neighbour_has_two_ahead_at_most(town: Neighbourhood) -> None:
    owner, ben = town.resident(town.lilas), town.resident(town.lilas)
    offer = standing(town, owner)
    first, second, third, *_ = starts(town, offer)
    book(town, offer, ben, first)
    made = book(town, offer, ben, second)
    assert refused(town, offer, ben, third) == "booked_enough"
    bookings.cancel(town.session, booking=made, by=ben, now=town.now)
    assert book(town, offer, ben, third)


def test_a_window_cut_anew_gives_no_slot_that_meets_a_booking(town: Neighbourhood) -> None:
    owner, ben, cleo = (town.resident(town.lilas) for _ in range(3))
    offer = standing(town, owner)
    at = starts(town, offer)[0]
    book(town, offer, ben, at)
    (opening,) = openings.of(town.session, listing=offer)
    openings.remove(town.session, opening=opening, by=owner)
    anew = Window(weekday=1, begins=17 * 60 + 45, ends=19 * 60, minutes=30, first=TUESDAY)
    openings.add(town.session, listing=offer, by=owner, window=anew, place="Le hall", now=town.now)
    assert free(town, offer, cleo)[:2] == [False, False]  # 17:45 to 18:15 and 18:15 to 18:45 meet 18:00 to 18:30
    assert refused(town, offer, cleo, at - timedelta(minutes=15)) == "slot_taken"


# --- being left alone


def test_whoever_is_blocked_finds_every_slot_taken(town: Neighbourhood) -> None:
    owner, ben, cleo = (town.resident(town.lilas) for _ in range(3))
    offer = standing(town, owner)
    partings.block(town.session, by=owner, whom=ben, now=town.now)
    assert free(town, offer, ben) == [False] * 8
    assert refused(town, offer, ben) == "slot_taken"
    assert free(town, offer, cleo) == [True] * 8
    partings.block(town.session, by=cleo, whom=owner, now=town.now)
    assert refused(town, offer, cleo) == "you_block"


@pytest.mark.parametrize("by_owner", [True, False])
def test_who_leaves_or_blocks_lets_nobody_wait(town: Neighbourhood, by_owner: bool) -> None:
    owner, ben = town.resident(town.lilas), town.resident(town.lilas)
    listening(town, owner, ben)
    offer = standing(town, owner)
    for part in (partings.leave, partings.block):
        made = book(town, offer, ben)
        who, other = (owner, ben) if by_owner else (ben, owner)
        given = {"conversation": made.conversation} if part is partings.leave else {"whom": other}
        part(town.session, by=who, now=town.now, **given)
        assert made.phase(town.now) is Phase.CANCELLED
        assert mails(town)[-1] == (other.id, "cancelled")
        if by_owner:
            assert free(town, offer, ben) == [False] * 8
            return


def test_the_monthly_limit_closes_the_slots_to_newcomers(town: Neighbourhood) -> None:
    owner, ben, cleo = (town.resident(town.lilas) for _ in range(3))
    offer = standing(town, owner)
    quiet.set_hours(town.session, resident=owner, begins=21, ends=8, most_new=1, now=town.now)
    first, second, *_ = starts(town, offer)
    book(town, offer, ben, first)
    assert refused(town, offer, cleo, second) == "slot_taken"
    assert book(town, offer, ben, second)
    town.later(days=21)
    assert book(town, offer, cleo)


def test_what_begins_before_its_owner_is_told_is_not_free(town: Neighbourhood) -> None:
    owner, ben = town.resident(town.lilas), town.resident(town.lilas)
    early = Window(weekday=2, begins=7 * 60, ends=9 * 60, minutes=60, first=TUESDAY)
    offer = standing(town, owner, early)
    assert free(town, offer, ben)[:2] == [True, True]
    town.later(hours=12)  # ten in the evening: mail waits until eight
    assert free(town, offer, ben)[:2] == [False, False]
    assert refused(town, offer, ben) == "slot_taken"
    quiet.set_hours(town.session, resident=owner, begins=0, ends=0, most_new=None, now=town.now)
    assert free(town, offer, ben)[:2] == [True, True]


def test_a_muted_conversation_gets_no_mail(town: Neighbourhood) -> None:
    owner, ben = town.resident(town.lilas), town.resident(town.lilas)
    listening(town, owner)
    offer = standing(town, owner)
    made = book(town, offer, ben)
    quiet.stand_aside(
        town.session, conversation_id=made.conversation_id, resident=owner, kind=quiet.Kind.MUTED, now=town.now
    )
    bookings.cancel(town.session, booking=made, by=ben, now=town.now)
    assert mails(town) == [(owner.id, "booked")]


# --- when the offer or the time goes


@pytest.mark.parametrize("how", ["withdrawn", "expired", "hidden"])
def test_with_the_offer_its_bookings_end_and_both_are_told(stored_town: Neighbourhood, how: str) -> None:
    town = stored_town
    owner, ben = town.resident(town.lilas), town.resident(town.lilas)
    listening(town, owner, ben)
    offer = standing(town, owner)
    made = book(town, offer, ben)
    assert not bookings.has_gone(town.session, now=town.now)
    offer.state = how
    notices.change(town.session, notice=offer, now=town.now)
    assert made.phase(town.now) is Phase.CANCELLED
    assert bookings.has_gone(town.session, now=town.now)
    assert bookings.end_gone(town.session, now=town.now) == 1
    assert bookings.end_gone(town.session, now=town.now) == 0
    assert made.state == State.CANCELLED
    assert mails(town) == [(owner.id, "booked"), (ben.id, "gone"), (owner.id, "gone")]
    assert refused(town, offer, ben, made.starts_at) == "not_live"


def test_no_slot_is_offered_beyond_the_end_of_the_offer(town: Neighbourhood) -> None:
    offer = standing(town, town.resident(town.lilas))
    offer.expires_at = NOW + timedelta(days=6)
    assert {one.date() for one in starts(town, offer)} == {TUESDAY}


def test_thirty_days_after_its_moment_it_is_forgotten(stored_town: Neighbourhood) -> None:
    town = stored_town
    made = book(town, standing(town, town.resident(town.lilas)), town.resident(town.lilas))
    assert made.phase(made.ends_at) is Phase.DONE
    for ends, left in ((-1, 1), (0, 0)):
        forgetting.forget_spent(town.session, now=made.ends_at + timedelta(days=30, seconds=ends))
        assert len(town.session.scalars(select(Booking)).all()) == left


# --- windows


WRONG = [
    ({"weekday": 7}, "weekday_shape"),
    ({"minutes": 25}, "length_shape"),
    ({"ends": 18 * 60 + 20}, "window_short"),
    ({"begins": 21 * 60}, "window_short"),
    ({"last": TUESDAY - timedelta(days=1)}, "window_over"),
    ({"first": TUESDAY + timedelta(days=9), "last": TUESDAY + timedelta(days=8)}, "window_over"),
]


@pytest.mark.parametrize(("change", "code"), WRONG)
def test_a_window_that_makes_no_sense_is_refused(town: Neighbourhood, change: dict[str, object], code: str) -> None:
    by = town.resident(town.lilas)
    offer = town.offer(by, Audience.QUARTER)
    parts = {name: getattr(AFTER, name) for name in ("weekday", "begins", "ends", "minutes", "first", "last")}
    with pytest.raises(Refused, match=code):
        openings.add(
            town.session, listing=offer, by=by, window=Window(**{**parts, **change}), place="Le hall", now=town.now
        )
    assert openings.of(town.session, listing=offer) == []


def test_a_window_says_where(town: Neighbourhood) -> None:
    by = town.resident(town.lilas)
    offer = town.offer(by, Audience.QUARTER)
    for place, code in (("  ", "missing"), ("x" * 121, "too_long")):
        with pytest.raises(Refused, match=code) as found:
            openings.add(town.session, listing=offer, by=by, window=AFTER, place=place, now=town.now)
        assert found.value.field == "place"


def test_windows_are_of_offers_do_not_overlap_and_are_seven_at_most(town: Neighbourhood) -> None:
    by, other = town.resident(town.lilas), town.resident(town.lilas)
    offer = standing(town, by)
    given = {"place": "Le hall", "now": town.now}
    with pytest.raises(Refused, match="window_overlaps"):
        openings.add(town.session, listing=offer, by=by, window=AFTER, **given)
    with pytest.raises(Refused, match="not_yours"):
        openings.add(town.session, listing=offer, by=other, window=AFTER, **given)
    for hour in range(6):
        window = Window(weekday=3, begins=hour * 60, ends=(hour + 1) * 60, minutes=30, first=TUESDAY)
        openings.add(town.session, listing=offer, by=by, window=window, **given)
    window = Window(weekday=4, begins=0, ends=60, minutes=30, first=TUESDAY)
    with pytest.raises(Refused, match="windows_many"):
        openings.add(town.session, listing=offer, by=by, window=window, **given)
    wish = conversations.answer(town.session, listing=offer, by=other, body="Bonjour", now=town.now).listing
    wish.direction = "request"
    with pytest.raises(Refused, match="not_an_offer"):
        openings.add(town.session, listing=wish, by=by, window=AFTER, **given)


def test_in_the_night_of_the_change_what_is_left_out_cannot_be_booked(town: Neighbourhood) -> None:
    owner, ben = town.resident(town.lilas), town.resident(town.lilas)
    town.now = datetime(2028, 3, 20, 8, tzinfo=NOW.tzinfo)
    window = Window(weekday=6, begins=60, ends=4 * 60, minutes=60, first=date(2028, 3, 20))
    offer = standing(town, owner, window)
    night = [one for one in starts(town, offer) if one.date() == date(2028, 3, 26)]
    assert [one.hour for one in night] == [0, 1]  # 1:00 and 3:00 on the wall; 2:00 is left out
    assert book(town, offer, ben, night[1])


# --- whatever happens in whatever order


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["book", "cancel", "leave", "block", "unblock", "withdraw", "end", "wait"]),
        st.integers(0, 3),
        st.integers(0, 3),
    ),
    max_size=25,
)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_no_order_of_steps_gives_a_slot_twice_or_wakes_what_is_over(steps: list[tuple[str, int, int]]) -> None:
    with neighbourhood.fresh_session() as session:
        town = neighbourhood.build(session)
        people = [town.resident(town.lilas) for _ in range(4)]
        offer = standing(town, people[0])
        over: set[int] = set()
        for step, who, what in steps:
            assert told(town, offer, people, step, who, what) in EXPECTED, step
            over = judged(town, offer, over)


EXPECTED = {"done", "slot_taken", "slot_gone", "own_listing", "booked_enough", "not_live", "you_block", "not_yourself"}
EXPECTED |= {"not_found", "not_yours"}


def told(town: Neighbourhood, offer: Listing, people: list[Resident], step: str, who: int, what: int) -> str:
    """What becomes of a step."""
    try:
        take(town, offer, people[who], people[what], step, what)
    except Refused as refused:
        return refused.code
    return "done"


def take(town: Neighbourhood, offer: Listing, by: Resident, other: Resident, step: str, what: int) -> None:
    session, now = town.session, town.now
    made = session.scalars(select(Booking).order_by(Booking.id)).all()
    match step:
        case "book":
            ahead = starts(town, offer)
            book(town, offer, by, ahead[what] if len(ahead) > what else now)
        case "cancel" if len(made) > what:
            bookings.cancel(session, booking=made[what], by=by, now=now)
        case "leave" if len(made) > what:
            partings.leave(session, conversation=made[what].conversation, by=by, now=now)
        case "end":
            bookings.end_gone(session, now=now)
        case "wait":
            town.later(hours=6 * (what + 1))
        case _:
            part(town, offer, by, other, step)


def part(town: Neighbourhood, offer: Listing, by: Resident, other: Resident, step: str) -> None:
    session, now = town.session, town.now
    match step:
        case "block":
            partings.block(session, by=by, whom=other, now=now)
        case "unblock":
            for one in quiet.blocked_by(session, resident=by):
                partings.unblock(session, public_id=one.public_id, by=by, now=now)
        case "withdraw" if by is other:
            notices.withdraw(session, notice=offer, by=by, now=now)


def judged(town: Neighbourhood, offer: Listing, over: set[int]) -> set[int]:
    """What holds after every step; returns which bookings are over."""
    made = town.session.scalars(select(Booking)).all()
    live = [one for one in made if one.phase(town.now) is Phase.BOOKED]
    assert len({one.starts_at for one in live}) == len(live)
    assert all(one.id not in over for one in live)
    for one in live:
        assert one.booker_id != offer.author_id
        assert sum(other.booker_id == one.booker_id for other in live) <= bookings.MOST_AHEAD
        ahead = one.starts_at > town.now
        assert not ahead or bookings.heard_at(town.session, listing=offer, by=one.booker, now=town.now) is not None
    return {one.id for one in made if one.phase(town.now) is not Phase.BOOKED}
