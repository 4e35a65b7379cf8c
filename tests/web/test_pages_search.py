"""The search page: what is found, for whom, and what it says when nothing is; all by an address, without scripts."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from instance import lookouts
from instance.audience import Audience
from tests.web import pages_town
from tests.web.pages_town import NOW, Town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def found(text: str) -> list[str]:
    return re.findall(r"<h3[^>]*><a[^>]*>([^<]+)</a>", text)


def bare(text: str) -> str:
    """A page without the token of its forms."""
    return re.sub(r'(name="csrf_token"[^>]* value=)"[^"]*"', r"\1", text)


def test_a_visitor_is_asked_to_sign_in(town: Town) -> None:
    answer = town.visitor().get("/search?q=échelle")
    assert answer.status_code == 302
    assert "/sign-in" in answer.headers["Location"]


def test_the_page_teaches_before_anything_is_asked(town: Town) -> None:
    town.listing(by=town.ben, audience=Audience.BUILDING)
    text = town.browser(town.ana).get("/search").text
    assert "What a search finds" in text
    assert found(text) == []
    assert 'href="/search" aria-current="page"' in text


def test_what_is_typed_stays_and_what_is_found_says_how_far_it_reaches(town: Town) -> None:
    town.listing(by=town.ben, audience=Audience.BUILDING, title="Une perceuse")
    text = town.browser(town.ana).get("/search?q=perceuses&where=building&kind=request&since=week").text
    assert found(text) == ["Une perceuse"]
    assert 'value="perceuses"' in text
    for chosen in ("building", "request", "week"):
        assert f'<option value="{chosen}" selected>' in text
    assert "14 rue Imaginaire" in text
    assert "<time" in text


def test_nobody_finds_what_hangs_elsewhere(town: Town) -> None:
    town.listing(by=town.ben, audience=Audience.BUILDING, title="Une perceuse")
    town.listing(by=town.ben, audience=Audience.QUARTER, title="Une ponceuse")
    for person in (town.cleo, town.moderator, town.editor):
        for word in ("perceuse", "ponceuse"):
            here, never = (town.browser(person).get(f"/search?q={one}") for one in (word, "zzzzzzzz"))
            assert "Nothing found" in here.text
            assert bare(here.text).replace(word, "zzzzzzzz") == bare(never.text)


def test_nothing_found_and_only_small_words_say_what_to_do(town: Town) -> None:
    browser = town.browser(town.ana)
    assert "Nothing found" in browser.get("/search?q=licorne").text
    assert "/listings/new?kind=request" in browser.get("/search?q=licorne").text
    assert "Add the word that matters" in browser.get("/search?q=la").text
    assert "Add the word that matters" in browser.get("/search?q=%22%2A%29").text


def test_what_the_lists_do_not_have_is_their_first(town: Town) -> None:
    town.listing(by=town.ben, audience=Audience.BUILDING)
    text = town.browser(town.ana).get("/search?q=échelle&where=nowhere&kind=x'&since=ever&before=x").text
    assert found(text) == ["Une grande échelle"]
    assert town.browser(town.ana).get("/search?before=99999999999999999999").status_code == 200
    assert town.browser(town.ana).get("/search?q=échelle&before=9999999999999999999").status_code == 200


def test_pages_go_on_with_what_was_asked_to_an_end(town: Town) -> None:
    for number in range(23):
        town.listing(by=town.ben, audience=Audience.BUILDING, title=f"Échelle numéro {number}")
    browser = town.browser(town.ana)
    first = browser.get("/search?q=échelle&kind=request").text
    assert found(first) == [f"Échelle numéro {one}" for one in range(22, 2, -1)]
    (older,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = browser.get(older.replace("&amp;", "&")).text
    assert found(second) == [f"Échelle numéro {one}" for one in (2, 1, 0)]
    assert "end of the board" in second
    assert 'value="échelle"' in second


def test_a_time_that_is_chosen_narrows(town: Town) -> None:
    town.listing(by=town.ben, audience=Audience.BUILDING, now=NOW - timedelta(days=20))
    browser = town.browser(town.ana)
    assert found(browser.get("/search?q=échelle&since=week").text) == []
    assert found(browser.get("/search?q=échelle&since=month").text) == ["Une grande échelle"]


def test_who_lives_nowhere_is_offered_no_building(town: Town) -> None:
    with town.home() as session:
        for one in session.query(pages_town.residents.Occupancy).all():
            session.delete(one)
    text = town.browser(town.ana).get("/search?where=building").text
    assert 'value="building"' not in text
    assert 'value="town"' in text


# --- kept searches


def kept_ids(text: str) -> list[str]:
    return re.findall(r'action="/search/kept/([0-9a-f-]{36})/forget"', text)


def look(town: Town) -> None:
    with town.home() as session:
        lookouts.look(session, now=NOW)
        lookouts.tell(session, now=NOW)


def test_a_search_is_kept_found_and_let_go_in_one_tap_each(town: Town) -> None:
    browser = town.browser(town.ana)
    assert "Keep this search" not in browser.get("/search").text
    assert "Keep this search" in browser.get("/search?q=perceuse&where=building").text
    kept = {"q": "perceuse", "where": "building", "kind": ""}
    page = browser.post("/search/kept", data=kept, follow_redirects=True).text
    assert "Nothing new so far" in page
    town.listing(by=town.ben, audience=Audience.BUILDING, title="Des perceuses")
    town.listing(by=town.ben, audience=Audience.QUARTER, title="Perceuse au quartier")
    look(town)
    page = browser.get("/search/kept").text
    assert found(page) == ["Des perceuses"]
    (public_id,) = kept_ids(page)
    page = browser.post(f"/search/kept/{public_id}/forget", follow_redirects=True).text
    assert "Nothing is looked for yet" in page


def test_nobody_else_sees_or_ends_a_kept_search(town: Town) -> None:
    town.browser(town.ana).post("/search/kept", data={"q": "perceuse"})
    (public_id,) = kept_ids(town.browser(town.ana).get("/search/kept").text)
    for person in (town.ben, town.cleo, town.moderator):
        browser = town.browser(person)
        assert "perceuse" not in browser.get("/search/kept").text
        theirs, never = (browser.post(f"/search/kept/{one}/forget") for one in (public_id, uuid.uuid4()))
        pages_town.same_answer(theirs, never)
        assert theirs.status_code == 404
    assert kept_ids(town.browser(town.ana).get("/search/kept").text) == [public_id]


def test_what_cannot_be_kept_says_why_and_keeps_what_was_typed(town: Town) -> None:
    browser = town.browser(town.ana)
    page = browser.post("/search/kept", data={"q": "la", "kind": "offer"}, follow_redirects=True).text
    assert "Write the word you look for" in page
    assert 'value="la"' in page
    for number in range(10):
        browser.post("/search/kept", data={"q": f"mot{number}"})
    assert "You keep ten searches already" in browser.post("/search/kept", data={"q": "x1"}, follow_redirects=True).text
    assert len(kept_ids(browser.get("/search/kept").text)) == 10


def test_a_board_that_is_no_longer_ones_own_is_silent(town: Town) -> None:
    browser = town.browser(town.ana)
    browser.post("/search/kept", data={"q": "échelle", "where": "building"})
    town.listing(by=town.ben, audience=Audience.BUILDING)
    look(town)
    assert found(browser.get("/search/kept").text) == ["Une grande échelle"]
    with town.home() as session:
        for one in session.query(pages_town.residents.Occupancy).filter_by(resident_id=town.ana.id).all():
            session.delete(one)
    page = browser.get("/search/kept").text
    assert found(page) == []
    assert "not yours any more" in page
