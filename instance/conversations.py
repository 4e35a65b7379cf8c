"""Private conversations about one thing: a listing that was answered, here or across cities, or a neighbour's skill."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import doorbell, hours, journal, nearby, organisations, prose, quiet, residents
from instance.audience import Reader
from instance.base import Refused, Row
from instance.listings import LONGEST_BYLINE, Listing
from instance.residents import Resident, State
from instance.skills import Skill

LONGEST_BODY = 4_000


class Conversation(Row):
    """Two parties about one listing or one skill. `opener` answered or asked; `owner` wrote it or can be asked.

    About a listing either may be in another city.
    """

    __tablename__ = "conversation"
    # Two clicks at once must not open two; openers elsewhere are not ours to name, so theirs are empty.
    __table_args__ = (
        UniqueConstraint("listing_id", "opener_id"),
        UniqueConstraint("skill_id", "opener_id"),
        CheckConstraint("(listing_id IS NULL) <> (skill_id IS NULL)", name="about_one_thing"),
    )

    listing_id: Mapped[int | None] = mapped_column(ForeignKey("listing.id"), index=True)
    skill_id: Mapped[int | None] = mapped_column(ForeignKey("skill.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    opener_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    # The one actor elsewhere who takes part, when one does.
    remote_actor: Mapped[str | None] = mapped_column(String(1000))
    remote_name: Mapped[str | None] = mapped_column(String(200))
    remote_host: Mapped[str | None] = mapped_column(String(255))
    # The name of the thread that the other city gave it, if it opened it.
    remote_thread: Mapped[str | None] = mapped_column(String(1000), index=True)
    # How our resident signs letters that leave.
    byline: Mapped[str | None] = mapped_column(String(LONGEST_BYLINE))
    last_at: Mapped[datetime] = mapped_column()
    listing: Mapped[Listing | None] = relationship()
    skill: Mapped[Skill | None] = relationship()
    owner: Mapped[Resident | None] = relationship(foreign_keys=owner_id)
    opener: Mapped[Resident | None] = relationship(foreign_keys=opener_id)
    messages: Mapped[list["Message"]] = relationship(back_populates="conversation", order_by="Message.id")

    @property
    def subject(self) -> Listing | Skill:
        """The one thing it is about. Both have a title, an author, an audience, places, and may stand no longer."""
        found = self.listing or self.skill
        if found is None:
            msg = "a conversation about nothing: the store lets none in"
            raise LookupError(msg)
        return found

    @property
    def is_remote(self) -> bool:
        """Whether one of the two is in another city."""
        return self.remote_actor is not None

    def takes_part(self, resident_id: int) -> bool:
        """Whether this resident is one of the two."""
        return resident_id in {self.owner_id, self.opener_id}

    def other(self, resident_id: int) -> Resident | None:
        """The other resident, or None when the other is in another city."""
        return self.opener if self.owner_id == resident_id else self.owner


class Message(Row):
    """One letter in a conversation. `author_id` is empty when it came from the other city."""

    __tablename__ = "message"

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    html: Mapped[str] = mapped_column(Text)
    remote_uri: Mapped[str | None] = mapped_column(String(1000), unique=True)
    conversation: Mapped[Conversation] = relationship(back_populates="messages")
    author: Mapped[Resident | None] = relationship()


def _body(value: str) -> str:
    text = value.replace("\r\n", "\n").strip()
    if not text:
        raise Refused("missing", field="body")
    if len(text) > LONGEST_BODY:
        raise Refused("too_long", field="body")
    return prose.render(text)


def _byline(value: str | None) -> str:
    text = " ".join((value or "").split())
    if not text:
        raise Refused("byline_missing", field="byline")
    if len(text) > LONGEST_BYLINE:
        raise Refused("too_long", field="byline")
    return text


def answer(
    session: Session, *, listing: Listing, by: Resident, body: str, now: datetime, byline: str | None = None
) -> Conversation:
    """Answer a listing: a second answer by the same resident goes on in the same conversation.

    `byline` signs the letter when the listing hangs in another city. Raises Refused (not_live,
    own_listing, not_known, you_block, missing, too_long, byline_missing).
    """
    _let_write(session, to=listing, by=by)
    begun = Conversation(
        listing=listing,
        owner_id=listing.author_id,
        remote_actor=listing.origin_actor,
        remote_name=listing.origin_name,
        remote_host=listing.origin_host,
    )
    known = Conversation.listing_id == listing.id
    return _begin_or_go_on(session, begun, known=known, by=by, body=body, byline=byline, now=now)


def ask(session: Session, *, skill: Skill, by: Resident, body: str, now: datetime) -> Conversation:
    """Ask a neighbour for something they may be asked for; asking again goes on in the same conversation.

    Raises Refused (suspended, own_skill, not_known, you_block, missing, too_long; not_asked once it was taken away).
    """
    nearby.hold(session, row=skill)
    _let_write(session, to=skill, by=by)
    begun = Conversation(skill=skill, owner_id=skill.author_id)
    known = Conversation.skill_id == skill.id
    return _begin_or_go_on(session, begun, known=known, by=by, body=body, byline=None, now=now)


def _let_write(session: Session, *, to: Listing | Skill, by: Resident) -> None:
    residents.check_active(session, resident=by)
    if not to.is_live:
        raise Refused("not_live" if isinstance(to, Listing) else "not_asked")
    if to.author_id == by.id:
        raise Refused("own_listing" if isinstance(to, Listing) else "own_skill")
    organisations.require_known(session, resident=by)
    if to.author is not None and quiet.blocks(session, by=by, whom=to.author):
        raise Refused("you_block", field="body")


def _begin_or_go_on(
    session: Session,
    begun: Conversation,
    *,
    known: ColumnElement[bool],
    by: Resident,
    body: str,
    byline: str | None,
    now: datetime,
) -> Conversation:
    """The first letter of a conversation, or one more of the one that the same resident began about the same thing."""
    before = session.scalar(select(Conversation).where(known, Conversation.opener_id == by.id))
    if before is not None:
        # Whoever left it and answers again wants it back.
        quiet.come_back(session, conversation_id=before.id, resident=by, kind=quiet.Kind.LEFT, now=now)
        reply(session, conversation=before, by=by, body=body, now=now)
        return before
    html = _body(body)
    begun.byline = _byline(byline) if begun.is_remote else None
    begun.opener, begun.created_at, begun.last_at = by, now, now
    session.add(begun)
    session.flush()
    if begun.subject.author is not None:
        _keep_out(session, conversation=begun, owner=begun.subject.author, opener=by, now=now)
    _write(session, conversation=begun, by=by, html=html, now=now)
    return begun


def _keep_out(
    session: Session, *, conversation: Conversation, owner: Resident, opener: Resident, now: datetime
) -> None:
    """An answer by somebody whom the owner blocks: as every other one for its writer, and nothing for the owner."""
    quiet.hold(session, resident=owner)
    if quiet.blocks(session, by=owner, whom=opener):
        kind = quiet.Kind.BLOCKED
        quiet.stand_aside(session, conversation_id=conversation.id, resident=owner, kind=kind, now=now)


def reply(session: Session, *, conversation: Conversation, by: Resident, body: str, now: datetime) -> Message:
    """Write in a conversation one takes part in. Raises Refused (not_found, missing, too_long)."""
    residents.check_active(session, resident=by)
    if not conversation.takes_part(by.id):
        raise Refused("not_found")
    return _write(session, conversation=conversation, by=by, html=_body(body), now=now)


def _write(session: Session, *, conversation: Conversation, by: Resident, html: str, now: datetime) -> Message:
    message = Message(conversation=conversation, author=by, html=html, created_at=now)
    conversation.last_at = now
    session.add(message)
    session.flush()
    if conversation.is_remote:
        # Only letters to another city concern the boundary; the others cannot leave at all.
        journal.record(session, subject=journal.Subject.MESSAGE, subject_id=message.public_id, version=1, now=now)
    ring(session, conversation=conversation, by=by, cause=message.public_id, now=now)
    return message


def ring(session: Session, *, conversation: Conversation, by: Resident | None, cause: uuid.UUID, now: datetime) -> None:
    """Tell the one of the two who lives here and is not `by` (None: somebody elsewhere) that something came.

    `cause` is the public id of what came, a letter or a proposal: it is told once.
    """
    both = (conversation.owner, conversation.opener)
    to = next((one for one in both if one is not None and (by is None or one.id != by.id)), None)
    if to is not None and not is_quiet(session, conversation=conversation, to=to):
        doorbell.ring(
            session,
            to=to,
            conversation=conversation.public_id,
            message=cause,
            wrote_last=wrote_last(session, conversation=conversation, by=to),
            now=now,
        )


def is_quiet(session: Session, *, conversation: Conversation, to: Resident) -> bool:
    """Whether one of the two wants no mail about it: muted, left, blocked, or one more than they wish to hear of."""
    about = {"conversation_id": conversation.id, "resident_id": to.id}
    if quiet.is_muted(session, **about) or quiet.is_away(session, **about):
        return True
    most = quiet.hours(session, resident=to).most_new
    if most is None or conversation.owner_id != to.id:
        return False
    # Whoever wrote in it themselves wants to know how it goes on.
    if wrote_last(session, conversation=conversation, by=to) is not None:
        return False
    return _came_before(session, conversation=conversation, to=to) >= most


def _came_before(session: Session, *, conversation: Conversation, to: Resident) -> int:
    """How many conversations others began with somebody earlier in the month of this one; those gone do not count."""
    begin, _ = hours.month(conversation.created_at)
    wanted = select(func.count(Conversation.id)).where(
        Conversation.owner_id == to.id,
        Conversation.created_at >= begin,
        Conversation.id < conversation.id,
        Conversation.id.not_in(quiet.away_from(session, resident=to)),
    )
    return session.scalar(wanted) or 0


def wrote_last(session: Session, *, conversation: Conversation, by: Resident) -> datetime | None:
    """When somebody last wrote in a conversation, or None."""
    wanted = select(func.max(Message.created_at)).where(
        Message.conversation_id == conversation.id, Message.author_id == by.id
    )
    return session.scalar(wanted)


def previous(session: Session, *, message: Message) -> Message | None:
    """The letter before this one in its conversation: what it answers."""
    wanted = (
        select(Message)
        .where(Message.conversation_id == message.conversation_id, Message.id < message.id)
        .order_by(Message.id.desc())
        .limit(1)
    )
    return session.scalar(wanted)


def root(session: Session, *, conversation: Conversation) -> Message:
    """The letter that opened a conversation."""
    wanted = select(Message).where(Message.conversation_id == conversation.id).order_by(Message.id).limit(1)
    return session.scalars(wanted).one()


def of_resident(session: Session, *, resident: Resident) -> Sequence[Conversation]:
    """Somebody's conversations but those they left, the last to move first."""
    wanted = (
        select(Conversation)
        .where(
            (Conversation.owner_id == resident.id) | (Conversation.opener_id == resident.id),
            Conversation.id.not_in(quiet.away_from(session, resident=resident)),
        )
        .order_by(Conversation.last_at.desc(), Conversation.id.desc())
    )
    return session.scalars(wanted).all()


def find(session: Session, *, public_id: uuid.UUID, reader: Reader) -> Conversation:
    """A conversation the reader takes part in and has not left. Raises Refused("not_found") for any other."""
    found = session.scalar(select(Conversation).where(Conversation.public_id == public_id))
    if found is None or reader.resident_id is None or not found.takes_part(reader.resident_id):
        raise Refused("not_found")
    if quiet.is_away(session, conversation_id=found.id, resident_id=reader.resident_id):
        raise Refused("not_found")
    return found


def is_open_for(session: Session, *, conversation: Conversation, reader: Reader) -> bool:
    """Whether the reader takes part in a conversation and has not left it."""
    mine = reader.resident_id is not None and conversation.takes_part(reader.resident_id)
    about = {"conversation_id": conversation.id, "resident_id": reader.resident_id or 0}
    return mine and not quiet.is_away(session, **about)


def letters_for(session: Session, *, conversation: Conversation, reader_id: int) -> Sequence[Message]:
    """The letters one of the two has before them: all, but for what came while they were away."""
    away = quiet.absences(session, conversation_id=conversation.id, resident_id=reader_id)
    return [one for one in conversation.messages if one.author_id == reader_id or one.created_at not in away]


def message_by_public_id(session: Session, *, public_id: uuid.UUID) -> Message | None:
    """A message by its public id, whoever asks: for the hatch and the moderators' desk."""
    return session.scalar(select(Message).where(Message.public_id == public_id))


def reachable(conversation: Conversation, *, by: Resident) -> bool:
    """Whether the other one can still be written to: a suspended neighbour cannot, a city always."""
    other = conversation.other(by.id)
    return conversation.is_remote or (other is not None and other.state == State.ACTIVE)


def by_public_id(session: Session, *, public_id: uuid.UUID) -> Conversation | None:
    """A conversation by its public id, whoever asks: for what is written to one of its two by mail."""
    return session.scalar(select(Conversation).where(Conversation.public_id == public_id))
