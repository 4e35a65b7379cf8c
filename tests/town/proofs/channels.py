"""Every way out of a house, as a table of captures: a channel that is added is one line here.

Each capture yields what left by it in a finished story, with the reader who gets it.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.engine import make_url

from federation.models import Federation
from instance.audience import Audience
from instance.base import new_id
from instance.residents import Resident
from tests.town.houses import House
from tests.town.proofs import crawl, post, readers, walls
from tests.town.proofs.crawl import Visitor
from tests.town.proofs.haystacks import Haystack
from tests.town.proofs.story import Story
from web.frame import context

STATIC = Path(__file__).parents[3] / "web" / "static"
EVERYBODY = Audience.NETWORK
Capture = Callable[[Story], Iterator[Haystack]]


def requests(story: Story) -> Iterator[Haystack]:
    """What went over the wire, before TLS. A letter is for its one receiver's host, all else for anybody."""
    for number, sent in enumerate(story.town.sent):
        place = f"{number} {sent.method} {sent.url}"
        yield Haystack(channel="request", place=place, reader=f"host {sent.name}", data=sent.body)
        head = "\n".join([sent.url, *(f"{name}: {value}" for name, value in sent.headers.items())])
        yield Haystack(channel="request, head", place=place, reader=readers.OUTSIDE, data=head.encode())


def answers(story: Story) -> Iterator[Haystack]:
    """What doors answered to couriers: whoever is on the way reads it."""
    for number, sent in enumerate(story.town.sent):
        place = f"{number} {sent.method} {sent.url}: {sent.status}"
        head = "\n".join(f"{name}: {value}" for name, value in sent.answer_headers.items())
        yield Haystack(channel="answer", place=place, reader=readers.OUTSIDE, data=sent.answer)
        yield Haystack(channel="answer, head", place=place, reader=readers.OUTSIDE, data=head.encode())


def names(story: Story) -> Iterator[Haystack]:
    """What was asked of the resolver."""
    for name in {sent.name for sent in story.town.sent}:
        yield Haystack(channel="names", place=name, reader=readers.OUTSIDE, data=name.encode())


def doors(story: Story) -> Iterator[Haystack]:
    """What the doors answer."""
    for house in story.town.houses.values():
        yield from crawl.door(story, house)


def pages(story: Story) -> Iterator[Haystack]:
    """What the pages show."""
    yield from crawl.pages(story)


def store(story: Story) -> Iterator[Haystack]:
    """Every row of every federation store."""
    for house in story.town.houses.values():
        with house.federation.read() as session:
            for table in Federation.metadata.sorted_tables:
                for row in session.execute(select(table)):
                    yield Haystack(
                        channel="store", place=f"{house.host} {table.name}", reader=readers.OUTSIDE, data=_plain(row)
                    )


def _plain(row: object) -> bytes:
    return b"\n".join(one if isinstance(one, bytes) else str(one).encode() for one in row)  # type: ignore[attr-defined]


def folder(story: Story) -> Iterator[Haystack]:
    """The files of the side that talks to others, and its SQLite store as it lies on the disk, free pages included."""
    for house in story.town.houses.values():
        found = [one for one in house.federation_folder.rglob("*") if one.is_file()]
        database = make_url(str(house.federation.engine.url)).database
        if keeps_a_file(house) and database:
            _write_back(database)
            found += Path(database).parent.glob("store.sqlite*")
        for file in found:
            yield Haystack(channel="folder", place=file.name, reader=readers.OUTSIDE, data=file.read_bytes())


def keeps_a_file(house: House) -> bool:
    """Whether a store of this engine lies in the folder of its side; PostgreSQL's lies with the server."""
    return house.federation.engine.dialect.name == "sqlite"


def _write_back(database: str) -> None:
    """What SQLite does by itself after each thousand pages: until then its log holds pages as they were before."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


def log(story: Story) -> Iterator[Haystack]:
    """Every line that any logger wrote, at DEBUG, in the form in which our processes write it."""
    for line in story.log.text.getvalue().splitlines():
        yield Haystack(channel="log", place="log", reader=readers.OUTSIDE, data=line.encode())


def static(_: Story) -> Iterator[Haystack]:
    """The files that browsers load."""
    for file in STATIC.rglob("*"):
        if file.is_file():
            yield Haystack(channel="static", place=file.name, reader=readers.OUTSIDE, data=file.read_bytes())


# --- errors


def errors(story: Story) -> Iterator[Haystack]:
    """What each page and each route of the door says when it breaks while it holds somebody's row."""
    yield from page_errors(story)
    yield from door_errors(story)


def page_errors(story: Story) -> Iterator[Haystack]:
    """What each page says when it breaks with a row in hand."""
    # Who runs the place gets as far as every view; what she reads when one breaks is for nobody in particular.
    adele = Visitor(name="administrator", reader=readers.OUTSIDE, client=story.here.browser(story.adele))
    yield from _broken(story.here.pages, [adele], known=crawl.values(story), breaks=_break_on_a_row(story))


def door_errors(story: Story) -> Iterator[Haystack]:
    """What each route of the door says when it breaks."""
    yield from _broken(
        story.here.door,
        [Visitor(name="anybody", reader=readers.OUTSIDE, client=story.here.door.test_client())],
        known=crawl.values(story),
        breaks=_break_with_words(story),
    )


def _broken(
    app: Flask, visitors: list[Visitor], *, known: Mapping[str, object], breaks: Callable[..., object]
) -> Iterator[Haystack]:
    for rule in app.url_map.iter_rules():
        with _failing(app, rule.endpoint, breaks):
            for visitor in visitors:
                address = next(iter(crawl.addresses(app, rule, known=known)))  # type: ignore[arg-type]
                method = "GET" if "GET" in (rule.methods or ()) else "POST"
                for found in crawl.ask(visitor, address, channel="error", method=method):
                    assert found.place.endswith((": 500", ": 503", ": 415")), found.place
                    yield found


@contextmanager
def _failing(app: Flask, endpoint: str, breaks: Callable[..., object]) -> Iterator[None]:
    before = app.view_functions[endpoint]
    app.view_functions[endpoint] = breaks
    try:
        yield
    finally:
        app.view_functions[endpoint] = before


def _break_on_a_row(story: Story) -> Callable[..., object]:
    """Break a rule of the database with a whole row in hand: PostgreSQL's own message quotes it."""
    resident_id = story.odile.id

    def view(**_: object) -> str:
        session = context.home()
        row = session.execute(select(Resident.__table__).where(Resident.id == resident_id)).mappings().one()
        session.execute(insert(Resident.__table__).values({**row, "id": new_id(), "role": None}))
        return "not reached"

    return view


def _break_with_words(story: Story) -> Callable[..., object]:
    """Fail with an exception that quotes what it was working on."""
    word = story.secret("typed.letter")

    def view(**_: object) -> str:
        message = f"no such thing as {word}"
        raise KeyError(message)

    return view


CHANNELS: Mapping[str, Capture] = {
    # Errors first: what they log is read with the rest of the log.
    "errors": errors,
    "requests": requests,
    "answers": answers,
    "names": names,
    "doors": doors,
    "pages": pages,
    "hall": crawl.wall,
    "live": walls.stream,
    "mails": post.mails,
    "store": store,
    "folder": folder,
    "log": log,
    "static": static,
}

# Parts of a channel that cost less than the whole.
PARTS: Mapping[str, Capture] = {"door errors": door_errors, "page errors": page_errors}


def everything(story: Story, *, channels: Mapping[str, Capture] = CHANNELS) -> Iterator[Haystack]:
    """All that left, by every channel."""
    for capture in channels.values():
        yield from capture(story)
