"""The demonstration and a real Chromium: what every browser test stands on, started once."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests import running
from tests.browser.visitor import Visitor
from tests.running import Demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running.demo(tmp_path_factory.mktemp("browser") / "demo") as started:
        yield started


@pytest.fixture(scope="session")
def signed_in() -> dict[tuple[int, str | None], object]:
    """The cookies of who has signed in: once for all tests, because sign-ins are limited per address."""
    return {}


@pytest.fixture
def visit(
    browser: Browser, demo: Demo, signed_in: dict[tuple[int, str | None], object]
) -> Iterator[Callable[..., Visitor]]:
    """`visit(0, "odile", width=320)` is somebody in front of a place, signed in if named."""
    opened: list[BrowserContext] = []

    def enter(place: int, login: str | None = None, **more: object) -> Visitor:
        width = more.pop("width", 1280)
        context = browser.new_context(
            storage_state=signed_in.get((place, login)),
            viewport={"width": width, "height": 900},
            locale="fr-FR",
            bypass_csp=True,  # axe is a script of the test, not of the page
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
    page.set_default_timeout(20_000)
    return page
