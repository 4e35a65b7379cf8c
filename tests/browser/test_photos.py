"""A photograph is put on a notice and seen by neighbours: on phone and screen, with scripts and without."""

from collections.abc import Callable

import pytest

from tests.browser.crawl import WAYS, see
from tests.browser.visitor import EVERY_WAY, NO_PICTURE, Visitor, picture

pytestmark = [pytest.mark.timeout(600), pytest.mark.browser]

LOADED = "one => one.complete && one.naturalWidth > 0"


def look(visitor: Visitor, *, scripts: bool) -> None:
    found = [f"{way}: {one}" for way in WAYS["fr"] for one in see(visitor, way)] if scripts else visitor.overflow()
    assert found == []


@EVERY_WAY
def test_a_photograph_is_put_on_a_notice_and_taken_away(
    visit: Callable[..., Visitor], width: int, scripts: bool
) -> None:
    odile, amir = (visit(0, one, width=width, java_script_enabled=scripts) for one in ("odile", "amir"))
    odile.hang("offer", f"Une échelle pliante {width} {scripts}", audience="building")
    notice = odile.page.url
    odile.press("main a[href$='/photos']")
    look(odile, scripts=scripts)
    # Not a picture: it is said, and what was typed stays.
    odile.page.fill("[name=alt]", "Une échelle")
    odile.page.set_input_files("[name=file]", NO_PICTURE)
    odile.press("main form:has([name=file]) button[type=submit]")
    assert "ne s’ouvre pas comme une image" in odile.words()
    assert odile.page.input_value("[name=alt]") == "Une échelle"
    look(odile, scripts=scripts)
    odile.page.set_input_files("[name=file]", picture())
    odile.press("main form:has([name=file]) button[type=submit]")
    assert "La photo est sur l’annonce." in odile.words()
    look(odile, scripts=scripts)
    # What there is to see is said otherwise.
    odile.page.fill("[name=photo1-alt]", "Une échelle rouge")
    odile.press("main form[action$='/words'] button")
    assert "La description est changée." in odile.words()

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

    odile.press("main form[action$='/remove'] button")
    assert "La photo est retirée." in odile.words()
    assert odile.page.request.get(address).status == 404
    assert odile.foreign + amir.foreign == []


@EVERY_WAY
def test_a_notice_is_hung_with_its_photographs(visit: Callable[..., Visitor], width: int, scripts: bool) -> None:
    clara, odile = (visit(0, one, width=width, java_script_enabled=scripts) for one in ("clara.maquette", "odile"))
    clara.go("/listings/new?kind=offer")
    assert clara.page.locator("[name=photo1]").is_hidden()
    clara.page.check("input[name=audience][value=building]")
    clara.page.fill("[name=title]", f"Un escabeau {width} {scripts}")
    clara.page.fill("[name=body]", "Trois marches.")
    clara.page.focus("main details summary")
    clara.page.keyboard.press("Enter")
    for number, file in ((1, picture()), (2, NO_PICTURE)):
        clara.page.fill(f"[name=alt{number}]", f"De côté {number}")
        clara.page.set_input_files(f"[name=photo{number}]", file)
    clara.press("main form > .actions button[type=submit]")
    # One of them is no picture: nothing hangs, nothing typed is lost, and what a page cannot keep it says.
    assert "ne s’ouvre pas comme une image" in clara.words()
    assert "Choisissez de nouveau vos photos" in clara.words()
    assert clara.page.input_value("[name=title]") == f"Un escabeau {width} {scripts}"
    assert clara.page.input_value("[name=alt2]") == "De côté 2"
    assert clara.page.is_checked("input[name=audience][value=building]")
    look(clara, scripts=scripts)
    for number, colour in ((1, "teal"), (2, "olive")):
        clara.page.set_input_files(f"[name=photo{number}]", picture(colour))
    clara.press("main form > .actions button[type=submit]")
    odile.go(clara.page.url)
    shown = odile.page.locator("main .photos img")
    assert [shown.nth(one).get_attribute("alt") for one in range(2)] == ["De côté 1", "De côté 2"]
    look(odile, scripts=scripts)
    assert clara.foreign + odile.foreign == []


def shown_address(visitor: Visitor) -> str:
    source = visitor.page.locator("main .photos img").first.get_attribute("src")
    assert source is not None
    return source.split("?")[0]
