"""What moderators read: reports, hidden notices, suspended accounts, blocked towns, and their book."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.models import Peer, PeerState
from instance import comments, evidence, moderation, notices, parties, prose, reports, residents, suspensions
from instance.audience import Audience, Reader
from instance.base import Refused
from instance.comments import Comment
from instance.evidence import Target
from instance.moderation import Measure, Step
from instance.nearby import Nearby
from instance.notices import Notice
from instance.reports import Report
from instance.residents import Resident
from web.views import slips

TARGETS: Final = {
    Target.NOTICE: lazy_gettext("Notice"),
    Target.COMMENT: lazy_gettext("Comment under news"),
    Target.MESSAGE: lazy_gettext("Private letter"),
    Target.PERSON: lazy_gettext("Person"),
    Target.LOAN: lazy_gettext("Loan between two neighbours"),
    Target.THANKS: lazy_gettext("Thanks after a loan"),
    Target.SKILL: lazy_gettext("What one can be asked for"),
    Target.RECOMMENDATION: lazy_gettext("Recommended craftsman"),
    Target.ORGANISATION: lazy_gettext("Organisation"),
    Target.TOWN: lazy_gettext("This town"),
}
# What says nothing by itself that could have been changed since.
NO_WORDS: Final = frozenset({Target.PERSON, Target.LOAN, Target.TOWN})
# What the book is not to name further.
NAMELESS: Final = {
    "comment": lazy_gettext("a comment"),
    "report": lazy_gettext("a report"),
    "letter": lazy_gettext("a letter"),
    "loan": lazy_gettext("a loan between two neighbours"),
    "thanks": lazy_gettext("a loan between two neighbours"),
    "skill": lazy_gettext("what somebody can be asked for"),
    "recommendation": lazy_gettext("a recommendation"),
    "organisation": lazy_gettext("an organisation"),
    "here": lazy_gettext("this town"),
}
# For how many days an account may be suspended on a page; None is until further notice.
SPANS: Final = {
    7: lazy_gettext("a week"),
    1: lazy_gettext("a day"),
    30: lazy_gettext("a month"),
    90: lazy_gettext("three months"),
    None: lazy_gettext("until further notice"),
}
STEPS: Final = {
    Step.HIDE: lazy_gettext("Hidden"),
    Step.RESTORE: lazy_gettext("Hung again"),
    Step.WARN: lazy_gettext("Warned"),
    Step.SUSPEND: lazy_gettext("Suspended"),
    Step.REINSTATE: lazy_gettext("Given back"),
    Step.DISMISS: lazy_gettext("Closed without a measure"),
    Step.REFER: lazy_gettext("Told another town"),
    Step.BLOCK: lazy_gettext("Blocked"),
    Step.UNBLOCK: lazy_gettext("Block lifted"),
    Step.LIMIT: lazy_gettext("Limited"),
    Step.UNLIMIT: lazy_gettext("Limit lifted"),
    Step.LIST: lazy_gettext("List of blocks applied"),
    Step.CARD: lazy_gettext("Recovery card printed"),
    Step.UNLOCK: lazy_gettext("Second step taken away"),
    Step.ATTEST: lazy_gettext("Said who lives there"),
    Step.CHECK: lazy_gettext("Looked at a document"),
    Step.UNVOUCH: lazy_gettext("Ended what showed where somebody lives"),
    Step.RECALL: lazy_gettext("Taken back from other towns"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """An open report. Who filed it is not said: a neighbour, or a town."""

    url: str
    kind: str
    excerpt: str
    reason: str
    reporter: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """One report with what can be done: the steps that make sense.

    `words` is what was reported, as it was then; `changed` says that it is another one or gone by now, and
    `decided_at` when somebody decided.
    """

    line: ReportLine
    public_id: uuid.UUID
    author: str
    words: str
    changed: bool
    audience: Audience | None
    place: str | None
    may_hide: bool
    may_warn: bool
    may_suspend: bool
    decided_at: datetime | None
    town: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenLine:
    """A notice that was taken down."""

    public_id: uuid.UUID
    title: str
    kind: str
    at: datetime
    town: str | None
    party: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenComment:
    """A comment that was taken away, and under which news it stood."""

    public_id: uuid.UUID
    words: str
    under: str
    party: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenBeside:
    """A skill or a recommendation that was taken away."""

    public_id: uuid.UUID
    words: str
    kind: str
    party: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """A suspended account."""

    public_id: uuid.UUID
    name: str
    until: datetime | None
    party: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedTown:
    """A town nothing is exchanged with."""

    host: str
    name: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureLine:
    """One line of the book."""

    step: str
    target: str
    reason: str
    by: str
    at: datetime


def report_line(entry: Report) -> ReportLine:
    """An open report for who may decide on it."""
    return ReportLine(
        url=url_for("moderation.report", public_id=entry.public_id),
        kind=str(TARGETS[Target(entry.target)]),
        excerpt=entry.excerpt,
        reason=entry.reason,
        reporter=entry.reporter_host or gettext("a neighbour"),
        at=entry.created_at,
    )


def report_view(session: Session, *, entry: Report, by: Resident, reader: Reader) -> ReportView:
    """One report, with the author as this moderator may know them."""
    target, author = Target(entry.target), entry.author
    now = evidence.kept(session, target=target, target_id=entry.target_id)
    hung = _hung(session, entry=entry)
    return ReportView(
        line=report_line(entry),
        public_id=entry.public_id,
        author=report_author(session, entry=entry, reader=reader),
        words=entry.words,
        changed=target not in NO_WORDS and (now is None or now.words != entry.words),
        audience=slips.audience(hung) if hung is not None else None,
        place=slips.place(hung) if hung is not None else None,
        may_hide=_hangs(session, entry=entry),
        may_warn=author is not None,
        may_suspend=author is not None and author.state == residents.State.ACTIVE and not author.is_moderator,
        decided_at=entry.closed_at,
        town=now.host if now is not None and by.desk_quarter_id is None else None,
    )


def _hung(session: Session, *, entry: Report) -> Notice | Nearby | None:
    """What was reported, where it is something that hangs in a circle."""
    if Target(entry.target) is Target.NOTICE:
        return notices.by_public_id(session, public_id=entry.target_id)
    return evidence.beside(session, target=Target(entry.target), target_id=entry.target_id)


def report_author(session: Session, *, entry: Report, reader: Reader) -> str:
    """Who wrote what was reported, as this moderator may know them."""
    town = reports.host_of(session, target=Target(entry.target), public_id=entry.target_id)
    if town is not None:
        return str(gettext("somebody of %(town)s", town=town))
    if Target(entry.target) is Target.TOWN:
        return str(gettext("this town"))
    if entry.author is not None and entry.author_name == entry.author.short_name:
        return residents.name_for(session, resident=entry.author, reader=reader)
    return entry.author_name or str(gettext("a former neighbour"))


def _hangs(session: Session, *, entry: Report) -> bool:
    match Target(entry.target):
        case Target.NOTICE:
            notice = notices.by_public_id(session, public_id=entry.target_id)
            return notice is not None and notice.is_live
        case Target.COMMENT:
            comment = comments.by_public_id(session, public_id=entry.target_id)
            return comment is not None and comment.state == notices.State.LIVE
        case Target.SKILL | Target.RECOMMENDATION:
            row = evidence.beside(session, target=Target(entry.target), target_id=entry.target_id)
            return row is not None and row.is_live
        case _:
            return False


def hidden_line(session: Session, *, notice: Notice, by: Resident) -> HiddenLine:
    """A hidden notice for one moderator."""
    return HiddenLine(
        public_id=notice.public_id,
        title=notice.title,
        kind=slips.kind(notice),
        at=notice.updated_at,
        town=notice.origin_host,
        party=_is_party(session, target=Target.NOTICE, target_id=notice.public_id, by=by),
    )


def hidden_comment(session: Session, *, comment: Comment, by: Resident) -> HiddenComment:
    """A hidden comment for one moderator."""
    return HiddenComment(
        public_id=comment.public_id,
        words=prose.excerpt(prose.plain(comment.html), longest=120),
        under=comment.notice.title,
        party=_is_party(session, target=Target.COMMENT, target_id=comment.public_id, by=by),
    )


def hidden_beside(session: Session, *, row: Nearby, by: Resident) -> HiddenBeside:
    """A hidden skill or recommendation for one moderator."""
    target = moderation.BESIDE[type(row)]
    return HiddenBeside(
        public_id=row.public_id,
        words=prose.excerpt(row.wording, longest=120),
        kind=str(TARGETS[target]),
        party=_is_party(session, target=target, target_id=row.public_id, by=by),
    )


def _is_party(session: Session, *, target: Target, target_id: uuid.UUID, by: Resident) -> bool:
    return parties.is_party(session, matter=reports.matter(session, target=target, target_id=target_id), by=by)


def account_line(session: Session, *, resident: Resident, by: Resident) -> AccountLine:
    """A suspended account for one moderator."""
    matter = suspensions.matter(session, resident=resident)
    return AccountLine(
        public_id=resident.public_id,
        name=resident.short_name,
        until=resident.suspended_until,
        party=parties.is_party(session, matter=matter, by=by),
    )


def blocked_towns(session: Session) -> Sequence[BlockedTown]:
    """The towns that somebody blocked, by address; what a list blocked is read on the page of lists."""
    blocked = select(Peer).where(Peer.state == PeerState.BLOCKED, Peer.by_list.is_(False))
    found = session.scalars(blocked.order_by(Peer.host))
    return [BlockedTown(host=one.host, name=one.name or one.host, note=one.note) for one in found]


def measure_line(session: Session, *, measure: Measure) -> MeasureLine:
    """One line of the book, with its target in words."""
    return MeasureLine(
        step=str(STEPS[Step(measure.step)]),
        target=_target(session, kind=measure.target.partition(" ")[0], key=measure.target.partition(" ")[2]),
        reason=measure.reason,
        by=measure.by.short_name,
        at=measure.created_at,
    )


# What a step was about, where it is not named: its words are for whoever reads the report.
def _target(session: Session, *, kind: str, key: str) -> str:
    match kind:
        case "notice":
            notice = notices.by_public_id(session, public_id=uuid.UUID(key))
            return notice.title if notice is not None and notice.title else str(gettext("a notice"))
        case "resident":
            return _account(session, public_id=uuid.UUID(key))
        case _:
            return str(NAMELESS.get(kind, key))


def _account(session: Session, *, public_id: uuid.UUID) -> str:
    try:
        return residents.find(session, public_id=public_id).short_name
    except Refused:
        return str(gettext("a former account"))
