"""With scripts, under the real content policy: the composer shows what leaves, older notices join, letters arrive."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page
from werkzeug.serving import make_server

from instance import conversations
from instance.audience import Audience
from instance.listings import Listing
from instance.residents import Resident
from tests.web import pages_town
from tests.web.pages_town import NOW, PASSWORD, Town
from web import catalogues
from web.pages.board import LONGEST_PAGE

pytestmark = pytest.mark.timeout(300)

HUNG = LONGEST_PAGE + 4


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    catalogues.compile_all()
    yield from pages_town.build(tmp_path)


@pytest.fixture
def address(town: Town) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, town.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def said() -> list[str]:
    """What the console complained of: a policy that was broken is told there."""
    return []


@pytest.fixture
def page(browser: Browser, town: Town, address: str, said: list[str]) -> Iterator[Page]:
    context = browser.new_context(locale="fr-FR", reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(30_000)

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            said.append(message.text)

    opened.on("console", note)
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.goto(f"{address}/sign-in")
    opened.fill("#name", town.ana.login)
    opened.fill("#password", PASSWORD)
    with opened.expect_navigation():
        opened.click("main form button[type=submit]")
    yield opened
    context.close()


def test_the_composer_shows_while_one_types_who_sees_it_and_what_leaves(
    page: Page, address: str, said: list[str]
) -> None:
    page.goto(f"{address}/listings/new?kind=offer")
    look = page.locator("#look")
    assert look.inner_text() == ""
    page.check("input[name=audience][value=building]")
    look.get_by_text("14 rue Imaginaire").wait_for()
    page.check("input[name=audience][value=network]")
    page.fill("[name=title]", "Une machine à coudre")
    page.fill("[name=body]", "Avec ses aiguilles.")
    page.fill("[name=byline]", "Une voisine")
    look.get_by_text("Une machine à coudre").first.wait_for()
    assert page.evaluate("document.activeElement.name") == "byline"
    assert page.input_value("[name=title]") == "Une machine à coudre"
    page.check("input[name=audience][value=quarter]")
    look.get_by_text("Une machine à coudre").first.wait_for(state="detached")
    assert said == []


def test_older_notices_join_the_newer_ones_and_the_keyboard_goes_on_there(
    page: Page, address: str, town: Town, said: list[str]
) -> None:
    for number in range(HUNG):
        town.listing(by=town.ben, audience=Audience.BUILDING, title=f"Annonce {number}")
    page.goto(address)
    assert page.locator(".slip").count() == LONGEST_PAGE
    page.locator(".pagination a").focus()
    page.keyboard.press("Enter")
    page.locator(".slip").nth(HUNG - 1).wait_for()
    assert page.locator(".slip").count() == HUNG
    assert page.locator(".pagination a").count() == 0
    assert page.locator(".pagination__end").count() == 1
    assert "before=" in page.url
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.slip').innerText").find("Annonce 3") >= 0
    page.reload()
    assert page.locator(".slip").count() == HUNG - LONGEST_PAGE
    assert said == []


def test_a_letter_arrives_while_one_reads_and_what_one_types_stays(
    page: Page, address: str, town: Town, said: list[str]
) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    with town.home() as session:
        held = conversations.answer(
            session,
            listing=session.get_one(Listing, listing.id),
            by=session.get_one(Resident, town.ben.id),
            body="Est-elle libre ?",
            now=NOW,
            byline=None,
        )
        path = f"/conversations/{held.public_id}"
    page.goto(address + path)
    page.fill("main form [name=body]", "Oui, venez")
    town.browser(town.ben).post(path, data={"body": "Et samedi ?"})
    assert page.locator(".letter").count() == 1
    # As after twenty seconds, or as when somebody comes back to the tab.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_text("Et samedi ?").wait_for()
    assert page.locator(".letter").count() == 2
    assert page.input_value("main form [name=body]") == "Oui, venez"
    assert said == []


def test_a_moment_is_proposed_while_one_reads_and_what_one_types_stays(
    page: Page, address: str, town: Town, said: list[str]
) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    ben = town.browser(town.ben)
    path = str(ben.post(f"/notices/{listing.public_id}/answer", data={"body": "Est-elle libre ?"}).location)
    page.goto(address + path)
    page.fill("main form [name=body]", "Oui, venez")
    ben.post(f"{path}/meeting", data={"day_1": "2027-05-12", "hour_1": "18:30", "place": "Ici", "hall": ""})
    assert page.locator(".meeting__pick").count() == 0
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.locator(".meeting__pick").wait_for()
    assert page.locator("#meet").count() == 1
    assert page.input_value("main form.card:last-of-type [name=body]") == "Oui, venez"
    assert said == []
