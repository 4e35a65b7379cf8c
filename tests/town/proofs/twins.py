"""Two towns that tell the public the same and have no private word in common.

What is public in both comes from `Script`; everything else from `Private`, in other words, other numbers and another
order for each twin. Ids that the public gets to read are drawn from a stream that belongs to the public act, so that
what differs afterwards is information that crossed, and not a shared generator that was used more often.
"""

import hashlib
import itertools
import secrets
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event

from activitypub import keys
from federation import following, health, peers, recording
from instance import (
    comments,
    conversations,
    evidence,
    halls,
    journal,
    logins,
    mailboxes,
    moderation,
    notices,
    passwords,
    places,
    recovery,
    reports,
    residents,
    rings,
    verification,
)
from instance.arrivals import Arrival
from instance.audience import Audience
from instance.conversations import Conversation
from instance.listings import Listing
from instance.needs import Need
from instance.notices import Notice
from instance.places import Building, Quarter
from instance.residents import Resident, Role
from instance.rings import Pace
from tests import keys as fixed_keys
from tests.town import canaries
from tests.town.houses import House

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PEPPER = b"a pepper of thirty-two bytes....."
WORDS = (("Abeille", "Brugnon", "Cigale", "Datte"), ("Zinc", "Yttrium", "Xénon", "Wolfram"))
Event = Callable[["Private"], None]


# --- ids


@contextmanager
def drawn(label: str) -> Iterator[None]:
    """Let the public ids of what is made inside depend on the name of the act alone."""
    numbers = itertools.count()

    def urandom(size: int) -> bytes:
        return hashlib.shake_256(f"{label} {next(numbers)}".encode()).digest(size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uuid, "os", SimpleNamespace(urandom=urandom))
        yield


def _name_change(_: journal.Change, __: object, given: dict[str, object]) -> None:
    """A change is called after what changed: workers make some, beside private ones that nobody counted."""
    given["public_id"] = uuid.uuid5(uuid.NAMESPACE_URL, f"{given['subject_id']} {given['version']}")


def _name_arrival(_: Arrival, __: object, given: dict[str, object]) -> None:
    """What waits to be held against kept searches is asked for by nobody, and must not use up an act's names."""
    given["public_id"] = uuid.UUID(bytes=secrets.token_bytes(16), version=4)


def _counted(prefix: str) -> Callable[[], uuid.UUID]:
    numbers = itertools.count()
    return lambda: uuid.uuid5(uuid.NAMESPACE_URL, f"{prefix} {next(numbers)}")


@contextmanager
def steady() -> Iterator[None]:
    """Keys, ids of follows and of their answers, and the spread of retries, the same in every run.

    Passwords are hashed fast: their hashes are salted, so they differ all the same.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "generate", fixed_keys.in_order(several=3))
        patch.setattr(keys, "generate_prover", fixed_keys.in_order(several=3, make=fixed_keys.generate_prover))
        patch.setattr(peers, "uuid4", _counted("follow"))
        patch.setattr(following, "uuid4", _counted("answer"))
        patch.setattr(recording, "random", SimpleNamespace(random=lambda: 0.5))
        # One letter under way at a time: what two runs have in common is compared in order.
        patch.setattr(health, "WINDOW", 1)
        patch.setattr(passwords, "_hasher", QUICK)
        event.listen(journal.Change, "init", _name_change)
        event.listen(Arrival, "init", _name_arrival)
        try:
            yield
        finally:
            event.remove(journal.Change, "init", _name_change)
            event.remove(Arrival, "init", _name_arrival)


# --- what is private


class Private:
    """The private life of one house, in the words and numbers of one twin."""

    def __init__(self, house: House, *, twin: int) -> None:
        self.house, self.twin = house, twin
        self._words = WORDS[twin]
        self._numbers = itertools.count(1)
        self._events = itertools.cycle(EVENTS[3 * twin :] + EVENTS[: 3 * twin])
        self._gaps = itertools.count(1)
        self.seen: set[str] = set()
        self.under: list[Notice] = []  # public news that neighbours talk about among themselves

    def word(self) -> str:
        """A word that the other twin never says."""
        number = next(self._numbers)
        return f"{self._words[number % len(self._words)]} {secrets.token_hex(4)}"

    def name(self) -> str:
        """A name, of letters only."""
        return self.word().translate(str.maketrans("0123456789", "ghijklmnop"))

    def building(self, quarter: Quarter) -> Building:
        """A building of another name, street and size."""
        lots = places.read_lots("1-9" if self.twin else "1-4")
        made = self.house.do(
            places.add_building,
            quarter=quarter,
            name=self.name(),
            street=f"{self.twin + 3} rue {self.name()}",
            lots=lots,
        )
        assert isinstance(made, Building)
        return made

    def resident(self, building: Building, *, role: Role = Role.RESIDENT) -> Resident:
        """Somebody who lives there."""
        with self.house.home.write.begin() as session:
            made = residents.register(
                session,
                login=f"{self._words[0].lower()}.{secrets.token_hex(5)}",
                first_name=self.name(),
                last_name=self.name(),
                password=self.word(),
                email=f"{secrets.token_hex(5)}@{self._words[0].lower()}.example",
                locale="fr",
                now=self.house.town.now,
                role=role,
            )
            lots = session.get_one(Building, building.id).lots
            lot = lots[-1 if self.twin else 0]
            residents.move_in(session, resident=made, lot=lot, now=self.house.town.now)
        return made

    def settle_in(self, quarter: Quarter) -> None:
        """Those without whom nothing happens: two authors, two neighbours, one who looks after the board."""
        self.quarter = quarter
        self.home, self.beside = self.building(quarter), self.building(quarter)
        if self.twin:
            self._closed_quarter()
        people = [self.resident(one) for one in (self.home, self.beside, self.home, self.beside)]
        self.author, self.second, self.other, self.friend = people if self.twin else people[::-1]
        # In a building of its own: nobody decides about their neighbours.
        self.keeper = self.resident(self.building(quarter), role=Role.MODERATOR)
        if self.twin:  # and hears by mail of answers from another town
            with self.house.home.write.begin() as session:
                known = session.get_one(Resident, self.author.id)
                mailboxes.prove(session, resident=known, address=str(known.email), now=self.house.town.now)

    def _closed_quarter(self) -> None:
        """One that nobody opened: it stays at home with its name."""
        with self.house.home.write.begin() as session:
            city = session.get_one(Quarter, self.quarter.id).city
            given = {"postcode": "13009", "district": 9, "now": self.house.town.now}
            places.add_quarter(session, city=city, name=self.name(), **given)

    def live(self) -> None:
        """A stretch of private life: in one twin nothing or one thing happens, in the other several."""
        gap = next(self._gaps)
        for _ in range(1 + (gap % 3 == 0) if self.twin else gap % 2):
            event_ = next(self._events)
            event_(self)
            self.seen.add(event_.__name__)

    def listing(self) -> Listing:
        """A slip for one building."""
        return self.house.offer(self.other, self.word(), audience=Audience.BUILDING, byline=None)


def _write_inside(life: Private) -> None:
    slip = life.listing()
    for _ in range(1 + life.twin):
        life.house.do(notices.edit, notice=slip, by=life.other, title=life.word(), body=life.word())
        # Begins in the building and would reach further tomorrow; the clock stands still.
        asked = {"audience": Audience.INSTANCE, "need": (Need.TOOL, Need.HAND)[life.twin], "pace": Pace.TOMORROW}
        life.house.do(rings.ask, by=life.other, title=life.word(), body=life.word(), **asked)


def _take_down(life: Private) -> None:
    life.house.do(notices.withdraw, notice=life.listing(), by=life.other)


def _talk(life: Private) -> None:
    slip = life.house.offer(life.other, life.word(), audience=Audience.QUARTER, byline=None)
    talk = life.house.do(conversations.answer, listing=slip, by=life.friend, body=life.word())
    assert isinstance(talk, Conversation)
    life.house.do(conversations.reply, conversation=talk, by=life.other, body=life.word())


def _report(life: Private) -> None:
    slip = life.house.offer(life.other, life.word(), audience=Audience.INSTANCE)
    entry = life.house.do(
        reports.report,
        target=evidence.Target.NOTICE,
        public_id=slip.public_id,
        reason=life.word(),
        by=life.friend,
        reader=life.house.reader(life.friend),
    )
    assert isinstance(entry, reports.Report)
    life.house.do(moderation.hide, notice=slip, reason=life.word(), by=life.keeper)


def _sign_in(life: Private) -> None:
    with life.house.home.write.begin() as session:
        known = session.get_one(Resident, life.other.id)
        logins.open_login(session, resident=known, now=life.house.town.now)
        address = f"{secrets.token_hex(5)}@{life.twin}.example"
        mailboxes.prove(session, resident=known, address=address, now=life.house.town.now)
        logins.set_password(session, resident=known, new=life.word())
        recovery.answer_requests(session, now=life.house.town.now)
        recovery.ask(session, name=known.login, now=life.house.town.now)


def _move_in(life: Private) -> None:
    life.resident(life.building(life.quarter))
    with life.house.home.write.begin() as session:
        lots = session.get_one(Building, life.home.id).lots
        verification.issue_all(session, lots=lots[: 2 + life.twin], pepper=PEPPER, now=life.house.town.now)
        halls.install(session, building=session.get_one(Building, life.home.id), now=life.house.town.now)


def _comment(life: Private) -> None:
    for notice in life.under:
        life.house.do(comments.add, notice=notice, by=life.friend, body=life.word())


def _crowd(life: Private) -> None:
    with life.house.home.write.begin() as session:
        for _ in range(1 + life.twin):
            canaries.bystanders(session)


def _flood(life: Private) -> None:
    """Many changes at once, though fewer than the boundary judges in one go: more than a hundred would delay what is
    public behind them by a sweep, and when something leaves is not what is proved here."""
    slip = life.listing()
    with life.house.home.write.begin() as session:
        known, by = session.get_one(Listing, slip.id), session.get_one(Resident, life.other.id)
        for _ in range(5 * life.twin + 1):
            notices.edit(session, notice=known, by=by, title=life.word(), body=life.word(), now=life.house.town.now)


EVENTS: list[Event] = [_crowd, _write_inside, _talk, _report, _sign_in, _move_in, _comment, _take_down, _flood]
