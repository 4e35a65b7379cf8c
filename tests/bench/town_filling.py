"""A town of full size for measurements, the same each time: residents, buildings and notices.

Everything is invented. Words follow Zipf's law, as words do: many notices have the commonest thing, few the rarest.
"""

import random
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg
from sqlalchemy import text

from instance import audience, notices, search_index, stems
from instance.base import EPOCH
from web import stores

NOW: Final = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
OLDEST: Final = timedelta(days=700)
QUARTERS, LOTS = 111, 4
TEXTS: Final = 40_000
THINGS: Final = [
    "perceuse",
    "échelle",
    "vélo",
    "plombier",
    "poussette",
    "tondeuse",
    "table",
    "chaise",
    "livre",
    "piano",
    "guitare",
    "four",
    "lampe",
    "tente",
    "valise",
    "scie",
    "marteau",
    "remorque",
    "diable",
    "escabeau",
    "ponceuse",
    "raquette",
    "aquarium",
    "canapé",
    "matelas",
    "imprimante",
    "cafetière",
    "mixeur",
    "bocaux",
    "confiture",
    "jardinage",
    "couture",
    "déménagement",
    "baby-sitting",
    "covoiturage",
    "cours",
    "anglais",
    "maths",
    "chat",
    "chien",
    "lapin",
    "clef",
    "bricolage",
    "réparation",
    "ordinateur",
    "téléphone",
    "écran",
    "clavier",
    "compost",
    "graines",
    "plants",
    "terreau",
    "arrosoir",
    "barbecue",
    "glacière",
]
SYLLABLES: Final = [
    "ba",
    "bel",
    "cam",
    "cor",
    "dan",
    "fu",
    "gan",
    "gri",
    "hou",
    "jo",
    "lan",
    "lis",
    "mar",
    "mon",
    "nel",
    "or",
    "pa",
    "pri",
    "quo",
    "ro",
    "rus",
    "sal",
    "tal",
    "vi",
    "zo",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of everything."""

    residents: int = 100_000
    buildings: int = 26_000
    notices: int = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one notice says, and what it is found by."""

    title: str
    body: str
    terms: str


class Dice(random.Random):
    """Chance that is the same each time."""

    def word(self, words: Sequence[str]) -> str:
        """A word by Zipf's law: the nth as often as 1/n."""
        return words[min(int(len(words) ** self.random()) - 1, len(words) - 1)]


def vocabulary() -> Sequence[str]:
    """Things first, then words that no language has."""
    return [*THINGS, *(f"{a}{b}{c}" for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES[:8])]


def _texts(dice: Dice, words: Sequence[str], *, count: int) -> Sequence[Said]:
    made = []
    for _ in range(count):
        title = f"Prête {dice.word(words)} {dice.word(words)}".capitalize()
        body = " ".join(f"{dice.word(words)}{ending}" for ending in dice.choices(["", "s", ",", " pour"], k=14))
        made.append(Said(title=title, body=body, terms=" ".join(sorted(stems.terms(f"{title}\n{body}")))))
    return made


def key(moment: datetime, number: int) -> int:
    """An id as one drawn at that moment."""
    return (int((moment - EPOCH).total_seconds() * 1000) << 22) | (number % (1 << 22))


# --- rows, as tuples of what both drivers take

Value = str | int | bool | None
Table = tuple[str, str, Iterable[tuple[Value, ...]]]


class _Rows:
    """All rows of the town, table by table; chance comes from one seed."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._dice = Dice(20_261)
        self._at = _written(NOW - OLDEST)

    def _uuid(self) -> str:
        return uuid.UUID(int=self._dice.getrandbits(128), version=4).hex

    def tables(self) -> Iterator[Table]:
        """The tables in the order of their references."""
        size, at = self._size, self._at
        yield "city", "id public_id created_at name insee", [(1, self._uuid(), at, "Ville-d’Essai", "99001")]
        yield (
            "quarter",
            "id public_id created_at city_id name slug postcode",
            ((n, self._uuid(), at, 1, f"Quartier {n}", f"quartier_{n}", "99000") for n in range(1, QUARTERS + 1)),
        )
        yield "building", "id public_id created_at quarter_id name street postcode", self._buildings()
        lots = range(size.buildings * LOTS)
        yield (
            "lot",
            "id public_id created_at building_id number position",
            ((n + 1, self._uuid(), at, n // LOTS + 1, str(n % LOTS + 1), n % LOTS) for n in lots),
        )
        yield (
            "resident",
            "id public_id created_at login first_name last_name password_hash locale role state",
            (
                (n, self._uuid(), at, f"r{n}", f"Prénom{n}", f"Nom{n}", "x", "fr", "resident", "active")
                for n in self._people()
            ),
        )
        yield (
            "occupancy",
            "id public_id created_at resident_id lot_id",
            ((n, self._uuid(), at, n, n % len(lots) + 1) for n in self._people()),
        )
        yield (
            "proof",
            "id public_id created_at resident_id lot_id kind",
            ((n, self._uuid(), at, n, n % len(lots) + 1, "letter") for n in self._people()),
        )
        yield from self._notices()

    def _people(self) -> range:
        return range(1, self._size.residents + 1)

    def _buildings(self) -> Iterator[tuple[Value, ...]]:
        for n in range(1, self._size.buildings + 1):
            yield (
                n,
                self._uuid(),
                self._at,
                n % QUARTERS + 1,
                f"Résidence {n}",
                f"{n % 90} rue Inventée {n % 900}",
                "99000",
            )

    def _notices(self) -> Iterator[Table]:
        columns = (
            "id public_id created_at family title body html search_text language reach circle building_id quarter_id"
            " author_id state version reached_network updated_at expires_at origin_uri origin_actor origin_name"
            " origin_host"
        )
        keys = [key(self._moment(n), n) for n in range(self._size.notices)]
        yield "notice", columns, self._hung(keys)
        kinds = [("offer" if n % 3 else "request") for n in range(len(keys))]
        yield "listing", "id direction", ((one, kinds[n]) for n, one in enumerate(keys) if n % 5)
        yield "news_item", "id summary", ((one, "En bref.") for n, one in enumerate(keys) if not n % 5)

    def _moment(self, n: int) -> datetime:
        return NOW - OLDEST + OLDEST * (n / self._size.notices)

    def _hung(self, keys: Sequence[int]) -> Iterator[tuple[Value, ...]]:
        dice = self._dice
        said = _texts(dice, vocabulary(), count=min(TEXTS, self._size.notices))
        until = _written(NOW + timedelta(days=90))
        for n, one in enumerate(keys):
            what, moment = dice.choice(said), self._moment(n)
            at = _written(moment)
            author = dice.randrange(self._size.residents) + 1
            building = (author % (self._size.buildings * LOTS)) // LOTS + 1
            quarter = building % QUARTERS + 1
            # Half of all hangs in buildings, three in ten in quarters, the others in the town; some is from elsewhere.
            chance = dice.random()
            reach, circle = (
                (1, audience.building_circle(building))
                if chance < 0.5
                else (2, audience.quarter_circle(quarter))
                if chance < 0.8
                else (3, audience.CITY_CIRCLE)
            )
            away = chance > 0.96
            kind = "news" if not n % 5 else "offer" if n % 3 else "request"
            marks = f":kind:{kind} :from:{'away' if away else 'here'} {notices.week_mark(moment)}"
            live = chance * 1000 % 10 < 9
            yield (
                one,
                self._uuid(),
                at,
                "listing" if n % 5 else "news",
                what.title,
                what.body,
                f"<p>{what.body}</p>",
                f"{marks} {what.terms}",
                "fr",
                reach,
                circle,
                building if reach == 1 else None,
                quarter if reach < 3 else None,
                None if away else author,
                "live" if live else "expired",
                1,
                False,
                at,
                until,
                *(
                    (f"https://ailleurs.example/{n}", "https://ailleurs.example/desk", "Ailleurs", "ailleurs.example")
                    if away
                    else (None,) * 4
                ),
            )


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


# --- putting them in


def fill(url: str, *, size: Size) -> None:
    """Put the town into an empty store that has its tables. Indexes of words are made afterwards, in one go."""
    store = stores.open_store(url)
    if store.engine.dialect.name == "sqlite":
        _fill_sqlite(str(store.engine.url.database), size)
    else:
        _fill_postgresql(store, size)
    store.close()


def _fill_sqlite(file: str, size: Size) -> None:
    with sqlite3.connect(file, isolation_level=None) as connection:
        for pragma in ("synchronous = OFF", "cache_size = -800000", "foreign_keys = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        for trigger in ("hung", "gone", "changed"):
            connection.execute(f"DROP TRIGGER {search_index.NAME}_{trigger}")
        connection.execute("BEGIN")
        for name, columns, rows in _Rows(size).tables():
            names = columns.split()
            marks = ", ".join("?" * len(names))
            connection.executemany(f"INSERT INTO {name} ({', '.join(names)}) VALUES ({marks})", rows)
        connection.execute(f"INSERT INTO {search_index.NAME} ({search_index.NAME}) VALUES ('rebuild')")
        for statement in search_index.SQLITE[2:]:
            connection.execute(statement)
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
    connection.close()


def _fill_postgresql(store: stores.Store, size: Size) -> None:
    with store.engine.begin() as connection:
        connection.execute(text(f"DROP INDEX {search_index.GIN}"))
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        for name, columns, rows in _Rows(size).tables():
            with driver.cursor().copy(f"COPY {name} ({', '.join(columns.split())}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        for statement in search_index.POSTGRESQL:
            connection.execute(text(statement))
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
