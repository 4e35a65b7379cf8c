"""Incoming letters: taken in cheaply, verified, and sealed for home or ended here; every one ends with a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from activitypub import codec, follower_lists, senders, vocabulary
from activitypub.senders import Claim
from activitypub.signatures import Forged
from activitypub.vocabulary import Agreement, Create, Delete, Ignore, Join, Offer, Unspoken, Update, identify
from federation import addresses, approvals, blocks, followers, letters, policy, recording, settling
from federation.letters import Fetch, Gone, Need, Ready, Refresh, Relocate
from federation.models import GoneObject, Letter, LetterState, RemoteActor

TRY_AGAIN_SECONDS = 60
# Read, and without effect here: dropped before they cost a signature.
UNHEARD = Ignore

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
    """A letter that can be read; `claim` is None when its signature cannot be."""

    arrival: Arrival
    activity: vocabulary.Activity
    claim: Claim | None
    host: str
    dedupe_key: str

    @property
    def bearer(self) -> str:
        """The host that brings it, as far as its signature says."""
        return self.host if self.claim is None else policy.authority(self.claim.key_id)

    @property
    def is_forwarded(self) -> bool:
        """Whether somebody of another host brings it: then its signature proves nothing about the actor."""
        return self.bearer != self.host


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the store knows about letters that came in together, asked for once for all of them."""

    blocked: set[str]
    strangers: frozenset[str]
    came: set[str]
    actors: Mapping[str, RemoteActor]
    gone: set[tuple[str, str]]


def receive(session: Session, *, arrival: Arrival, origin: str, now: datetime) -> Receipt:
    """Take one letter in: as `receive_all`."""
    [receipt] = receive_all(session, arrivals=[arrival], origin=origin, now=now)
    return receipt


def receive_all(session: Session, *, arrivals: Sequence[Arrival], origin: str, now: datetime) -> list[Receipt]:
    """Take letters in, in order (ActivityPub §5.2): never a network call, never a 4xx for what may be right later.

    202 accepted, duplicate, of no interest or from a blocked host; 400 not JSON; 401 signature; 413; 429 full.
    """
    read = [_read(arrival, origin=origin) for arrival in arrivals]
    known = _look_up(session, [one for one in read if isinstance(one, _Incoming)])
    taken = [one if isinstance(one, Receipt) else _take_in(session, one, known, origin=origin, now=now) for one in read]
    session.flush()
    genuine = {one.host for one in taken if isinstance(one, Letter) and one.state != LetterState.WAITING}
    if genuine:
        recording.hear(session, hosts=genuine, now=now)
    return [Receipt(status=202, letter_id=one.id) if isinstance(one, Letter) else one for one in taken]


def _read(arrival: Arrival, *, origin: str) -> _Incoming | Receipt:
    """Take a letter apart, and drop what needs neither store nor cryptography to be dropped."""
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
    is_heard = not isinstance(activity, Unspoken | UNHEARD) and not _is_empty(activity, origin=origin)
    if isinstance(activity, Unspoken) or not is_heard or not policy.fit([activity.id, activity.actor]):
        return _TAKEN
    host = policy.authority(activity.actor)
    if host == policy.authority(origin) or not policy.same_origin(activity.id, activity.actor):
        return _UNSIGNED
    key = policy.dedupe_key(activity_uri=activity.id, kind=type(activity).__name__, body=arrival.body)
    claim: Claim | None
    try:
        claim = senders.parse(arrival.headers)
    except Forged:
        claim = None
    return _Incoming(arrival=arrival, activity=activity, claim=claim, host=host, dedupe_key=key)


def _is_empty(activity: vocabulary.Activity, *, origin: str) -> bool:
    """Whether it offers no agreement, or would take part in what cannot be an event of ours."""
    if isinstance(activity, Join):
        return addresses.read_news(activity.object, origin=origin) is None
    return isinstance(activity, Offer) and not isinstance(activity.object, Agreement)


_CAME: Final = select(Letter.dedupe_key).where(Letter.dedupe_key.in_(bindparam("keys", expanding=True)))
_ACTORS: Final = select(RemoteActor).where(RemoteActor.uri.in_(bindparam("uris", expanding=True)))
_GONE: Final = select(GoneObject.uri, GoneObject.by).where(GoneObject.uri.in_(bindparam("uris", expanding=True)))


def _look_up(session: Session, incoming: Sequence[_Incoming]) -> _Known:
    keys = {one.dedupe_key for one in incoming}
    actors = {one.activity.actor for one in incoming}
    things = {identify(one.activity.object) for one in incoming if isinstance(one.activity, Create | Update)}
    if not incoming:
        return _Known(blocked=set(), strangers=frozenset(), came=set(), actors={}, gone=set())
    return _Known(
        blocked=blocks.among(session, hosts={host for one in incoming for host in (one.host, one.bearer)}),
        strangers=approvals.strangers(session, hosts={one.host for one in incoming}),
        came=set(session.scalars(_CAME, {"keys": list(keys)})),
        actors={one.uri: one for one in session.scalars(_ACTORS, {"uris": list(actors)})},
        gone={(row.uri, row.by) for row in session.execute(_GONE, {"uris": list(things)})} if things else set(),
    )


def _screen(incoming: _Incoming, known: _Known) -> Receipt | None:
    """Drop what needs no cryptography to be dropped."""
    activity = incoming.activity
    is_unknown_leaving = (
        # An account that we never heard of deletes itself: whole servers are told, with millions of them.
        isinstance(activity, Delete)
        and identify(activity.object) == activity.actor
        and activity.actor not in known.actors
    )
    if incoming.host in known.blocked or incoming.dedupe_key in known.came or is_unknown_leaving:
        return _TAKEN
    if incoming.claim is None:
        return _UNSIGNED
    is_useless = incoming.is_forwarded and not isinstance(activity, Create | Update)
    return _TAKEN if is_useless or incoming.bearer in known.blocked else None


def _take_in(session: Session, incoming: _Incoming, known: _Known, *, origin: str, now: datetime) -> Letter | Receipt:
    """Verify now if the key is at hand; else let the letter wait for the courier, up to a cap per sender."""
    screened = _screen(incoming, known)
    if screened is not None:
        return screened
    verdict = _try_known_key(incoming, known.actors.get(incoming.activity.actor), origin=origin, now=now)
    if verdict is False:
        return _UNSIGNED
    letter = _store(session, incoming, is_genuine=verdict is True, now=now)
    if verdict is True:
        known.came.add(incoming.dedupe_key)
        followers.heed(
            session, headers=incoming.arrival.headers, sender=incoming.activity.actor, origin=origin, now=now
        )
        need = letters.weigh(session, activity=incoming.activity, strangers=known.strangers, origin=origin)
        if not isinstance(need, Fetch | Refresh | Relocate):
            _close(session, letter, incoming, need, known, origin=origin, now=now)
            return letter
    waiting = select(func.count()).where(Letter.sender == letter.sender, Letter.state == LetterState.WAITING)
    if (session.scalar(waiting) or 0) > policy.WAITING_LIMIT:
        session.delete(letter)
        session.flush()
        return Receipt(status=429, retry_after=TRY_AGAIN_SECONDS)
    return letter


def _close(
    session: Session, letter: Letter, incoming: _Incoming, need: Need, known: _Known, *, origin: str, now: datetime
) -> None:
    """End, or seal for home, a genuine letter; what most letters are is sealed without asking the store again."""
    match need:
        case Ready(word=word) if (word.id, word.attributed_to) not in known.gone:
            letters.seal(letter, word=word)
        case _:
            letters.close(session, letter=letter, activity=incoming.activity, need=need, origin=origin, now=now)
    if isinstance(need, Gone):
        known.gone.add((need.uri, need.by))


def _try_known_key(incoming: _Incoming, known: RemoteActor | None, *, origin: str, now: datetime) -> bool | None:
    """True: genuine. False: forged. None: the key is missing, or old enough to have been changed since."""
    claim, arrival = incoming.claim, incoming.arrival
    if claim is None or incoming.is_forwarded or known is None:
        return None
    if known.public_pem is None or known.key_id != claim.key_id:
        return None
    try:
        senders.verify(
            claim=claim,
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


def _store(session: Session, incoming: _Incoming, *, is_genuine: bool, now: datetime) -> Letter:
    claim, arrival = incoming.claim, incoming.arrival
    assert claim is not None
    # An unproven letter must not occupy the id of a genuine one: its key holds its signature as well.
    key = incoming.dedupe_key if is_genuine else policy.digest(incoming.dedupe_key, claim.signature)
    existing = None if is_genuine else session.scalar(select(Letter).where(Letter.dedupe_key == key))
    if existing is not None:
        return existing
    kept = claim.fields | {follower_lists.HEADER.lower()}
    letter = Letter(
        activity_uri=incoming.activity.id,
        dedupe_key=key,
        type=type(incoming.activity).__name__,
        actor_uri=incoming.activity.actor,
        host=incoming.host,
        sender=policy.sender(arrival.remote_addr),
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
