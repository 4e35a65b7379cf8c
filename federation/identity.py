"""Our own actors: who we are to others, and the keys that prove it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub import details, keys, proofs, senders, vocabulary
from activitypub.vocabulary import ActorKind
from federation import policy
from federation.base import OwnKey
from federation.models import ActorState, OwnActor

APPLICATION = "palier"
DESK = "instance"
_KEY = "#main-key"
_PROVER = "#ed25519-key"
# Our own word for it, a name without a host: see FEDERATION.md, "Loans across towns".
LOANS = "urn:palier:loans"
# What every server of ours keeps to beyond what all do (FEP-844e).
STANDARDS = (
    details.Standard(href=senders.STANDARD, name="RFC-9421: HTTP Message Signatures"),
    details.Standard(href=LOANS, name="Palier: loans across towns"),
)


def uri(origin: str, username: str) -> str:
    """Give the address of one of our actors; the instance's own is `/actor`."""
    return f"{origin}/actor" if username == APPLICATION else f"{origin}/users/{username}"


def address(actor: OwnActor) -> str:
    """Give the address under which this actor was created."""
    return actor.key_id.removesuffix(_KEY)


def origin_of(actor: OwnActor) -> str:
    """Give the origin under which this actor was created."""
    return address(actor).removesuffix("/actor" if actor.username == APPLICATION else f"/users/{actor.username}")


def username_of(uri_: str, *, origin: str) -> str | None:
    """Read our username out of one of our actor addresses; None when it is not one."""
    if uri_ == f"{origin}/actor":
        return APPLICATION
    name = uri_.removeprefix(f"{origin}/users/")
    return name if name != uri_ and name and "/" not in name else None


def find(session: Session, username: str) -> OwnActor | None:
    """Find an actor of ours, gone ones included."""
    return session.scalar(select(OwnActor).where(OwnActor.username == username))


def all_of(session: Session, *kinds: str) -> list[OwnActor]:
    """List our active actors of these kinds, by username."""
    return list(
        session.scalars(
            select(OwnActor)
            .where(OwnActor.kind.in_(kinds), OwnActor.state == ActorState.ACTIVE)
            .order_by(OwnActor.username)
        )
    )


def ensure(
    session: Session,
    *,
    username: str,
    kind: str,
    name: str,
    summary: str = "",
    origin: str,
    url: str | None = None,
    now: datetime,
) -> OwnActor:
    """Make an actor with its key, or bring the profile of the existing one up to date.

    A username is never issued twice: letters to its former owner would reach the next. One that is gone stays gone,
    and is returned as such.
    """
    actor = find(session, username)
    if actor is None:
        pem = keys.generate()
        actor = OwnActor(
            username=username,
            kind=str(kind),
            published=now,
            created_at=now,
            state=ActorState.ACTIVE,
            key_id=uri(origin, username) + _KEY,
            private_pem=pem,
            public_pem=keys.public_pem(pem),
        )
        session.add(actor)
    if actor.prover_pem is None:
        actor.prover_pem = keys.generate_prover()
    if actor.state == ActorState.ACTIVE:
        actor.name = name
        actor.summary = summary
        actor.url = url or (f"{origin}/" if username in {APPLICATION, DESK} else f"{origin}/@{username}")
    session.flush()
    return actor


def retire(session: Session, *, username: str) -> None:
    """Answer 410 for this actor from now on, for ever."""
    actor = find(session, username)
    if actor is not None:
        actor.state = ActorState.GONE
        session.flush()


def key(actor: OwnActor) -> OwnKey:
    """Give what it takes to sign as this actor."""
    return OwnKey(key_id=actor.key_id, private_pem=actor.private_pem)


def prove(actor: OwnActor, doc: Mapping[str, Any], *, now: datetime) -> Mapping[str, Any]:
    """Give the document with this actor's proof (FEP-8b32), so that whoever hands it on need not be believed."""
    if actor.prover_pem is None:
        return doc
    key = keys.load_prover(actor.prover_pem)
    return proofs.add(proofs.with_context(doc), key=key, method=address(actor) + _PROVER, now=now)


def _assertion(actor: OwnActor, *, me: str) -> tuple[details.Multikey, ...]:
    if actor.prover_pem is None:
        return ()
    multibase = proofs.public_multibase(keys.load_prover(actor.prover_pem).public_key())
    return (details.Multikey(id=f"{me}{_PROVER}", controller=me, multibase=multibase),)


def fetching_key(session: Session) -> OwnKey | None:
    """Give the instance's own key: fetches are signed by the Application, never by anybody's reader."""
    actor = find(session, APPLICATION)
    return None if actor is None else key(actor)


def describe(actor: OwnActor, *, origin: str) -> vocabulary.Actor:
    """Put an actor into words (ActivityPub §4.1); followers and following say nothing but that they exist."""
    me = uri(origin, actor.username)
    application = actor.username == APPLICATION
    shown = actor.kind in {ActorKind.GROUP, ActorKind.ORGANIZATION}
    return vocabulary.Actor(
        id=me,
        kind=ActorKind(actor.kind),
        username=actor.username,
        name=actor.name,
        summary=actor.summary or None,
        url=actor.url,
        inbox=f"{me}/inbox",
        outbox=f"{me}/outbox",
        followers=None if application else f"{me}/followers",
        following=None if application else f"{me}/following",
        featured=f"{me}/featured" if actor.kind == ActorKind.ORGANIZATION else None,
        shared_inbox=f"{origin}/inbox",
        key=details.PublicKey(id=f"{me}{_KEY}", owner=me, pem=actor.public_pem),
        assertion=_assertion(actor, me=me),
        manually_approves=application,
        discoverable=shown,
        indexable=shown,
        published=actor.published,
        streams=(f"{me}/quarters", f"{me}/organisations") if application else (),
        posting_restricted=True if actor.kind == ActorKind.GROUP else None,
        attribution_domains=(policy.authority(origin),) if actor.kind == ActorKind.ORGANIZATION else (),
        implements=STANDARDS if application else (),
        generator=details.Generator(id=uri(origin, APPLICATION), implements=STANDARDS),
    )
