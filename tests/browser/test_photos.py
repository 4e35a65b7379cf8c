"""A photograph is put on a notice and seen by neighbours: on phone and screen, with scripts and without."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from tests.browser.crawl import WAYS, see
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.timeout(600), pytest.mark.browser]

LOADED = "one => one.complete && one.naturalWidth > 0"


def picture(colour: str = "teal") -> dict[str, object]:
    """As a telephone sends it: held on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (1200, 900), colour).save(out, "JPEG", exif=exif)
    return {"name": "IMG_2041.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def look(visitor: Visitor, *, scripts: bool) -> None:
    found = [f"{way}: {one}" for way in WAYS["fr"] for one in see(visitor, way)] if scripts else visitor.overflow()
    assert found == []


@pytest.mark.parametrize(("width", "scripts"), [(320, False), (320, True), (1280, False), (1280, True)], ids=str)
def test_a_photograph_is_put_on_a_notice_and_taken_away(
    visit: Callable[..., Visitor], width: int, scripts: bool
) -> None:
    odile, amir = (visit(0, one, width=width, java_script_enabled=scripts) for one in ("odile", "amir"))
    odile.hang("offer", f"Une échelle {width} {scripts}", audience="building")
    notice = odile.page.url
    odile.press("main a[href$='/photos']")
    look(odile, scripts=scripts)
    # Not a picture: it is said, and what was typed stays.
    odile.page.fill("[name=alt]", "Une échelle rouge")
    odile.page.set_input_files("[name=file]", {"name": "x.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    odile.press("main form:has([name=file]) button[type=submit]")
    assert "ne s’ouvre pas comme une image" in odile.words()
    assert odile.page.input_value("[name=alt]") == "Une échelle rouge"
    look(odile, scripts=scripts)
    odile.page.set_input_files("[name=file]", picture())
    odile.press("main form:has([name=file]) button[type=submit]")
    assert "La photo est sur l’annonce." in odile.words()
    look(odile, scripts=scripts)

    amir.go(notice)
    shown = amir.page.locator("main .photos img")
    assert shown.get_attribute("alt") == "Une échelle rouge"
    shown.scroll_into_view_if_needed()
    amir.page.wait_for_load_state("networkidle")
    box = shown.bounding_box()
    assert box is not None
    assert box["height"] > box["width"] > 100  # it stands upright
    if scripts:
        assert shown.evaluate(LOADED)
    look(amir, scripts=scripts)
    amir.go("/")
    assert amir.page.locator("main .slip__photo[alt='Une échelle rouge']").count() >= 1
    assert amir.overflow() == []
    mairie = visit(0, "mairie")
    address = f"{odile.origin}{shown_address(odile)}"
    assert odile.page.request.get(address).status == 200
    assert mairie.page.request.get(address).status == 404

    odile.press("main form[action^='/photos/'] button")
    assert "La photo est retirée." in odile.words()
    assert odile.page.request.get(address).status == 404
    assert odile.foreign + amir.foreign == []


def shown_address(visitor: Visitor) -> str:
    source = visitor.page.locator("main .photos img").first.get_attribute("src")
    assert source is not None
    return source.split("?")[0]
