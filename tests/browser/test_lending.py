"""A pressure cooker is lent as neighbours would: on a telephone and on a screen, with scripts and without."""

from collections.abc import Callable

import pytest

from tests.browser.crawl import WAYS, see
from tests.browser.visitor import EVERY_WAY, NO_PICTURE, Visitor, picture

pytestmark = pytest.mark.timeout(600)
NEXT = "main form[action*='/{}'] button"


@EVERY_WAY
def test_a_thing_is_asked_for_lent_brought_back_and_thanked_for(
    visit: Callable[..., Visitor], width: int, scripts: bool
) -> None:
    title = f"Cocotte {width} {scripts}"
    odile, amir, basile = (
        visit(0, one, width=width, java_script_enabled=scripts) for one in ("odile", "amir", "basile.fictif")
    )
    odile.hang("offer", title, audience="building")
    notice = odile.page.url
    amir.go(notice)
    amir.page.fill("main form [name=body]", "Bonjour, pour dimanche ?")
    amir.press("main form[action*='/answer'] button[type=submit]")
    amir.press("main a[href$='/loan']")
    if width == 320:
        assert amir.overflow() == []
    amir.press("main form:has([name=pickup]) button[type=submit]")
    assert "Vous avez proposé cela" in amir.words()

    odile.go("/conversations")
    odile.press("main a[href='/loans']")
    odile.follow(title)
    loan = odile.page.url
    odile.press(NEXT.format("agree"))
    assert "C’est convenu" in odile.words()
    assert basile.sees(notice, "réservé pour le moment")
    shown = hand_over_with_a_photo(odile, scripts=scripts)
    assert basile.page.request.get(shown).status == 404
    assert basile.sees(notice, "prêté jusqu’au")
    assert "Amir" not in basile.words()
    basile.press(NEXT.format("wait"))
    assert "Vous saurez quand c’est de retour" in basile.words()

    amir.go("/loans")
    amir.follow(title)
    amir.press("main form[action$='/longer']:has([value='3']) button")
    odile.go(loan)
    odile.press(NEXT.format("extend"))
    amir.go(loan)
    assert amir.page.request.get(shown).status == 200
    amir.press("main a[href$='/photos']")
    put(amir, picture("olive"), "Rendue propre", step="give-back")
    odile.go(loan)
    assert odile.page.locator("main .photos img").count() == 2
    odile.press(NEXT.format("confirm"))
    amir.go(loan)
    amir.page.fill("main [name=words]", "Merci, c’était délicieux.")
    amir.press("main form[action$='/thanks'] button")
    odile.go(loan)
    assert "Merci, c’était délicieux." in odile.words()
    assert basile.sees("/loans", "C’est de retour")
    assert odile.foreign + amir.foreign + basile.foreign == []


def put(visitor: Visitor, file: dict[str, object], words: str, *, step: str) -> None:
    """Put a picture on the loan, with a step or to a moment."""
    visitor.page.set_input_files("[name=file]", file)
    visitor.page.fill("[name=words]", words)
    visitor.press(f"main button[name=step][value={step}]")


def hand_over_with_a_photo(odile: Visitor, *, scripts: bool) -> str:
    """One that is no picture is refused and hands nothing over; where the right one is."""
    odile.press("main a[href$='/photos']")
    assert (odile.problems() if scripts else odile.overflow()) == []
    put(odile, NO_PICTURE, "Sans rayure", step="hand-over")
    assert "ne s’ouvre pas comme une image" in odile.words()
    assert odile.page.input_value("[name=words]") == "Sans rayure"
    assert (odile.problems() if scripts else odile.overflow()) == []
    put(odile, picture(), "Sans rayure", step="hand-over")
    assert "avec la photo : la remise est faite" in odile.words()
    assert (odile.problems() if scripts else odile.overflow()) == []
    shot = odile.page.locator("main .photos img[alt='Sans rayure']")
    source = shot.get_attribute("src")
    assert source is not None
    return f"{odile.origin}{source.split('?')[0]}"


def test_every_stand_of_a_loan_keeps_the_rules(visit: Callable[..., Visitor]) -> None:
    odile, amir = visit(0, "odile"), visit(0, "amir")
    odile.hang("offer", "Une tente", audience="building")
    amir.go(odile.page.url)
    amir.page.fill("main form [name=body]", "Pour ce week-end ?")
    amir.press("main form[action*='/answer'] button[type=submit]")
    talk = amir.page.url
    amir.press("main a[href$='/loan']")
    wrong: list[str] = []

    def judge(visitor: Visitor, where: str) -> None:
        wrong.extend(f"{where} {look}: {one}" for look in WAYS["fr"] for one in see(visitor, look))

    amir.page.fill("main [name=due]", "2020-01-01")
    amir.press("main form:has([name=pickup]) button[type=submit]")
    judge(amir, "refused")
    amir.page.fill("main [name=due]", amir.page.input_value("main [name=pickup]")[:10])
    amir.press("main form:has([name=pickup]) button[type=submit]")
    loan = amir.page.url
    for who, step in ((odile, "agree"), (odile, "hand-over"), (amir, "give-back"), (odile, "confirm")):
        for one in (odile, amir):
            for path in (loan, f"{loan}/photos", talk, "/loans"):
                one.go(path)
                judge(one, f"before {step} {path}")
        who.go(loan)
        who.press(NEXT.format(step))
    judge(odile, "returned")
    assert wrong == []


def test_lending_takes_the_keyboard_alone(visit: Callable[..., Visitor]) -> None:
    odile = visit(0, "odile")
    odile.hang("offer", "Un marteau", audience="building")
    odile.page.focus("main a[href$='/lent']")
    with odile.page.expect_navigation():
        odile.page.keyboard.press("Enter")
    odile.page.focus("main [name=due]")
    with odile.page.expect_navigation():
        odile.page.keyboard.press("Enter")
    assert "prêté pour le moment" in odile.words()
