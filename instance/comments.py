"""Comments under news: from residents at home, and from other cities when they answer in public."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import notices, organisations, prose, residents
from instance.audience import Audience, Reader
from instance.base import Refused, Row
from instance.news import NewsItem
from instance.notices import Notice, State
from instance.residents import Resident

LONGEST_BODY = 2_000


class Comment(Row):
    """One comment. A resident's never leaves home; a stranger's came in by the hatch."""

    __tablename__ = "comment"

    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    html: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    origin_uri: Mapped[str | None] = mapped_column(String(1000), unique=True)
    origin_actor: Mapped[str | None] = mapped_column(String(1000))
    origin_name: Mapped[str | None] = mapped_column(String(200))
    origin_host: Mapped[str | None] = mapped_column(String(255), index=True)
    # Which version of it came in from there: later ones replace it.
    origin_updated: Mapped[datetime | None] = mapped_column()
    notice: Mapped[Notice] = relationship()
    author: Mapped[Resident | None] = relationship()


def add(session: Session, *, notice: Notice, by: Resident, body: str, now: datetime) -> Comment:
    """Comment on news. Raises Refused (not_news, not_live, missing, too_long)."""
    residents.check_active(session, resident=by)
    if not isinstance(notice, NewsItem):
        raise Refused("not_news")
    if not notice.is_live:
        raise Refused("not_live")
    organisations.require_known(session, resident=by)
    if not body.strip():
        raise Refused("missing", field="body")
    if len(body) > LONGEST_BODY:
        raise Refused("too_long", field="body")
    comment = Comment(notice=notice, author=by, html=prose.render(body.strip()), state=State.LIVE.value, created_at=now)
    session.add(comment)
    session.flush()
    return comment


def welcome(
    session: Session, *, notice: Notice, origin: notices.Origin, html: str, held: bool = False, now: datetime
) -> Comment:
    """Pin a public answer from another city under our news, or bring the one we have up to date.

    A second copy changes nothing, nor does anything after it was taken back or hidden here. A `held` one, and newer
    words of a town that is limited by now, are hidden until a moderator puts them there.
    Raises Refused("not_live") when the news is no longer there for everybody, Refused("stranger") when somebody else
    wrote it.
    """
    known = by_origin(session, uri=origin.uri)
    if known is not None:
        _bring_up_to_date(session, known=known, origin=origin, html=html, held=held)
        return known
    if not notice.is_live or notice.audience is not Audience.NETWORK:
        raise Refused("not_live")
    comment = Comment(
        notice=notice,
        html=_words(html),
        state=(State.HIDDEN if held else State.LIVE).value,
        origin_uri=origin.uri,
        origin_actor=origin.actor_uri,
        origin_name=origin.name[:200],
        origin_host=origin.host,
        origin_updated=origin.updated,
        created_at=now,
    )
    session.add(comment)
    session.flush()
    return comment


def _words(html: str) -> str:
    # Cut first: a tag cut in two would swallow the page below it.
    return prose.clean(html[: LONGEST_BODY * 4])


def _bring_up_to_date(session: Session, *, known: Comment, origin: notices.Origin, html: str, held: bool) -> None:
    if known.origin_actor != origin.actor_uri:
        raise Refused("stranger")
    if known.state != State.LIVE or origin.updated <= (known.origin_updated or known.created_at):
        return
    known.html, known.origin_updated = _words(html), origin.updated
    known.state = (State.HIDDEN if held else State.LIVE).value
    session.flush()


def by_origin(session: Session, *, uri: str) -> Comment | None:
    """The comment that came in from this address, in whatever state."""
    return session.scalar(select(Comment).where(Comment.origin_uri == uri))


def answered(session: Session, *, uri: str) -> Notice | None:
    """The news under which a comment from elsewhere hangs: whoever answers it answers them."""
    comment = by_origin(session, uri=uri)
    return comment.notice if comment is not None and comment.state == State.LIVE else None


def is_known(session: Session, *, uri: str) -> bool:
    """Whether a stranger's comment came before, whatever became of it."""
    return session.scalar(select(Comment.id).where(Comment.origin_uri == uri)) is not None


def count_from(session: Session, *, host: str, since: datetime) -> int:
    """How many comments of a host came since then, those taken back among them."""
    came = select(func.count()).where(Comment.origin_host == host, Comment.created_at > since)
    return session.scalar(came) or 0


def count_from_elsewhere(session: Session, *, notice: Notice, since: datetime) -> int:
    """How many comments came from elsewhere under a notice since then, those taken back among them."""
    came = select(func.count()).where(
        Comment.notice_id == notice.id, Comment.origin_uri.is_not(None), Comment.created_at > since
    )
    return session.scalar(came) or 0


def farewell(session: Session, *, uri: str, actor_host: str) -> Comment | None:
    """A stranger took a comment back: its words go. Raises Refused("stranger") for another host's word."""
    comment = by_origin(session, uri=uri)
    if comment is None:
        return None
    if comment.origin_host != actor_host:
        raise Refused("stranger")
    comment.state, comment.html = State.WITHDRAWN.value, ""
    session.flush()
    return comment


def under(session: Session, *, notice: Notice) -> Sequence[Comment]:
    """The comments under a notice, oldest first."""
    wanted = (
        select(Comment).where(Comment.notice_id == notice.id, Comment.state == State.LIVE.value).order_by(Comment.id)
    )
    return session.scalars(wanted).all()


def find(session: Session, *, public_id: uuid.UUID, reader: Reader) -> Comment:
    """A live comment under a notice this reader may see. Raises Refused("not_found")."""
    comment = by_public_id(session, public_id=public_id)
    if comment is None or comment.state != State.LIVE:
        raise Refused("not_found")
    notices.find(session, public_id=comment.notice.public_id, reader=reader)
    return comment


def by_public_id(session: Session, *, public_id: uuid.UUID) -> Comment | None:
    """A comment by its public id, whoever asks: for the moderators' desk."""
    return session.scalar(select(Comment).where(Comment.public_id == public_id))


def withdraw(session: Session, *, comment: Comment, by: Resident) -> None:
    """Take back one's own comment. Raises Refused("not_yours")."""
    residents.check_active(session, resident=by)
    if comment.author_id != by.id:
        raise Refused("not_yours")
    comment.state, comment.html = State.WITHDRAWN.value, ""
    session.flush()
