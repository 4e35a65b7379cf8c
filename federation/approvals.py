"""Whose follows wait for a person: those of limited hosts, and of unknown ones where unknown hosts need approval."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from activitypub import vocabulary
from federation import blocks, delivery, identity, policy
from federation.base import PeerRefused
from federation.models import Direction, Follow, FollowState, Peer, RemoteActor
from federation.neighbours import Admission, HouseRule

ADMISSION = "admission"


def admission(session: Session) -> Admission:
    """How instances that nobody here decided about are met; open unless somebody said otherwise."""
    row = session.get(HouseRule, ADMISSION)
    return Admission(row.value) if row is not None else Admission.OPEN


def admit(session: Session, *, admission: Admission, now: datetime) -> None:
    """Change how unknown instances are met; follows that were accepted stay."""
    row = session.get(HouseRule, ADMISSION)
    if row is None:
        row = HouseRule(name=ADMISSION)
        session.add(row)
    row.value = admission.value
    row.changed_at = now
    session.flush()


def is_approved(session: Session, host: str) -> bool:
    """Say whether somebody here decided to speak to a host; a block lifted is no approval."""
    found = session.scalar(select(Peer.approved_at).where(Peer.host == host))
    return found is not None and not blocks.is_blocked(session, host)


def waits(session: Session, host: str) -> bool:
    """Say whether a follow from this host waits for an administrator."""
    if blocks.is_limited(session, host):
        return True
    return admission(session) is Admission.APPROVAL and not is_approved(session, host)


def strangers(session: Session, *, hosts: Collection[str]) -> frozenset[str]:
    """Those of these hosts of which nothing is read yet: they need approval, and nobody follows anybody either way.

    Whom somebody here asked to follow is no stranger, even before the answer.
    """
    if admission(session) is Admission.OPEN:
        return frozenset()
    tied = (
        select(RemoteActor.host)
        .join(Follow, RemoteActor.uri == Follow.remote_uri)
        .where(
            RemoteActor.host.in_(hosts),
            or_(
                Follow.state == FollowState.ACCEPTED,
                and_(Follow.direction == Direction.OUT, Follow.state == FollowState.PENDING),
            ),
        )
        .distinct()
    )
    known = set(session.scalars(tied))
    return frozenset(one for one in hosts if one not in known and not is_approved(session, one))


def waiting(session: Session) -> Sequence[Follow]:
    """List the follows of ours that wait for an answer, oldest first."""
    wanted = select(Follow).where(Follow.direction == Direction.IN, Follow.state == FollowState.PENDING)
    return session.scalars(wanted.order_by(Follow.id)).all()


def accept(session: Session, *, activity_uri: str, now: datetime) -> Follow:
    """Let somebody follow who waits; `Accept` is owed to them from here on.

    Raises:
        PeerRefused: `follow_unknown`, `peer_blocked`.
    """
    row = _waiting(session, activity_uri=activity_uri)
    if blocks.is_blocked(session, policy.authority(row.remote_uri)):
        raise PeerRefused("peer_blocked")
    return _decide(session, row=row, state=FollowState.ACCEPTED, now=now)


def refuse(session: Session, *, activity_uri: str, now: datetime) -> Follow:
    """Tell somebody who waits that they do not follow.

    Raises:
        PeerRefused: `follow_unknown`.
    """
    return _decide(session, row=_waiting(session, activity_uri=activity_uri), state=FollowState.REFUSED, now=now)


def approve(session: Session, *, host: str, now: datetime) -> int:
    """Speak to a host from now on: its follows need no decision any more, and those that wait are accepted.

    Returns how many were accepted; a limited host's follows go on waiting one by one.

    Raises:
        PeerRefused: `peer_unknown`, `peer_blocked`.
    """
    peer = session.scalar(select(Peer).where(Peer.host == host))
    if blocks.is_blocked(session, host):
        raise PeerRefused("peer_blocked", field="host")
    known = [row for row in waiting(session) if policy.authority(row.remote_uri) == host]
    if peer is None:
        if not known:
            raise PeerRefused("peer_unknown", field="host")
        peer = Peer(host=host, name="", directory=[], note="", added_at=now, attempts=0, due_at=now)
        session.add(peer)
    peer.approved_at = peer.approved_at or now
    session.flush()
    if blocks.is_limited(session, host):
        return 0
    for row in known:
        _decide(session, row=row, state=FollowState.ACCEPTED, now=now)
    return len(known)


def _waiting(session: Session, *, activity_uri: str) -> Follow:
    row = session.scalar(
        select(Follow).where(
            Follow.activity_uri == activity_uri,
            Follow.direction == Direction.IN,
            Follow.state == FollowState.PENDING,
        )
    )
    if row is None:
        raise PeerRefused("follow_unknown")
    return row


def _decide(session: Session, *, row: Follow, state: FollowState, now: datetime) -> Follow:
    row.state = state
    row.decided_at = now
    session.flush()
    own = identity.find(session, row.own_username)
    remote = session.scalar(select(RemoteActor).where(RemoteActor.uri == row.remote_uri))
    if own is None or remote is None:
        raise PeerRefused("follow_unknown")
    me = identity.address(own)
    asked = vocabulary.Follow(id=row.activity_uri, actor=row.remote_uri, object=me)
    word = vocabulary.Accept if state is FollowState.ACCEPTED else vocabulary.Reject
    answer = word(id=f"{me}/answers/{uuid4()}", actor=me, object=asked, to=(remote.uri,))
    activity = delivery.write(session, word=answer, actor_username=own.username, now=now)
    delivery.post(session, activity=activity, inboxes=[remote.inbox], object_uri=asked.id, now=now)
    return row
