"""Incoming letters: taken in cheaply, verified, and sealed for home or ended here; every one ends with a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from activitypub import codec, senders, vocabulary
from activitypub.senders import Claim
from activitypub.signatures import Forged
from activitypub.vocabulary import Create, Delete, Unspoken, Update, identify
from federation import blocks, documents, letters, policy, settling
from federation.letters import Fetch, Refresh
from federation.models import Letter, LetterState, RemoteActor

TRY_AGAIN_SECONDS = 60

# The courier's half and the end of a letter are the inbox's to its callers.
settle = settling.settle
finish = letters.finish


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A request at an inbox, as it came; `target` is path and query, `remote_addr` whom we believe to have sent it."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    remote_addr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the sender is told; a letter that must wait for the courier is named."""

    status: int
    retry_after: int | None = None
    letter_id: int | None = None


_TAKEN = Receipt(status=202)
_UNSIGNED = Receipt(status=401)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Incoming:
    """A letter that can be read and is worth a look at its signature."""

    activity: vocabulary.Activity
    claim: Claim
    host: str
    dedupe_key: str

    @property
    def is_forwarded(self) -> bool:
        """Whether somebody of another host brings it: then its signature proves nothing about the actor."""
        return policy.authority(self.claim.key_id) != self.host


def receive(session: Session, *, arrival: Arrival, origin: str, now: datetime) -> Receipt:
    """Take a letter in (ActivityPub §5.2): never a network call, never a 4xx for what may be right later.

    202 accepted, duplicate, of no interest or from a blocked host; 400 not JSON; 401 signature; 413; 429 full.
    """
    if len(arrival.body) > policy.LETTER_LIMIT:
        return Receipt(status=413)
    try:
        doc = codec.load(arrival.body)
    except codec.Malformed:
        return Receipt(status=400)
    try:
        activity = codec.read_activity(doc)
    except codec.Malformed:
        # JSON, and nothing we could ever use: a refusal would only make its sender mark us as broken.
        return _TAKEN
    if isinstance(activity, Unspoken) or not policy.fit([activity.id, activity.actor]):
        return _TAKEN
    found = _screen(session, activity=activity, arrival=arrival, origin=origin)
    return found if isinstance(found, Receipt) else _take_in(session, found, arrival=arrival, origin=origin, now=now)


def _screen(session: Session, *, activity: vocabulary.Activity, arrival: Arrival, origin: str) -> _Incoming | Receipt:
    """Drop what needs no cryptography to be dropped."""
    host = policy.authority(activity.actor)
    if host == policy.authority(origin) or not policy.same_origin(activity.id, activity.actor):
        return _UNSIGNED
    key = policy.dedupe_key(activity_uri=activity.id, kind=type(activity).__name__, body=arrival.body)
    if blocks.is_blocked(session, host) or _came_before(session, key) or _is_unknown_leaving(session, activity):
        return _TAKEN
    try:
        claim = senders.parse(arrival.headers)
    except Forged:
        return _UNSIGNED
    found = _Incoming(activity=activity, claim=claim, host=host, dedupe_key=key)
    is_useless = found.is_forwarded and not isinstance(activity, Create | Update)
    if is_useless or (found.is_forwarded and blocks.is_blocked(session, policy.authority(claim.key_id))):
        return _TAKEN
    return found


def _came_before(session: Session, key: str) -> bool:
    return session.scalar(select(Letter.id).where(Letter.dedupe_key == key)) is not None


def _is_unknown_leaving(session: Session, activity: vocabulary.Activity) -> bool:
    """Whether an account that we never heard of deletes itself: whole servers are told, with millions of them."""
    if not isinstance(activity, Delete) or identify(activity.object) != activity.actor:
        return False
    return documents.stored_actor(session, activity.actor) is None


def _take_in(session: Session, incoming: _Incoming, *, arrival: Arrival, origin: str, now: datetime) -> Receipt:
    """Verify now if the key is at hand; else let the letter wait for the courier, up to a cap per sender."""
    known = documents.stored_actor(session, incoming.activity.actor)
    verdict = _try_known_key(incoming, known, arrival=arrival, origin=origin, now=now)
    if verdict is False:
        return _UNSIGNED
    sender = policy.sender(arrival.remote_addr)
    letter = _store(session, incoming, arrival=arrival, sender=sender, is_genuine=verdict is True, now=now)
    if verdict is True:
        need = letters.weigh(session, activity=incoming.activity, origin=origin)
        if not isinstance(need, Fetch | Refresh):
            letters.close(session, letter=letter, activity=incoming.activity, need=need, origin=origin, now=now)
            return Receipt(status=202, letter_id=letter.id)
    waiting = select(func.count()).where(Letter.sender == sender, Letter.state == LetterState.WAITING)
    if (session.scalar(waiting) or 0) > policy.WAITING_LIMIT:
        session.delete(letter)
        session.flush()
        return Receipt(status=429, retry_after=TRY_AGAIN_SECONDS)
    return Receipt(status=202, letter_id=letter.id)


def _try_known_key(
    incoming: _Incoming, known: RemoteActor | None, *, arrival: Arrival, origin: str, now: datetime
) -> bool | None:
    """True: genuine. False: forged. None: the key is missing, or old enough to have been changed since."""
    if incoming.is_forwarded or known is None or known.public_pem is None or known.key_id != incoming.claim.key_id:
        return None
    try:
        senders.verify(
            claim=incoming.claim,
            method=arrival.method,
            target=arrival.target,
            headers=arrival.headers,
            body=arrival.body,
            public_key_pem=known.public_pem,
            origin=origin,
            now=now,
        )
    except Forged:
        return None if now - known.fetched_at > policy.KEY_MAY_BE_STALE_AFTER else False
    return True


def _store(
    session: Session, incoming: _Incoming, *, arrival: Arrival, sender: str, is_genuine: bool, now: datetime
) -> Letter:
    # An unproven letter must not occupy the id of a genuine one: its key holds its signature as well.
    key = incoming.dedupe_key if is_genuine else policy.digest(incoming.dedupe_key, incoming.claim.signature)
    existing = None if is_genuine else session.scalar(select(Letter).where(Letter.dedupe_key == key))
    if existing is not None:
        return existing
    kept = incoming.claim.fields
    letter = Letter(
        activity_uri=incoming.activity.id,
        dedupe_key=key,
        type=type(incoming.activity).__name__,
        actor_uri=incoming.activity.actor,
        host=incoming.host,
        sender=sender,
        method=arrival.method,
        target=arrival.target[: policy.URI_LIMIT],
        headers={name.lower(): value for name, value in arrival.headers.items() if name.lower() in kept},
        raw=arrival.body,
        received_at=now,
        state=LetterState.WAITING,
        sentence="",
        attempts=0,
        due_at=now,
    )
    session.add(letter)
    if not is_genuine:  # else whoever closes it writes it down, in one stroke
        session.flush()
    return letter
