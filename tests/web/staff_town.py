"""The fictional town of the residents' pages with its staff, and a neighbouring town it knows."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from federation.models import Direction, Follow, FollowState, OwnActor, Peer, PeerState
from instance import news, reports, residents
from instance.audience import Audience
from instance.evidence import Target
from instance.notices import Notice, Origin
from instance.reports import Report
from instance.residents import Resident, Role
from tests.web import pages_town
from tests.web.pages_town import NOW, ORIGIN, PASSWORD, Town

ELSEWHERE = "voisine.localhost:8200"
THERE = f"http://{ELSEWHERE}"
COMMITTEE_THERE = f"{THERE}/users/comite_voisin"
QUARTER_THERE = f"{THERE}/users/le_moulin"


@dataclass
class Staff:
    """The town, who runs it, and its neighbours."""

    town: Town
    administrator: Resident

    @contextmanager
    def outside(self) -> Iterator[Session]:
        """A writing session on the federation store that commits."""
        with self.town.outside.write() as session:
            yield session
            session.commit()

    def report(self, *, by: Resident, notice: Notice, reason: str = "Ce n'est pas une annonce.") -> Report:
        """Somebody reports a notice they can see."""
        with self.town.home() as session:
            somebody = session.get_one(Resident, by.id)
            reader = residents.Reader(
                resident_id=by.id,
                building_ids=frozenset(one.id for one in residents.buildings_of(session, resident=somebody)),
                quarter_ids=frozenset(one.id for one in residents.quarters_of(session, resident=somebody, now=NOW)),
            )
            return reports.report(
                session,
                target=Target.NOTICE,
                public_id=notice.public_id,
                reason=reason,
                by=somebody,
                reader=reader,
                now=NOW,
            )

    def from_elsewhere(self, *, title: str = "Fête du moulin", actor: str = COMMITTEE_THERE) -> Notice:
        """News of the neighbouring town that hangs here."""
        uri = f"{actor}/articles/{abs(hash(title))}"
        origin = Origin(
            uri=uri, actor_uri=actor, name="Comité du Moulin", host=ELSEWHERE, url=f"{THERE}/notices/1", updated=NOW
        )
        with self.town.home() as session:
            return news.welcome(
                session, origin=origin, title=title, summary="Samedi.", html="<p>Samedi.</p>", language="fr", now=NOW
            )

    def listing(self, **how: Any) -> Notice:
        """A request by Ana to her quarter."""
        return self.town.listing(**{"by": self.town.ana, "audience": Audience.QUARTER, **how})


def build(folder: Path) -> Iterator[Staff]:
    """Make it in a folder; closes its stores afterwards."""
    for town in pages_town.build(folder):
        with town.home() as session:
            administrator = residents.register(
                session,
                login="adele",
                first_name="Adèle",
                last_name="Régie",
                password=PASSWORD,
                email=None,
                locale="en",
                now=NOW,
                role=Role.ADMINISTRATOR,
            )
        staff = Staff(town=town, administrator=administrator)
        with staff.outside() as session:
            _fill(session)
        yield staff


def _fill(session: Session) -> None:
    for username, kind, name in (
        ("palier", "Application", "Ville d'Exemple"),
        ("comite", "Organization", "Comité des Acacias"),
    ):
        address = f"{ORIGIN}/actor" if username == "palier" else f"{ORIGIN}/users/{username}"
        session.add(
            OwnActor(
                username=username,
                kind=kind,
                name=name,
                summary="",
                published=NOW,
                created_at=NOW,
                key_id=f"{address}#main-key",
                private_pem="",
                public_pem="",
            )
        )
    session.add(
        Peer(
            host=ELSEWHERE,
            state=PeerState.KNOWN,
            name="La Voisine",
            application_uri=f"{THERE}/actor",
            desk_uri=f"{THERE}/users/instance",
            directory=[
                {"uri": QUARTER_THERE, "kind": "Group", "name": "Le Moulin", "username": "le_moulin"},
                {
                    "uri": COMMITTEE_THERE,
                    "kind": "Organization",
                    "name": "Comité du Moulin",
                    "username": "comite_voisin",
                },
            ],
            note="",
            added_at=NOW,
            checked_at=NOW,
            attempts=0,
        )
    )


def follow(
    session: Session,
    *,
    own_username: str,
    remote: str,
    state: FollowState,
    direction: Direction = Direction.OUT,
    error: str | None = None,
) -> Follow:
    """A follow in a state that the courier would have brought it to."""
    row = Follow(
        direction=direction,
        own_username=own_username,
        remote_uri=remote,
        activity_uri=f"{ORIGIN}/follows/{uuid.uuid4()}",
        state=state,
        handle=remote,
        remote_name="",
        created_at=NOW,
        last_error=error,
        attempts=0,
    )
    session.add(row)
    session.flush()
    return row
