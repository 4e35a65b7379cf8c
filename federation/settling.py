"""The courier's half of the inbox: fetch what waiting letters lack, verify them, and seal or end them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, sessionmaker

from activitypub import codec, proofs, senders, vocabulary
from activitypub.senders import Claim
from activitypub.signatures import Forged
from activitypub.vocabulary import Actor, Unspoken
from federation import (
    approvals,
    blocks,
    catching,
    documents,
    followers,
    identity,
    letters,
    policy,
    relocations,
    stumbling,
)
from federation.base import Budget, OwnKey, Unreachable, passing
from federation.letters import Fetch, Need, Refresh, Relocate
from federation.models import Letter, LetterState, RemoteActor
from federation.relocations import Confirmed

if TYPE_CHECKING:
    from federation.http import Client

BATCH = 20
HANDS = 4  # hosts looked after at once, so that a slow one holds up nobody else
PATIENCE = timedelta(days=2)
# What one letter may make us fetch at each try: three documents are usual, seven the most, and some have moved.
FETCHES = 8


def settle(federation: sessionmaker[Session], *, client: Client, origin: str, now: datetime) -> int:
    """Fetch what waiting letters lack, verify them, and seal or end them; returns how many were looked at."""
    with federation() as session:
        waiting = session.execute(_next(now)).all()
        key = identity.fetching_key(session)
    by_host: dict[str, list[int]] = {}
    for host, letter_id in waiting:
        by_host.setdefault(host, []).append(letter_id)
    desk = _Desk(federation, client, origin, key, now)
    with ThreadPoolExecutor(HANDS, thread_name_prefix="settling") as pool:
        return sum(pool.map(partial(_settle_host, desk), by_host.values()))


def _next(now: datetime) -> Select[str, int]:
    """The host and number of what waits, by turns of those who brought it: who brings much keeps no other waiting."""
    turn = func.row_number().over(partition_by=Letter.sender, order_by=(Letter.due_at, Letter.id))
    return (
        select(Letter.host, Letter.id)
        .where(Letter.state == LetterState.WAITING, Letter.due_at <= now)
        .order_by(turn, Letter.due_at, Letter.id)
        .limit(BATCH)
    )


def _settle_host(desk: _Desk, letter_ids: list[int]) -> int:
    """Look at one host's letters in order, and leave the rest for later when the host does not answer."""
    for place, letter_id in enumerate(letter_ids, start=1):
        if not _settle_one(desk, letter_id=letter_id):
            return place
    return len(letter_ids)


# What the network brought for a letter.
Brought: TypeAlias = letters.Writing | Actor | Confirmed | None


class _Refusal(Exception):
    """Why a letter is not believed."""


@dataclass(frozen=True, slots=True)
class _Desk:
    """What examining one letter takes; no transaction is open while it uses the network."""

    federation: sessionmaker[Session]
    client: Client
    origin: str
    key: OwnKey | None
    now: datetime


def _settle_one(desk: _Desk, *, letter_id: int) -> bool:
    """Examine one letter; False when somebody could not be reached and it has to wait."""
    try:
        return _look_at(replace(desk, client=desk.client.within(Budget(FETCHES))), letter_id=letter_id)
    except Exception as error:  # noqa: BLE001 — one letter must not cost the others their turn
        with desk.federation.begin() as session:
            stumbling.put_aside(session, letter_id=letter_id, error=error, now=desk.now)
        return True


def _look_at(desk: _Desk, *, letter_id: int) -> bool:
    with desk.federation() as session:
        letter = session.get_one(Letter, letter_id)
    if letter.state != LetterState.WAITING:
        return True
    try:
        _examine(desk, letter)
    except Unreachable as error:
        _postpone(desk, letter, error)
        return not error.transient
    except (_Refusal, Forged, codec.Malformed) as error:
        _refuse(desk, letter, str(error) or "not acceptable")
    return True


def _examine(desk: _Desk, letter: Letter) -> None:
    """Make sure of the sender, then of the object; raise when either cannot be believed."""
    activity = codec.read_activity(codec.load(letter.raw))
    if isinstance(activity, Unspoken):
        raise _Refusal("of a kind that is not read here")
    raw: bytes | None = None
    if not _is_genuine(desk, letter):
        activity = _fetch_original(desk, activity)
        raw = codec.encode(codec.write(activity))
    with desk.federation.begin() as session:
        if not _claim_id(session, letter, activity=activity, now=desk.now):
            return
        if _is_from_its_host(letter):
            followers.heed(session, headers=letter.headers, sender=activity.actor, origin=desk.origin, now=desk.now)
        strangers = approvals.strangers(session, hosts={policy.authority(activity.actor)})
        need = letters.weigh(session, activity=activity, strangers=strangers, origin=desk.origin)
    word = _bring(desk, need)
    with desk.federation.begin() as session:
        row = session.get_one(Letter, letter.id)
        if row.state != LetterState.WAITING:
            return
        if raw is not None:
            row.raw = raw
        _conclude(session, row, activity=activity, need=need, word=word, desk=desk)
        passing("in: settling")
    passing("in: settled")


def _is_from_its_host(letter: Letter) -> bool:
    """Whether its actor's own host signed the request: what its headers say is that host's word."""
    return letter.method != catching.READ and policy.authority(senders.parse(letter.headers).key_id) == letter.host


def _is_genuine(desk: _Desk, letter: Letter) -> bool:
    """Whether it is its actor's as it stands; False when somebody else brings it, and its origin must be asked."""
    if letter.method == catching.READ:
        # We fetched it ourselves, from its actor's outbox, and kept nothing but references.
        return True
    claim = senders.parse(letter.headers)
    if policy.authority(claim.key_id) != letter.host:
        return _proves_itself(desk, letter)
    _prove(desk, letter, claim)
    return True


def _proves_itself(desk: _Desk, letter: Letter) -> bool:
    """Whether a forwarded letter carries its actor's own proof (FEP-8b32): then nobody needs to be asked."""
    try:
        proof = proofs.parse(codec.load(letter.raw))
        if policy.authority(proof.method) != letter.host:
            return False
        actor = documents.actor(desk.federation, client=desk.client, uri=letter.actor_uri, now=desk.now)
        if proof.method not in actor.prover_keys:
            return False
        proofs.verify(proof=proof, public_multibase=actor.prover_keys[proof.method], now=letter.received_at)
    except Forged:
        return False
    return True


def _fetch_original(desk: _Desk, activity: vocabulary.Activity) -> vocabulary.Activity:
    """Replace a forwarded letter by the copy at its origin (FEP-fe34)."""
    fetched = desk.client.fetch_json(activity.id, key=desk.key)
    found = codec.read_activity(fetched.doc)
    if isinstance(found, Unspoken) or found.id != activity.id or found.actor != activity.actor:
        raise _Refusal("forwarded, and its origin does not confirm it")
    if not policy.same_origin(fetched.url, found.id, found.actor):
        raise _Refusal("forwarded, and its origin does not confirm it")
    return found


def _prove(desk: _Desk, letter: Letter, claim: Claim) -> None:
    """Verify against the known key, then once against the key as it is now: keys are rotated."""
    with desk.federation() as session:
        known = documents.stored_actor(session, letter.actor_uri)
    if known is not None and _matches(letter, claim, known, origin=desk.origin):
        return
    if known is not None and desk.now - known.fetched_at < policy.KEY_MAY_BE_STALE_AFTER:
        raise _Refusal("its signature is not its actor's")
    fresh = documents.actor(
        desk.federation, client=desk.client, uri=letter.actor_uri, now=desk.now, fresh_for=timedelta(0)
    )
    if not _matches(letter, claim, fresh, origin=desk.origin):
        raise _Refusal("its signature is not its actor's")


def _matches(letter: Letter, claim: Claim, actor: RemoteActor, *, origin: str) -> bool:
    # The key must be the very actor's, not merely one of the same host (CVE-2025-54888 class).
    if actor.uri != letter.actor_uri or actor.public_pem is None or actor.key_id != claim.key_id:
        return False
    try:
        senders.verify(
            claim=claim,
            method=letter.method,
            target=letter.target,
            headers=letter.headers,
            body=letter.raw,
            public_key_pem=actor.public_pem,
            origin=origin,
            now=letter.received_at,
        )
    except Forged:
        return False
    return True


def _claim_id(session: Session, letter: Letter, *, activity: vocabulary.Activity, now: datetime) -> bool:
    """Give a proven letter the key of its id; False when a genuine copy was there before."""
    row = session.get_one(Letter, letter.id)
    if row.state != LetterState.WAITING:
        return False
    key = policy.dedupe_key(activity_uri=activity.id, kind=type(activity).__name__, body=letter.raw)
    if row.dedupe_key == key:
        return True
    if session.scalar(select(Letter.id).where(Letter.dedupe_key == key)) is not None:
        letters.finish(session, letter=row, sentence="came before", now=now)
        return False
    row.dedupe_key = key
    session.flush()
    return True


def _bring(desk: _Desk, need: Need) -> Brought:
    """Fetch what a letter needs: an object with its author, a profile, or two. At most three documents."""
    match need:
        case Fetch():
            word = documents.fetch_writing(desk.client, uri=need.uri, key=desk.key)
            if need.author is not None and word.attributed_to != need.author:
                raise _Refusal("the text is somebody else's")
            with desk.federation() as session:
                if blocks.is_blocked(session, policy.authority(word.attributed_to)):
                    raise _Refusal("written on a blocked host")
            documents.actor(desk.federation, client=desk.client, uri=word.attributed_to, now=desk.now)
            return word
        case Refresh():
            return documents.fetch_actor(desk.client, uri=need.uri, key=desk.key)
        case Relocate():
            return _confirm_move(desk, need)
        case _:
            return None


def _confirm_move(desk: _Desk, need: Relocate) -> Confirmed:
    """Ask both documents of somebody who moves, unless the move is refused anyway."""
    with desk.federation() as session:
        why = relocations.refusal(session, old=need.uri, new=need.target, origin=desk.origin, now=desk.now)
    if why is not None:
        raise _Refusal(why)
    return relocations.confirm(desk.client, old=need.uri, new=need.target, key=desk.key)


def _conclude(
    session: Session,
    row: Letter,
    *,
    activity: vocabulary.Activity,
    need: Need,
    word: Brought,
    desk: _Desk,
) -> None:
    match word:
        case Actor():
            documents.keep_actor(session, actor=word, now=desk.now)
            letters.finish(session, letter=row, sentence="changed its profile", now=desk.now)
        case Confirmed():
            sentence = relocations.carry(session, move=word, now=desk.now)
            letters.finish(session, letter=row, sentence=sentence, now=desk.now)
        case None:
            letters.close(session, letter=row, activity=activity, need=need, origin=desk.origin, now=desk.now)
        case _:
            letters.hold(session, letter=row, word=word, now=desk.now)


def _postpone(desk: _Desk, letter: Letter, error: Unreachable) -> None:
    """Try again later, unless the answer was final or patience has run out."""
    with desk.federation.begin() as session:
        row = session.get_one(Letter, letter.id)
        if row.state != LetterState.WAITING:
            return
        row.attempts += 1
        age = desk.now - row.received_at
        wait = policy.delay(row.attempts, kind=row.type, age=age)
        if error.transient and wait is not None and age < PATIENCE:
            row.due_at = desk.now + wait
            row.sentence = f"waits: {error.why}"
        else:
            letters.finish(session, letter=row, sentence=error.why, now=desk.now, refused=True)


def _refuse(desk: _Desk, letter: Letter, why: str) -> None:
    with desk.federation.begin() as session:
        row = session.get_one(Letter, letter.id)
        if row.state == LetterState.WAITING:
            letters.finish(session, letter=row, sentence=why, now=desk.now, refused=True)
