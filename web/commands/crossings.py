"""`palier crossings`: the boundary's book: what left, what stayed, and why."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import click

from instance import hours, journal
from instance.journal import Outcome, Subject
from web.terminal import options
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import option
from web.terminal.printing import Coded, Rows, Sheet, Values
from web.views import daybook, traffic
from web.views.daybook import Counted, Crossed
from web.views.traffic import Line

command = Noun("crossings", help=say_later("The boundary's book: what left, what stayed, and why."))
COLUMNS = ("since", "subject", "outcome", "why", "title")
PENDING = "pending"


def _values(line: Line) -> Values:
    return {
        "id": line.public_id,
        "since": line.at,
        "decided": line.decided,
        "subject": Coded(code=line.subject.value, word=line.subject_word),
        "outcome": Coded(code=line.outcome.value if line.outcome else PENDING, word=line.outcome_word),
        "why": line.why,
        "title": line.title,
        "notice": line.notice,
    }


@command.command("list", help=say_later("Every change and its verdict, newest first; what stayed has no title here."))
@option("--outcome", type=click.Choice([one.value for one in Outcome]), help=say_later("Only what ended so."))
@option("--subject", type=click.Choice([one.value for one in Subject]), help=say_later("Only changes of these."))
@options.limit
@options.after(click.UUID)
def _list(desk: Desk, *, outcome: str | None, subject: str | None, limit: int, after: uuid.UUID | None) -> Rows:
    found = journal.latest(
        desk.home,
        limit=limit + 1,
        after=after,
        outcome=Outcome(outcome) if outcome else None,
        subject=Subject(subject) if subject else None,
    )
    shown, further = options.cut(found, limit=limit, key=lambda one: one.public_id)
    rows = [_values(traffic.line(desk.home, change=one)) for one in shown]
    return Rows(name="crossings", rows=rows, columns=COLUMNS, after=further)


@command.command("day", help=say_later("What left, stayed, was refused and did not arrive on one day, as a table."))
@option("--day", type=click.DateTime(["%Y-%m-%d"]), help=say_later("The day, like 2027-05-11; without it, today."))
def _day(desk: Desk, *, day: datetime | None) -> Sheet:
    wanted = day.date() if day is not None else hours.town_day(desk.now)
    found = daybook.read(desk.home, outside=desk.outside, day=wanted, limit=daybook.MOST)
    values = {
        "day": wanted.isoformat(),
        "left": _crossed(found.left),
        "back": _crossed(found.back),
        "stayed": _counted(found.stayed),
        "refused": _counted(found.refused),
        "failed": _counted(found.failed),
    }
    return Sheet(text=daybook.table(found), values=values)


def _crossed(lines: Sequence[Crossed]) -> list[Values]:
    return [
        {"at": one.at, "what": one.what, "outcome": one.outcome.value, "why": one.sentence, "towns": list(one.towns)}
        for one in lines
    ]


def _counted(lines: Sequence[Counted]) -> list[Values]:
    return [{"town": one.host, "what": one.what, "why": one.sentence, "count": one.count} for one in lines]
