"""A verified letter as the handlers at home see it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from activitypub.vocabulary import Activity, Article, Event, Note
from federation import exchange
from federation.exchange import Matter, Terms
from instance.base import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A verified letter, as the handlers see it: who wrote what, and what we know about them."""

    activity: Activity
    thing: Article | Event | Note | None
    thing_uri: str
    author_uri: str
    author_name: str
    host: str
    is_followed: bool
    # What we exchange with the hosts it comes from and through; and the declared quarter that a listing names.
    terms: tuple[Terms | None, ...]
    quarter: str | None
    is_limited: bool
    # Whether its author's town keeps loans as we do.
    keeps_loans: bool
    origin: str
    received_at: datetime


Handler = Callable[[Session, Incoming], str]


def require(incoming: Incoming, matter: Matter) -> None:
    """Raise Refused (charter_news, charter_offers, charter_reports) for what comes against a charter of ours."""
    if all(exchange.may_come(matter, ours=terms) for terms in incoming.terms):
        return
    match matter:
        case exchange.News():
            raise Refused("charter_news")
        case exchange.Offer():
            raise Refused("charter_offers")
        case exchange.Report():
            raise Refused("charter_reports")
