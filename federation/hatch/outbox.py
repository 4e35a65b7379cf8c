"""Outward through the hatch: each change at home is judged, committed on the other side, and recorded at home.

A crash between the two commits is repaired by doing it again: the federation store knows the change's
UUID, so a second try finds the verdict that was committed and changes nothing.
"""

import logging
import uuid
from datetime import datetime
from typing import assert_never

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from federation import complaints, outlines, publications
from federation.base import passing
from federation.hatch import boundary
from federation.models import Crossing
from federation.shareables import QuarterProfile
from instance import bonds, conversations, far_loans, journal, notices, rings
from instance import outlines as maps
from instance.journal import Change, Outcome, Subject
from instance.organisations import Organisation
from instance.places import Quarter
from instance.referrals import Referral

log = logging.getLogger(__name__)

BATCH = 100


def sweep(
    home: sessionmaker[Session],
    federation: sessionmaker[Session],
    *,
    origin: str,
    now: datetime,
) -> int:
    """Take every change without a verdict across, oldest first; returns how many got theirs.

    Also lets notices expire, requests widen and offers from elsewhere end, because all are changes like any other.
    """
    with home.begin() as session:
        notices.expire(session, now=now)
        rings.open_due(session, now=now)
        far_loans.turn_away(session, now=now)
    with home.begin() as session:
        waiting = [change.public_id for change in journal.unjudged(session, limit=BATCH)]
    return sum(_cross(home, federation, change_id=one, origin=origin, now=now) for one in waiting)


def _cross(
    home: sessionmaker[Session],
    federation: sessionmaker[Session],
    *,
    change_id: uuid.UUID,
    origin: str,
    now: datetime,
) -> bool:
    with home() as session:
        verdict = _judge(session, change=_change(session, change_id=change_id))
    passing("out: judged")
    try:
        outcome, why = _commit(federation, change_id=change_id, verdict=verdict, origin=origin, now=now)
    except publications.NotYet as reason:
        log.warning("change %s waits: %s", change_id, reason)
        return False
    passing("out: federation committed")
    with home.begin() as session:
        change = _change(session, change_id=change_id)
        journal.conclude(session, change=change, outcome=outcome, why=why, now=now)
    passing("out: verdict recorded")
    return True


def _change(session: Session, *, change_id: uuid.UUID) -> Change:
    return session.scalars(select(Change).where(Change.public_id == change_id)).one()


def _judge(session: Session, *, change: Change) -> boundary.Verdict:
    """Read the row as it is now and ask the boundary."""
    match Subject(change.subject):
        case Subject.NOTICE:
            notice = notices.by_public_id(session, public_id=change.subject_id)
            return boundary.judge_notice(notice, version=change.version)
        case Subject.ORGANISATION:
            wanted = select(Organisation).where(Organisation.public_id == change.subject_id)
            return boundary.judge_organisation(session.scalar(wanted), version=change.version)
        case Subject.QUARTER:
            found = session.scalar(select(Quarter).where(Quarter.public_id == change.subject_id))
            outline = maps.of(session, quarter=found) if found is not None else None
            return boundary.judge_quarter(found, outline=outline)
        case Subject.REFERRAL:
            wanted_referral = select(Referral).where(Referral.public_id == change.subject_id)
            return boundary.judge_referral(session.scalar(wanted_referral))
        case Subject.LOAN:
            return _judge_loan(session, change=change)
        case Subject.MESSAGE:
            return _judge_message(session, message_id=change.subject_id)
        case other:
            assert_never(other)


def _judge_loan(session: Session, *, change: Change) -> boundary.Verdict:
    bond = bonds.by_public_id(session, public_id=change.subject_id)
    if bond is None:
        return boundary.judge_loan(None, word=None, root=None, version=change.version)
    root = conversations.root(session, conversation=bond.conversation) if bond.conversation is not None else None
    word = far_loans.word(session, bond=bond)
    return boundary.judge_loan(bond, word=word, root=root, version=change.version)


def _judge_message(session: Session, *, message_id: uuid.UUID) -> boundary.Verdict:
    message = conversations.message_by_public_id(session, public_id=message_id)
    if message is None:
        return boundary.judge_message(None, previous=None, root=None)
    return boundary.judge_message(
        message,
        previous=conversations.previous(session, message=message),
        root=conversations.root(session, conversation=message.conversation),
    )


def _commit(
    federation: sessionmaker[Session],
    *,
    change_id: uuid.UUID,
    verdict: boundary.Verdict,
    origin: str,
    now: datetime,
) -> tuple[Outcome, str]:
    """Carry a verdict out on the other side, once; returns it as committed there.

    What is withheld leaves nothing there, not even its number.
    """
    if isinstance(verdict, boundary.Withhold):
        return _withheld(federation, change_id=change_id, why=verdict.why)
    with federation.begin() as session:
        known = session.get(Crossing, change_id)
        if known is None:
            outcome, why = _carry_out(session, change_id=change_id, verdict=verdict, origin=origin, now=now)
            if outcome is not Outcome.WITHHOLD:
                session.add(Crossing(change_uuid=change_id, outcome=outcome.value, why=why, at=now))
            passing("out: before federation commits")
            return outcome, why
        return Outcome(known.outcome), known.why


def _withheld(federation: sessionmaker[Session], *, change_id: uuid.UUID, why: str) -> tuple[Outcome, str]:
    """An earlier try may have crossed before a newer version superseded the change: its verdict stands."""
    with federation() as session:
        known = session.get(Crossing, change_id)
        return (Outcome.WITHHOLD, why) if known is None else (Outcome(known.outcome), known.why)


def _carry_out(
    session: Session,
    *,
    change_id: uuid.UUID,
    verdict: boundary.Announce | boundary.Retract | boundary.Show | boundary.Post | boundary.Refer,
    origin: str,
    now: datetime,
) -> tuple[Outcome, str]:
    match verdict:
        case boundary.Announce(shareable=shareable):
            done = publications.publish(session, shareable=shareable, change=change_id, origin=origin, now=now)
            return (Outcome.ANNOUNCE if done.left else Outcome.WITHHOLD), done.why
        case boundary.Retract():
            done = publications.retract(
                session,
                notice_id=verdict.notice_id,
                version=verdict.version,
                organisation=verdict.organisation,
                quarter=verdict.quarter,
                change=change_id,
                origin=origin,
                now=now,
            )
            # What is gone outside may live on at home: how often it changes there is nobody's business here.
            return (Outcome.RETRACT if done.stored else Outcome.WITHHOLD), done.why
        case boundary.Show(shareable=shareable):
            if isinstance(shareable, QuarterProfile) and outlines.show(session, profile=shareable):
                return Outcome.PROFILE, "outline shown"
            done = publications.show(session, profile=shareable, change=change_id, origin=origin, now=now)
            return Outcome.PROFILE, done.why
        case boundary.Refer(shareable=shareable):
            done = complaints.refer(session, complaint=shareable, change=change_id, origin=origin, now=now)
            return (Outcome.REFER if done.left else Outcome.WITHHOLD), done.why
        case boundary.Post(shareable=shareable):
            done = publications.send(session, letter=shareable, change=change_id, origin=origin, now=now)
            return Outcome.POST, done.why
        case _:
            assert_never(verdict)
