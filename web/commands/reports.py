"""`palier reports`: what was reported, and what a moderator does about it; every step stands in the book."""

import uuid

import click
from flask_babel import gettext

from instance import moderation, reading, reports
from instance.decisions import Rule
from instance.evidence import Target
from instance.moderation import Step
from instance.reports import Report
from instance.residents import Resident
from web.acts import deciding, referring
from web.acts.deciding import Verdict
from web.pages.moderation import DONE
from web.terminal import kinds, options
from web.terminal.desk import Desk, moderator
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument, option
from web.terminal.printing import Coded, One, Rows, Values
from web.views import desk as views
from web.views import referrals

command = Noun("reports", help=say_later("What was reported, and what is done about it."))
COLUMNS = ("id", "kind", "excerpt", "reason", "reporter", "since")


def _report(function: options.Function) -> options.Function:
    return argument("report", say_later("The report's id."), type=click.UUID, metavar="ID")(function)


def _values(entry: Report) -> Values:
    target = Target(entry.target)
    return {
        "id": entry.public_id,
        "kind": Coded(code=target.value, word=str(views.TARGETS[target])),
        "target": entry.target_id,
        "excerpt": entry.excerpt,
        "reason": entry.reason,
        "reporter": entry.reporter_host or gettext("a neighbour"),
        "since": entry.created_at,
    }


@command.command("list", help=say_later("Open reports, oldest first; who filed them is not said."))
@options.acting()
def _list(desk: Desk, *, acting: Resident) -> Rows:
    rows = [_values(one) for one in reports.open_reports(desk.home, by=moderator(acting))]
    return Rows(name="reports", rows=rows, columns=COLUMNS)


@command.command("show", help=say_later("One open report, with the author as this moderator may know them."))
@_report
@options.acting()
def _show(desk: Desk, *, report: uuid.UUID, acting: Resident) -> One:
    by = moderator(acting)
    entry = deciding.open_report(desk.home, public_id=report, by=by)
    reader = reading.reader(desk.home, resident=by, now=desk.now)
    author = views.report_author(desk.home, entry=entry, reader=reader)
    town = reports.host_of(desk.home, target=Target(entry.target), public_id=entry.target_id)
    return One(values={**_values(entry), "author": author, "town": town})


def _tell(function: options.Function) -> options.Function:
    help_text = say_later("Tell the town it comes from, too, in these words; it reads nothing else.")
    return option("--tell", type=kinds.LINE, default="", help=help_text)(function)


def _decide(desk: Desk, report: uuid.UUID, *, step: Step, acting: Resident, verdict: Verdict, tell: str = "") -> One:
    by = moderator(acting)
    entry = deciding.open_report(desk.home, public_id=report, by=by)
    referring.decide(
        desk.home, outside=desk.outside, entry=entry, step=step, verdict=verdict, told=tell, by=by, now=desk.now
    )
    desk.commit()
    return One(values={"id": report, "step": step.value}, sentence=str(DONE[step]))


@command.command(
    "hide", help=say_later("Take down what was reported, and call it back where it had left."), writes=True
)
@_report
@options.acting()
@options.reason
@options.rule
@_tell
def _hide(desk: Desk, *, report: uuid.UUID, acting: Resident, reason: str, rule: str, tell: str) -> One:
    verdict = Verdict(reason=reason, rule=Rule(rule))
    return _decide(desk, report, step=Step.HIDE, acting=acting, verdict=verdict, tell=tell)


@command.command("warn", help=say_later("Remind whoever wrote it of a rule of the house."), writes=True)
@_report
@options.acting()
@options.reason
@options.rule
def _warn(desk: Desk, *, report: uuid.UUID, acting: Resident, reason: str, rule: str) -> One:
    verdict = Verdict(reason=reason, rule=Rule(rule))
    return _decide(desk, report, step=Step.WARN, acting=acting, verdict=verdict)


@command.command("suspend", help=say_later("Lock the account of whoever wrote it."), writes=True)
@_report
@options.acting()
@options.reason
@options.rule
@options.days
def _suspend(desk: Desk, *, report: uuid.UUID, acting: Resident, reason: str, rule: str, days: int | None) -> One:
    verdict = Verdict(reason=reason, rule=Rule(rule), days=days)
    return _decide(desk, report, step=Step.SUSPEND, acting=acting, verdict=verdict)


@command.command("dismiss", help=say_later("Close a report without a measure."), writes=True)
@_report
@options.acting()
@options.reason
@_tell
def _dismiss(desk: Desk, *, report: uuid.UUID, acting: Resident, reason: str, tell: str) -> One:
    return _decide(desk, report, step=Step.DISMISS, acting=acting, verdict=Verdict(reason=reason), tell=tell)


@command.command("told", help=say_later("What other towns were told about something of theirs, newest first."))
@options.acting()
@options.limit
def _told(desk: Desk, *, acting: Resident, limit: int) -> Rows:
    rows = [
        {
            "id": one.public_id,
            "report": one.report,
            "town": one.town,
            "excerpt": one.words,
            "since": one.at,
            "state": Coded(code=one.state, word=one.word),
            "why": one.why,
        }
        for one in referrals.latest(desk.home, outside=desk.outside, by=moderator(acting), limit=limit)
    ]
    return Rows(name="told", rows=rows, columns=("id", "town", "excerpt", "since", "state", "why"))


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
    found = deciding.hidden_notice(desk.home, public_id=notice, by=by)
    moderation.restore(desk.home, notice=found, reason=reason, by=by, now=desk.now)
    desk.commit()
    return One(values={"id": notice, "step": Step.RESTORE.value}, sentence=gettext("The notice hangs again."))


@command.command(
    "restore-beside", help=say_later("Put back what somebody can be asked for, or a recommendation."), writes=True
)
@argument("row", say_later("The id of the skill or the recommendation."), type=click.UUID, metavar="ID")
@options.acting()
@options.reason
def _restore_beside(desk: Desk, *, row: uuid.UUID, acting: Resident, reason: str) -> One:
    by = moderator(acting)
    found = deciding.hidden_beside(desk.home, public_id=row, by=by)
    moderation.restore_beside(desk.home, row=found, reason=reason, by=by, now=desk.now)
    desk.commit()
    return One(values={"id": row, "step": Step.RESTORE.value}, sentence=gettext("It stands there again."))


@command.command("restore-comment", help=say_later("Put a hidden comment back under the news."), writes=True)
@argument("comment", say_later("The comment's id."), type=click.UUID, metavar="ID")
@options.acting()
@options.reason
def _restore_comment(desk: Desk, *, comment: uuid.UUID, acting: Resident, reason: str) -> One:
    by = moderator(acting)
    found = deciding.hidden_comment(desk.home, public_id=comment, by=by)
    moderation.restore_comment(desk.home, comment=found, reason=reason, by=by, now=desk.now)
    desk.commit()
    return One(values={"id": comment, "step": Step.RESTORE.value}, sentence=gettext("The comment is back."))
