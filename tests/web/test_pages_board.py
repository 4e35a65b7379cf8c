"""The board and the door for visitors."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from instance.audience import Audience
from tests.web import pages_town
from tests.web.pages_town import Town

pytestmark = pytest.mark.sqlite


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def test_a_visitor_reads_what_this_is_and_public_news_only(town: Town) -> None:
    town.item(audience=Audience.NETWORK, title="Fête du quartier")
    town.item(audience=Audience.INSTANCE, title="Entre nous")
    town.listing(by=town.ana, audience=Audience.NETWORK, title="Échelle publique")
    page = town.visitor().get("/", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert "Fête du quartier" in page.text
    assert "Entre nous" not in page.text
    assert "Échelle publique" not in page.text
    assert "/sign-in" in page.text
    assert "/join" in page.text


def test_the_board_shows_each_reader_their_circles(town: Town) -> None:
    town.listing(by=town.ana, audience=Audience.BUILDING, title="Pour la cage")
    town.listing(by=town.ana, audience=Audience.QUARTER, title="Pour le quartier")
    town.listing(by=town.ana, audience=Audience.INSTANCE, title="Pour la ville")
    near, far = town.browser(town.ben).get("/").text, town.browser(town.cleo).get("/").text
    assert all(title in near for title in ("Pour la cage", "Pour le quartier", "Pour la ville"))
    assert "Pour la ville" in far
    assert "Pour la cage" not in far
    assert "Pour le quartier" not in far


def test_names_are_full_inside_the_building_and_short_further_away(town: Town) -> None:
    town.listing(by=town.ana, audience=Audience.INSTANCE)
    assert "Ana Inventée" in town.browser(town.ben).get("/").text
    far = town.browser(town.cleo).get("/").text
    assert "Ana I." in far
    assert "Inventée" not in far


def test_the_board_is_read_in_pages_and_ends(town: Town) -> None:
    for number in range(23):
        town.listing(by=town.ana, audience=Audience.BUILDING, title=f"Annonce {number:02}")
    browser = town.browser(town.ben)
    first = browser.get("/").text
    assert "Annonce 22" in first
    assert "Annonce 02" not in first
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = browser.get(older).text
    assert "Annonce 02" in second
    assert "Annonce 03" not in second
    assert "end of the board" in second


def test_the_board_can_be_narrowed_to_a_family(town: Town) -> None:
    town.listing(by=town.ana, audience=Audience.INSTANCE, title="Une échelle")
    town.item(audience=Audience.INSTANCE, title="Le marché")
    browser = town.browser(town.ben)
    only_news, only_listings = browser.get("/?show=news").text, browser.get("/?show=listings").text
    assert "Le marché" in only_news
    assert "Une échelle" not in only_news
    assert "Une échelle" in only_listings
    assert "Le marché" not in only_listings


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 40, "٣"])
def test_a_wrong_page_key_is_the_first_page(town: Town, before: str) -> None:
    town.listing(by=town.ana, audience=Audience.BUILDING)
    page = town.browser(town.ben).get("/", query_string={"before": before})
    assert "Une grande échelle" in page.text


def test_an_empty_board_teaches(town: Town) -> None:
    assert "Nothing hangs here yet" in town.browser(town.ana).get("/").text
