"""What is livelier with scripts comes from the same views: the look at what leaves, new letters; day and night."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from instance import conversations, prose
from instance.audience import Audience
from instance.listings import Listing
from instance.notices import Notice
from instance.residents import Resident
from tests.web import pages_town
from tests.web.pages_town import NOW, Town
from web.frame import theme, tokens

OFFER = "/listings/new?kind=offer"
NEWS = "/organisations/comite/news/new"

pytestmark = pytest.mark.sqlite


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def look(town: Town, path: str = OFFER, **typed: str) -> str:
    who = town.ana if path == OFFER else town.editor
    answer = town.browser(who).post(path, data={"step": "look", **typed})
    assert answer.status_code == 200
    return answer.text


def count(town: Town) -> int:
    with town.store.read() as session:
        return session.scalar(select(func.count()).select_from(Notice)) or 0


WORDS = {"title": "Une échelle", "body": "Pour **samedi**.", "byline": "Une voisine"}


# --- the composer


def test_the_look_shows_exactly_what_the_page_before_leaving_shows(town: Town) -> None:
    seen = look(town, audience="network", **WORDS)
    page = town.browser(town.ana).post(OFFER, data={"audience": "network", **WORDS}).text
    parcel = re.search(r'<dl class="parcel__list">.*?</dl>', page, re.DOTALL)
    assert parcel is not None
    assert parcel[0] in seen
    assert "<html" not in seen


def test_looking_hangs_nothing(town: Town) -> None:
    for audience in Audience:
        look(town, audience=audience.word, **WORDS)
    assert count(town) == 0


@pytest.mark.parametrize(("audience", "words"), [("building", "14 rue Imaginaire"), ("quarter", "Les Acacias")])
def test_the_look_says_who_sees_what_stays(town: Town, audience: str, words: str) -> None:
    seen = look(town, audience=audience, **WORDS)
    assert words in seen
    assert "Une échelle" not in seen


def test_the_look_waits_for_the_fields_and_says_what_is_wrong_with_them(town: Town) -> None:
    assert "as soon as all fields are filled in" in look(town, audience="network")
    refused = look(town, audience="network", **WORDS | {"byline": ""})
    assert "parcel" not in refused
    assert "as soon as all fields" not in refused
    assert look(town, audience="everybody").strip() == ""


def test_news_is_looked_at_in_the_same_way(town: Town) -> None:
    seen = look(town, NEWS, audience="network", title="Arbres", summary="Jeudi.", body="Jeudi à 18 h.")
    assert "Jeudi." in seen
    assert 'class="parcel__list"' in seen
    assert count(town) == 0


def test_the_composer_asks_for_the_look_only_by_attributes(town: Town) -> None:
    page = town.browser(town.ana).get(OFFER).text
    assert 'hx-post="/listings/new?kind=offer"' in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\shx-on|js:|\[[^\]]*\]\"[^>]*hx-trigger", page)


# --- letters


def test_a_conversation_answers_nothing_while_nobody_wrote(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    with town.home() as session:
        held = conversations.answer(
            session,
            listing=session.get_one(Listing, listing.id),
            by=session.get_one(Resident, town.ben.id),
            body="Libre ?",
            now=NOW,
            byline=None,
        )
        path = f"/conversations/{held.public_id}"
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    asks = re.search(r'hx-get="([^"]+)"', ana.get(path).text)
    assert asks is not None
    assert ana.get(asks[1]).status_code == 204
    ben.post(path, data={"body": "Alors ?"})
    fresh = ana.get(asks[1])
    assert fresh.status_code == 200
    assert "Alors ?" in fresh.text
    assert town.browser(town.cleo).get(asks[1]).status_code == 404


@pytest.mark.parametrize("attribute", ["hx-get", "data-hx-get", "hx-trigger", "hx-on:click", "hx-swap-oob"])
def test_nobody_s_words_carry_an_attribute_that_acts(attribute: str) -> None:
    nasty = f'<p {attribute}="/account">x</p><a href="https://voisine.example" {attribute}="load">y</a>'
    assert "hx-" not in prose.clean(nasty)
    assert f"<p {attribute}" not in prose.render(nasty)


# --- day and night


def test_the_screen_decides_until_somebody_chooses(town: Town) -> None:
    page = town.visitor().get("/about").text
    assert "data-theme" not in page
    assert page.count('name="theme-color"') == 2
    assert tokens.dark()["paper"] in page


@pytest.mark.parametrize("wish", ["light", "dark"])
def test_a_choice_holds_on_every_page_until_it_is_taken_back(town: Town, wish: str) -> None:
    visitor = town.visitor()
    assert f'data-theme="{wish}"' in visitor.get(f"/about?theme={wish}").text
    cookie = visitor.get_cookie(theme.COOKIE)
    assert cookie is not None
    assert cookie.value == wish
    assert cookie.http_only
    assert f'data-theme="{wish}"' in visitor.get("/sign-in").text
    assert "data-theme" not in visitor.get(f"/about?theme={theme.AUTOMATIC}").text
    assert visitor.get_cookie(theme.COOKIE) is None


@pytest.mark.parametrize("wish", ["", "blue", '"><script>'])
def test_another_word_chooses_nothing(town: Town, wish: str) -> None:
    answer = town.visitor().get("/about", query_string={"theme": wish})
    assert "data-theme" not in answer.text
    assert theme.COOKIE not in answer.headers.get("Set-Cookie", "")


def test_the_links_keep_what_the_address_asks_for(town: Town) -> None:
    page = town.visitor().get("/sign-in?next=/mine").text
    assert "?next=%2Fmine&amp;theme=dark" in page


def test_a_page_that_answers_a_form_offers_no_link_that_loses_it(town: Town) -> None:
    page = town.browser(town.ana).post(OFFER, data={"title": ""}).text
    assert "theme=dark" not in page
