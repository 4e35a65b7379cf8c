"""Two towns agree what they exchange, over real doors and couriers; and a list of blocks, on a narrow screen."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.visitor import Visitor, wait_until

pytestmark = pytest.mark.timeout(300)

NARROW = 320


def _town(visitor: Visitor, other: str) -> str:
    return f"/admin/peers/{other.removeprefix('http://')}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_charter_is_signed_here_and_read_there(visit: Callable[..., Visitor], scheme: str) -> None:
    here = visit(0, "admin", width=NARROW, color_scheme=scheme)
    there = visit(1, "admin", width=NARROW, color_scheme=scheme)
    here.go(_town(here, there.origin))
    here.page.uncheck("#reports")
    here.page.check("input[name=offers][value=neighbours]")
    here.press("form[action$='/charter'] button[type=submit]")
    assert "des quartiers voisins" in here.page.locator("#charter").inner_text()
    assert here.problems() == []
    assert here.overflow() == []
    path = _town(there, here.origin)
    there.go(path)
    there.press("form[action$='/look'] button")

    def read() -> bool:
        there.go(path)
        return "des quartiers voisins" in there.page.locator("#charter").inner_text()

    wait_until(read, "the charter of the other town")
    assert there.problems() == []
    assert there.overflow() == []
    here.press("form[action$='/charter/end'] button")
    assert "Aucun côté n’a rien dit" in here.words()


def test_a_list_of_blocks_is_looked_at_and_applied(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    admin = visit(0, "admin", width=NARROW)
    admin.go("/admin/peers")
    admin.follow("Listes de blocages")
    file = tmp_path / "liste.csv"
    long = "un-nom-tres-long-qui-ne-tient-pas-sur-un-ecran-etroit.example"
    file.write_text(f"#domain,#severity\nmauvaise.example,suspend\n{long},silence\nexa***.com,suspend\n")
    admin.page.set_input_files("#file", file)
    admin.press("main form button[type=submit]")
    assert "2 villes sont nouvelles" in admin.words()
    assert "1 ligne n’est pas lue" in admin.words()
    assert admin.problems() == []
    assert admin.overflow() == []
    admin.page.fill("#reason", "Liste commune")
    admin.press("main form button[type=submit]")
    assert "La liste est appliquée" in admin.words()
    assert admin.overflow() == []
