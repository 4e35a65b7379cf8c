"""Somebody in front of a browser: goes to pages, fills forms, and notices what a page should not do."""

import io
import re
from dataclasses import dataclass, field
from functools import partial

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page

from tests import waiting
from web.demo.people import PASSWORD

# What is wrong is shown as it is written: where it stands, in selectors, is a tenth of the work and is not read.
RULES = {
    "resultTypes": ["violations"],
    "selectors": False,
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
# What can change with the colour scheme alone.
CONTRAST = {
    "resultTypes": ["violations"],
    "selectors": False,
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
AXE = Axe()
# Every journey is walked on a telephone and on a screen, with scripts and without.
EVERY_WAY = pytest.mark.parametrize(
    ("width", "scripts"), [(320, False), (320, True), (1280, False), (1280, True)], ids=str
)
PATIENCE = 90


@dataclass
class Visitor:
    """A page in one place, and every request it made to any other."""

    page: Page
    origin: str
    foreign: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._note)

    def _note(self, request: object) -> None:
        url = request.url  # type: ignore[attr-defined]
        if not url.startswith((f"{self.origin}/", "data:")):
            self.foreign.append(url)

    def go(self, path: str) -> None:
        """Open a page."""
        answer = self.page.goto(path if path.startswith("http") else self.origin + path)
        assert answer is not None
        assert answer.status < 400, f"{path} answered {answer.status}"

    def sign_in(self, login: str) -> None:
        """Sign in with the demonstration's password."""
        self.go("/sign-in")
        self.page.fill("#name", login)
        self.page.fill("#password", PASSWORD)
        self.press("main form button[type=submit]")
        assert "/sign-in" not in self.page.url, self.words()

    def press(self, selector: str) -> None:
        """Press something that leads to another page."""
        with self.page.expect_navigation():
            self.page.click(selector)

    def words(self) -> str:
        """What the page says."""
        return self.page.inner_text("body")

    def follow(self, text: str) -> None:
        """Follow the link with this text in the main part."""
        with self.page.expect_navigation():
            self.page.locator("main a", has_text=text).first.click()

    def hang(self, kind: str, title: str, *, audience: str, byline: str = "") -> None:
        """Hang an offer or request; beyond the town, confirm what leaves."""
        self.go(f"/listings/new?kind={kind}")
        self.page.check(f"input[name=audience][value={audience}]")
        self.page.fill("[name=title]", title)
        self.page.fill("[name=body]", f"{title}, pour le week-end.")
        if byline:
            self.page.fill("[name=byline]", byline)
        self.press("main form button[type=submit]")
        if audience == "network":
            assert title in self.words()
            self.press("button[name=step][value=publish]")

    def sees(self, path: str, text: str) -> bool:
        """Whether a page says something now."""
        self.go(path)
        return text in self.words()

    def waits_for(self, path: str, text: str, *, gone: bool = False) -> None:
        """Reload a page until it says something, or no longer does."""
        wait_until(lambda: self.sees(path, text) is not gone, f"{text!r} on {path}")

    def problems(self, rules: dict[str, object] = RULES) -> list[str]:
        """What the accessibility rules find on this page, and whether it scrolls sideways."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.axe_script)
        violations = self.page.evaluate("(options) => axe.run(options).then((found) => found.violations)", rules)
        return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in violations] + self.overflow()

    def overflow(self) -> list[str]:
        """Whether the page scrolls sideways."""
        width = self.page.viewport_size["width"]
        needed = self.page.evaluate("document.documentElement.scrollWidth")
        return [f"needs {needed} of {width} pixels"] if needed > width else []

    def links(self) -> set[str]:
        """Every page of this place that this one leads to, but for itself in another language or light."""
        hrefs = self.page.eval_on_selector_all("a[href]:not(.foot__choice)", "all => all.map(one => one.href)")
        own = {one.split("#")[0] for one in hrefs if one.startswith(f"{self.origin}/")}
        return {one.removeprefix(self.origin) for one in own}


def picture(colour: str = "teal") -> dict[str, object]:
    """A picture as a telephone sends it: held on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (1200, 900), colour).save(out, "JPEG", exif=exif)
    return {"name": "IMG_2041.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


NO_PICTURE = {"name": "x.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}


def shape(path: str) -> str:
    """A page's kind: its path with the names of single things taken out."""
    bare = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", path)
    bare = re.sub(r"([?&])before=\d+", r"\1before=N", bare)
    bare = re.sub(r"/(@|organisations/|places/|peers/|towns/)[^/?]+", r"/\1NAME", bare)
    return re.sub(r"[?&](?:lang=\w+|theme=\w+|next=[^&]*|since=[\w-]+)", "", bare).rstrip("?")


wait_until = partial(waiting.until, seconds=PATIENCE, every=0.5)
