"""Feed, board and search go by their indexes on both engines; nothing here is timed, see `tests.bench.full_town`."""

import re

import pytest

from instance import boards, halls, lookouts, search
from instance.audience import Audience
from instance.search import Place, Wish
from instance.searching import by_circles
from tests.instance import neighbourhood, plans
from tests.instance.neighbourhood import Neighbourhood

# A whole table read: SQLite says SCAN, PostgreSQL Seq Scan. What is made of a question's own branches is no table.
WHOLE = re.compile(
    r"SCAN (notice|listing|news_item|lookout\w*)\b(?! USING)|Seq Scan on (notice|listing|news_item|lookout)"
)


@pytest.fixture
def town(stored_town: Neighbourhood) -> Neighbourhood:
    ines = stored_town.resident(stored_town.lilas)
    for audience in Audience:
        for _ in range(3):
            stored_town.offer(ines, audience)
    stored_town.session.commit()
    return stored_town


def test_the_feed_and_a_board_go_by_the_index_of_their_circle(town: Neighbourhood) -> None:
    reader = town.reader(town.resident(town.lilas))
    for act in (
        lambda: boards.feed(town.session, reader=reader),
        lambda: boards.feed(town.session, reader=reader, before=2**62, family="news"),
        lambda: boards.board(town.session, circle="instance"),
        lambda: halls.of_building(town.session, building=town.lilas),
    ):
        plan = plans.of(town.session, act)
        assert "ix_notice_feed" in plan, plan
        assert not WHOLE.search(plan), plan


@pytest.mark.parametrize(
    "wish",
    [
        Wish(words="échelle"),
        Wish(words="échelle samedi", place=Place.QUARTER),
        Wish(words="éch", kind="offer", since=neighbourhood.NOW),
        Wish(words="licorne", place=Place.AWAY),
        Wish(kind="news"),
    ],
)
def test_a_search_goes_by_the_index_of_words(town: Neighbourhood, wish: Wish) -> None:
    reader = town.reader(town.resident(town.lilas))
    plan = plans.of(town.session, lambda: search.find(town.session, reader=reader, wish=wish, now=town.now))
    assert re.search(r"notice_words VIRTUAL TABLE INDEX|ix_notice_search|ix_notice_feed", plan), plan
    if town.session.get_bind().dialect.name == "sqlite":
        # By the words first, in their own order, up to the twentieth: never through the boards, nor sorted afterwards.
        first = plan.splitlines()[0]
        assert first.startswith("SCAN notice_words VIRTUAL TABLE INDEX"), plan
        assert "ix_notice_feed" not in plan, plan
    assert not WHOLE.search(plan), plan


@pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_the_index_of_words_can_answer_on_postgresql(town: Neighbourhood, monkeypatch: pytest.MonkeyPatch) -> None:
    """The expression in the question is the one in the index; else it could never be used."""
    for many in ("LOOKED_AT", "FURTHEST"):
        monkeypatch.setattr(by_circles, many, 1)  # more hangs than is looked at one by one
    town.session.connection().exec_driver_sql("DROP INDEX ix_notice_feed")
    town.session.connection().exec_driver_sql("SET LOCAL enable_indexscan = off")
    reader = town.reader(town.resident(town.lilas))
    wish = Wish(words="licorne")
    plan = plans.of(town.session, lambda: search.find(town.session, reader=reader, wish=wish, now=town.now))
    assert "Bitmap Index Scan on ix_notice_search" in plan


def test_a_notice_is_held_against_those_searches_only_whose_word_it_has(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    lookouts.keep(town.session, by=ines, reader=town.reader(ines), wish=Wish(words="échelle"), now=town.now)
    plan = plans.of(town.session, lambda: lookouts.look(town.session, now=town.now))
    assert not re.search(r"SCAN lookout\b|SCAN lookout_key|Seq Scan on lookout", plan), plan
