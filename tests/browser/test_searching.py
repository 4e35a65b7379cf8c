"""Searching and being told, as neighbours would: on a telephone and on a screen, with scripts and without."""

from collections.abc import Callable

import pytest

from tests.browser import keyboard
from tests.browser.crawl import WAYS, see
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(600)


# Each walk looks for a thing of its own: all of them are in one town.
@pytest.mark.parametrize(
    ("width", "scripts", "thing"),
    [(320, False, "Zincographe"), (320, True, "Mandoline"), (1280, False, "Girouette"), (1280, True, "Tisonnier")],
)
def test_what_is_looked_for_is_found_kept_and_told(
    visit: Callable[..., Visitor], width: int, scripts: bool, thing: str
) -> None:
    odile, amir = (visit(0, one, width=width, java_script_enabled=scripts) for one in ("odile", "amir"))
    amir.go("/")
    amir.press("nav a[href='/search']")
    amir.page.fill("main [name=q]", f"l'{thing.lower()}s")
    amir.page.select_option("main [name=where]", "building")
    amir.press("main form[role=search] button")
    assert "Rien trouvé" in amir.words()
    assert amir.page.input_value("main [name=q]") == f"l'{thing.lower()}s"
    assert amir.page.input_value("main [name=where]") == "building"
    amir.press("main form[action='/search/kept'] button")
    assert "Rien de nouveau pour l’instant" in amir.words()

    odile.hang("offer", f"Un {thing}", audience="building")
    amir.go("/search")
    amir.page.fill("main [name=q]", thing[:6])
    amir.press("main form[role=search] button")
    assert f"Un {thing}" in amir.words()
    if width == 320:
        assert amir.overflow() == []
    assert list(keyboard.problems(amir.page)) == [] if scripts else True
    for look in WAYS["fr"] if scripts else ():
        assert see(amir, look) == []

    # The home worker looks every second.
    amir.waits_for("/search/kept", f"Un {thing}")
    amir.press("main form[action$='/forget'] button:has-text('" + thing.lower() + "')")
    assert "Nous ne guettons plus ces mots" in amir.words()
