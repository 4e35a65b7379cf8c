"""Five instances as processes, over real sockets: open, with approval, blocked, slow, and one that is killed.

Each publishes and everybody follows everybody; in the end each has what its policies let in, once, as it was last said.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from federation import approvals, identity, peers
from federation.models import Delivery, DeliveryState
from federation.neighbours import Admission
from instance import news, notices
from instance.audience import Audience
from instance.notices import Notice
from instance.organisations import Organisation
from instance.residents import Resident
from tests import running, waiting
from tests.running import Served
from tests.town import lines
from tests.town.houses import House, beside

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]
PATIENCE = 240
LAG_SECONDS = 0.4
OPEN, APPROVING, BLOCKED, SLOW, CRASHING = "ouverte", "prudente", "bloquee", "lente", "fragile"
NAMES = (OPEN, APPROVING, BLOCKED, SLOW, CRASHING)
# Who has nothing to do with whom: the open one blocked the blocked one.
APART = {frozenset({OPEN, BLOCKED})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A running instance with its stores opened beside it, and its committee."""

    server: Served
    house: House
    writer: Resident
    committee: Organisation

    def publish(self, title: str) -> Notice:
        """Publish news for everywhere; when this returns, the writer has seen that it hangs."""
        return self.house.publish(self.committee, self.writer, title, audience=Audience.NETWORK)

    def hung(self) -> Counter[str]:
        """What can be read here, from wherever."""
        with self.house.home.read() as session:
            return Counter(session.scalars(select(Notice.title).where(Notice.state == "live")))


@contextmanager
def five(folder: Path) -> Iterator[Mapping[str, Place]]:
    """The five, up, each with a committee that can be followed."""
    port = running.free_port("127.0.0.1")
    servers: dict[str, Served] = {}
    with lines.laid(port, lag=LAG_SECONDS) as slow, ExitStack() as opened:
        try:
            for name in NAMES:
                at = slow.port if name == SLOW else running.free_port("127.0.0.1")
                bind = f"127.0.0.1:{port}" if name == SLOW else None
                servers[name] = running.served(
                    folder / name, name=name.title(), origin=f"http://127.0.0.1:{at}", bind=bind
                )
                servers[name].start()
            yield {name: settle_in(server, opened=opened) for name, server in servers.items()}
        finally:
            for server in servers.values():
                server.stop()


def settle_in(server: Served, *, opened: ExitStack) -> Place:
    data, origin = Path(server.environ["PALIER_DATA"]), server.environ["PALIER_ORIGIN"]
    house = opened.enter_context(beside(data, origin=origin))
    writer = house.resident("Odile", building=house.building(house.quarter("Le Port")))
    committee = house.organisation("ciq", writer=writer)
    wait_until(lambda: _is_known(house), "its committee cannot be followed yet")
    return Place(server=server, house=house, writer=writer, committee=committee)


def _is_known(house: House) -> bool:
    with house.federation.read() as session:
        return identity.find(session, "ciq") is not None


wait_until = partial(waiting.until, seconds=PATIENCE, every=0.3)


def decide(places: Mapping[str, Place]) -> None:
    """The policies: one asks before it speaks to anybody, one has nothing to do with another."""
    careful, frank = places[APPROVING].house, places[OPEN].house
    with careful.federation.write.begin() as session:
        approvals.admit(session, admission=Admission.APPROVAL, now=careful.town.now)
    with frank.federation.write.begin() as session:
        peers.block(session, host=places[BLOCKED].house.host, now=frank.town.now)


def follow_each_other(places: Mapping[str, Place]) -> None:
    for name, place in places.items():
        for other, there in places.items():
            if other != name and not (name == OPEN and other == BLOCKED):
                place.house.follow(f"{there.house.origin}/users/ciq")


def approve_all(places: Mapping[str, Place]) -> None:
    """Whoever asked waits, and is let in by the administrator."""
    house = places[APPROVING].house

    def all_ask() -> bool:
        with house.federation.read() as session:
            return len(approvals.waiting(session)) == len(places) - 1

    wait_until(all_ask, "not everybody asks the careful one")
    with house.federation.write.begin() as session:
        for name, place in places.items():
            if name != APPROVING:
                approvals.approve(session, host=place.house.host, now=house.town.now)


def expected(places: Mapping[str, Place], name: str, last_said: Mapping[str, str]) -> set[str]:
    return {title for other, title in last_said.items() if frozenset({name, other}) not in APART and other in places}


def test_five_instances_with_policies_of_their_own_come_to_the_same(tmp_path: Path) -> None:
    with five(tmp_path) as places:
        decide(places)
        follow_each_other(places)
        approve_all(places)
        first = {name: place.publish(f"Avant, de {name}") for name, place in places.items()}
        places[CRASHING].server.kill()
        # What others say meanwhile waits for it; what it has committed itself leaves when it is back.
        own = places[CRASHING].publish("Pendant la panne")
        last_said = {}
        for name, place in places.items():
            item = first[name]
            last_said[name] = f"Après, de {name}"
            place.house.do(
                news.edit,
                item=item,
                by=place.writer,
                title=last_said[name],
                summary="En bref.",
                body="En détail.",
                happening=None,
            )
        gone = places[OPEN].publish("Une erreur")
        places[CRASHING].server.start()
        places[OPEN].house.do(notices.withdraw, notice=gone, by=places[OPEN].writer)
        for name in NAMES:
            wanted = Counter(expected(places, name, last_said) | {own.title})
            wait_until(
                lambda name=name, wanted=wanted: places[name].hung() == wanted,
                lambda name=name, wanted=wanted: (name, places[name].hung() - wanted, wanted - places[name].hung()),
            )
        wait_until(lambda: not owed(places), lambda: owed(places))


def owed(places: Mapping[str, Place]) -> list[tuple[str, str, str | None]]:
    """What is still to be delivered somewhere."""
    found = []
    for name, place in places.items():
        with place.house.federation.read() as session:
            waiting = select(Delivery).where(Delivery.state.in_((DeliveryState.DUE, DeliveryState.LEASED)))
            found += [(name, one.inbox, one.last_error) for one in session.scalars(waiting)]
    return found
