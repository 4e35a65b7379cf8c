"""What was read in the outboxes of a town after an absence, and who there is said to be gone; for administrators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.absences import COURIER, Doubt, Heartbeat, Reading
from federation.models import RemoteActor
from web.frame import reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The last look into one outbox."""

    uri: str
    name: str
    read: datetime | None
    due: datetime | None
    since: datetime | None
    found: int
    word: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Somebody who is said to be gone, and what their own host says."""

    uri: str
    name: str
    at: datetime
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """All of it, for the page of one town; and when we were last away ourselves."""

    away_since: datetime | None
    back: datetime | None
    looks: Sequence[Look]
    departures: Sequence[Departure]


def missed(outside: Session, *, host: str) -> Missed:
    """What may have been missed of a town."""
    heart = outside.get(Heartbeat, COURIER)
    return Missed(
        away_since=heart.away_since if heart else None,
        back=heart.back_at if heart else None,
        looks=_looks(outside, host=host),
        departures=_departures(outside, host=host),
    )


def _looks(outside: Session, *, host: str) -> list[Look]:
    wanted = (
        select(Reading, RemoteActor.name)
        .outerjoin(RemoteActor, RemoteActor.uri == Reading.actor_uri)
        .where(Reading.host == host)
        .order_by(RemoteActor.name, Reading.actor_uri)
    )
    return [
        Look(
            uri=row.actor_uri,
            name=name or row.actor_uri,
            read=row.read_at,
            due=row.due_at,
            since=row.since,
            found=row.found,
            word=_word(row),
            why=reasons.sentence(row.last_error),
        )
        for row, name in outside.execute(wanted)
    ]


def _word(row: Reading) -> str:
    if row.read_at is None:
        return ""
    found = ngettext("%(num)d thing that we had not", "%(num)d things that we had not", row.found)
    return gettext("%(found)s; there was more than is read at once", found=found) if row.was_cut else found


def _departures(outside: Session, *, host: str) -> list[Departure]:
    wanted = (
        select(Doubt, RemoteActor.name)
        .join(RemoteActor, RemoteActor.uri == Doubt.actor_uri)
        .where(RemoteActor.host == host)
        .order_by(Doubt.raised_at.desc())
    )
    return [
        Departure(
            uri=row.actor_uri,
            name=name,
            at=row.settled_at or row.raised_at,
            word=reasons.sentence(row.verdict) or gettext("Their town is being asked."),
        )
        for row, name in outside.execute(wanted)
    ]
