"""Writing for a neighbour without internet in a real Chromium: agreed, hung, let go; on a phone and without scripts."""

from collections.abc import Callable

import pytest

from tests.browser.visitor import EVERY_WAY, Visitor

pytestmark = pytest.mark.timeout(600)


@EVERY_WAY
def test_a_notice_for_a_neighbour_hangs_without_their_name_and_comes_down_with_their_consent(
    visit: Callable[..., Visitor], width: int, scripts: bool
) -> None:
    title, called = f"Une baguette {width} {scripts}", f"Mme Basilic {width} {scripts}"
    odile, amir = (visit(0, one, width=width, java_script_enabled=scripts) for one in ("odile", "amir"))
    odile.go("/listings/new")
    odile.press("main a[href='/for-a-neighbour']")
    odile.page.fill("[name=called]", called)
    odile.press("main form button[type=submit]")
    assert odile.page.input_value("[name=called]") == called
    assert called not in odile.page.locator("main ul.board--own").all_inner_texts()
    if scripts:
        assert odile.problems() == []
    odile.page.check("input[name=consent][value=spoken]")
    odile.page.check("input[name=told]")
    odile.press("main form button[type=submit]")
    if scripts:
        assert odile.problems() == []
    odile.go("/listings/new?kind=offer")
    odile.page.select_option("select[name=neighbour]", label=called)
    odile.page.check("input[name=audience][value=building]")
    odile.page.fill("[name=title]", title)
    odile.page.fill("[name=body]", "Chaque jeudi.")
    odile.press("main form button[type=submit]")
    assert "pour un voisin ou une voisine" in odile.words()
    assert amir.sees("/", title)
    assert "Basilic" not in amir.words()
    odile.go("/for-a-neighbour")
    odile.press(f"li:has-text('{called}') a[href$='/stop']")
    odile.press("main form button[type=submit]")
    assert "1 annonce a été retirée" in odile.words()
    assert not amir.sees("/", title)
    assert odile.foreign + amir.foreign == []
