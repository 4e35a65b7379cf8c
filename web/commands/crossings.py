"""`palier crossings`: the boundary's book: what left, what stayed, and why."""

import uuid

import click

from instance import journal
from instance.journal import Outcome, Subject
from web.terminal import options
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import option
from web.terminal.printing import Coded, Rows, Values
from web.views import traffic
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
