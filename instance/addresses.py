"""E-mail addresses: a new one counts once its owner opened the link sent there; until then the former one stays."""

from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from instance import mailboxes, outgoing, passes
from instance.base import Refused
from instance.outgoing import Kind
from instance.passes import Pass, Purpose
from instance.residents import Resident

# So that nobody's mailbox can be filled by typing its address into a form here.
ASKED_PER_DAY = 5
SENT_PER_DAY = 3
A_DAY = timedelta(days=1)


def read_address(value: str) -> str:
    """An address in its one spelling. Raises Refused("email_shape", field="email")."""
    try:
        return validate_email(value.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise Refused("email_shape", field="email") from None


def ask(session: Session, *, resident: Resident, address: str, now: datetime) -> Pass | None:
    """Send a link to a new address; None when it is proved already.

    Whether somebody else here has this address is not said: the link tells it to whoever reads the mailbox.
    Raises Refused("email_shape"|"mail_often", field="email").
    """
    address = read_address(address)
    if mailboxes.address(session, resident=resident) == address:
        return None
    asked = passes.asked_since(session, purpose=Purpose.CONFIRM, since=now - A_DAY, resident=resident)
    went = passes.granted_since(session, purpose=Purpose.CONFIRM, since=now - A_DAY, address=address)
    if asked >= ASKED_PER_DAY or went >= SENT_PER_DAY:
        raise Refused("mail_often", field="email")
    made = passes.grant(session, purpose=Purpose.CONFIRM, to=resident, address=address, now=now)
    outgoing.post(
        session, kind=Kind.CONFIRM, cause=f"pass:{made.public_id}", to=resident, subject_id=made.public_id, now=now
    )
    return made


def waiting(session: Session, *, resident: Resident, now: datetime) -> str | None:
    """The address whose link nobody has opened yet, if there is one."""
    wanted = (
        select(Pass.address)
        .where(Pass.resident_id == resident.id, Pass.purpose == Purpose.CONFIRM.value)
        .where(Pass.used_at.is_(None), Pass.expires_at > now)
    )
    return session.scalar(wanted.order_by(Pass.id.desc()).limit(1))


def confirm(session: Session, *, token: str, key: bytes, now: datetime) -> Resident:
    """The link was opened: the address is the account's own, and the former one is told.

    Raises Refused("link_dead"|"email_taken").
    """
    one = passes.read(session, token=token, purpose=Purpose.CONFIRM, key=key, now=now)
    resident = one.resident
    owner = select(Resident.id).where(func.lower(Resident.email) == one.address.lower(), Resident.id != resident.id)
    if session.scalar(owner) is not None:
        raise Refused("email_taken")
    _tell_former(session, resident=resident, cause=f"pass:{one.public_id}:former", new=one.address, now=now)
    passes.void(session, resident=resident, now=now)
    passes.use(session, one=one, now=now)
    try:
        with session.begin_nested():
            mailboxes.prove(session, resident=resident, address=one.address, now=now)
    except IntegrityError:
        # Somebody else opened a link to the same address in this moment: the store saw it, nobody above could.
        raise Refused("email_taken") from None
    return resident


def remove(session: Session, *, resident: Resident, now: datetime) -> None:
    """Have no address any more; the former one is told, and links under way end."""
    cause = f"forgotten:{resident.public_id}:{now.timestamp():.0f}"
    _tell_former(session, resident=resident, cause=cause, new=None, now=now)
    passes.void(session, resident=resident, now=now)
    mailboxes.forget(session, resident=resident)


def _tell_former(session: Session, *, resident: Resident, cause: str, new: str | None, now: datetime) -> None:
    former = mailboxes.address(session, resident=resident)
    if former is not None and former != new:
        outgoing.post(session, kind=Kind.ADDRESS, cause=cause, to=resident, address=former, now=now)
