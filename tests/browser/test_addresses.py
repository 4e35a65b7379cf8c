"""An administrator finds an address and adds a building there: with scripts and without, wide and narrow."""

from collections.abc import Callable

import pytest

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_an_administrator_adds_a_building_at_an_address(
    visit: Callable[..., Visitor], width: int, scripts: bool
) -> None:
    admin = visit(0, "admin", width=width, java_script_enabled=scripts)
    page, name = admin.page, f"Les Essais {width} {scripts}"

    def look() -> None:
        assert (admin.problems() if scripts else []) == []

    admin.go("/admin/places")
    admin.follow("Chercher une adresse")
    page.fill("#q", "18 r des Esais")
    admin.press("form[role=search] button")
    assert "18 rue des Essais" in admin.words()
    look()
    page.fill("#q", "quelque part ailleurs")
    admin.press("form[role=search] button")
    assert "Aucune adresse de ce genre" in admin.words()
    assert page.input_value("#q") == "quelque part ailleurs"
    page.fill("#q", "18 r des Esais")
    admin.press("form[role=search] button")
    with page.expect_navigation():
        page.locator("tr", has_text="18 rue des Essais").get_by_text("Ajouter un immeuble").click()
    assert page.input_value("#street") == "18 rue des Essais"
    page.fill("#name", name)
    page.select_option("#quarter", index=1)
    admin.press("main form.card button[type=submit]")
    assert page.input_value("#name") == name  # the lots are missing: what was typed is kept
    look()
    page.fill("#lots", "1-4")
    admin.press("main form.card button[type=submit]")
    assert name in page.inner_text("h1")
    admin.follow("Ses adresses")
    assert "18 rue des Essais" in admin.words()
    page.fill("#q", "20 rue des essais")
    admin.press("form[role=search] button")
    look()
    admin.press("form:has(input[value$='_00020']) button")
    assert "20 rue des Essais" in admin.words()
    admin.press("form[action$='/remove']:has(input[value$='_00018']) button")
    assert "18 rue des Essais" not in page.inner_text("main section:first-of-type")
    assert admin.foreign == []
