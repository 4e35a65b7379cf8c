"""A verified letter as the handlers at home see it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from activitypub.vocabulary import Activity, Article, Event, Note
from federation.exchange import Terms


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
