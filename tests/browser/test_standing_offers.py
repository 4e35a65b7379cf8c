"""A time of a standing offer is booked in one request: on phone and screen, with scripts and without, by keyboard."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from instance.hours import TOWN_TIME
from tests.browser.crawl import WAYS, see
from tests.browser.visitor import EVERY_WAY, Visitor

pytestmark = [pytest.mark.timeout(600), pytest.mark.browser]


def look(visitor: Visitor, *, scripts: bool) -> None:
    found = [f"{way}: {one}" for way in WAYS["fr"] for one in see(visitor, way)] if scripts else visitor.overflow()
    assert found == []


def stands(odile: Visitor, title: str, *, scripts: bool) -> str:
    """Odile offers something in two days from now, weekly, from six to seven; its page."""
    odile.hang("offer", title, audience="building")
    notice = odile.page.url
    odile.press("main a[href$='/windows']")
    look(odile, scripts=scripts)
    # An end before the beginning: it is said, and what was typed stays.
    odile.page.fill("[name=ends]", "17:00")
    odile.page.fill("[name=place]", "Près des boîtes aux lettres")
    odile.press("main form:has([name=ends]) button[type=submit]")
    assert "Choisissez une fin" in odile.words()
    assert odile.page.input_value("[name=place]") == "Près des boîtes aux lettres"
    look(odile, scripts=scripts)
    day = datetime.now(TOWN_TIME) + timedelta(days=2)
    odile.page.select_option("[name=weekday]", str(day.weekday()))
    odile.page.fill("[name=ends]", "19:00")
    odile.press("main form:has([name=ends]) button[type=submit]")
    assert "de 18\u00a0h\u00a000 à 19\u00a0h\u00a000" in odile.words()
    look(odile, scripts=scripts)
    return notice


@EVERY_WAY
def test_a_time_is_booked_in_one_request_and_called_off(
    visit: Callable[..., Visitor], width: int, scripts: bool
) -> None:
    odile, amir, basile = (
        visit(0, one, width=width, java_script_enabled=scripts) for one in ("odile", "amir", "basile.fictif")
    )
    notice = stands(odile, f"Du café {width} {scripts}", scripts=scripts)
    amir.go(notice)
    look(amir, scripts=scripts)
    first = amir.page.locator("main [name=slot]").first
    chosen = first.get_attribute("value")
    first.check()
    amir.press("main form[action$='/book'] button[type=submit]")
    booking = amir.page.url
    for visitor in (amir, odile):
        visitor.go(booking)
        assert "C’est réservé." in visitor.words()
        assert "18\u00a0h\u00a000" in visitor.words()
        assert "Près des boîtes aux lettres" in visitor.words()
        look(visitor, scripts=scripts)
        file = visitor.page.request.get(f"{booking}/booking.ics")
        assert file.headers["content-type"].startswith("text/calendar")
        assert "boîtes aux lettres" in file.text()
    odile.go("/bookings")
    assert "Amir" in odile.words()
    look(odile, scripts=scripts)
    basile.go(notice)
    assert basile.page.locator(f"main [name=slot][value='{chosen}']").is_disabled()
    assert "Amir" not in basile.words()
    look(basile, scripts=scripts)
    assert basile.page.request.get(booking).status == 404

    amir.go(booking)
    amir.press("main a[href^='/conversations/']")
    assert "Réservé entre vous" in amir.words()
    look(amir, scripts=scripts)
    odile.go(booking)
    odile.press("main form[action$='/cancel'] button")
    assert "C’est annulé." in odile.words()
    look(odile, scripts=scripts)
    assert amir.sees(booking, "C’est annulé.")
    basile.go(notice)
    assert basile.page.locator(f"main [name=slot][value='{chosen}']").is_enabled()
    assert odile.foreign + amir.foreign + basile.foreign == []


def test_booking_takes_the_keyboard_alone(visit: Callable[..., Visitor]) -> None:
    odile, amir = visit(0, "odile"), visit(0, "amir")
    notice = stands(odile, "Un thé au clavier", scripts=True)
    amir.go(notice)
    amir.page.focus("main [name=slot]")
    amir.page.keyboard.press("Space")
    amir.page.keyboard.press("Tab")
    with amir.page.expect_navigation():
        amir.page.keyboard.press("Enter")
    assert "C’est réservé." in amir.words()
    # When the offer goes, the booking goes with it, and both read why.
    odile.go(notice + "/withdraw")
    odile.press("main form button[type=submit]")
    assert amir.sees(amir.page.url, "L’offre a été retirée")
