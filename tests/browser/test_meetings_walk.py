"""Two neighbours agree to meet, call it off, and part in silence: on phone and screen, with scripts and without."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.visitor import EVERY_WAY, Visitor

pytestmark = [pytest.mark.timeout(600), pytest.mark.browser]


def looks_right(visitor: Visitor, *, scripts: bool) -> None:
    """Accessible where a script can ask, and never wider than the window."""
    assert (visitor.problems() if scripts else visitor.overflow()) == []


def answered(odile: Visitor, amir: Visitor, title: str) -> None:
    """Both are in a conversation about a notice of Odile's."""
    odile.hang("request", title, audience="building")
    amir.waits_for("/", title)
    amir.follow(title)
    amir.page.fill("main form [name=body]", "J’en ai un, venez.")
    amir.press("main form[action*='/answer'] button[type=submit]")
    odile.waits_for("/conversations", title)
    odile.follow(title)


@EVERY_WAY
def test_a_moment_is_agreed_on_and_called_off(visit: Callable[..., Visitor], width: int, scripts: bool) -> None:
    odile, amir = (visit(0, who, width=width, java_script_enabled=scripts) for who in ("odile", "amir"))
    answered(odile, amir, f"Un niveau à bulle {width} {scripts}")
    odile.follow("Proposer un rendez-vous")
    looks_right(odile, scripts=scripts)
    # Nothing typed: the page says what is missing, and nothing is proposed.
    odile.press("main form button[type=submit]")
    assert "Proposez au moins un moment." in odile.words()
    looks_right(odile, scripts=scripts)
    day = datetime.now(UTC).date() + timedelta(days=3)
    for number, hour in ((1, "18:30"), (2, "19:15")):
        odile.page.fill(f"[name=day_{number}]", day.isoformat())
        odile.page.fill(f"[name=hour_{number}]", hour)
    odile.press("main form button[type=submit]")
    assert "Vous avez proposé un rendez-vous" in odile.words()
    looks_right(odile, scripts=scripts)
    amir.page.reload()
    assert "Hall d’entrée" in amir.words()
    looks_right(amir, scripts=scripts)
    amir.page.locator(".meeting__pick").nth(1).focus()
    with amir.page.expect_navigation():
        amir.page.keyboard.press("Enter")
    odile.page.reload()
    for visitor in (odile, amir):
        assert "Vous avez rendez-vous" in visitor.words()
        assert "19\u00a0h\u00a015" in visitor.words()
        looks_right(visitor, scripts=scripts)
        file = visitor.page.request.get(f"{visitor.page.url.split('#')[0].split('?')[0]}/meeting.ics")
        assert file.headers["content-type"].startswith("text/calendar")
        assert file.text().startswith("BEGIN:VCALENDAR\r\n")
    odile.press("main form[action$='/meeting/call-off'] button")
    amir.page.reload()
    for visitor in (odile, amir):
        assert "Ce rendez-vous est annulé" in visitor.words()
        looks_right(visitor, scripts=scripts)
    assert odile.foreign + amir.foreign == []


@EVERY_WAY
def test_somebody_goes_away_and_the_other_is_told_nothing(
    visit: Callable[..., Visitor], width: int, scripts: bool
) -> None:
    odile, amir = (visit(0, who, width=width, java_script_enabled=scripts) for who in ("odile", "amir"))
    title = f"Un entonnoir {width} {scripts}"
    answered(odile, amir, title)
    amir.page.reload()
    before = amir.words()
    odile.follow("Mettre en sourdine, quitter, bloquer ou signaler")
    looks_right(odile, scripts=scripts)
    odile.press("main form[action$='/mute'] button")
    assert "En sourdine" in odile.words()
    odile.follow("En sourdine")
    odile.press("main form[action$='/block'] button")
    assert title not in odile.words()
    amir.page.reload()
    assert amir.words() == before
    amir.page.fill("main form [name=body]", "Toujours là ?")
    amir.press("main form.card button[type=submit]")
    assert "Toujours là ?" in amir.words()
    assert not odile.sees("/conversations", "Toujours là ?")
    odile.go("/account")
    looks_right(odile, scripts=scripts)
    name = "Débloquer Amir"
    assert name in odile.words()
    odile.press(f"main form[action^='/account/blocked/']:has-text('{name}') button")
    assert name not in odile.words()
    odile.go("/conversations")
    odile.follow(title)
    assert "Toujours là ?" not in odile.words()
    odile.follow("En sourdine")
    odile.press("main form[action$='/leave'] button")
    assert title not in odile.words()
    assert odile.foreign + amir.foreign == []
