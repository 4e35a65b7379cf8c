"""The page of one notice: the slip in full and everything this reader may do with it."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from federation import addresses, policy
from instance import comments, conversations, notices, residents
from instance.audience import Audience, Reader
from instance.comments import Comment
from instance.listings import Listing
from instance.news import NewsItem
from instance.notices import Notice
from instance.residents import Resident
from web.frame.slips import Byline, Slip
from web.views import askings, happenings, letters, slips
from web.views.askings import Doing


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One comment under news. `withdraw_url` is there for its author, `report_url` for everybody else."""

    anchor: str
    byline: Byline
    body: Markup
    since: datetime
    withdraw_url: str | None
    report_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a notice of another town comes from."""

    name: str
    host: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One notice for one reader. There is no field for who saw it, because nobody keeps that."""

    public_id: uuid.UUID
    slip: Slip
    changed_at: datetime | None
    source: Source | None
    mine: bool
    live: bool
    may_narrow: bool
    doing: Doing | None
    signed_in: bool
    may_answer: bool
    needs_byline: bool
    answers: tuple[letters.Entry, ...]
    news: bool
    may_comment: bool
    remarks: tuple[Remark, ...]
    report_url: str | None
    alternate: str | None
    creator: str | None
    calendar_url: str | None
    called_off: bool
    call_off_url: str | None


def _source(notice: Notice) -> Source | None:
    if not notice.is_remote or not notice.origin_host:
        return None
    return Source(name=notice.origin_name or notice.origin_host, host=notice.origin_host, url=notice.origin_url)


def alternate(notice: Notice, *, origin: str) -> str | None:
    """The address of a public notice of ours for other software ; None for any other."""
    if notice.is_remote or not notice.is_live or notice.audience is not Audience.NETWORK:
        return None
    if isinstance(notice, Listing):
        return addresses.listing(origin, notice.public_id)
    if notice.organisation is not None:
        address = addresses.news if happenings.of(notice) is None else addresses.event
        return address(origin, notice.organisation.slug, notice.public_id)
    return None


def creator(notice: Notice, *, origin: str) -> str | None:
    """The handle of the organisation behind public news of ours, which Mastodon shows beside a link to this page."""
    if notice.organisation is None or alternate(notice, origin=origin) is None:
        return None
    return f"@{notice.organisation.slug}@{policy.authority(origin)}"


def sheet(session: Session, *, notice: Notice, by: Resident | None, reader: Reader, origin: str) -> Sheet:
    """Everything the page of a notice shows to this reader (`by` is the same person's row)."""
    mine = by is not None and notices.may_change(session, notice=notice, by=by)
    listing, news = isinstance(notice, Listing), isinstance(notice, NewsItem)
    live = notice.is_live
    return Sheet(
        public_id=notice.public_id,
        slip=slips.in_full(session, notice=notice, reader=reader),
        changed_at=notice.updated_at if notice.version > 1 and live else None,
        source=_source(notice),
        mine=mine,
        live=live,
        may_narrow=mine and live and notice.audience > Audience.BUILDING,
        doing=askings.of(session, notice=notice) if mine else None,
        signed_in=by is not None,
        may_answer=listing and live and by is not None and not mine,
        needs_byline=notice.is_remote,
        answers=_answers(session, notice=notice, by=by, reader=reader),
        news=news,
        may_comment=news and live and by is not None,
        remarks=_remarks(session, notice=notice, reader=reader) if news else (),
        report_url=_report_url(notice) if by is not None and not mine and live else None,
        alternate=alternate(notice, origin=origin),
        creator=creator(notice, origin=origin),
        calendar_url=_calendar_url(notice),
        called_off=_is_off(notice),
        call_off_url=_call_off_url(notice) if mine else None,
    )


def _calendar_url(notice: Notice) -> str | None:
    if happenings.of(notice) is None or not notice.is_live:
        return None
    return url_for("notices.calendar_file", public_id=notice.public_id)


def _is_off(notice: Notice) -> bool:
    found = happenings.of(notice)
    return found is not None and found.called_off


def _call_off_url(notice: Notice) -> str | None:
    if happenings.of(notice) is None or _is_off(notice) or not notice.is_live:
        return None
    return url_for("notices.call_off", public_id=notice.public_id)


def _report_url(notice: Notice) -> str:
    return url_for("reports.report", target="notice", public_id=notice.public_id)


def _answers(session: Session, *, notice: Notice, by: Resident | None, reader: Reader) -> tuple[letters.Entry, ...]:
    """The reader's own conversations about this notice: all of them for its author, one's own for others."""
    if by is None or not isinstance(notice, Listing):
        return ()
    held = [one for one in conversations.of_resident(session, resident=by) if one.listing_id == notice.id]
    return letters.entries(session, held=held, reader=reader)


def _remarks(session: Session, *, notice: Notice, reader: Reader) -> tuple[Remark, ...]:
    """The comments. A visitor sees only those that came from outside: a resident's never leaves home."""
    shown = comments.under(session, notice=notice)
    return tuple(_remark(session, comment=one, reader=reader) for one in shown if reader.signed_in or one.origin_uri)


def _remark(session: Session, *, comment: Comment, reader: Reader) -> Remark:
    mine = comment.author_id is not None and comment.author_id == reader.resident_id
    return Remark(
        anchor=f"comment-{comment.public_id}",
        byline=_signature(session, comment=comment, reader=reader),
        body=Markup(comment.html),  # noqa: S704 - cleaned by instance.prose when it was stored
        since=comment.created_at,
        withdraw_url=url_for("comments.withdraw", public_id=comment.public_id) if mine else None,
        report_url=url_for("reports.report", target="comment", public_id=comment.public_id)
        if reader.signed_in and not mine
        else None,
    )


def _signature(session: Session, *, comment: Comment, reader: Reader) -> Byline:
    if comment.origin_uri is not None:
        return Byline(name=comment.origin_name or comment.origin_host or "", town=comment.origin_host)
    if comment.author is None:
        return Byline(name=gettext("a former neighbour"))
    return Byline(name=residents.name_for(session, resident=comment.author, reader=reader))
