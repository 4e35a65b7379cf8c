"""What two towns do in public, word for word the same in every run, and all that strangers can learn of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import Column, String, func, select
from sqlalchemy.orm import Session

from federation import peers
from federation.models import Federation, Follow
from instance import conversations, listings, moderation, news, notices, organisations
from instance.audience import Audience
from instance.conversations import Conversation
from instance.happenings import Happening
from instance.notices import Notice
from tests.town import canaries
from tests.town.houses import House, Town
from tests.town.proofs.crawl import ACCEPTS, published, routes
from tests.town.proofs.crawl import addresses as of_rule
from tests.town.proofs.twins import Private, drawn, steady
from web.tables import HOME

Line = tuple[str, str]  # where, and what was to be seen there
NAMES = ("saint_julien", "ciq_julien", "instance", "palier", "nobody")


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody who asked for an address got."""

    address: str
    status: int
    headers: dict[str, str]
    data: bytes


@dataclass(slots=True)
class Twin:
    """One run: its town, what is told of it outside, and the private lives in it."""

    town: Town
    here: House
    there: House
    lives: tuple[Private, Private]
    private: list[str]
    texts: dict[str, set[str]]  # of each column of the home store that holds private words
    counts: dict[str, int]  # of each of its tables
    answers: list[Answer] = field(default_factory=list)


def run(
    make_store: Callable[..., str], *, folder: Path, now: datetime, twin: int, short: bool = False
) -> tuple[Twin, list[Line]]:
    """Tell the story of one twin, and give everything a stranger gets to see, in order.

    A short one ends once something was published, and nobody comes to the doors.
    """
    town = Town(now=now, folder=folder / f"twin{twin}", make_store=make_store)
    try:
        with steady():
            told = _Script(town, twin=twin).play(short=short)
            return told, [*_wire(told), *_rows(told.here), *_rows(told.there), *(() if short else _visits(told))]
    finally:
        town.close()


class _Script:
    """The public acts, with private life between any two of them."""

    def __init__(self, town: Town, *, twin: int) -> None:
        self.town = town
        self.here, self.there = town.build("marseille"), town.build("barnabe")
        self.mine, self.theirs = Private(self.here, twin=twin), Private(self.there, twin=twin)

    def play(self, *, short: bool) -> Twin:
        """Everything, from the first quarter to the last farewell."""
        beginning = (self._found, self._follow, self._publish)
        rest = (self._retry, self._edit, self._write, self._end, self._part)
        for act in beginning if short else beginning + rest:
            act()
            self.live()
            self.settle()
        inside = [self.mine.listing().public_id, self.mine.author.public_id, self.mine.home.public_id]
        self.settle()
        tables = HOME.sorted_tables
        private = [f"/users/instance/items/{one}" for one in inside] + [f"/users/{self.mine.author.login}"]
        with self.here.home.read() as session:
            texts = {canaries.name_of(one): _texts(session, one) for table in tables for one in table.columns}
            counts = {one.name: session.execute(select(func.count()).select_from(one)).scalar_one() for one in tables}
        lives = (self.mine, self.theirs)
        return Twin(self.town, self.here, self.there, lives=lives, private=private, texts=texts, counts=counts)

    def live(self) -> None:
        """Private life on both sides."""
        self.mine.live()
        self.theirs.live()

    def settle(self) -> None:
        """Let the workers work."""
        self.town.settle()
        self.live()

    def _do(self, label: str, act: Callable[..., object], **given: object) -> object:
        """One public act, between private ones."""
        self.live()
        with drawn(label):
            return self.here.do(act, **given)

    def _found(self) -> None:
        for house, life, name in ((self.here, self.mine, "Saint Julien"), (self.there, self.theirs, "Saint Barnabé")):
            with drawn(name):
                quarter = house.quarter(name)
            life.settle_in(quarter)
        with drawn("ciq"):
            self.ciq = self.here.organisation("ciq_julien", writer=self.mine.author, quarter=self.mine.quarter)

    def _follow(self) -> None:
        for name in ("saint_julien", "instance", "ciq_julien"):
            self.there.follow(f"{self.here.origin}/users/{name}")
            self.live()
        self.here.follow(f"{self.there.origin}/users/saint_barnabe")

    def _publish(self) -> None:
        """Several at once, by several people: they leave in the order in which they were published."""
        self.fete = self._news("Fête de la rue")
        self.drill = self._offer("Perceuse", by=self.mine.author)
        self.saw = self._offer("Scie", by=self.mine.second)
        self.works = self._news("Travaux rue Longue")
        self._news("Bal", happening=Happening(begins=self.town.now + timedelta(days=20), place="Place des Essais"))
        self.mine.under = [self.fete]

    def _news(self, title: str, **more: object) -> Notice:
        made = self._do(
            title,
            news.post,
            organisation=self.ciq,
            by=self.mine.author,
            title=title,
            summary=f"{title} en bref.",
            body=f"{title}, en détail.",
            audience=Audience.NETWORK,
            **more,
        )
        assert isinstance(made, Notice)
        return made

    def _offer(self, title: str, *, by: object) -> Notice:
        body = f"{title}, à prêter."
        given = {"by": by, "title": title, "body": body, "audience": Audience.NETWORK, "byline": "Une voisine"}
        made = self._do(title, listings.offer, **given)
        assert isinstance(made, Notice)
        return made

    def _retry(self) -> None:
        self.there.is_up = False
        self.ladder = self._offer("Échelle", by=self.mine.second)
        self.settle()
        self.town.pass_time(hours=9)
        self.there.is_up = True

    def _edit(self) -> None:
        words = {"title": "Fête reportée", "summary": "En juin.", "body": "En juin."}
        self._do("edit", news.edit, item=self.fete, by=self.mine.author, happening=None, **words)
        self._do("edit", notices.edit, notice=self.drill, by=self.mine.author, title="Perceuse", body="Sans mèches.")
        words = {"name": "CIQ Saint-Julien", "summary": "Comité d’intérêt de quartier"}
        self._do("describe", organisations.describe, organisation=self.ciq, **words)

    def _write(self) -> None:
        """A letter that is for one host, and its answer: their words are what is told there, in every run."""
        drill = self.there.hung("Perceuse")
        with drawn("question"):
            words = {"body": "Libre samedi ?", "byline": "C."}
            self.there.do(conversations.answer, listing=drill, by=self.theirs.friend, **words)
        self.settle()
        talk = next(one for one in self.here.conversations() if one.remote_host == self.there.host)
        assert isinstance(talk, Conversation)
        self._do("reply", conversations.reply, conversation=talk, by=self.mine.author, body="Samedi, oui.")

    def _end(self) -> None:
        """Narrowed and lived on with at home, taken down, hidden for reasons, and left until its time is over."""
        self._do("narrow", listings.narrow, listing=self.drill, by=self.mine.author, audience=Audience.BUILDING)
        self.settle()
        for _ in range(1 + 2 * self.mine.twin):
            words = {"title": self.mine.word(), "body": self.mine.word()}
            self.here.do(notices.edit, notice=self.drill, by=self.mine.author, **words)
            self.settle()
        self._do("withdraw", notices.withdraw, notice=self.works, by=self.mine.author)
        self._do("hide", moderation.hide, notice=self.saw, by=self.mine.keeper, reason=self.mine.word())
        self.settle()
        self.town.pass_time(days=31)

    def _part(self) -> None:
        """Follow no more, and hang one last thing: it is there when everybody comes to the doors."""
        self.trestles = self._offer("Tréteaux", by=self.mine.second)
        with self.there.federation.write.begin() as session:
            follow = session.scalars(select(Follow).where(Follow.direction == "out").order_by(Follow.id)).first()
            assert follow is not None
            peers.unfollow(session, follow_id=follow.id, now=self.town.now)


def _texts(session: Session, column: Column[object]) -> set[str]:
    """What stands in a column of words; the words that the domain itself has for things are no secret."""
    if not isinstance(column.type, String) or canaries.name_of(column) in canaries.WORDS:
        return set()
    return {one for one in session.execute(select(column)).scalars() if one}


# --- what strangers see


def _wire(told: Twin) -> Iterator[Line]:
    """Requests as they left, in order, and the names that were looked up for them."""
    for sent in told.town.sent:
        head = "\n".join(f"{name}: {value}" for name, value in sent.headers.items())
        yield f"{sent.sender}: {sent.method} {sent.url}", f"{head}\n\n{sent.body!r}"
        yield "name", sent.name


def _visits(told: Twin) -> Iterator[Line]:
    """The answers of both doors, and the pages that a visitor may read."""
    yield from _answers(told, told.here)
    yield from _answers(told, told.there)
    client = told.here.browser(None)
    for address in ("/", "/about", "/@ciq_julien", *_pages(told)):
        yield from _ask(told, client, address, accept="HTML", place=f"page {address}")


def _pages(told: Twin) -> Iterator[str]:
    """The pages of what was public once."""
    with told.here.home.read() as session:
        wanted = select(Notice.public_id).where(Notice.reached_network.is_(True), Notice.origin_uri.is_(None))
        yield from sorted(f"/notices/{one}" for one in session.scalars(wanted))


def _answers(told: Twin, house: House) -> Iterator[Line]:
    known = {"name": NAMES, "rest": ("inbox", "outbox", "items/nothing", "letters/nothing")}
    found = [one for rule in routes(house.door) for one in of_rule(house.door, rule, known=known)]
    found += published(house)
    found += [f"/.well-known/webfinger?resource=acct:{name}@{house.host}" for name in NAMES]
    found += [f"/users/{name}/outbox?page=1" for name in NAMES]
    client = house.door.test_client()
    for address in found:
        for accept in ("HTML", "AS2"):
            yield from _ask(told, client, address, accept=accept, place=f"{accept} {house.host}{address}")
    for number, address in enumerate(told.private):  # one that exists here has another address there
        yield from _ask(told, client, address, accept="AS2", place=f"AS2 {house.host} private {number}")


def _ask(told: Twin, client: FlaskClient, address: str, *, accept: str, place: str) -> Iterator[Line]:
    answer = client.get(address, headers={"Accept": ACCEPTS[accept]})
    if not place.startswith("page"):
        told.answers.append(Answer(address, answer.status_code, dict(answer.headers), answer.data))
    yield place, f"{answer.status}\n{answer.headers}\n{answer.data!r}"


def _rows(house: House) -> Iterator[Line]:
    """Every row with every column, numbers included."""
    with house.federation.read() as session:
        for table in Federation.metadata.sorted_tables:
            for row in session.execute(select(table).order_by(*table.primary_key.columns)):
                yield f"{house.host} {table.name}", repr(tuple(row))
