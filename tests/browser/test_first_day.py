"""The first ten minutes: from `palier init` to a wall in the hall and a neighbour who joined with a code on paper."""

import io
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Browser, Page

from tests import running
from tests.browser.visitor import Visitor, wait_until

pytestmark = pytest.mark.timeout(900)
ROOT = Path(__file__).parents[2]
PASSWORD = "une phrase de passe"
NEXT = "main .start__step--next a.button"
# Pages somebody sees from signing in to the screen, and what they press; a guide that grows longer is noticed.
MOST_PAGES = 22


@dataclass
class Day:
    """A new instance that is up."""

    origin: str

    def up(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.origin}/about", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    port = running.free_port("127.0.0.1")
    environ = os.environ | {
        "PALIER_ORIGIN": f"http://127.0.0.1:{port}",
        "PALIER_DEVELOPMENT": "1",
        "PALIER_DATA": str(tmp_path / "data"),
        "PALIER_NAME": "Voisins d’Exemple",
    }
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    palier = [sys.executable, "-m", "web.cli"]
    options = ["--admin-login", "marthe", "--admin-password-file", str(tmp_path / "password")]
    subprocess.run([*palier, "init", *options], env=environ, cwd=ROOT, check=True, timeout=120)
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen([*palier, "serve"], env=environ, cwd=ROOT, stdout=log, stderr=log)
        try:
            started = Day(origin=environ["PALIER_ORIGIN"])
            wait_until(started.up, "a new instance answers")
            yield started
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(timeout=60)
            except subprocess.TimeoutExpired:
                server.kill()  # its children end with it
                server.wait()


@dataclass
class Walker:
    """An administrator on the first day, who counts pages."""

    visitor: Visitor
    scripts: bool  # axe is a script itself
    pages: int = 0
    looked: set[str] = field(default_factory=set)

    @property
    def page(self) -> Page:
        return self.visitor.page

    def press(self, selector: str) -> None:
        self.visitor.press(selector)
        self.pages += 1

    def follow_the_guide(self) -> None:
        """Back to the guide, as the line above every page offers, and on to what it says."""
        if not self.page.url.endswith("/admin/start"):
            line = self.page.locator(".reminder a")
            if line.count():
                self.press(".reminder a")
            else:
                self.visitor.go("/admin/start")
                self.pages += 1
        self.check()
        with self.page.expect_navigation():
            self.page.click(NEXT)
        self.pages += 1
        self.check()

    def check(self) -> None:
        """Accessible and no wider than the screen; each page once."""
        path = self.page.url.partition("#")[0]
        if self.scripts and path not in self.looked:
            self.looked.add(path)
            assert self.visitor.problems() == [], path


def enter(browser: Browser, day: Day, **how: object) -> Visitor:
    page = browser.new_context(bypass_csp=True, **how).new_page()
    page.set_default_timeout(40_000)
    return Visitor(page=page, origin=day.origin)


def sign_in(walker: Walker) -> None:
    walker.visitor.go("/")
    walker.press("header a[href='/sign-in']")
    walker.page.fill("#name", "marthe")
    walker.page.fill("#password", PASSWORD)
    walker.press("main form button[type=submit]")
    assert walker.page.url.endswith("/admin/start")


def enter_house(walker: Walker) -> None:
    page = walker.page
    walker.follow_the_guide()
    page.fill("#name", "Exemple-sur-Mer")
    page.fill("#insee", "99001")
    page.fill("#quarters", "Le Port 99001")
    walker.press("form#add button[type=submit]")
    walker.follow_the_guide()
    page.fill("#name", "Les Pins")
    page.fill("#street", "14 rue de l’Exemple")
    page.fill("#lots", "1-11, B1")
    walker.press("form#add button[type=submit]")


def enter_organisation(walker: Walker) -> None:
    page = walker.page
    walker.follow_the_guide()
    page.fill("#name", "Comité du Port")
    page.select_option("#kind", "committee")
    page.fill("#summary", "Le comité du quartier.")
    walker.press("form#add button[type=submit]")
    walker.follow_the_guide()
    page.fill("#login", "marthe")
    walker.press("form[action$='/members'] button[type=submit]")
    walker.follow_the_guide()
    page.select_option("#organisation", label="Comité du Port")
    walker.press("form#answers button[type=submit]")


def make_letters(walker: Walker) -> list[str]:
    """The codes on the letters, in the order of the sheets."""
    walker.follow_the_guide()
    with walker.page.expect_download() as coming:
        walker.page.click("form[action$='/codes/sheet'] button[value=letters]")
    drawn = Path(coming.value.path()).read_bytes()
    sheets = [one.extract_text() for one in pypdf.PdfReader(io.BytesIO(drawn)).pages]
    assert [re.search(r"Boîte aux lettres (\S+)", one)[1] for one in sheets] == [*map(str, range(1, 12)), "B1"]
    code = re.compile(r"(?:[0-9A-Z] ?){4} ?- ?(?:[0-9A-Z] ?){4} ?- ?(?:[0-9A-Z] ?){4}")
    return [code.search(one)[0].strip() for one in sheets]


def add_screen(walker: Walker, hall: Visitor) -> None:
    """The display in the hall shows a code; whoever stands in front of it types it on the page of the building."""
    hall.go("/hall")
    code = hall.page.inner_text(".hall__code")
    walker.follow_the_guide()
    walker.page.fill("#screens #code", code)
    walker.press("#screens form[action$='/pair'] button[type=submit]")


def join(neighbour: Visitor, code: str) -> None:
    neighbour.go("/join")
    neighbour.page.fill("#code", code)
    neighbour.press("main form button[type=submit]")
    for name, value in {"first_name": "Nadia", "last_name": "Exemple", "login": "nadia", "password": PASSWORD}.items():
        neighbour.page.fill(f"#{name}", value)
    neighbour.press("main form button[type=submit]")


@pytest.mark.parametrize(
    ("width", "scripts", "scheme"),
    [(1280, False, "light"), (320, True, "dark")],
    ids=["desk-without-scripts", "phone-dark"],
)
def test_from_an_empty_house_to_a_wall_and_a_neighbour(
    browser: Browser, day: Day, width: int, scripts: bool, scheme: str
) -> None:
    begin = time.monotonic()
    size = {"width": width, "height": 900}
    admin = enter(browser, day, viewport=size, java_script_enabled=scripts, color_scheme=scheme, locale="fr-FR")
    walker = Walker(visitor=admin, scripts=scripts)
    sign_in(walker)
    enter_house(walker)
    enter_organisation(walker)
    codes = make_letters(walker)
    hall = enter(browser, day, viewport={"width": 1920, "height": 1080}, locale="fr-FR")
    add_screen(walker, hall)
    walker.visitor.go("/admin/start")
    assert "Tout est prêt" in walker.visitor.words()
    assert walker.pages <= MOST_PAGES, walker.pages

    neighbour = enter(browser, day, viewport=size, java_script_enabled=scripts, locale="fr-FR")
    join(neighbour, codes[1])
    assert "Vous êtes la première personne inscrite" in neighbour.words()
    neighbour.hang("request", "Une échelle pour samedi", audience="building")
    wait_until(lambda: "Les Pins" in hall.words(), "the display shows the building's wall")
    wait_until(lambda: "Une échelle pour samedi" in hall.words(), "the wall shows the neighbour's notice")
    assert "Nadia" not in hall.words()
    assert neighbour.foreign + walker.visitor.foreign == []
    print(f"{walker.pages} pages, {time.monotonic() - begin:.0f} s of which axe took its part")
