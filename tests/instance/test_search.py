"""A search finds what a reader may see and has the words, on both engines alike, whatever is typed."""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some
from sqlalchemy import text
from sqlalchemy.orm import Session

from instance import audience as audiences
from instance import listings, moderation, news, notices, search, search_index, stems
from instance.audience import Audience, Reader
from instance.notices import Notice, State
from instance.search import Place, Wish
from instance.searching import by_circles
from tests import servers
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, Neighbourhood
from web import stores, tables

WORDS = ("perceuse", "perceuses", "vélo", "velos", "échelle", "réparation", "l’œuf", "plombier", "samedi", "dimanche")


def titles(town: Neighbourhood, reader: Reader, words: str = "", **more: object) -> list[str]:
    found = search.find(town.session, reader=reader, wish=Wish(words=words, **more), now=town.now, limit=50)
    return [one.title for one in found.notices]


def test_words_are_found_in_titles_bodies_and_summaries(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    reader = town.reader(ines)
    committee = town.organisation(ines)
    town.offer(ines, Audience.BUILDING, title="Perceuse à percussion")
    town.post(ines, committee, Audience.INSTANCE, title="Fête", summary="Avec une tombola", body="Place des *Platanes*")
    for typed, found in {
        "perceu": ["Perceuse à percussion"],
        "percussions perceuses": ["Perceuse à percussion"],
        "samedis": ["Perceuse à percussion"],  # in its body
        "tombolas": ["Fête"],
        "platane": ["Fête"],
        "PERCEUSE tombola": [],
        "perce platane": [],  # only the last word may be begun
        "kind:offer": [],
        "kind": [],
        "week": [],
        "build": [],
        "from": [],
        "la": [],
    }.items():
        assert titles(town, reader, typed) == found, typed


def test_where_what_and_when_narrow_it(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    reader = town.reader(ines)
    for audience in Audience:
        town.offer(ines, audience, title=f"Échelle {audience.word}")
    listings.request(
        town.session,
        by=ines,
        title="Échelle cherchée",
        body="Merci",
        audience=Audience.QUARTER,
        now=town.later(days=20),
    )
    given = {"title": "Échelle lointaine", "html": "<p>x</p>", "language": "fr", "now": town.later(days=20)}
    listings.welcome(town.session, origin=neighbourhood.origin(), direction=listings.Direction.OFFER, **given)
    expected = {
        Place.BUILDING: ["Échelle building"],
        Place.QUARTER: ["Échelle cherchée", "Échelle quarter"],
        Place.TOWN: ["Échelle network", "Échelle instance"],
        Place.AWAY: ["Échelle lointaine"],
        None: [
            "Échelle lointaine", "Échelle cherchée", "Échelle network", "Échelle instance", "Échelle quarter",
            "Échelle building",
        ],
    }  # fmt: skip
    for place, found in expected.items():
        assert titles(town, reader, "échelles", place=place) == found
        assert titles(town, reader, place=place) == found
    assert titles(town, reader, "échelles", kind="request") == ["Échelle cherchée"]
    assert titles(town, reader, "échelles", kind="' OR offer") == []
    assert titles(town, reader, "échelles", kind="") == []
    week, month = town.now - timedelta(days=7), town.now - timedelta(days=30)
    assert titles(town, reader, "échelles", since=week) == ["Échelle lointaine"]
    assert titles(town, reader, "échelles", since=month) == ["Échelle lointaine", "Échelle cherchée"]
    assert len(titles(town, reader, "échelles", since=town.now - timedelta(days=40))) == 6
    assert titles(town, reader, "échelles", since=town.now - timedelta(days=10_000)) == expected[None]


def test_the_index_keeps_step_with_all_that_happens_to_a_notice(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, amir = town.resident(town.lilas), town.resident(town.tilleuls)
    maud = town.resident(town.far, role=neighbourhood.Role.MODERATOR)
    reader, beside = town.reader(ines), town.reader(amir)
    slip = town.offer(ines, Audience.QUARTER, title="Une tondeuse")
    assert titles(town, beside, "tondeuse") == ["Une tondeuse"]
    notices.edit(town.session, notice=slip, by=ines, title="Une débroussailleuse", body="x", now=town.now)
    assert titles(town, beside, "tondeuse") == []
    assert titles(town, beside, "débroussailleuses") == ["Une débroussailleuse"]
    listings.narrow(town.session, listing=slip, by=ines, audience=Audience.BUILDING, now=town.now)
    assert titles(town, beside, "débroussailleuse") == []
    assert titles(town, reader, "débroussailleuse") == ["Une débroussailleuse"]
    moderation.hide(town.session, notice=slip, reason="x", by=maud, now=town.now)
    assert titles(town, reader, "débroussailleuse") == []
    moderation.restore(town.session, notice=slip, reason="x", by=maud, now=town.now)
    assert titles(town, reader, "débroussailleuse") == ["Une débroussailleuse"]
    notices.withdraw(town.session, notice=slip, by=ines, now=town.now)
    assert titles(town, reader, "débroussailleuse") == []
    item = town.post(ines, town.organisation(ines), Audience.INSTANCE)
    news.edit(
        town.session, item=item, by=ines, title="x", summary="Une tombola", body="x", happening=None, now=town.now
    )
    assert titles(town, reader, "tombola") == ["x"]
    assert titles(town, reader, "quartier") == []
    whole(town.session)


def test_what_comes_from_elsewhere_is_found_changed_and_gone(stored_town: Neighbourhood) -> None:
    town = stored_town
    reader = town.reader(town.resident(town.lilas))
    given = {"direction": listings.Direction.OFFER, "language": "fr", "now": town.now}
    origin = neighbourhood.origin()
    listings.welcome(town.session, origin=origin, title="Un rabot", html="<p>Pour <b>menuisiers</b></p>", **given)
    assert titles(town, reader, "menuisier rabots") == ["Un rabot"]
    newer = neighbourhood.origin(updated=town.now + timedelta(hours=1))
    listings.welcome(town.session, origin=newer, title="Une scie", html="<p>x</p>", **given)
    assert titles(town, reader, "rabot") == []
    assert titles(town, reader, "scies") == ["Une scie"]
    gone = notices.farewell(town.session, uri=origin.uri, actor_host=origin.host, now=town.now)
    assert titles(town, reader, "scie") == []
    assert gone is not None
    assert gone.search_text == ""
    whole(town.session)


def whole(session: Session) -> None:
    """SQLite finds its index and the notices that hang to say the same; PostgreSQL's cannot say anything else."""
    session.flush()
    if session.get_bind().dialect.name == "sqlite":
        name = search_index.NAME
        session.execute(text(f"INSERT INTO {name} ({name}, rank) VALUES ('integrity-check', 1)"))


def test_pages_are_complete_and_without_doubles(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    reader = town.reader(ines)
    hung = [town.offer(ines, [Audience.BUILDING, Audience.QUARTER, Audience.INSTANCE][n % 3]) for n in range(11)]
    for limit in (1, 3, 10, 11, 12):
        found: list[Notice] = []
        before = None
        while True:
            given = {"wish": Wish(words="échelle"), "now": town.now, "before": before, "limit": limit}
            page = search.find(town.session, reader=reader, **given)
            assert len(page.notices) <= limit
            found += page.notices
            before = page.before
            if before is None:
                break
        assert found == hung[::-1]


def test_who_stands_in_front_of_no_board_finds_nothing(stored_town: Neighbourhood) -> None:
    town = stored_town
    town.offer(town.resident(town.lilas), Audience.NETWORK)
    assert titles(town, Reader(), "échelle") == []
    assert titles(town, town.reader(town.resident()), "échelle") == []
    homeless = town.reader(town.resident(role=neighbourhood.Role.MODERATOR))
    assert titles(town, homeless, "échelle") == ["Une échelle"]
    assert titles(town, homeless, "échelle", place=Place.BUILDING) == []


# --- whatever is typed, whoever reads


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    typed=some.text() | some.text(alphabet="\"'*()^:-+&|!<>\\{}~ aéANDORNT"), kind=some.none() | some.text(max_size=9)
)
@example(typed='échelle" OR "instance', kind=None)
@example(typed="échelle NOT samedi", kind=None)
@example(typed="{circle} : x", kind="'")
@example(typed="échelle':* | 'a", kind=None)
@example(typed="\\", kind="\\'")
def test_whatever_is_typed_raises_nothing_and_shows_nobody_elses(
    typed: str, kind: str | None, filled_town: tuple[Neighbourhood, list[Reader]]
) -> None:
    town, readers = filled_town
    for reader in readers:
        for place in (None, *Place):
            wish = Wish(words=typed, kind=kind, place=place)
            for one in search.find(town.session, reader=reader, wish=wish, now=town.now).notices:
                assert one.is_live
                assert one.circle in reader.circles
                assert audiences.may_read(reader, audience=one.audience, circle=one.circle)


def fill(town: Neighbourhood, *, seed: int = 7, many: int = 40) -> list[Reader]:
    """Random notices of three authors, in every state; the readers who may see parts of them."""
    dice = random.Random(seed)
    buildings = [town.lilas, town.tilleuls, town.far]
    people = [town.resident(one) for one in buildings]
    for _ in range(many):
        by = dice.randrange(3)
        title, body = (" ".join(dice.choices(WORDS, k=dice.randint(1, 4))) for _ in range(2))
        slip = listings.offer(
            town.session, by=people[by], title=title, body=body, audience=dice.choice(list(Audience)[:3]), now=town.now
        )
        slip.state = dice.choice([State.LIVE] * 4 + list(State)).value
    town.session.flush()
    return [Reader(), town.reader(town.resident(*buildings)), *(town.reader(one) for one in people)]


@pytest.fixture
def filled_town(stored_town: Neighbourhood) -> tuple[Neighbourhood, list[Reader]]:
    return stored_town, fill(stored_town)


@contextmanager
def opened(url: str) -> Iterator[Session]:
    store = stores.open_store(url)
    with store.write() as session:
        yield session
    store.close()


@pytest.mark.sqlite
@pytest.mark.postgresql
@pytest.mark.parametrize(("seed", "looked_at", "limit"), [(0, 100, 3), (1, 3, 2), (2, 5, 100)])
def test_both_engines_find_the_same(
    seed: int, looked_at: int, limit: int, cluster: servers.Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same notices in both, a plain look at each notice as the judge; with a short first look and a long one."""
    monkeypatch.setattr(by_circles, "LOOKED_AT", looked_at)
    monkeypatch.setattr(by_circles, "FURTHEST", looked_at * 10)
    in_file = f"sqlite:///{tmp_path}/home.sqlite"
    servers.fill(in_file, tables.HOME)
    in_cluster = cluster.make("home", tables.HOME)
    answers = []
    for url in (in_file, in_cluster):
        with opened(url) as session:
            town = neighbourhood.build(session)
            answers.append([found for reader in fill(town, seed=seed) for found in all_answers(town, reader, limit)])
    cluster.drop(in_cluster)
    assert answers[0] == answers[1]
    assert sum(map(len, answers[0])) > 100


@pytest.mark.postgresql
@pytest.mark.parametrize(("looked_at", "furthest", "asked"), [(300, 2000, 0), (1, 100, 0), (1, 1, 1)])
def test_the_index_is_asked_only_where_the_newest_are_not_enough(
    looked_at: int, furthest: int, asked: int, cluster: servers.Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then it is asked once, for as many weeks as should hold enough, not for everything; page by page, too."""
    monkeypatch.setattr(by_circles, "LOOKED_AT", looked_at)
    monkeypatch.setattr(by_circles, "FURTHEST", furthest)
    monkeypatch.setattr(by_circles, "AMPLE", 10 if furthest > 1 else 10_000)  # the clock between two slips is not even
    spans = []
    indexed = by_circles._indexed

    def seen(*given: Any, begins: Mapping[str, datetime | None], **more: Any) -> dict[str, Any]:
        spans.append(begins)
        return indexed(*given, begins=begins, **more)

    monkeypatch.setattr(by_circles, "_indexed", seen)
    url = cluster.make("home", tables.HOME)
    with opened(url) as session:
        town = neighbourhood.build(session)
        town.now = datetime.now(UTC)  # a key and a notice are of one moment
        ines = town.resident(town.lilas)
        hung = [town.offer(ines, Audience.INSTANCE, title=f"Échelle {number}").title for number in range(6)]
        given = {"reader": town.reader(ines), "wish": Wish(words="echelle"), "now": datetime.now(UTC), "limit": 2}
        first = search.find(session, **given)
        second = search.find(session, before=first.before, **given)
    cluster.drop(url)
    assert [one.title for one in (*first.notices, *second.notices)] == hung[:1:-1]
    assert len(spans) == 2 * asked  # two pages
    assert all(begins["instance"] is not None for begins in spans)


def all_answers(town: Neighbourhood, reader: Reader, limit: int) -> Iterator[list[str]]:
    asked = [
        *WORDS,
        "perc",
        "éch",
        "vél rép",
        *(f"{one} {other}" for one, other in zip(WORDS, WORDS[3:], strict=False)),
    ]
    everything = town.session.query(Notice).order_by(Notice.id.desc()).all()
    for typed in asked:
        found = search.find(town.session, reader=reader, wish=Wish(words=typed), now=NOW, limit=limit).notices
        judged = [one.id for one in everything if expected(one, reader=reader, typed=typed)]
        assert [one.id for one in found] == judged[:limit]
        yield [f"{one.title} | {one.body} | {one.circle.partition(':')[0]}" for one in found]


def expected(notice: Notice, *, reader: Reader, typed: str) -> bool:
    """The rule, without an index."""
    if not notice.is_live or notice.circle not in reader.circles:
        return False
    have = set(notice.search_text.split())
    return all(
        term.stems & have or any(begins(word, one) for one in term.beginnings for word in have)
        for term in search.read(typed)
    )


def begins(word: str, beginning: str) -> bool:
    """What is looked for by its first eight letters is kept so."""
    return word == beginning if len(beginning) == stems.LONGEST_BEGINNING else word.startswith(beginning)
