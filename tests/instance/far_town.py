"""Towns that lend to each other, each with a store of its own, and the bag of letters between them, for tests."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select

from instance import bonds, conversations, correspondence, far_loans, hours, journal, listings, loans
from instance.audience import Audience
from instance.base import Refused
from instance.bonds import Bond, Said, Told
from instance.conversations import Conversation
from instance.correspondence import Letter
from instance.far_loans import Offered
from instance.journal import Change, Subject
from instance.listings import Direction, Listing
from instance.loans import Loan
from instance.notices import Origin
from instance.residents import Resident
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, Neighbourhood


@dataclass(frozen=True)
class Parcel:
    """One word on its way; `thread` is which conversation it is about."""

    to: str
    thread: str
    word: Told | Said


@dataclass
class Towns:
    """Ana lends one ladder in "home"; Ben lives in "east", Cleo in "west". Each has written to her."""

    stack: ExitStack = field(default_factory=ExitStack)
    places: dict[str, Neighbourhood] = field(default_factory=dict)
    people: dict[str, Resident] = field(default_factory=dict)
    talks: dict[tuple[str, str], Conversation] = field(default_factory=dict)
    bag: list[Parcel] = field(default_factory=list)
    now = NOW

    def open(self) -> "Towns":
        for name in ("home", "east", "west"):
            session = self.stack.enter_context(neighbourhood.fresh_session())
            self.places[name] = neighbourhood.build(session)
            for other in ("home", "east", "west"):
                bonds.know(session, actor=desk(other), keeps=True)
        self.people["home"] = self.places["home"].resident(self.places["home"].lilas, name="Ana")
        self.ladder = self.places["home"].offer(self.people["home"], Audience.NETWORK)
        for name in ("east", "west"):
            self._write_to_ana(name)
        for name in self.places:
            self.gather(name)
        self.bag.clear()
        return self

    def close(self) -> None:
        self.stack.close()

    def _write_to_ana(self, name: str) -> None:
        town = self.places[name]
        self.people[name] = town.resident(town.lilas, name="Autre")
        uri = f"https://home.example/items/{self.ladder.public_id}"
        origin = Origin(uri=uri, actor_uri=desk("home"), name="Home", host="home.example", url=None, updated=self.now)
        words = {"title": "Une échelle", "html": "<p>À prêter.</p>", "language": "fr"}
        seen = listings.welcome(town.session, origin=origin, direction=Direction.OFFER, now=self.now, **words)
        assert isinstance(seen, Listing)
        here = conversations.answer(
            town.session, listing=seen, by=self.people[name], body="Bonjour.", byline="Autre", now=self.now
        )
        letter = self.letter(name, thread=name, uri=f"{desk(name)}/letters/1", listing=self.ladder.public_id)
        session = self.places["home"].session
        there = correspondence.receive(session, letter=letter, listing=self.ladder, now=self.now).conversation
        self.talks[name, name] = here
        self.talks["home", name] = there

    def letter(self, sender: str, *, thread: str, uri: str, **more: object) -> Letter:
        """A word as the hatch would hand it on: the thread is the root letter of whoever opened it."""
        given: dict[str, object] = {"uri": uri, "sender": desk(sender), "sender_name": sender, "host": sender}
        if sender == "home":
            root = conversations.root(self.places[thread].session, conversation=self.talks[thread, thread])
            given["our_thread"] = root.public_id
        given["thread"] = f"{desk(thread)}/threads"
        return Letter(html="", **{**given, **more})

    def gather(self, name: str) -> None:
        """What this town has to say goes into the bag, by the rows as they are now, as the outbox does it."""
        session = self.places[name].session
        for change in session.scalars(select(Change).where(Change.pending, Change.subject == Subject.LOAN)).all():
            bond = bonds.by_public_id(session, public_id=change.subject_id)
            assert bond is not None
            counted = bond.version if bond.leads else bond.sequence
            word = far_loans.word(session, bond=bond) if counted == change.version else None
            if word is not None:
                thread = next(t for (town, t), talk in self.talks.items() if town == name and talk is bond.conversation)
                self.bag.append(Parcel(to=thread if name == "home" else "home", thread=thread, word=word))
            journal.conclude(session, change=change, outcome=journal.Outcome.POST, why="", now=self.now)

    def deliver(self, parcel: Parcel) -> None:
        """A word arrives, whether it was awaited or not."""
        session = self.places[parcel.to].session
        try:
            with session.begin_nested():
                self._take(session, parcel)
        except Refused as refused:
            if refused.code == "not_agreed":  # honest towns never seem to lie
                raise
        self.gather(parcel.to)

    def _take(self, session: object, parcel: Parcel) -> None:
        word = parcel.word
        if isinstance(word, Told):
            uri = f"{desk('home')}/agreements/{word.loan}/updates/{word.version}"
            letter = self.letter("home", thread=parcel.thread, uri=uri)
            far_loans.take_over(session, told=word, letter=letter, now=self.now)
            return
        uri = f"{desk(parcel.thread)}/offers/{parcel.thread}/{word.sequence}"
        letter = self.letter(parcel.thread, thread=parcel.thread, uri=uri)
        far_loans.hear(session, offered=Offered(letter=letter, said=word), listing=None, now=self.now)

    def settle(self) -> None:
        """Everything that is on its way arrives."""
        for _ in range(60):
            if not self.bag:
                return
            self.deliver(self.bag.pop(0))
        raise AssertionError("the towns do not come to rest")

    def loan(self, town: str, thread: str) -> Loan | None:
        """The loan of a conversation as a town has it."""
        return loans.last_in(self.places[town].session, conversation=self.talks[town, thread])

    def bond(self, town: str, thread: str) -> Bond | None:
        return bonds.of(self.places[town].session, conversation=self.talks[town, thread])

    def picture(self, town: str, thread: str) -> tuple[object, ...] | None:
        """All that both must have alike."""
        one = self.loan(town, thread)
        if one is None:
            return None
        fields = ("public_id", "state", "asker", "terms", "pickup_at", "due_on", "place", "wished_on")
        return tuple(getattr(one, name) for name in fields)

    def terms(self, *, in_hours: float = 48, days: int = 5, place: str = "Devant la mairie") -> dict[str, object]:
        pickup = self.now + timedelta(hours=in_hours)
        return {"pickup_at": pickup, "due_on": hours.town_day(pickup) + timedelta(days=days), "place": place}


def desk(name: str) -> str:
    """The desk of a town."""
    return f"https://{name}.example/users/instance"
