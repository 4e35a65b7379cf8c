"""A forgotten password: a link by mail, a printed recovery card, or a card that an administrator prints.

A card's code is sixteen letters in four groups. The first six find the row and are no secret; the other ten are, and
only their keyed hash is kept. Five wrong tries end it, and so does the first right one.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import logins, mailboxes, moderation, outgoing, passes, verification
from instance.base import Refused, Row
from instance.outgoing import Kind
from instance.passes import Pass, Purpose
from instance.residents import Resident, State

SELECTOR = 6
SECRET = 10
TRIES = 5
# A card for oneself lies in a drawer until it is needed; one that somebody else printed is for now.
STAFF_CARD_FOR = timedelta(days=14)
LONGEST_NAME = 254
RESETS_PER_HOUR = 3
AN_HOUR = timedelta(hours=1)


class RecoveryRequest(Row):
    """Somebody typed this into "I forgot my password"; gone as soon as the worker has looked at it."""

    __tablename__ = "recovery_request"

    name: Mapped[str] = mapped_column(String(LONGEST_NAME))


class RecoveryCard(Row):
    """A printed code that sets a new password once. `by_id` is the administrator who printed it, if one did."""

    __tablename__ = "recovery_card"

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    selector: Mapped[str] = mapped_column(String(SELECTOR), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    tries_left: Mapped[int] = mapped_column()
    expires_at: Mapped[datetime | None] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    resident: Mapped[Resident] = relationship(foreign_keys=resident_id)

    def is_good(self, *, now: datetime) -> bool:
        """Whether its code would still be looked at."""
        return self.ended_at is None and self.tries_left > 0 and (self.expires_at is None or self.expires_at > now)


# --- by mail


def ask(session: Session, *, name: str, now: datetime) -> None:
    """Note that somebody forgot the password of this login name or address.

    Nothing is looked up here: whether the name exists takes no time and changes no answer.
    Raises Refused("missing", field="name").
    """
    name = " ".join(name.split()).lower()[:LONGEST_NAME]
    if not name:
        raise Refused("missing", field="name")
    session.add(RecoveryRequest(name=name, created_at=now))
    session.flush()


def is_asked(session: Session) -> bool:
    """Whether a request waits."""
    return session.scalar(select(RecoveryRequest.id).limit(1)) is not None


def answer_requests(session: Session, *, now: datetime, limit: int = 50) -> int:
    """Make links for those who exist and proved an address, and forget what was typed; how many were looked at."""
    waiting = select(RecoveryRequest).order_by(RecoveryRequest.id).limit(limit).with_for_update(skip_locked=True)
    found = session.scalars(waiting).all()
    for request in found:
        _answer(session, name=request.name, now=now)
        session.delete(request)
    session.flush()
    return len(found)


def _answer(session: Session, *, name: str, now: datetime) -> None:
    by_name = select(Resident).where((Resident.login == name) | (func.lower(Resident.email) == name))
    for resident in session.scalars(by_name.order_by(Resident.id)).all():
        address = mailboxes.address(session, resident=resident)
        lately = passes.asked_since(session, purpose=Purpose.RESET, since=now - AN_HOUR, resident=resident)
        if address is None or lately >= RESETS_PER_HOUR:
            continue
        made = passes.grant(session, purpose=Purpose.RESET, to=resident, address=address, now=now)
        cause = f"pass:{made.public_id}"
        outgoing.post(session, kind=Kind.RESET, cause=cause, to=resident, subject_id=made.public_id, now=now)


def open_link(session: Session, *, token: str, key: bytes, now: datetime) -> Pass:
    """The pass of a link in a mail, not used up by looking.

    Raises Refused("link_dead"), also when the account was suspended or its address changed meanwhile.
    """
    one = passes.read(session, token=token, purpose=Purpose.RESET, key=key, now=now)
    if mailboxes.address(session, resident=one.resident) != one.address:
        raise Refused("link_dead")
    return one


def reset(session: Session, *, token: str, key: bytes, new: str, now: datetime) -> Resident:
    """Set a new password by the link; every session and every other link of this account ends.

    A second factor stays as it is: it is asked for at the next sign-in.
    Raises Refused("link_dead") or Refused("password_short"|"password_long", field="new").
    """
    one = open_link(session, token=token, key=key, now=now)
    _set(session, resident=one.resident, new=new, now=now)
    return one.resident


def _set(session: Session, *, resident: Resident, new: str, now: datetime) -> None:
    logins.set_password(session, resident=resident, new=new)
    passes.void(session, resident=resident, now=now)
    outgoing.warn(session, kind=Kind.PASSWORD, to=resident, now=now)


# --- by card


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """The code is right: this card opens its resident's account."""

    card: RecoveryCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """The code is not right; `left` tries remain. The caller commits: the try has been counted.

    Whoever tries it is told the same as for `Dead`: the answer must not say that there is such a card.
    """

    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """No such card, or it is used, replaced, too old or tried too often: the same answer for all."""


def _draw(length: int) -> str:
    return "".join(secrets.choice(verification.LETTERS) for _ in range(length))


def _hash(secret: str, *, selector: str, pepper: bytes) -> str:
    said = f"{selector}{secret}".encode()
    return hashlib.blake2b(said, key=pepper[:64], digest_size=32, person=b"palier-card").hexdigest()


def issue(session: Session, *, resident: Resident, pepper: bytes, now: datetime) -> str:
    """Make a card for oneself and return its code as printed, the only time it can be read. Older cards end."""
    return _issue(session, resident=resident, by=None, pepper=pepper, now=now)


def issue_for(session: Session, *, resident: Resident, by: Resident, reason: str, pepper: bytes, now: datetime) -> str:
    """An administrator prints a card for somebody who stands before them; entered in the moderators' book.

    It is good for fourteen days, and the account's owner is told by mail if they can be.
    Raises Refused("not_administrator"|"not_yourself"|"suspended"|"missing"|"too_long").
    """
    if not by.is_administrator:
        raise Refused("not_administrator")
    if by.id == resident.id:
        raise Refused("not_yourself")
    if resident.state != State.ACTIVE:
        raise Refused("suspended")
    target = f"resident {resident.public_id}"
    moderation.note(session, step=moderation.Step.CARD, target=target, reason=reason, by=by, now=now)
    outgoing.warn(session, kind=Kind.CARD, to=resident, now=now)
    return _issue(session, resident=resident, by=by, pepper=pepper, now=now)


def _issue(session: Session, *, resident: Resident, by: Resident | None, pepper: bytes, now: datetime) -> str:
    _end_cards(session, resident=resident, now=now)
    selector, secret = _draw(SELECTOR), _draw(SECRET)
    session.add(
        RecoveryCard(
            resident=resident,
            by_id=by.id if by else None,
            selector=selector,
            secret_hash=_hash(secret, selector=selector, pepper=pepper),
            tries_left=TRIES,
            expires_at=now + STAFF_CARD_FOR if by else None,
            created_at=now,
        )
    )
    session.flush()
    return verification.pretty(selector + secret)


def _end_cards(session: Session, *, resident: Resident, now: datetime) -> None:
    unused = (RecoveryCard.resident_id == resident.id, RecoveryCard.ended_at.is_(None))
    session.execute(update(RecoveryCard).where(*unused).values(ended_at=now))


def card_since(session: Session, *, resident: Resident, now: datetime) -> datetime | None:
    """Since when somebody has a card that works, or None."""
    wanted = select(RecoveryCard).where(RecoveryCard.resident_id == resident.id, RecoveryCard.ended_at.is_(None))
    found = session.scalars(wanted.order_by(RecoveryCard.id.desc()).limit(1)).first()
    return found.created_at if found is not None and found.is_good(now=now) else None


def check(session: Session, *, code: str, pepper: bytes, now: datetime) -> Good | Wrong | Dead:
    """Try a card's code. A wrong secret costs one of five tries, so commit whatever the answer is."""
    code = verification.tidy(code)
    selector, secret = code[:SELECTOR], code[SELECTOR:]
    card = session.scalar(select(RecoveryCard).where(RecoveryCard.selector == selector).with_for_update())
    if card is None or not card.is_good(now=now) or card.resident.state != State.ACTIVE:
        return Dead()
    if hmac.compare_digest(card.secret_hash, _hash(secret, selector=selector, pepper=pepper)):
        return Good(card=card)
    card.tries_left -= 1
    if not card.tries_left:
        card.ended_at = now
    session.flush()
    return Wrong(left=card.tries_left) if card.tries_left else Dead()


def redeem(session: Session, *, card: RecoveryCard, new: str, pepper: bytes, now: datetime) -> str:
    """Set a new password by a card that `check` found good, and return the code of the next card.

    Every session ends and every link under way. Raises Refused("password_short"|"password_long", field="new"), which
    leaves the card as it is.
    """
    _set(session, resident=card.resident, new=new, now=now)
    return _issue(session, resident=card.resident, by=None, pepper=pepper, now=now)
