"""One mail of each kind as it might be, for whoever builds or judges the look: fictional people, harmless links."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from flask_babel import gettext

from instance.audience import Audience
from instance.bookings import News as BookingNews
from instance.decisions import Rule
from instance.evidence import Target
from instance.lending import News
from web.mail import advice_content, booking_content, content, desk_content, loan_content, search_content
from web.mail.content import Content
from web.views.decisions import ABOUT, RULES, Told

Sample = Callable[[str, str], Content]


def _answer(audience: Audience, *, town: str | None = None) -> Sample:
    def make(place: str, origin: str) -> Content:
        named = audience is not Audience.BUILDING
        return content.answer(
            place=place,
            url=f"{origin}/conversations",
            stop_url=f"{origin}/account",
            audience=audience,
            title=gettext("A pressure cooker to lend") if named else None,
            who=("Camille" if town else "Nadia") if named else None,
            town=town,
        )

    return make


def _ending(audience: Audience) -> Sample:
    def make(place: str, origin: str) -> Content:
        return content.ending(
            place=place,
            renew_url=f"{origin}/mine",
            close_url=f"{origin}/mine",
            edit_url=f"{origin}/mine",
            stop_url=f"{origin}/account",
            audience=audience,
            title=None if audience is Audience.BUILDING else gettext("A pressure cooker to lend"),
            tomorrow=True,
        )

    return make


def _loan(news: News, *, named: bool = True) -> Sample:
    def make(place: str, origin: str) -> Content:
        return loan_content.loan(
            place=place,
            url=f"{origin}/loans",
            stop_url=f"{origin}/account",
            news=news,
            due_on=date(2027, 5, 15),
            title=gettext("A pressure cooker to lend") if named else None,
        )

    return make


def _meeting(*, agreed: bool) -> Sample:
    def make(place: str, origin: str) -> Content:
        url, stop = f"{origin}/conversations", f"{origin}/account"
        return content.meeting(place=place, url=url, stop_url=stop, audience=Audience.BUILDING, agreed=agreed)

    return make


def _booking(news: BookingNews, *, named: bool = True) -> Sample:
    def make(place: str, origin: str) -> Content:
        return booking_content.booking(
            place=place,
            url=f"{origin}/bookings",
            stop_url=f"{origin}/account",
            news=news,
            audience=Audience.QUARTER if named else Audience.BUILDING,
            title=gettext("A pressure cooker to lend") if named else None,
        )

    return make


def _back(place: str, origin: str) -> Content:
    return loan_content.back(
        place=place,
        url=f"{origin}/",
        stop_url=f"{origin}/account",
        audience=Audience.QUARTER,
        title=gettext("A pressure cooker to lend"),
    )


def _decision(*, stays: bool) -> Sample:
    def make(place: str, origin: str) -> Content:
        told = Told(
            what=gettext("What you wrote was taken down."),
            at=datetime(2027, 5, 11, 8, tzinfo=UTC),
            about=str(ABOUT[Target.NOTICE]),
            words=gettext("A pressure cooker to lend"),
            reason=gettext("This is an advertisement of a shop."),
            rule=str(RULES[Rule.TRADE]),
            until=None,
            how=gettext("Somebody had reported it; a person decided."),
        )
        url = f"{origin}/account/decisions"
        return desk_content.decision(place=place, url=url, told=told, stays=stays, write_to="voisins@palier.example")

    return make


SAMPLES: Mapping[str, Sample] = {
    "confirm": lambda place, origin: content.confirm(place=place, url=f"{origin}/account"),
    "reset": lambda place, origin: content.reset(place=place, url=f"{origin}/recover", login="nadia"),
    "answer-building": _answer(Audience.BUILDING),
    "answer-quarter": _answer(Audience.QUARTER),
    "answer-town": _answer(Audience.INSTANCE),
    "answer-beyond": _answer(Audience.NETWORK, town="ailleurs.example"),
    "meeting-agreed": _meeting(agreed=True),
    "meeting-off": _meeting(agreed=False),
    "password": lambda place, origin: content.password(place=place, url=f"{origin}/account", login="nadia"),
    "address": lambda place, origin: content.address(place=place, url=f"{origin}/account", login="nadia"),
    "card": lambda place, origin: content.card(place=place, url=f"{origin}/account", login="nadia"),
    "ending-building": _ending(Audience.BUILDING),
    "ending-town": _ending(Audience.INSTANCE),
    "advice": lambda place, origin: advice_content.advice(
        place=place, url=f"{origin}/neighbours/craftsmen/mine", stop_url=f"{origin}/account", day=date(2027, 5, 18)
    ),
    "loan-asked": _loan(News.ASKED),
    "loan-eve": _loan(News.EVE, named=False),
    "loan-after": _loan(News.AFTER),
    "back": _back,
    "booking-booked": _booking(BookingNews.BOOKED),
    "booking-gone": _booking(BookingNews.OFFER_GONE, named=False),
    "decision": _decision(stays=False),
    "decision-building": _decision(stays=True),
    "looked": lambda place, origin: desk_content.looked(place=place, url=f"{origin}/account", login="nadia"),
    "document": lambda place, origin: desk_content.document(place=place, url=f"{origin}/account/known", login="nadia"),
    "found": lambda place, origin: search_content.found(
        place=place, url=f"{origin}/search/kept", stop_url=f"{origin}/account", many=3
    ),
    "trial": lambda place, origin: content.trial(place=place, url=f"{origin}/"),
}
