"""The frame of all pages in a real browser: rules of accessibility, 320 pixels, the keyboard, no foreign host."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from tests.browser.crawl import NARROW, WIDE, Look, see
from tests.browser.visitor import CONTRAST, RULES, Visitor
from tests.web.pages_place import PASSWORD, Place

LOOKS = [
    Look(scheme=scheme, width=width, rules=rules)
    for scheme, rules in (("light", RULES), ("dark", CONTRAST))
    for width in (NARROW, WIDE)
]
OPEN_PAGES = ("/sign-in", "/join", "/about", "/accessibility", "/nothing")
CLOSED_PAGES = ("/account", "/design")


@pytest.fixture
def address(place: Place) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, place.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def look_at(visitor: Visitor, path: str) -> None:
    """Open a page and turn it to each way of looking."""
    visitor.page.goto(visitor.origin + path)
    assert [f"{look}: {one}" for look in LOOKS for one in see(visitor, look)] == [], path


def test_every_page_is_accessible_and_fits(browser: Browser, address: str) -> None:
    context = browser.new_context(
        locale="fr-FR",
        reduced_motion="reduce",  # a colour on its way from day to night is neither
        bypass_csp=True,  # the rules are a script of the test, not of the page
    )
    visitor = Visitor(page=context.new_page(), origin=address)
    for path in OPEN_PAGES:
        look_at(visitor, path)
    visitor.page.goto(f"{address}/sign-in?next=/account")
    visitor.page.fill("#name", "nadia")
    visitor.page.fill("#password", PASSWORD)
    visitor.page.click("main button")
    visitor.page.wait_for_url("**/account")
    for path in CLOSED_PAGES:
        look_at(visitor, path)
    assert visitor.foreign == []
    context.close()


def test_a_refused_form_puts_the_focus_on_what_is_wrong(browser: Browser, address: str) -> None:
    context = browser.new_context(locale="fr-FR", java_script_enabled=True)
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("main button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.className") == "summary"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "name"
    context.close()
