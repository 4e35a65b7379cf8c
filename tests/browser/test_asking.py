"""Asking quietly in a real Chromium: what for, how fast, no further, found; on a phone, and without scripts."""

from collections.abc import Callable

import pytest

from tests.browser.visitor import EVERY_WAY, Visitor

pytestmark = pytest.mark.timeout(600)


@EVERY_WAY
def test_a_request_begins_in_the_building_and_ends_with_one_press(
    visit: Callable[..., Visitor], width: int, scripts: bool
) -> None:
    title = f"Une échelle {width} {scripts}"
    how = {"width": width, "java_script_enabled": scripts}
    odile, amir, victor = (visit(0, one, **how) for one in ("odile", "amir", "victor"))
    odile.go("/listings/new?kind=request")
    assert odile.page.is_checked("input[name=need][value=other]")
    if scripts:
        assert odile.problems() == []
    odile.page.check("input[name=need][value=tool]")
    odile.page.check("input[name=audience][value=instance]")
    odile.page.select_option("select[name=pace]", "tomorrow")
    odile.page.fill("[name=title]", title)
    odile.page.fill("[name=body]", "Pour changer une ampoule.")
    odile.press("main form button[type=submit]")
    assert "Votre quartier la voit ensuite : demain, 9" in odile.words()
    assert amir.sees("/", title)
    assert not victor.sees("/", title)
    if scripts:
        assert odile.problems() == []
    amir.follow(title) if amir.sees("/", title) else pytest.fail("it does not hang")
    assert "ensuite" not in amir.words()
    odile.go("/mine")
    if scripts:
        assert odile.problems() == []
    row = f"li.own:has-text('{title}')"
    odile.press(f"{row} form[action$='/stay'] button")
    assert odile.page.locator(f"{row} form[action$='/stay']").count() == 0
    amir.page.fill("main form [name=body]", "J’en ai une.")
    amir.press("main form[action*='/answer'] button[type=submit]")
    odile.go("/conversations")
    odile.follow(title)
    if scripts:
        assert odile.problems() == []
    odile.press("main form[action$='/found'] button")
    assert "Votre demande est retirée" in odile.words()
    assert not amir.sees("/", title)
    assert odile.foreign + amir.foreign + victor.foreign == []


def test_an_ingredient_is_chosen_with_the_keyboard(visit: Callable[..., Visitor]) -> None:
    odile = visit(0, "odile", width=320)
    odile.go("/listings/new?kind=request")
    odile.page.focus("input[name=need]:checked")
    odile.page.keyboard.press("ArrowRight")  # from the last to the first
    assert odile.page.is_checked("input[name=need][value=ingredient]")
    odile.page.check("input[name=audience][value=building]")
    odile.page.fill("[name=title]", "Un œuf")
    odile.page.fill("[name=body]", "Pour un gâteau.")
    odile.page.keyboard.press("Tab")
    odile.press("main form button[type=submit]")
    assert "Un ingrédient" in odile.words()
