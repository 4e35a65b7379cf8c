"""The components look as they were accepted: by day and by night, wide and narrow. A changed token is noticed."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser import looks
from tests.browser.looks import SHOTS, Shot

pytestmark = pytest.mark.timeout(600)

LARGEST = 2 * 1024 * 1024
ACCEPT = "If it is meant: python -m tests.make looks, and look at them."


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with looks.served(tmp_path_factory.mktemp("looks")) as served:
        yield served


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    with looks.opened(browser, address) as opened:
        yield opened


@pytest.fixture(scope="module")
def taken(page: Page, address: str) -> Mapping[str, Image.Image]:
    return looks.take_all(page, address)


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_a_component_looks_as_accepted(taken: Mapping[str, Image.Image], shot: Shot, tmp_path: Path) -> None:
    found = taken[shot.name]
    wanted = looks.stored(shot.name)
    share, where = looks.difference(wanted, found)
    if share > looks.SHARE:
        found.save(tmp_path / f"{shot.name}-found.png")
        where.save(tmp_path / f"{shot.name}-where.png")
        size = f"{wanted.size} became {found.size}" if wanted.size != found.size else f"{share:.2%} of it"
        pytest.fail(f"{shot.name} looks different ({size}): see {tmp_path}. {ACCEPT}", pytrace=False)


def test_there_is_a_picture_of_every_component_and_of_nothing_else(page: Page, address: str) -> None:
    looks.show(page, address, width=1280, language="fr")
    there = page.eval_on_selector_all(".specimen", "all => all.map(one => one.id)")
    assert set(there) == set(looks.SECTIONS)
    files = list(looks.FOLDER.glob("*.png"))
    assert {one.stem for one in files} == {shot.name for shot in SHOTS}
    assert sum(one.stat().st_size for one in files) < LARGEST


@pytest.mark.parametrize(
    ("section", "style"),
    [
        ("buttons", ":root, [data-theme=light] { --blue: #3d3a80; }"),
        ("kinds", "[data-theme=dark] { --olive: #a8e08f; }"),
        ("lines", "[data-theme=light] { --ochre-wash: #fbd0bd; }"),
        ("slips", "[data-theme] { --u6: 1.4rem; }"),
        ("type", "[data-theme] { --s-title: 1.35rem; }"),
        ("conversation", ":root { --font: serif; }"),
        ("fields", ".field label { font-weight: 400; }"),
    ],
)
def test_a_changed_token_is_noticed(page: Page, address: str, section: str, style: str) -> None:
    looks.show(page, address, width=1280, language="fr")
    before, _ = looks.difference(looks.stored(f"{section}-1280-fr"), looks.take(page, section))
    page.add_style_tag(content=style)
    after, _ = looks.difference(looks.stored(f"{section}-1280-fr"), looks.take(page, section))
    assert before <= looks.SHARE < after
