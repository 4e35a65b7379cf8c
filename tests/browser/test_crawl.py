"""Every page within reach of each kind of person: accessible, 320 pixels wide, by keyboard, without scripts."""

from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug.exceptions import HTTPException

from tests.browser.conftest import PEOPLE
from tests.browser.crawl import Crawl
from tests.browser.visitor import Visitor
from tests.web import pages_place

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("browser")]

# Pages of the map that no link leads to, or no link should be followed to, and where they are looked at instead.
REVIEWED = {
    "static": "files",
    "about.source": "a download",
    "hall.wall": "behind the secret of its screen: test_the_wall_of_a_hall_fits_and_names_nobody",
    "account.join_details": "behind a code from a letterbox: test_walk",
}


def test_every_page_keeps_the_rules_by_day_and_night_wide_and_narrow_in_both_languages(crawled: Crawl) -> None:
    assert [str(one) for one in crawled.rules] == []


def test_the_keyboard_reaches_everything_in_order_and_is_seen(crawled: Crawl) -> None:
    assert [str(one) for one in crawled.keys] == []


def test_every_page_offers_the_same_without_scripts(crawled: Crawl) -> None:
    assert [str(one) for one in crawled.scripts] == []


def test_no_page_asks_another_host_for_anything(crawled: Crawl) -> None:
    assert crawled.foreign == []


def test_everybody_got_about(crawled: Crawl) -> None:
    assert set(crawled.visited) == set(PEOPLE)
    for login, paths in crawled.visited.items():
        assert len(paths) >= (5 if login is None else 12), (login, paths)


def test_every_page_of_the_map_was_visited_by_somebody_or_is_reviewed(crawled: Crawl, tmp_path: Path) -> None:
    app = pages_place.make(tmp_path).app
    known = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    seen = {_endpoint(app, path) for paths in crawled.visited.values() for path in paths}
    assert sorted(known - seen - REVIEWED.keys()) == []
    assert sorted(REVIEWED.keys() - known) == []


def _endpoint(app, path: str) -> str | None:
    try:
        return app.url_map.bind("localhost").match(path)[0]
    except HTTPException:
        return None


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (800, 480)])
def test_the_wall_of_a_hall_fits_and_names_nobody(visit: Callable[..., Visitor], demo, size: tuple[int, int]) -> None:
    visitor = visit(0, width=size[0])
    visitor.page.set_viewport_size({"width": size[0], "height": size[1]})
    visitor.go(demo.halls[0])
    words = visitor.words()
    assert "Les Micocouliers" in words
    assert "Ascenseur B" in words
    assert "Amir" not in words
    assert visitor.page.evaluate("document.documentElement.scrollHeight") <= size[1]
    assert visitor.problems() == []
    assert visitor.foreign == []
