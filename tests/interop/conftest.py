"""One instance as an operator starts it, and one server of another make, both on loopback under host:port."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from federation import identity
from federation.models import Follow, Letter
from instance.organisations import Organisation
from instance.places import Quarter
from instance.residents import Resident
from tests import running
from tests.interop import strangers
from tests.interop.strangers import Stranger, until
from tests.town.houses import House, beside

CI = os.environ.get("CI") == "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A running `palier serve`, with its two stores opened beside it, and the people who live there."""

    house: House
    log: Path
    quarter: Quarter
    ciq: Organisation
    odile: Resident

    @property
    def origin(self) -> str:
        """Its address."""
        return self.house.origin

    def actor(self, name: str) -> str:
        """The address of one of its actors."""
        return identity.uri(self.origin, name)

    def sentences(self) -> list[tuple[str, str, str]]:
        """What became of each letter: for the message of a failure."""
        with self.house.federation.read() as session:
            return [(one.type, one.state, one.sentence) for one in session.scalars(select(Letter).order_by(Letter.id))]

    def follow_states(self, *, direction: str) -> dict[tuple[str, str], str]:
        """The last state of each follow, by our actor and theirs."""
        with self.house.federation.read() as session:
            found = session.scalars(select(Follow).where(Follow.direction == direction).order_by(Follow.id))
            return {(one.own_username, one.remote_uri): one.state for one in found}


def missing(why: object) -> None:
    """Skip with the reason; where nothing may be missing, fail."""
    if CI:
        pytest.fail(f"the peer of another make must run in CI: {why}")
    pytest.skip(f"no peer of another make here: {why}")


# For all files of this folder: both take seconds to start.
@pytest.fixture(scope="package")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stranger]:
    try:
        with strangers.fedify(tmp_path_factory.mktemp("fedify") / "server.log") as running:
            yield running
    except strangers.Unavailable as error:
        missing(error)


@pytest.fixture(scope="package")
def ours(stranger: Stranger, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    # After the stranger: where there is none, nothing is started in vain.
    folder = tmp_path_factory.mktemp("palier")
    origin = f"http://127.0.0.1:{strangers.free_port('127.0.0.1')}"
    server = running.served(folder, name="Marseille d’essai", origin=origin)
    try:
        server.start()
        with beside(folder / "data", origin=origin) as house:
            yield settle_in(house, log=server.log)
        assert b"Traceback" not in server.log.read_bytes(), server.log.read_text()
    finally:
        server.stop()


def settle_in(house: House, *, log: Path) -> Instance:
    """A quarter, a committee and somebody who writes for it; wait until they can be followed."""
    quarter = house.quarter("Saint Julien")
    odile = house.resident("Odile", building=house.building(quarter))
    ciq = house.organisation("ciq_julien", writer=odile, quarter=quarter)
    made = Instance(house=house, log=log, quarter=quarter, ciq=ciq, odile=odile)

    def are_known() -> bool:
        with house.federation.read() as session:
            return all(identity.find(session, name) for name in (quarter.slug, ciq.slug))

    until(are_known, "the public profiles")
    return made
