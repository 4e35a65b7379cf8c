"""The frame of all pages in a real browser: rules of accessibility, 320 pixels, the keyboard, no foreign host."""

import threading
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from tests.web.pages_place import PASSWORD, Place

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
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


def visit(page: Page, address: str) -> None:
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], address
    found = Axe().run(page, options=AXE).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_is_accessible_and_fits(browser: Browser, address: str, scheme: str, width: int) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        locale="fr-FR",
        bypass_csp=True,  # the rules are a script of the test, not of the page
    )
    page = context.new_page()
    foreign: list[str] = []
    page.on("request", lambda one: None if one.url.startswith((address, "data:")) else foreign.append(one.url))
    for path in OPEN_PAGES:
        visit(page, address + path)
    page.goto(f"{address}/sign-in?next=/account")
    page.fill("#name", "nadia")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/account")
    for path in CLOSED_PAGES:
        visit(page, address + path)
    assert foreign == []
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
