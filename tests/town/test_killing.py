"""Each process killed with -9 in turn while things cross: after its restart nothing is lost and nothing is doubled."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from federation.models import Delivery, DeliveryState
from instance import conversations, journal, listings, residents
from instance.audience import Audience
from instance.listings import Listing
from instance.notices import Notice
from tests import running, waiting
from tests.running import Demo
from web import stores

pytestmark = [pytest.mark.processes, pytest.mark.timeout(900)]
# A door that is asked three times before it is back is asked again two minutes later.
PATIENCE = 240


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("killing") / "demo"


wait_until = partial(waiting.until, seconds=PATIENCE, every=0.3)


def offer(home: stores.Store, title: str) -> None:
    """Odile lets an offer out; when this returns, she has seen “published”."""
    with home.write.begin() as session:
        listings.offer(
            session,
            by=residents.by_login(session, login="odile"),
            title=title,
            body="À prêter.",
            audience=Audience.NETWORK,
            byline="Une voisine",
            now=datetime.now(UTC),
        )


def answer(home: stores.Store, title: str) -> None:
    """Camille answers it from the other place."""
    with home.write.begin() as session:
        found = session.scalars(select(Listing).where(Listing.title == title)).one()
        conversations.answer(
            session,
            listing=found,
            by=residents.by_login(session, login="camille"),
            body=f"Pour {title}",
            byline="Camille",
            now=datetime.now(UTC),
        )


def titles(home: stores.Store) -> Counter[str]:
    with home.read() as session:
        return Counter(session.scalars(select(Notice.title)))


def answers(home: stores.Store) -> Counter[str]:
    with home.read() as session:
        return Counter(
            session.scalars(select(conversations.Message.html).where(conversations.Message.author_id.is_(None)))
        )


def victims(demo: Demo) -> Iterator[tuple[str, Callable[[], int]]]:
    """Every process of both instances, found anew when its turn comes: its pid changes when it is restarted."""
    for place in range(2):
        count = len(running.family(_supervisor(demo, place))) - 1
        for number in range(1, count + 1):
            yield f"{place}.{number}", lambda place=place, number=number: _nth(demo, place, number)


def _supervisor(demo: Demo, place: int) -> int:
    children = Path(f"/proc/{demo.process.pid}/task/{demo.process.pid}/children").read_text().split()
    return int(children[place])


def _nth(demo: Demo, place: int, number: int) -> int:
    found: list[int] = []

    def is_complete() -> bool:
        found[:] = running.family(_supervisor(demo, place))
        return len(found) > number

    wait_until(is_complete, "the process was not restarted")
    return found[number]


def test_each_process_killed_in_turn_loses_and_doubles_nothing(folder: Path) -> None:
    expected: list[str] = []
    ports = [running.free_port(host) for host in running.HOSTS]
    with running.demo(folder, ports=ports) as demo:
        here, there = demo.store("marseille", "home"), demo.store("saint-barnabe", "home")
        for name, pid in victims(demo):
            before, after = f"Avant {name}", f"Pendant {name}"
            offer(here, before)
            os.kill(pid(), signal.SIGKILL)
            offer(here, after)
            expected += [before, after]
            wait_until(lambda after=after: titles(there)[after] == 1, f"{after} did not arrive")
            answer(there, after)
        wait_until(lambda: _all_answered(here, expected), "an answer did not arrive")
        os.kill(_supervisor(demo, 0), signal.SIGKILL)
        offer(here, "Superviseur")
        demo.process.wait(timeout=60)
        assert not [pid for pid in running.family(demo.process.pid) if pid != demo.process.pid]
    expected.append("Superviseur")
    with running.demo(folder, fresh=False, ports=ports) as demo:
        wait_until(lambda: titles(there)["Superviseur"] == 1, "what was published before the end did not arrive")
        _check(demo, here=here, there=there, expected=expected)
    here.close()
    there.close()


def _all_answered(here: stores.Store, expected: list[str]) -> bool:
    wanted = {one for one in expected if one.startswith("Pendant")}
    return sum(any(one in html for html in answers(here)) for one in wanted) == len(wanted)


def _check(demo: Demo, *, here: stores.Store, there: stores.Store, expected: list[str]) -> None:
    arrived = titles(there)
    assert {title: arrived[title] for title in expected} == dict.fromkeys(expected, 1)
    assert set(answers(here).values()) == {1}
    with here.read() as session:
        changes = set(session.scalars(select(journal.Change.id)))
        assert changes == set(session.scalars(select(journal.Verdict.change_id)))
    federation = demo.store("marseille", "federation")
    with federation.read() as session:
        owed = session.scalars(select(Delivery).where(Delivery.state != DeliveryState.SENT)).all()
        assert not owed
    federation.close()
