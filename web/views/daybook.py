"""What left this server on one day, for somebody who has to answer for it: no resident's name, no building's words."""

import csv
import io
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from flask_babel import gettext, lazy_gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import cells, daybook
from instance import hours, journal, notices
from instance.hours import TOWN_TIME
from instance.journal import Change, Outcome, Subject
from instance.listings import Direction, Listing
from instance.organisations import Organisation
from instance.places import Quarter
from web.frame import reasons
from web.frame.words import KINDS
from web.views.traffic import OUTCOMES, SUBJECTS

SHOWN: Final = 200
MOST: Final = 100_000
# What other servers call what they send, where a person has a word for it.
LETTERS: Final = {
    "Accept": lazy_gettext("An answer"),
    "Announce": lazy_gettext("Something passed on"),
    "Create": lazy_gettext("A text"),
    "Delete": lazy_gettext("A withdrawal"),
    "Flag": lazy_gettext("A report"),
    "Follow": lazy_gettext("A wish to follow"),
    "Like": lazy_gettext("A liking"),
    "Move": lazy_gettext("A move"),
    "Offer": lazy_gettext("A proposal"),
    "Reject": lazy_gettext("An answer"),
    "Undo": lazy_gettext("An act taken back"),
    "Update": lazy_gettext("A changed text"),
}
OTHER: Final = lazy_gettext("Something else")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """One thing that left or was called back: what it was, what was decided and why, and to which towns it went."""

    at: datetime
    what: str
    outcome: Outcome
    word: str
    sentence: str
    towns: Sequence[str]

    @property
    def where(self) -> str:
        """To how many towns, in words."""
        if not self.towns:
            return gettext("to no other town")
        return ngettext("to %(num)d town", "to %(num)d towns", len(self.towns))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Several of a kind, with one sentence for all: which town, what, why, how many."""

    host: str
    what: str
    sentence: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """All of one day. `is_cut` says that more left than is shown; `earlier` and `later` are days with something."""

    day: date
    left: Sequence[Crossed]
    back: Sequence[Crossed]
    stayed: Sequence[Counted]
    refused: Sequence[Counted]
    failed: Sequence[Counted]
    is_cut: bool
    earlier: date | None
    later: date | None

    @property
    def towns(self) -> int:
        """How many towns got something."""
        return len({host for one in (*self.left, *self.back) for host in one.towns})


def total(counted: Iterable[Counted]) -> int:
    """How many there are of all kinds."""
    return sum(one.count for one in counted)


def span(day: date) -> tuple[datetime, datetime]:
    """When a day begins by the town's clocks, and when the next one does; both in UTC."""
    begins, ends = (datetime.combine(one, time(0), TOWN_TIME) for one in (day, day + timedelta(days=1)))
    return begins.astimezone(UTC), ends.astimezone(UTC)


def read(home: Session, *, outside: Session, day: date, limit: int = SHOWN) -> Day:
    """Put one day together, from home's book and from what the other side noted."""
    begins, ends = span(day)
    found = journal.crossed(home, begins=begins, ends=ends, limit=limit + 1)
    shown = _crossed(home, outside=outside, changes=found[:limit])
    before = journal.decided_before(home, moment=begins)
    after = journal.decided_from(home, moment=ends)
    return Day(
        day=day,
        left=[one for one in shown if one.outcome is not Outcome.RETRACT],
        back=[one for one in shown if one.outcome is Outcome.RETRACT],
        stayed=[
            Counted(host="", what=str(SUBJECTS[one.subject]), sentence=reasons.sentence(one.why), count=one.count)
            for one in journal.stayed(home, begins=begins, ends=ends)
        ],
        refused=[_counted(one) for one in daybook.refused(outside, begins=begins, ends=ends)],
        failed=[_counted(one) for one in daybook.failed(outside, begins=begins, ends=ends)],
        is_cut=len(found) > limit,
        earlier=hours.town_day(before) if before is not None else None,
        later=hours.town_day(after) if after is not None else None,
    )


def _counted(one: daybook.Refused | daybook.Failed) -> Counted:
    what = str(LETTERS.get(one.type, OTHER))
    return Counted(host=one.host, what=what, sentence=reasons.sentence(one.why), count=one.count)


def _crossed(home: Session, *, outside: Session, changes: Sequence[Change]) -> list[Crossed]:
    went = daybook.hosts(outside, changes=[one.public_id for one in changes])
    return [_line(home, change=one, went=went) for one in changes]


def _line(home: Session, *, change: Change, went: Mapping[uuid.UUID, Sequence[str]]) -> Crossed:
    assert change.verdict is not None
    outcome = Outcome(change.verdict.outcome)
    return Crossed(
        at=change.verdict.decided_at,
        what=_what(home, change=change),
        outcome=outcome,
        word=str(OUTCOMES[outcome]),
        sentence=reasons.sentence(change.verdict.why),
        towns=went.get(change.public_id, ()),
    )


def _what(home: Session, *, change: Change) -> str:
    """What it was. Organisations and quarters have names in public, residents and what they wrote have none here."""
    match Subject(change.subject):
        case Subject.NOTICE:
            return _notice(home, public_id=change.subject_id)
        case Subject.ORGANISATION:
            name = home.scalar(select(Organisation.name).where(Organisation.public_id == change.subject_id))
            return gettext("Profile of %(name)s", name=name) if name else str(SUBJECTS[Subject.ORGANISATION])
        case Subject.QUARTER:
            name = home.scalar(select(Quarter.name).where(Quarter.public_id == change.subject_id))
            return gettext("Quarter %(name)s", name=name) if name else str(SUBJECTS[Subject.QUARTER])
        case Subject.MESSAGE | Subject.LOAN | Subject.REFERRAL as private:
            return str(SUBJECTS[private])


def _notice(home: Session, *, public_id: uuid.UUID) -> str:
    found = notices.by_public_id(home, public_id=public_id)
    if isinstance(found, Listing):
        return str(KINDS[Direction(found.direction).value].name)
    if found is not None and found.organisation is not None:
        return gettext("News of %(organisation)s", organisation=found.organisation.name)
    return str(SUBJECTS[Subject.NOTICE])


# --- as a table for other programs


def table(day: Day) -> str:
    """The whole day as a table (CSV, RFC 4180; in UTF-8 with its mark, which spreadsheets look for)."""
    sheet = io.StringIO()
    sheet.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    out = csv.writer(sheet, lineterminator="\r\n")
    heads = (gettext("List"), gettext("When"), gettext("What"), gettext("Decision"), gettext("Why"))
    out.writerow((*heads, gettext("How many"), gettext("Towns")))
    for row in _rows(day):
        out.writerow([cells.guard(one) for one in row])
    return sheet.getvalue()


def _rows(day: Day) -> Iterable[tuple[str, ...]]:
    for name, crossed in ((gettext("Left"), day.left), (gettext("Called back"), day.back)):
        for one in crossed:
            at = one.at.astimezone(TOWN_TIME).isoformat(timespec="seconds")
            yield name, at, one.what, one.word, one.sentence, str(len(one.towns)), " ".join(one.towns)
    for name, counted in (
        (gettext("Stayed"), day.stayed),
        (gettext("Not let in"), day.refused),
        (gettext("Did not arrive"), day.failed),
    ):
        for entry in counted:
            yield name, day.day.isoformat(), entry.what, "", entry.sentence, str(entry.count), entry.host
