"""`palier reports`: what was reported, and what a moderator does about it; every step stands in the book."""

import uuid

import click
from flask_babel import gettext

from instance import moderation
from instance.moderation import Report, Step, Target
from instance.residents import Resident
from web.acts import deciding, reading
from web.pages.moderation import DONE
from web.terminal import options
from web.terminal.desk import Desk, moderator
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument
from web.terminal.printing import Coded, One, Rows, Values
from web.views import desk as views

command = Noun("reports", help=say_later("What was reported, and what is done about it."))
COLUMNS = ("id", "kind", "excerpt", "reason", "reporter", "since", "party")


def _report(function: options.Function) -> options.Function:
    return argument("report", say_later("The report's id."), type=click.UUID, metavar="ID")(function)


def _values(desk: Desk, entry: Report, *, by: Resident) -> Values:
    target = Target(entry.target)
    return {
        "id": entry.public_id,
        "kind": Coded(code=target.value, word=str(views.TARGETS[target])),
        "target": entry.target_id,
        "excerpt": entry.excerpt,
        "reason": entry.reason,
        "reporter": entry.reporter_host or gettext("a neighbour"),
        "since": entry.created_at,
        "party": moderation.is_party(desk.home, entry=entry, by=by),
    }


@command.command("list", help=say_later("Open reports, oldest first; who filed them is not said."))
@options.acting()
def _list(desk: Desk, *, acting: Resident) -> Rows:
    by = moderator(acting)
    rows = [_values(desk, one, by=by) for one in moderation.open_reports(desk.home)]
    return Rows(name="reports", rows=rows, columns=COLUMNS)


@command.command("show", help=say_later("One open report, with the author as this moderator may know them."))
@_report
@options.acting()
def _show(desk: Desk, *, report: uuid.UUID, acting: Resident) -> One:
    by = moderator(acting)
    entry = deciding.open_report(desk.home, public_id=report)
    reader = reading.reader(desk.home, resident=by)
    author = views.report_author(desk.home, entry=entry, reader=reader)
    town = moderation.host_of(desk.home, target=Target(entry.target), public_id=entry.target_id)
    return One(values={**_values(desk, entry, by=by), "author": author, "town": town})


def _decide(desk: Desk, report: uuid.UUID, *, step: Step, acting: Resident, reason: str) -> One:
    by = moderator(acting)
    entry = deciding.open_report(desk.home, public_id=report)
    deciding.DECISIONS[step](desk.home, entry=entry, reason=reason, by=by, now=desk.now)
    desk.commit()
    return One(values={"id": report, "step": step.value}, sentence=str(DONE[step]))


@command.command(
    "hide", help=say_later("Take down what was reported, and call it back where it had left."), writes=True
)
@_report
@options.acting()
@options.reason
def _hide(desk: Desk, *, report: uuid.UUID, acting: Resident, reason: str) -> One:
    return _decide(desk, report, step=Step.HIDE, acting=acting, reason=reason)


@command.command("suspend", help=say_later("Lock the account of whoever wrote it."), writes=True)
@_report
@options.acting()
@options.reason
def _suspend(desk: Desk, *, report: uuid.UUID, acting: Resident, reason: str) -> One:
    return _decide(desk, report, step=Step.SUSPEND, acting=acting, reason=reason)


@command.command("dismiss", help=say_later("Close a report without a measure."), writes=True)
@_report
@options.acting()
@options.reason
def _dismiss(desk: Desk, *, report: uuid.UUID, acting: Resident, reason: str) -> One:
    return _decide(desk, report, step=Step.DISMISS, acting=acting, reason=reason)


@command.command(
    "restore",
    help=say_later("Hang a hidden notice again, here; where it was taken down outside, it stays down."),
    writes=True,
)
@options.notice
@options.acting()
@options.reason
def _restore(desk: Desk, *, notice: uuid.UUID, acting: Resident, reason: str) -> One:
    by = moderator(acting)
    found = deciding.hidden_notice(desk.home, public_id=notice)
    moderation.restore(desk.home, notice=found, reason=reason, by=by, now=desk.now)
    desk.commit()
    return One(values={"id": notice, "step": Step.RESTORE.value}, sentence=gettext("The notice hangs again."))
