"""Makes what tests and documents show: `python -m tests.make screenshots`, `… looks` of components, `… meanings`."""

import logging
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests import running
from tests.activitypub import meanings
from tests.browser import looks
from tests.browser.visitor import Visitor
from tests.running import Demo
from web.demo import stage

FOLDER = Path(__file__).parent.parent / "docs" / "screenshots"
CHROMIUM = "/usr/bin/chromium"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture: what it is of, who looks, on how wide a screen, in which language."""

    name: str
    place: int
    login: str | None
    show: Callable[[Visitor, Demo], None]
    language: str = "fr"
    width: int = 1280
    height: int = 900
    scheme: str = "light"


def _page(path: str) -> Callable[[Visitor, Demo], None]:
    def show(visitor: Visitor, demo: Demo) -> None:
        del demo
        visitor.go(path)

    return show


def _notice(visitor: Visitor, demo: Demo) -> None:
    del demo
    visitor.go("/?lang=en")
    visitor.follow("Cours de guitare")


def _composer(visitor: Visitor, demo: Demo) -> None:
    del demo
    visitor.go("/listings/new?kind=offer")
    visitor.page.check("input[name=audience][value=building]")


def _leaving(visitor: Visitor, demo: Demo) -> None:
    del demo
    visitor.go("/listings/new?kind=offer")
    visitor.page.check("input[name=audience][value=network]")
    visitor.page.fill("[name=title]", "Machine à coudre")
    visitor.page.fill("[name=body]", "Pour un après-midi, avec ses aiguilles.")
    visitor.page.fill("[name=byline]", "Une voisine de Saint-Julien")
    visitor.press("main form button[type=submit]")


def _talk(visitor: Visitor, demo: Demo) -> None:
    del demo
    visitor.go("/conversations")
    visitor.follow("Perceuse")


def _hall(visitor: Visitor, demo: Demo) -> None:
    visitor.go(demo.halls[0])


PICTURES: Sequence[Picture] = (
    Picture(name="board-fr-1280", place=0, login="odile", show=_page("/")),
    Picture(name="board-fr-320-dark", place=0, login="odile", show=_page("/"), width=320, scheme="dark"),
    Picture(name="composer-fr-320", place=0, login="odile", show=_composer, width=320),
    Picture(name="leaving-fr-1280", place=0, login="odile", show=_leaving),
    Picture(name="notice-en-1280", place=0, login="amir", show=_notice, language="en"),
    Picture(name="conversation-fr-320", place=0, login="odile", show=_talk, width=320),
    Picture(name="hall-1920", place=0, login=None, show=_hall, width=1920, height=1080),
    Picture(name="peers-en-1280", place=0, login="admin", show=_page("/admin/peers?lang=en"), language="en"),
)


def screenshots(folder: Path = FOLDER) -> None:
    """Take every picture into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        running.demo(Path(scratch) / "demo", ports=stage.PORTS) as demo,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for picture in PICTURES:
            _take(picture, browser=browser, demo=demo, folder=folder)
            print(folder / f"{picture.name}.png")
        browser.close()


def _take(picture: Picture, *, browser: Browser, demo: Demo, folder: Path) -> None:
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme=picture.scheme,
        locale="fr-FR" if picture.language == "fr" else "en-GB",
    )
    visitor = Visitor(page=context.new_page(), origin=demo.origins[picture.place])
    if picture.login:
        visitor.sign_in(picture.login)
    picture.show(visitor, demo)
    # A tall page is cut: a picture in a README is looked at, not scrolled.
    visitor.page.screenshot(path=folder / f"{picture.name}.png")
    context.close()


def accept_looks(folder: Path = looks.FOLDER) -> None:
    """Take every component as it looks now, as what the tests compare with."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    for old in folder.glob("*.png"):
        old.unlink()
    with (
        tempfile.TemporaryDirectory() as scratch,
        looks.served(Path(scratch)) as address,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with looks.opened(browser, address) as page:
            for name, picture in looks.take_all(page, address).items():
                looks.keep(picture, folder / f"{name}.png")
                print(folder / f"{name}.png")
        browser.close()


COMMANDS: dict[str, Callable[[], None]] = {
    "screenshots": screenshots,
    "looks": accept_looks,
    "meanings": meanings.accept,
}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit(f"python -m tests.make {'|'.join(COMMANDS)}")
    COMMANDS[sys.argv[1]]()
