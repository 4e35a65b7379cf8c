"""Pictures of every component of /design, and how much two of them differ: the memory of what the pages look like."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from tests.web import pages_place
from web import catalogues, stores

FOLDER: Final = Path(__file__).parent / "looks"
SECTIONS: Final = (
    "colours",
    "type",
    "spaces",
    "doors",
    "kinds",
    "bylines",
    "slips",
    "composer",
    "leaving",
    "refused",
    "fields",
    "buttons",
    "slots",
    "lines",
    "progress",
    "secret",
    "conversation",
    "table",
    "empty",
    "pagination",
    "sheet",
    "wall",
    "mails",
)
# Longer and shorter words than French ones where it matters.
ALSO_ENGLISH: Final = ("slips", "slots", "leaving")

# Pictures are compared in tiles of some pixels, each by its mean colour: what another rasteriser does to the edges of
# letters evens out, another colour or another place does not. A tile differs when one of its channels is further off
# than the palette of a kept picture puts it; a picture differs when more than this share of its tiles do.
TILE: Final = 8
FAR: Final = 12
SHARE: Final = 0.0015
COLOURS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One component, both themes on one picture, at one width, in one language."""

    section: str
    width: int
    language: str = "fr"

    @property
    def name(self) -> str:
        """The name of its file, without ending."""
        return f"{self.section}-{self.width}-{self.language}"


SHOTS: Final[Sequence[Shot]] = (
    *(Shot(section=one, width=width) for width in (1280, 320) for one in SECTIONS),
    *(Shot(section=one, width=1280, language="en") for one in ALSO_ENGLISH),
)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A small place whose clock stands still, until the end of the block; its address."""
    catalogues.compile_all()
    app = pages_place.make(folder).app
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        for store in stores.of(app).values():
            store.close()


@contextmanager
def opened(browser: Browser, address: str) -> Iterator[Page]:
    """Somebody signed in, in front of a screen on which nothing moves."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        device_scale_factor=1,
        reduced_motion="reduce",
        color_scheme="light",
        locale="fr-FR",
        bypass_csp=True,  # the test changes a token by a style of its own
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{address}/sign-in")
    page.fill("#name", "nadia")
    page.fill("#password", pages_place.PASSWORD)
    with page.expect_navigation():
        page.click("main form button[type=submit]")
    yield page
    context.close()


def show(page: Page, address: str, *, width: int, language: str) -> None:
    """Open /design and wait for its type.

    The head of the page is taken away: its links grow, and half a point more of it moves the edges of all below.
    """
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/design?lang={language}")
    page.add_style_tag(content=".head { display: none }")
    page.evaluate("document.fonts.ready.then(() => null)")


def take(page: Page, section: str) -> Image.Image:
    """A picture of one component. What the browser words itself (a file's button) is painted over."""
    own_words = page.locator("input[type=file]")
    picture = page.locator(f"#{section}").screenshot(animations="disabled", caret="hide", mask=[own_words])
    return Image.open(BytesIO(picture)).convert("RGB")


def take_all(page: Page, address: str, shots: Sequence[Shot] = SHOTS) -> Mapping[str, Image.Image]:
    """Every picture by its name, with one load of the page for each width and language."""
    taken = {}
    for width, language in sorted({(one.width, one.language) for one in shots}):
        show(page, address, width=width, language=language)
        for shot in shots:
            if (shot.width, shot.language) == (width, language):
                taken[shot.name] = take(page, shot.section)
    return taken


def keep(picture: Image.Image, path: Path) -> None:
    """Keep a picture small: a palette, no dithering."""
    path.parent.mkdir(parents=True, exist_ok=True)
    small = picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def difference(wanted: Image.Image, found: Image.Image) -> tuple[float, Image.Image]:
    """The share of tiles that differ (1.0 when the sizes do), and a picture of where: white on black."""
    if wanted.size != found.size:
        return 1.0, ImageChops.difference(wanted.resize(found.size), found)
    tiles = (max(1, found.width // TILE), max(1, found.height // TILE))
    means = [one.resize(tiles, Image.Resampling.BOX) for one in (wanted, found)]
    red, green, blue = ImageChops.difference(*means).split()
    furthest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    where = furthest.point([255 if value > FAR else 0 for value in range(256)])
    share = where.histogram()[255] / (where.width * where.height)
    return share, where.resize(found.size, Image.Resampling.NEAREST)


def stored(name: str) -> Image.Image:
    """The picture that was accepted. Raises FileNotFoundError for one that never was."""
    return Image.open(FOLDER / f"{name}.png").convert("RGB")
