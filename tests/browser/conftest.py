"""The demonstration and a real Chromium: what every browser test stands on, started once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests import running
from tests.browser import crawl, rare
from tests.browser.crawl import Crawl
from tests.browser.visitor import Visitor
from tests.running import Demo

SignedIn = dict[tuple[int, str | None], object]
PEOPLE = (None, "odile", "jardins", "mairie", "moderation", "admin")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running.demo(tmp_path_factory.mktemp("browser") / "demo") as started:
        yield started


@pytest.fixture(scope="module", autouse=True)
def counts(demo: Demo) -> None:
    """How often somebody wrote is counted per hour, and all walks together are more than one hour's."""
    running.begin_counts_anew(demo)


@pytest.fixture(scope="session")
def signed_in() -> SignedIn:
    """The cookies of who has signed in: once for all tests, because sign-ins are limited per address."""
    return {}


@pytest.fixture
def visit(browser: Browser, demo: Demo, signed_in: SignedIn) -> Iterator[Callable[..., Visitor]]:
    """`visit(0, "odile", width=320)` is somebody in front of a place, signed in if named."""
    with _entering(browser, demo, signed_in) as enter:
        yield enter


@pytest.fixture(scope="session")
def crawled(browser: Browser, demo: Demo, signed_in: SignedIn) -> Crawl:
    """The walk of each kind of person through the first place, once for all tests that judge it."""
    prepared = rare.prepare(demo)
    with _entering(browser, demo, signed_in) as enter:
        rare.enter_twice(prepared, enter=enter, signed_in=signed_in)
        return crawl.everybody(PEOPLE, enter=enter, starts=prepared.starts)


@contextmanager
def _entering(browser: Browser, demo: Demo, signed_in: SignedIn) -> Iterator[Callable[..., Visitor]]:
    opened: list[BrowserContext] = []

    def enter(place: int, login: str | None = None, **more: object) -> Visitor:
        width = more.pop("width", 1280)
        more.setdefault("bypass_csp", True)  # axe is a script of the test, not of the page
        context = browser.new_context(
            storage_state=signed_in.get((place, login)),
            viewport={"width": width, "height": 900},
            locale="fr-FR",
            reduced_motion="reduce",  # a colour on its way from day to night is neither
            **more,
        )
        opened.append(context)
        visitor = Visitor(page=_watched(context), origin=demo.origins[place])
        if login and (place, login) not in signed_in:
            visitor.sign_in(login)
            signed_in[place, login] = context.storage_state()
        return visitor

    yield enter
    for context in opened:
        context.close()


def _watched(context: BrowserContext) -> Page:
    page = context.new_page()
    page.set_default_timeout(40_000)
    return page
