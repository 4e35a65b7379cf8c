"""The moderators' desk walked from a report to its end: on a telephone and on a screen, with scripts and without."""

from collections.abc import Callable

import pytest

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(600)
# Each walk has somebody of its own who goes too far.
LOUD = {
    (320, False): ("olga.songe", "Olga"),
    (320, True): ("rachid.utopie", "Rachid"),
    (1280, False): ("suzanne.reverie", "Suzanne"),
    (1280, True): ("ursule.doublure", "Ursule"),
}
DECIDE = "main form button[name=step][value={}]"


@pytest.mark.parametrize(("width", "scripts"), list(LOUD), ids=str)
def test_somebody_is_reported_reminded_suspended_and_given_back(
    visit: Callable[..., Visitor], width: int, scripts: bool
) -> None:
    login, name = LOUD[width, scripts]
    how = {"width": width, "java_script_enabled": scripts}
    loud, odile, judge = (visit(0, one, **how) for one in (login, "odile", "moderation"))
    title = f"Grande braderie {width} {scripts}"
    loud.hang("offer", title, audience="quarter")

    reported(odile, title, reason="C’est un commerce.")
    chosen(judge, title)
    judge.press(DECIDE.format("warn"))
    assert "Dites de quelle règle" in judge.words()
    judge.page.select_option("main [name=rule]", "trade")
    judge.press(DECIDE.format("warn"))
    assert loud.sees("/account/decisions", "Une annonce par personne.")
    assert odile.sees("/account/decisions", "examiné")
    assert name not in odile.words()

    reported(odile, title, reason="Encore.")
    chosen(judge, title)
    judge.page.select_option("main [name=rule]", "trade")
    judge.page.select_option("main [name=days]", "7")
    assert judge.overflow() == []
    judge.press(DECIDE.format("suspend"))
    assert not odile.sees("/", title)

    loud.page.goto(loud.origin + "/account")
    loud.page.fill("#name", login)
    loud.page.fill("#password", "palier-demo")
    loud.press("main form button[type=submit]")
    assert "Votre compte est suspendu jusqu’au" in loud.words()
    assert "Une annonce par personne." in loud.words()
    assert "Odile" not in loud.words()
    assert loud.overflow() == []
    if scripts:
        assert loud.problems() == []
    loud.page.goto(loud.origin + "/account")
    assert "/sign-in" in loud.page.url

    judge.go("/moderation")
    row = judge.page.locator("main li", has_text=name)
    with judge.page.expect_navigation():
        row.locator("a[href*='/moderation/accounts/']").click()
    judge.page.fill("main [name=reason]", "Excuses faites.")
    judge.press("main form button[type=submit]")
    assert loud.sees("/account/decisions", "Vous pouvez de nouveau utiliser votre compte.")
    assert loud.sees("/account", "Mon compte")
    assert loud.foreign + odile.foreign + judge.foreign == []


def reported(odile: Visitor, title: str, *, reason: str) -> None:
    """Odile reports a notice she sees on her board."""
    odile.go("/")
    odile.follow(title)
    odile.press("main a[href^='/report/']")
    odile.page.fill("main [name=reason]", reason)
    odile.press("main form button[type=submit]")


def chosen(judge: Visitor, title: str) -> None:
    """Somebody who looks after the board opens the report and writes why."""
    judge.go("/moderation")
    line = judge.page.locator("main article", has_text=title).first
    with judge.page.expect_navigation():
        line.locator("a[href*='/moderation/reports/']").click()
    judge.page.fill("main [name=reason]", "Une annonce par personne.")
