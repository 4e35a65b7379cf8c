"""Where a notice went and who confirmed that it is gone, in words: for its author, and for administrators."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask_babel import format_date, gettext, lazy_gettext, ngettext

from federation.ledger import OPEN, Entry, Receiver, Standing
from instance.hours import TOWN_TIME
from instance.notices import Notice
from web.frame import reasons

KINDS: Final = {
    "Note": lazy_gettext("Offer or request"),
    "Article": lazy_gettext("News"),
    "Event": lazy_gettext("News"),
}
STANDINGS: Final = {
    Standing.NOT_ASKED: lazy_gettext("Not asked"),
    Standing.REFUSED: lazy_gettext("Refused there"),
    Standing.GIVEN_UP: lazy_gettext("No answer"),
    Standing.ASKED: lazy_gettext("Asked, no answer yet"),
    Standing.WAITING: lazy_gettext("On its way"),
    Standing.HELD: lazy_gettext("Hangs there"),
    Standing.CONFIRMED: lazy_gettext("Confirmed that it is gone"),
}
# `%(day)s` is the day of which each speaks, `%(why)s` the sentence of what was noted.
SENTENCES: Final = {
    Standing.NOT_ASKED: lazy_gettext("It was not asked: nothing is sent to a town that is blocked here."),
    Standing.REFUSED: lazy_gettext("It answered on %(day)s and did not confirm. %(why)s"),
    Standing.GIVEN_UP: lazy_gettext("It did not answer until %(day)s; it is not asked any more. %(why)s"),
    Standing.ASKED: lazy_gettext("It has not answered yet. It is asked again until %(day)s."),
    Standing.WAITING: lazy_gettext("It has not arrived there yet."),
    Standing.HELD: lazy_gettext("It arrived on %(day)s."),
    Standing.CONFIRMED: lazy_gettext("It confirmed on %(day)s."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One town: how it stands, and the sentence that says since when, until when, or why not."""

    host: str
    standing: Standing
    word: str
    sentence: str
    given: datetime | None
    asked: datetime | None
    ended: datetime | None
    until: datetime | None
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """One object with all towns that may have it. `key` is by what a list goes on."""

    key: int
    notice: uuid.UUID
    type: str
    kind: str
    author: str
    published: datetime
    withdrawn: datetime | None
    summary: str
    confirmed: int
    towns: int
    is_settled: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """One of one's own notices in the list of what left town."""

    notice: uuid.UUID
    title: str
    since: datetime
    summary: str


def removal(entry: Entry) -> Removal:
    """An entry of the ledger in words; what must be told first comes first."""
    places = {one: place for place, one in enumerate(Standing)}
    ordered = sorted(entry.receivers, key=lambda one: (places[one.standing], one.host))
    return Removal(
        key=entry.key,
        notice=entry.notice,
        type=entry.type,
        kind=str(KINDS.get(entry.type, entry.type)),
        author=entry.author,
        published=entry.published,
        withdrawn=entry.withdrawn_at,
        summary=summary(entry),
        confirmed=entry.count(Standing.CONFIRMED),
        towns=len(entry.receivers),
        is_settled=entry.is_settled,
        lines=tuple(_line(one) for one in ordered),
    )


def summary(entry: Entry | None) -> str:
    """How it stands in one or two sentences."""
    if entry is None or not entry.receivers:
        return gettext("Nothing of it went to another town.")
    if entry.withdrawn_at is None:
        return _standing(entry)
    towns, confirmed = len(entry.receivers), entry.count(Standing.CONFIRMED)
    went = ngettext("It went to %(num)d town", "It went to %(num)d towns", towns)
    if confirmed == towns:
        return gettext("%(went)s; it is gone everywhere, as they confirmed.", went=went)
    told = ngettext("%(num)d confirmed that it is gone", "%(num)d confirmed that it is gone", confirmed)
    return gettext("%(went)s; %(told)s, %(missing)d did not.", went=went, told=told, missing=entry.count(*OPEN))


def _standing(entry: Entry) -> str:
    held, waiting = entry.count(Standing.HELD), entry.count(Standing.WAITING)
    parts = []
    if held:
        parts.append(ngettext("It hangs in %(num)d other town.", "It hangs in %(num)d other towns.", held))
    if waiting:
        parts.append(ngettext("It is on its way to %(num)d town.", "It is on its way to %(num)d towns.", waiting))
    return " ".join(parts)


def _line(one: Receiver) -> Line:
    return Line(
        host=one.host,
        standing=one.standing,
        word=str(STANDINGS[one.standing]),
        sentence=_sentence(one),
        given=one.given_at,
        asked=one.asked_at,
        ended=one.ended_at,
        until=one.until,
        tries=one.tries,
    )


def _sentence(one: Receiver) -> str:
    days = {Standing.ASKED: one.until, Standing.HELD: one.given_at}
    day = days.get(one.standing, one.ended_at)
    told = {"day": _day(day) if day is not None else "–", "why": reasons.sentence(one.why)}
    return (str(SENTENCES[one.standing]) % told).strip()


def _day(moment: datetime) -> str:
    # With its year, whenever it is read: a report is kept.
    return str(format_date(moment.astimezone(TOWN_TIME).date(), "d MMMM y"))


def own(held: Sequence[Notice], *, entries: Mapping[uuid.UUID, Entry]) -> list[Own]:
    """One's own notices with how each stands outside."""
    return [
        Own(
            notice=one.public_id,
            title=one.title or gettext("A notice whose words are no longer kept"),
            since=one.created_at,
            summary=summary(entries.get(one.public_id)),
        )
        for one in held
    ]
