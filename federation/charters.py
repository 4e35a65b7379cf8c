"""What we exchange with whom: our charters, signed and served; theirs, fetched and verified; both kept to."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from activitypub import charters, codec, proofs
from activitypub.signatures import Forged
from federation import delivery, documents, exchange, identity, policy, quarters
from federation.base import OwnKey, PeerRefused, Unreachable
from federation.exchange import Matter, Offer, Offers, Terms
from federation.models import Activity, Delivery, DeliveryState, Document, DocumentState, Peer, PeerState
from federation.neighbours import Charter, TheirCharter

if TYPE_CHECKING:
    from federation.http import Client

BATCH = 10
LOOK_AGAIN_AFTER = timedelta(days=1)
# A proof is believed for ninety days: long before that it is made anew.
SIGN_AGAIN_AFTER = timedelta(days=30)


def address(*, by: str, partner: str) -> str:
    """Give the address of the charter of one origin with another; both sides can work it out by themselves."""
    return f"{by}/users/{identity.DESK}/charters/{uuid.uuid5(uuid.NAMESPACE_URL, f'{by} {partner}')}"


# --- ours


def ours(session: Session, *, host: str) -> Charter | None:
    """Give our charter with a host as it stands; None when there is none."""
    row = session.get(Charter, host)
    return row if row is not None and row.ended_at is None else None


def promise(session: Session, *, host: str, news: bool, offers: Offers, reports: bool, now: datetime) -> Charter:
    """Say what we exchange with a host from now on; what was given stays there, what is in the bag is judged anew.

    Raises:
        PeerRefused: `peer_unknown`, `peer_blocked`, `not_set_up`.
    """
    peer = session.scalar(select(Peer).where(Peer.host == host))
    if peer is None:
        raise PeerRefused("peer_unknown", field="host")
    if peer.state == PeerState.BLOCKED:
        raise PeerRefused("peer_blocked", field="host")
    row = session.get(Charter, host)
    if row is None:
        row = Charter(host=host, version=0, since=now, updated=now - timedelta(seconds=1), signed_at=now)
        session.add(row)
    elif row.ended_at is not None:
        row.since = now
    row.version += 1
    row.news, row.offers, row.reports = news, offers.value, reports
    # Two changes within one second would be one moment to the other side.
    row.updated = max(now, row.updated + timedelta(seconds=1))
    row.ended_at = None
    sign(session, row=row, now=now)
    narrow(session, host=host)
    return row


def end(session: Session, *, host: str, now: datetime) -> None:
    """Have no charter with a host any more: everything is exchanged as with anybody.

    Raises:
        PeerRefused: `charter_unknown`.
    """
    row = ours(session, host=host)
    if row is None:
        raise PeerRefused("charter_unknown", field="host")
    row.ended_at = now
    document = session.scalar(select(Document).where(Document.uri == _own_address(session, host=host)))
    if document is not None:
        session.delete(document)
    session.flush()


def touch(session: Session, *, host: str, now: datetime) -> None:
    """Let the charter with a host name the neighbouring quarters as they are declared now."""
    row = ours(session, host=host)
    if row is not None:
        promise(session, host=host, news=row.news, offers=Offers(row.offers), reports=row.reports, now=now)


def sign(session: Session, *, row: Charter, now: datetime) -> None:
    """Make the document that the other side fetches, with the desk's proof.

    Raises:
        PeerRefused: `not_set_up` without a desk.
    """
    desk = identity.find(session, identity.DESK)
    if desk is None:
        raise PeerRefused("not_set_up")
    origin = identity.origin_of(desk)
    word = charters.Charter(
        id=_own_address(session, host=row.host),
        author=identity.address(desk),
        partner=_origin(origin, row.host),
        version=row.version,
        since=row.since,
        updated=row.updated,
        news=row.news,
        offers=row.offers,
        reports=row.reports,
        pairs=tuple(
            charters.Pair(own=identity.uri(origin, one.own_username), other=one.their_uri, other_name=one.their_name)
            for one in quarters.declared(session, host=row.host)[: charters.MOST_PAIRS]
        ),
    )
    document = session.scalar(select(Document).where(Document.uri == word.id))
    if document is None:
        document = Document(uri=word.id, actor_username=desk.username, type=charters.TYPE, published=row.since)
        session.add(document)
    document.version = row.version
    document.state = DocumentState.LIVE
    document.body = codec.encode(identity.prove(desk, charters.write(word), now=now))
    document.updated = row.updated
    row.signed_at = now
    session.flush()


def _own_address(session: Session, *, host: str) -> str:
    desk = identity.find(session, identity.DESK)
    if desk is None:
        raise PeerRefused("not_set_up")
    origin = identity.origin_of(desk)
    return address(by=origin, partner=_origin(origin, host))


def _origin(origin: str, host: str) -> str:
    """The origin of a host, by the scheme that we speak ourselves."""
    return f"{urlsplit(origin).scheme}://{host}"


# --- what holds between us


def own_terms(session: Session, *, host: str, origin: str) -> Terms | None:
    """Give our charter with a host as terms; None when there is none."""
    row = ours(session, host=host)
    if row is None:
        return None
    pairs = {(identity.uri(origin, one.own_username), one.their_uri) for one in quarters.declared(session, host=host)}
    return Terms(news=row.news, offers=Offers(row.offers), reports=row.reports, pairs=frozenset(pairs))


def theirs(session: Session, *, host: str) -> TheirCharter | None:
    """Give their charter as last verified; None when they have none or were never asked."""
    row = session.get(TheirCharter, host)
    return row if row is not None and row.version > 0 else None


def their_terms(session: Session, *, host: str) -> Terms | None:
    """Give their charter as terms; None when there is none."""
    row = theirs(session, host=host)
    if row is None:
        return None
    pairs = frozenset((str(one["own"]), str(one["other"])) for one in row.pairs)
    return Terms(news=row.news, offers=Offers(row.offers), reports=row.reports, pairs=pairs)


def may_leave(session: Session, *, host: str, matter: Matter, origin: str) -> bool:
    """Say whether something of ours may go to a host."""
    return exchange.may_leave(
        matter, ours=own_terms(session, host=host, origin=origin), theirs=their_terms(session, host=host)
    )


def admitted(session: Session, *, inboxes: Iterable[str], matter: Matter, origin: str) -> set[str]:
    """Give those of `inboxes` that both charters let a thing go to."""
    wanted = set(inboxes)
    bound = _bound(session, hosts={policy.authority(inbox) for inbox in wanted})
    closed = {host for host in bound if not may_leave(session, host=host, matter=matter, origin=origin)}
    return {inbox for inbox in wanted if policy.authority(inbox) not in closed}


def _bound(session: Session, *, hosts: Collection[str]) -> set[str]:
    """Those of `hosts` that one of us has a charter about: few, however many read us."""
    promised = set(session.scalars(select(TheirCharter.host).where(TheirCharter.version > 0)))
    return (signed(session) | promised) & set(hosts)


def signed(session: Session) -> set[str]:
    """Give the hosts that we have a charter with."""
    return set(session.scalars(select(Charter.host).where(Charter.ended_at.is_(None))))


def narrow(session: Session, *, host: str) -> int:
    """Take what a charter no longer lets pass out of the bag; withdrawals stay in it. Returns how many were taken."""
    desk = identity.find(session, identity.DESK)
    if desk is None or not _bound(session, hosts={host}):
        return 0
    origin = identity.origin_of(desk)
    wanted = (
        select(Delivery, Activity, Document)
        .join(Activity, Activity.id == Delivery.activity_id)
        .join(Document, Document.uri == Activity.document_uri)
        .where(
            Delivery.host == host,
            # What failed could be tried again by hand.
            Delivery.state != DeliveryState.SENT,
            Document.state == DocumentState.LIVE,
        )
    )
    closed = [
        row
        for row, _, document in session.execute(wanted)
        if (matter := _matter(session, document)) is not None
        and not may_leave(session, host=host, matter=matter, origin=origin)
    ]
    if not may_leave(session, host=host, matter=exchange.Report(), origin=origin):
        closed += _unsent_reports(session, host=host)
    delivery.abandon(session, deliveries=closed, why=delivery.AGAINST_CHARTER)
    return len(closed)


def _unsent_reports(session: Session, *, host: str) -> Sequence[Delivery]:
    """Reports to a host that did not arrive yet."""
    unsent = (DeliveryState.DUE, DeliveryState.LEASED, DeliveryState.FAILED)
    wanted = select(Delivery).join(Activity, Activity.id == Delivery.activity_id)
    return session.scalars(
        wanted.where(Delivery.host == host, Delivery.state.in_(unsent), Activity.type == "Flag")
    ).all()


def _matter(session: Session, document: Document) -> Matter | None:
    """What a document of ours is in the eyes of a charter; None for what charters do not speak of."""
    if document.type in {"Article", "Event"}:
        return exchange.News()
    if document.type == "Note":
        return Offer(quarter=quarters.of_document(session, document=document))
    return None


# --- theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """What fetching one charter takes; no transaction is open meanwhile."""

    federation: sessionmaker[Session]
    client: Client
    origin: str
    key: OwnKey | None
    now: datetime


def ask_again(session: Session, *, host: str, now: datetime) -> None:
    """Have their charter fetched at the courier's next round."""
    row = session.get(TheirCharter, host)
    if row is not None:
        row.due_at = now
        session.flush()


def run(federation: sessionmaker[Session], *, client: Client, origin: str, now: datetime) -> int:
    """Fetch the charters that are due and sign ours anew in time; returns how many were looked at."""
    with federation() as session:
        old = session.scalars(
            select(Charter.host)
            .where(Charter.ended_at.is_(None), Charter.signed_at <= now - SIGN_AGAIN_AFTER)
            .limit(BATCH)
        ).all()
        hosts = session.scalars(
            select(Peer.host)
            .outerjoin(TheirCharter, TheirCharter.host == Peer.host)
            .where(Peer.state == PeerState.KNOWN, TheirCharter.due_at.is_(None) | (TheirCharter.due_at <= now))
            .order_by(Peer.id)
            .limit(BATCH)
        ).all()
        key = identity.fetching_key(session)
    errand = _Errand(federation=federation, client=client, origin=origin, key=key, now=now)
    for host in old:
        with federation.begin() as session:
            sign(session, row=session.get_one(Charter, host), now=now)
    for host in hosts:
        _look(errand, host=host)
    return len(hosts) + len(old)


def _look(errand: _Errand, *, host: str) -> None:
    """Fetch one charter and keep what it says, or why it could not be had: what held before then goes on holding."""
    found: charters.Charter | None = None
    trouble: str | None = None
    try:
        found = _fetch(errand, by=_origin(errand.origin, host))
    except Unreachable as error:
        # 404 and 410 are answers: there is none.
        trouble = None if error.status in {404, 410} else error.why
    except (codec.Malformed, Forged) as error:
        trouble = f"its charter is not believed: {error}"
    with errand.federation.begin() as session:
        row = session.get(TheirCharter, host)
        if row is None:
            row = TheirCharter(host=host, version=0)
            session.add(row)
        row.checked_at = errand.now
        row.due_at = errand.now + LOOK_AGAIN_AFTER
        row.last_error = trouble
        if trouble is None:
            _keep(row, found)
        session.flush()
        narrow(session, host=host)


def _fetch(errand: _Errand, *, by: str) -> charters.Charter:
    """Fetch the charter of an origin with us, and believe it only with its desk's own proof."""
    uri = address(by=by, partner=errand.origin)
    fetched = errand.client.fetch_json(uri, key=errand.key)
    word = charters.read(fetched.doc)
    desk_uri = identity.uri(by, identity.DESK)
    if (word.id, word.author, word.partner) != (uri, desk_uri, errand.origin) or not policy.same_origin(
        fetched.url, uri
    ):
        raise Forged("a charter of somebody else, or with somebody else")
    proof = proofs.parse(fetched.doc)
    desk = documents.actor(errand.federation, client=errand.client, uri=desk_uri, now=errand.now)
    if proof.method not in desk.prover_keys:
        desk = documents.actor(
            errand.federation, client=errand.client, uri=desk_uri, now=errand.now, fresh_for=timedelta(0)
        )
    if proof.method not in desk.prover_keys:
        raise Forged("a proof by another key than its desk's")
    proofs.verify(proof=proof, public_multibase=desk.prover_keys[proof.method], now=errand.now)
    return word


def _keep(row: TheirCharter, found: charters.Charter | None) -> None:
    if found is None:
        row.version, row.pairs = 0, []
        row.since = row.updated = None
        return
    if row.updated is not None and found.updated < row.updated:
        row.last_error = "an older charter than the one known"
        return
    row.version = found.version
    row.news, row.offers, row.reports = found.news, found.offers, found.reports
    row.since, row.updated = found.since, found.updated
    row.pairs = [{"own": one.own, "other": one.other, "name": one.other_name} for one in found.pairs]
