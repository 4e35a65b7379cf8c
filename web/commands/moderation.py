"""`palier moderation`: the moderators' book, what is hidden, who is suspended."""

import uuid

import click
from sqlalchemy.orm import Session

from instance import moderation, prose, residents, suspensions
from instance.base import Refused
from instance.moderation import Measure, Step
from web.terminal import notices, options
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.printing import Coded, Rows, Values
from web.views.desk import STEPS

command = Noun("moderation", help=say_later("The moderators' book, hidden notices, suspended accounts."))
COLUMNS = ("since", "step", "target", "reason", "by")


def _values(session: Session, measure: Measure) -> Values:
    kind, _, key = measure.target.partition(" ")
    step = Step(measure.step)
    return {
        "id": measure.public_id,
        "since": measure.created_at,
        "step": Coded(code=step.value, word=str(STEPS[step])),
        "target": {"kind": kind, "key": _login(session, public_id=key) if kind == "resident" else key},
        "reason": measure.reason,
        "by": measure.by.login,
    }


def _login(session: Session, *, public_id: str) -> str | None:
    try:
        return residents.find(session, public_id=uuid.UUID(public_id)).login
    except Refused:
        return None


@command.command("book", help=say_later("What moderators did and why, newest first."))
@options.limit
@options.after(click.UUID)
def _book(desk: Desk, *, limit: int, after: uuid.UUID | None) -> Rows:
    found = moderation.measures(desk.home, by=None, limit=limit + 1, after=after)
    shown, further = options.cut(found, limit=limit, key=lambda one: one.public_id)
    return Rows(name="measures", rows=[_values(desk.home, one) for one in shown], columns=COLUMNS, after=further)


@command.command("hidden", help=say_later("The newest notices that moderators took down."))
@options.limit
def _hidden(desk: Desk, *, limit: int) -> Rows:
    rows = [notices.values(one) for one in moderation.hidden(desk.home, by=None, limit=limit)]
    return Rows(name="notices", rows=rows, columns=("id", "kind", "title", "organisation", "town", "since"))


@command.command("hidden-comments", help=say_later("The newest comments that moderators took away."))
@options.limit
def _hidden_comments(desk: Desk, *, limit: int) -> Rows:
    rows = [
        {"id": one.public_id, "words": prose.excerpt(prose.plain(one.html), longest=80), "under": one.notice.public_id}
        for one in moderation.hidden_comments(desk.home, by=None, limit=limit)
    ]
    return Rows(name="comments", rows=rows, columns=("id", "words", "under"))


@command.command("hidden-beside", help=say_later("The newest skills and recommendations that moderators took away."))
@options.limit
def _hidden_beside(desk: Desk, *, limit: int) -> Rows:
    rows = [
        {
            "id": one.public_id,
            "kind": moderation.BESIDE[type(one)].value,
            "words": prose.excerpt(one.wording, longest=80),
        }
        for one in moderation.hidden_beside(desk.home, by=None, limit=limit)
    ]
    return Rows(name="beside", rows=rows, columns=("id", "kind", "words"))


@command.command("suspended", help=say_later("The accounts that are locked, by login name."))
def _suspended(desk: Desk) -> Rows:
    rows = [
        {"login": one.login, "since": one.created_at, "until": one.suspended_until}
        for one in suspensions.suspended(desk.home, by=None)
    ]
    return Rows(name="accounts", rows=rows, columns=("login", "since", "until"))
