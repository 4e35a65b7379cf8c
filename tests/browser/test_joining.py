"""Joining without a letter: a word and two neighbours, on a telephone and on a screen, with scripts and without."""

from collections.abc import Callable

import pytest

from tests.browser.crawl import WAYS, see
from tests.browser.visitor import EVERY_WAY, Visitor

pytestmark = [pytest.mark.timeout(600), pytest.mark.browser]

PASSWORD = "une phrase de passe bien à moi"


def looks_right(visitor: Visitor, *, scripts: bool) -> None:
    """Accessible where a script can ask, and never wider than the window."""
    assert (visitor.problems() if scripts else visitor.overflow()) == []


def lot_in(visitor: Visitor) -> str:
    """The number of the visitor's own lot, as their page says it."""
    visitor.go("/account/known")
    return visitor.page.inner_text("main section h2").rpartition(" ")[2]


def signs_up(nour: Visitor, *, login: str, scripts: bool) -> None:
    """By way of the page that asks for a code."""
    nour.go("/join")
    nour.follow("inscrivez-vous sans lettre")
    looks_right(nour, scripts=scripts)
    given = {"first_name": "Nour", "last_name": "Nouvelle", "login": login, "password": PASSWORD}
    for name, value in given.items():
        nour.page.fill(f"main [name={name}]", value)
    nour.press("main form button[type=submit]")
    assert "Comment vous êtes connu ici" in nour.words()
    assert "Pas encore vérifié" in nour.words()
    looks_right(nour, scripts=scripts)


def word_of(nour: Visitor, *, lot: str) -> str:
    """Say a lot and read the word."""
    nour.go("/account/known")
    nour.page.fill("main [name=word-lot]", lot)
    nour.press("main form[action$='/word'] button[type=submit]")
    return nour.page.inner_text(".secret-box code")


def speaks(neighbour: Visitor, word: str, *, scripts: bool) -> None:
    """Type the word, look who it is, say yes."""
    neighbour.go("/neighbours/vouch")
    looks_right(neighbour, scripts=scripts)
    neighbour.page.fill("main [name=word]", word.lower())
    neighbour.press("main form button[type=submit]")
    assert "Nour N." in neighbour.words()
    assert "Nouvelle" not in neighbour.words()
    looks_right(neighbour, scripts=scripts)
    neighbour.press("main button[name=step]")
    assert "vous répondez de votre voisin" in neighbour.words()
    looks_right(neighbour, scripts=scripts)


@EVERY_WAY
def test_two_neighbours_let_somebody_in(visit: Callable[..., Visitor], width: int, scripts: bool) -> None:
    more = {"width": width, "java_script_enabled": scripts}
    odile, amir, nour = visit(0, "odile", **more), visit(0, "amir", **more), visit(0, **more)
    title = f"Un tabouret {width} {scripts}"
    odile.hang("offer", title, audience="building")
    notice = odile.page.url
    signs_up(nour, login=f"nour.{width}.{scripts}".lower(), scripts=scripts)
    nour.go("/")
    assert "Le panneau s’ouvre quand on sait où vous habitez" in nour.words()
    looks_right(nour, scripts=scripts)
    # A lot that is neither Odile's nor Amir's.
    taken = {lot_in(odile), lot_in(amir)}
    lot = next(str(one) for one in range(1, 9) if str(one) not in taken)
    word = word_of(nour, lot=lot)
    looks_right(nour, scripts=scripts)
    speaks(odile, word, scripts=scripts)
    assert nour.sees("/account/known", "Connu dans le quartier")
    assert not nour.sees("/", title)
    speaks(amir, word, scripts=scripts)
    assert nour.sees("/account/known", "Connu dans l’immeuble")
    assert nour.sees(notice, title)
    # Amir changes his mind.
    amir.go("/account/known")
    amir.press("main form[action$='/take-back'] button")
    assert nour.sees("/account/known", "Connu dans le quartier")
    assert nour.page.goto(notice).status == 404  # type: ignore[union-attr]
    # And Nour moves out again, with the account.
    nour.go("/account/known")
    nour.press("main a[href$='/move-out']")
    looks_right(nour, scripts=scripts)
    nour.press("main form button[type=submit]")
    assert "Votre compte reste" in nour.words()
    assert nour.foreign == []


def test_every_refusal_keeps_the_rules(visit: Callable[..., Visitor]) -> None:
    odile = visit(0, "odile")
    wrong: list[str] = []

    def judge(where: str) -> None:
        wrong.extend(f"{where} {look}: {one}" for look in WAYS["fr"] for one in see(odile, look))

    odile.go("/neighbours/vouch")
    odile.page.fill("main [name=word]", "ZZZZZZ")
    odile.press("main form button[type=submit]")
    judge("word")
    for form in ("letter", "hall", "word"):
        odile.go("/account/known")
        odile.press(f"main form[action$='/known/{form}'] button[type=submit]")
        judge(form)
    assert wrong == []


def test_joining_takes_the_keyboard_alone(visit: Callable[..., Visitor]) -> None:
    odile = visit(0, "odile")
    odile.go("/account/known")
    odile.page.focus("main [name=word-lot]")
    odile.page.keyboard.type("5")
    with odile.page.expect_navigation():
        odile.page.keyboard.press("Enter")
    assert "Votre mot, jusqu’à" in odile.words()
