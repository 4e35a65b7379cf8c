"""Three instances as processes, one conversation, one loan: the wire between them fails at every step.

By turns nothing arrives, and everything arrives but its answer; when it is whole again all is alike, nothing double.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import cycle
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from federation.models import Delivery, DeliveryState, HostHealth, Letter, LetterState
from instance import conversations, extensions, far_loans, hours, loans
from instance.audience import Audience
from instance.bonds import Bond, Wish
from instance.conversations import Conversation, Message
from instance.lending import Act, State
from instance.loans import Loan
from instance.notices import Notice
from instance.residents import Resident
from tests import running, waiting
from tests.running import Served
from tests.town import lines
from tests.town.houses import House, beside
from tests.town.lines import Line

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]
PATIENCE = 45
LENDER, FIRST, SECOND = "preteuse", "premiere", "seconde"
ALIKE = ("public_id", "state", "asker", "terms", "pickup_at", "due_on", "place", "wished_on")
TITLE = "Perceuse"
WORDS = ("Bonjour", "Pour quand", "Samedi", "Et moi", "Rendue", "Bien merci")
wait_until = partial(waiting.until, seconds=PATIENCE, every=0.15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A running instance behind a line, with its stores opened beside it, and somebody who lives there."""

    server: Served
    house: House
    line: Line
    somebody: Resident

    def talk(self, session: Session, *, number: int = 0) -> Conversation | None:
        """Its conversation of this number, if that has begun."""
        return session.scalars(select(Conversation).order_by(Conversation.id).offset(number).limit(1)).first()

    def act(self, do: Callable[..., object]) -> None:
        """Let its resident do something in its first conversation."""
        with self.house.home.write.begin() as session:
            by = session.get_one(Resident, self.somebody.id)
            do(session, self.talk(session), by, self.house.town.now)


@contextmanager
def three(folder: Path) -> Iterator[Mapping[str, Place]]:
    """The three, up, each found by the others over its line."""
    with ExitStack() as opened:
        found = {}
        for name in (LENDER, FIRST, SECOND):
            port = running.free_port("127.0.0.1")
            line = opened.enter_context(lines.laid(port))
            origin = f"http://127.0.0.1:{line.port}"
            server = running.served(folder / name, name=name.title(), origin=origin, bind=f"127.0.0.1:{port}")
            opened.callback(server.stop)
            found[name] = (server, line)
        with ThreadPoolExecutor(len(found)) as hands:
            list(hands.map(lambda one: one[0].start(), found.values()))
        yield {name: settle_in(server, line, opened=opened) for name, (server, line) in found.items()}


def settle_in(server: Served, line: Line, *, opened: ExitStack) -> Place:
    data, origin = Path(server.environ["PALIER_DATA"]), server.environ["PALIER_ORIGIN"]
    house = opened.enter_context(beside(data, origin=origin))
    somebody = house.resident("Odile", building=house.building(house.quarter("Le Port")))
    return Place(server=server, house=house, line=line, somebody=somebody)


@dataclass(slots=True, kw_only=True)
class Story:
    """What the three say and do, and how the wire fails meanwhile."""

    places: Mapping[str, Place]
    failing: Iterator[lines.State] = field(default_factory=lambda: cycle((lines.State.CUT, lines.State.MUTE)))
    steps: int = 0

    @property
    def lender(self) -> Place:
        return self.places[LENDER]

    def borrow(self) -> None:
        """What is lent hangs at both the others."""
        for name in (FIRST, SECOND):
            self.places[name].house.follow(f"{self.lender.house.origin}/users/instance")
        self.until_rest(lambda: self.follows() == 2)
        self.lender.house.offer(self.lender.somebody, TITLE, audience=Audience.NETWORK)
        self.until_rest(lambda: all(self.hangs(name) for name in (FIRST, SECOND)))

    def follows(self) -> int:
        with self.lender.house.federation.read() as session:
            return session.scalar(select(func.count()).select_from(Delivery).where(Delivery.state == "sent")) or 0

    def hangs(self, name: str) -> bool:
        with self.places[name].house.home.read() as session:
            return session.scalar(select(Notice.id).where(Notice.title == TITLE)) is not None

    def step(self, do: Callable[[], object], *, to: str, then: Callable[[], object]) -> None:
        """Cut every wire, do something, mend them when a letter to `to` was lost, and wait until `then`."""
        state, there = next(self.failing), self.places[to].line
        before = there.letters_lost
        for place in self.places.values():
            place.line.state = state
        do()
        wait_until(lambda: there.letters_lost > before, f"no letter was lost on the way to {to}")
        for place in self.places.values():
            place.line.state = lines.State.WHOLE
        self.until_rest(then)
        self.steps += 1

    def until_rest(self, then: Callable[[], object]) -> None:
        wait_until(lambda: self.hurry() and then() and not self.owed(), self.shown)

    def hurry(self) -> bool:
        """Let the time pass that everybody waits before they try again."""
        for place in self.places.values():
            with place.house.federation.write.begin() as session:
                now = place.house.town.now
                session.execute(update(HostHealth).where(HostHealth.probe_at > now).values(probe_at=now))
                late = Delivery.state == DeliveryState.DUE, Delivery.due_at > now
                session.execute(update(Delivery).where(*late).values(due_at=now))
                waits = Letter.state == LetterState.WAITING, Letter.due_at > now
                session.execute(update(Letter).where(*waits).values(due_at=now))
        return True

    def owed(self) -> list[tuple[str, str, str | None]]:
        found = []
        for name, place in self.places.items():
            with place.house.federation.read() as session:
                unsent = select(Delivery).where(Delivery.state != DeliveryState.SENT)
                found += [(name, one.inbox, one.last_error) for one in session.scalars(unsent)]
        return found

    def shown(self) -> object:
        said = [(one.type, one.state, one.sentence) for place in self.places.values() for one in place.house.letters()]
        return self.steps, self.owed(), [self.both(name) for name in (FIRST, SECOND)], said

    def both(self, name: str) -> tuple[object, object]:
        """What is there of the conversation with `name` and its loan: in the lender's town, and in theirs."""
        number = 0 if name == FIRST else 1
        return _picture(self.lender, number=number), _picture(self.places[name], number=0)

    def is_alike(self, name: str, *words: str, state: State | None = None) -> bool:
        here, there = self.both(name)
        return here == there and here is not None and here["words"] == list(words) and here["state"] == state


def _picture(place: Place, *, number: int) -> dict[str, object] | None:
    """The words in their order, and how the loan stands."""
    with place.house.home.read() as session:
        talk = place.talk(session, number=number)
        if talk is None:
            return None
        said = session.scalars(select(Message).where(Message.conversation_id == talk.id).order_by(Message.id))
        wishes = session.scalars(select(Bond.wish).where(Bond.conversation_id == talk.id, Bond.wish.is_not(None))).all()
        loan = loans.last_in(session, conversation=talk)
        stands = {one: getattr(loan, one) if loan is not None else None for one in ALIKE}
        count = session.scalar(select(func.count()).select_from(Loan).where(Loan.conversation_id == talk.id))
        # With a letter goes how it is signed; of what is compared only the words.
        words = [next((word for word in WORDS if word in one.html), one.html) for one in said]
        return stands | {"words": words, "wishes": wishes, "loans": count}


# --- what they do, each in a transaction of its own


def answer(place: Place, text: str) -> None:
    house, given = place.house, {"body": text, "byline": "Une voisine"}
    house.do(conversations.answer, listing=house.hung(TITLE), by=place.somebody, **given)


def write(place: Place, text: str) -> None:
    place.act(lambda session, talk, by, now: conversations.reply(session, conversation=talk, by=by, body=text, now=now))


def ask(place: Place) -> None:
    pickup = place.house.town.now.replace(microsecond=0) + timedelta(days=20)
    terms = {"pickup_at": pickup, "due_on": hours.town_day(pickup) + timedelta(days=4), "place": "Devant la mairie"}
    place.act(lambda session, talk, by, now: far_loans.ask(session, conversation=talk, by=by, now=now, **terms))


def wish(place: Place, wished: Wish, *, days: int | None = None) -> None:
    def do(session: Session, talk: Conversation, by: Resident, now: datetime) -> None:
        loan = _loan(session, talk)
        day = loan.due_on + timedelta(days=days) if days and loan.due_on else None
        far_loans.wish(session, loan=loan, wish=wished, by=by, day=day, now=now)

    place.act(do)


def agree(place: Place) -> None:
    def do(session: Session, talk: Conversation, by: Resident, now: datetime) -> None:
        loan = _loan(session, talk)
        loans.agree(session, loan=loan, by=by, terms=loan.terms, now=now)

    place.act(do)


def extend(place: Place) -> None:
    def do(session: Session, talk: Conversation, by: Resident, now: datetime) -> None:
        loan = _loan(session, talk)
        assert loan.wished_on is not None
        extensions.extend(session, loan=loan, by=by, until=loan.wished_on, now=now)

    place.act(do)


def move(place: Place, act: Act) -> None:
    place.act(lambda session, talk, by, now: loans.move(session, loan=_loan(session, talk), act=act, by=by, now=now))


def _loan(session: Session, talk: Conversation) -> Loan:
    found = loans.last_in(session, conversation=talk)
    assert found is not None
    return found


def test_one_conversation_and_one_loan_while_the_wire_fails_at_every_step(tmp_path: Path) -> None:
    with three(tmp_path) as places:
        story = Story(places=places)
        story.borrow()
        lender, first, second = (places[name] for name in (LENDER, FIRST, SECOND))
        said: list[str] = []

        def first_has(state: State | None, *words: str) -> Callable[[], bool]:
            said.extend(words)
            return lambda: story.is_alike(FIRST, *said, state=state)

        # The letters, each way twice, so that each is once lost and once without its answer.
        story.step(lambda: answer(first, "Bonjour."), to=LENDER, then=first_has(None, "Bonjour"))
        story.step(lambda: write(lender, "Pour quand ?"), to=FIRST, then=first_has(None, "Pour quand"))
        story.step(lambda: write(first, "Samedi."), to=LENDER, then=first_has(None, "Samedi"))
        story.step(lambda: answer(second, "Et moi."), to=LENDER, then=lambda: story.is_alike(SECOND, "Et moi"))
        # The loan, which a third asks for as well.
        story.step(lambda: ask(first), to=LENDER, then=first_has(State.ASKED))
        asked = partial(story.is_alike, SECOND, "Et moi", state=State.ASKED)
        story.step(lambda: ask(second), to=LENDER, then=asked)
        lapsed = partial(story.is_alike, SECOND, "Et moi", state=State.LAPSED)
        agreed = first_has(State.AGREED)
        story.step(lambda: agree(lender), to=FIRST, then=lambda: agreed() and lapsed())
        lent = first_has(State.LENT)
        story.step(lambda: wish(first, Wish.HAND_OVER), to=LENDER, then=lent)
        due = _due(first)
        story.step(lambda: wish(first, Wish.LONGER, days=3), to=LENDER, then=lent)
        story.step(lambda: extend(lender), to=FIRST, then=lambda: lent() and _due(first) == due + timedelta(days=3))
        story.step(lambda: write(first, "Rendue."), to=LENDER, then=first_has(State.LENT, "Rendue"))
        story.step(lambda: wish(first, Wish.GIVE_BACK), to=LENDER, then=first_has(State.GIVEN_BACK))
        story.step(lambda: write(lender, "Bien merci."), to=FIRST, then=first_has(State.GIVEN_BACK, "Bien merci"))
        story.step(lambda: move(lender, Act.CONFIRM), to=FIRST, then=first_has(State.RETURNED))

        assert [len(place.house.conversations()) for place in places.values()] == [2, 1, 1]
        assert {story.both(name)[0]["loans"] for name in (FIRST, SECOND)} == {1}
        assert lapsed()
        assert min(len(place.line.lost) for place in (lender, first)) >= 4
        for place in places.values():
            assert b"Traceback" not in place.server.log.read_bytes(), place.server.log.read_text()


def _due(place: Place) -> date:
    with place.house.home.read() as session:
        talk = place.talk(session)
        assert talk is not None
        due = _loan(session, talk).due_on
        assert due is not None
        return due
