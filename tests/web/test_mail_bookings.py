"""Mails about bookings: booked, called off, gone with the offer; when, where and with whom stay here."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from instance import bookings, listings, notices, openings
from instance.audience import Audience
from instance.bookings import Booking
from instance.listings import Listing
from instance.residents import Resident
from instance.slots import Window
from tests.web import mail_town
from tests.web.mail_town import MailTown, one

ANA, BEN = "ana@courriel.example", "ben@courriel.example"
PRIVATE = ("hall B", "Ana", "Ben", "18:00", "6:00")


@pytest.fixture
def post(tmp_path: Path) -> Iterator[MailTown]:
    with mail_town.usual(tmp_path / "town") as made:
        yield made


def booked(post: MailTown, *, audience: Audience = Audience.BUILDING) -> int:
    """Ben books a time of Ana's drill."""
    with post.town.home() as session:
        ana, ben = (session.get_one(Resident, one.id) for one in (post.town.ana, post.town.ben))
        words = {"title": "Une perceuse", "body": "Le soir.", "audience": audience}
        made = listings.offer(session, by=ana, now=post.moment, **words)
        window = Window(weekday=3, begins=18 * 60, ends=20 * 60, minutes=30, first=post.moment.date())
        openings.add(session, listing=made, by=ana, window=window, place="Dans le hall B", now=post.moment)
        at = openings.slots_of(session, listing=made, now=post.moment)[0].starts_at
        return bookings.book(session, listing=made, by=ben, starts_at=at, now=post.moment).id


def act(post: MailTown, booking: int, step: str) -> None:
    with post.town.home() as session:
        found = session.get_one(Booking, booking)
        by = session.get_one(Resident, post.town.ana.id)
        if step == "cancel":
            bookings.cancel(session, booking=found, by=by, now=post.moment)
        else:
            notices.withdraw(session, notice=session.get_one(Listing, found.listing_id), by=by, now=post.moment)
            assert bookings.end_gone(session, now=post.moment) == 1


@pytest.mark.parametrize("audience", [Audience.BUILDING, Audience.QUARTER])
def test_each_is_told_once_and_no_mail_says_when_where_or_with_whom(post: MailTown, audience: Audience) -> None:
    post.prove(post.town.ana, ANA)
    post.prove(post.town.ben, BEN)
    made = booked(post, audience=audience)
    post.later(minutes=5)
    (told,) = post.deliver()
    assert told.mail["To"] == ANA
    assert told.mail["Subject"].startswith("A time of your offer is booked")
    act(post, made, "cancel")
    post.later(minutes=5)
    (off,) = post.deliver()
    assert off.mail["To"] == BEN
    assert off.mail["Subject"].startswith("A booking was called off")
    for parcel in (told, off):
        assert [word for word in PRIVATE if word in parcel.text] == []
        assert ("Une perceuse" in parcel.text) is (audience is Audience.QUARTER)
        assert "/bookings/" in parcel.text
    assert post.browser(post.town.ben).get(post.link(off)).status_code == 200


def test_when_the_offer_goes_both_are_told(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    post.prove(post.town.ben, BEN)
    made = booked(post)
    post.later(minutes=5)
    post.deliver()
    act(post, made, "withdraw")
    post.later(minutes=5)
    gone = post.deliver()
    assert sorted(parcel.mail["To"] for parcel in gone) == [ANA, BEN]
    assert all(parcel.mail["Subject"].startswith("A booking ends with its offer") for parcel in gone)


def test_what_was_booked_and_called_off_at_once_is_told_as_called_off_only(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    made = booked(post)
    act(post, made, "cancel")
    post.later(minutes=5)
    assert post.deliver() == []
    assert one(post.mails()).said == "the booking has moved on"
    with post.town.store.read() as session:
        assert session.scalars(select(Booking.state)).all() == ["cancelled"]
