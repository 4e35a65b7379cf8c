"""Whether time tells what an answer does not: `python -m tests.bench.oracle [COUNT]`.

For each main route, something that is there and not for the asker is asked for in turn with something that never was,
in one process with the real applications on SQLite. Printed are both medians and a two-sample Kolmogorov-Smirnov test:
a small p says that both can be told apart by time, by somebody who asks so often on a quiet machine.
"""

import contextlib
import gc
import math
import random
import shutil
import statistics
import sys
import tempfile
import time
import uuid
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from werkzeug.test import TestResponse

from instance import conversations, halls, verification
from instance.audience import Audience
from instance.conversations import Conversation
from instance.places import Building, Lot
from tests.town.houses import House, Town
from tests.town.proofs import run_story
from tests.town.proofs.oracle import never
from web import secret
from web.frame import patience
from web.settings import Settings

COUNT = 500
# A password is 64 MiB of work: fewer of them tell as much.
COSTLY = 10
WARM = 20
THINGS = 20
NOW = datetime(2027, 5, 11, 8, 0, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How one route is asked, and for what: words of things that are there, and how one that never was is made."""

    name: str
    ask: Callable[[str], TestResponse]
    there: Sequence[str]
    never: Callable[[str], str] = never
    costs: int = 1


def kolmogorov_smirnov(one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """The greatest distance of two samples' distribution functions, and how probable it is if both are the same.

    The probability is the asymptotic one with Stephens's correction: good from about twenty values each.
    """
    one, other = sorted(one), sorted(other)
    distance = max(
        abs(bisect_right(one, at) / len(one) - bisect_right(other, at) / len(other)) for at in (*one, *other)
    )
    root = math.sqrt(len(one) * len(other) / (len(one) + len(other)))
    scaled = (root + 0.12 + 0.11 / root) * distance
    if scaled < 0.2:  # the series does not converge there, and its limit is 1
        return distance, 1.0
    series = (2 * (-1) ** (k - 1) * math.exp(-2 * k * k * scaled * scaled) for k in range(1, 101))
    return distance, min(1.0, max(0.0, sum(series)))


def measure(route: Route, *, count: int) -> tuple[list[float], list[float]]:
    """Milliseconds of so many answers: for what is there, and for what never was, in an order that nobody chose."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(-WARM // route.costs, count // route.costs):
        word = random.choice(route.there)
        pair = [(0, word), (1, route.never(word))]
        random.shuffle(pair)
        for which, asked in pair:
            began = time.perf_counter_ns()
            answer = route.ask(asked)
            took = (time.perf_counter_ns() - began) / 1e6
            answer.close()
            if number >= 0:
                times[which].append(took)
    return times


# --- what is asked


def routes(house: House) -> list[Route]:
    """A building with its things, and who is not of it."""
    quarter = house.quarter("Saint Julien")
    building = house.building(quarter, lots="1-60")
    odile, amir = (house.resident(one, building=building) for one in ("Odile", "Amir"))
    bea = house.resident("Bea", building=house.building(quarter, name="Le Mûrier"))
    slips = [house.offer(odile, f"Outil {number}", audience=Audience.BUILDING, byline=None) for number in range(THINGS)]
    talks = [house.do(conversations.answer, listing=one, by=amir, body="Bonjour") for one in slips]
    house.town.settle()
    visitor, beside, door = house.browser(None), house.browser(bea), house.door.test_client()
    ids = [str(one.public_id) for one in slips]
    talk_ids = [str(one.public_id) for one in talks if isinstance(one, Conversation)]
    used, wrong, screens = _keys(house, building)

    def new(_: str) -> str:
        return str(uuid.uuid4())

    def fill(address: str, **more: str) -> Callable[[str], TestResponse]:
        """Fill in a form: its first field with the word asked for."""
        field, *_ = more
        return lambda word: _forgetting(house, lambda: visitor.post(address, data={**more, field: word}))

    find = f"/.well-known/webfinger?resource=acct:{{}}@{house.host}"
    return [
        Route(name="a notice, visitor", ask=lambda one: visitor.get(f"/notices/{one}"), there=ids, never=new),
        Route(name="a notice, other building", ask=lambda one: beside.get(f"/notices/{one}"), there=ids, never=new),
        Route(name="a talk of others", ask=lambda one: beside.get(f"/conversations/{one}"), there=talk_ids, never=new),
        Route(name="a screen switched off", ask=lambda one: visitor.get(f"/hall/{one}"), there=screens),
        Route(
            name="the door: a notice", ask=lambda one: door.get(f"/users/instance/items/{one}"), there=ids, never=new
        ),
        Route(name="the door: a resident", ask=lambda one: door.get(f"/users/{one}"), there=["odile", "amir"]),
        Route(name="WebFinger: a resident", ask=lambda one: door.get(find.format(one)), there=["odile", "amir"]),
        Route(name="sign in", ask=fill("/sign-in", name="", password="x"), there=[odile.login], costs=COSTLY),
        Route(name="a letterbox code, used", ask=fill("/join", code=""), there=used),
        Route(name="a letterbox code, half right", ask=fill("/join", code=""), there=wrong),
    ]


def _forgetting(house: House, ask: Callable[[], TestResponse]) -> TestResponse:
    house.pages.extensions[patience.PATIENCE].named.reset()
    return ask()


def _keys(house: House, building: Building) -> tuple[list[str], list[str], list[str]]:
    """Codes that were used, codes with a right first half, keys of screens that were switched off."""
    assert house.pages.secret_key  # making the pages makes the file
    pepper = secret.derive(secret.read(Settings.read(house.environ).secret_key_file), purpose="letterbox codes")
    used, wrong, screens = [], [], []
    with house.home.write.begin() as session:
        known = session.get_one(Building, building.id)
        for number in range(2 * THINGS):
            lot = session.get_one(Lot, known.lots[number].id)
            code = verification.issue(session, lot=lot, pepper=pepper, now=house.town.now)
            row = session.query(verification.LetterboxCode).order_by(verification.LetterboxCode.id.desc()).first()
            assert row is not None
            if number < THINGS:
                verification.use_up(session, letterbox=row, now=house.town.now)
                used.append(code)
            else:
                row.tries_left = 10**6  # so that none of them is over before the end
                wrong.append(code[:-1] + never(code[-1]))
        for _ in range(THINGS):
            screen, key = halls.install(session, building=known, now=house.town.now)
            halls.remove(session, public_id=screen.public_id, now=house.town.now)
            screens.append(key)
    return used, wrong, screens


def main() -> None:
    """One line for each route."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    folder = Path(tempfile.mkdtemp(prefix="palier-oracle-"))
    try:
        with contextlib.closing(
            Town(now=NOW, folder=folder / "town", make_store=lambda side: run_story.make_store(folder, side))
        ) as town:
            print(f"{'route':30} {'times':>6} {'there':>9} {'never':>9} {'KS':>6} {'p':>7}")
            for route in routes(town.build("marseille")):
                gc.collect()
                gc.disable()
                is_there, was_never = measure(route, count=count)
                gc.enable()
                distance, chance = kolmogorov_smirnov(is_there, was_never)
                one, other = statistics.median(is_there), statistics.median(was_never)
                print(
                    f"{route.name:30} {len(is_there):6} {one:6.2f} ms {other:6.2f} ms {distance:6.3f} {chance:7.3f}",
                    flush=True,
                )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
