"""A document is sent, seen once and decided on; the quarter opens first; a building is handed over later."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.crawl import WAYS, see
from tests.browser.test_joining import looks_right, signs_up, speaks, word_of
from tests.browser.test_photos import LOADED, picture
from tests.browser.visitor import EVERY_WAY, Visitor

pytestmark = [pytest.mark.timeout(600), pytest.mark.browser]

STREET = "14 r des essais"


def judge(visitor: Visitor, *, scripts: bool) -> None:
    """By day and by night, wide and narrow, where a script can ask."""
    found = [f"{way}: {one}" for way in WAYS["fr"] for one in see(visitor, way)] if scripts else visitor.overflow()
    assert found == []


def sends(nour: Visitor, *, lot: str, scripts: bool) -> None:
    """Find the letterbox, then send the picture."""
    nour.go("/account/known/document")
    looks_right(nour, scripts=scripts)
    nour.page.fill("main [name=where]", STREET)
    nour.page.fill("main [name=lot]", lot)
    nour.press("main form button[type=submit]")
    assert "Ce qu’il faut cacher" in nour.words()
    looks_right(nour, scripts=scripts)
    nour.page.set_input_files("[name=file]", picture("white"))
    nour.press("main form button[type=submit]")
    assert "Votre document est envoyé" in nour.words()


def opens(admin: Visitor, *, lot: str, scripts: bool) -> str:
    """Look at the one for this letterbox; the address at which it is decided."""
    admin.go("/admin/documents")
    row = admin.page.locator("main li.row", has_text=f"lot {lot} ")
    looks_right(admin, scripts=scripts)
    with admin.page.expect_navigation():
        row.locator("button").click()
    shown = admin.page.locator("main img.photo")
    assert shown.evaluate(LOADED) if scripts else shown.bounding_box()
    judge(admin, scripts=scripts)
    where = admin.page.get_attribute("main form.card", "action")
    assert where is not None
    return where


@EVERY_WAY
def test_a_document_opens_the_building(visit: Callable[..., Visitor], width: int, scripts: bool) -> None:
    more = {"width": width, "java_script_enabled": scripts}
    admin, nour = visit(0, "admin", **more), visit(0, **more)
    signs_up(nour, login=f"doc.{width}.{scripts}".lower(), scripts=scripts)
    nour.go("/account/known")
    nour.follow("Montrer un document")
    # An address that is not here is said at its field, and what was typed stays.
    nour.page.fill("main [name=where]", "99 rue de Nulle Part")
    nour.page.fill("main [name=lot]", "7")
    nour.press("main form button[type=submit]")
    assert "Aucun immeuble ne s’appelle ainsi" in nour.words()
    assert nour.page.input_value("main [name=lot]") == "7"
    looks_right(nour, scripts=scripts)
    sends(nour, lot="7", scripts=scripts)
    looks_right(nour, scripts=scripts)
    where = opens(admin, lot="7", scripts=scripts)
    # Gone is gone: the page of the decision shows no picture.
    admin.go(where)
    assert admin.page.locator("main img").count() == 0
    admin.press("main form.card button[type=submit]")
    judge(admin, scripts=scripts)
    admin.page.check("[name=answer][value=covered]")
    admin.page.fill("[name=words]", "La date manque.")
    admin.press("main form.card button[type=submit]")
    assert nour.sees("/account/known", "La date manque.")
    looks_right(nour, scripts=scripts)
    sends(nour, lot="7", scripts=scripts)
    opens(admin, lot="7", scripts=scripts)
    admin.page.check("[name=answer][value=yes]")
    admin.press("main form.card button[type=submit]")
    assert nour.sees("/account/known", "Connu dans l’immeuble")
    assert nour.sees("/account/known", "Un administrateur a vu un document")
    # A moderator finds out that it was a forgery.
    maud = visit(0, "moderation", **more)
    maud.go("/moderation/vouches")
    looks_right(maud, scripts=scripts)
    row = maud.page.locator("main li.row", has_text="a vu un document de Nour N.").first
    with maud.page.expect_navigation():
        row.locator("a").click()
    maud.page.fill("[name=reason]", "Ce papier était un faux.")
    looks_right(maud, scripts=scripts)
    maud.press("main form.card button[type=submit]")
    assert nour.sees("/account/known", "Ce papier était un faux.")
    assert nour.sees("/account/known", "Pas encore vérifié")
    assert nour.foreign + admin.foreign + maud.foreign == []


@EVERY_WAY
def test_one_word_opens_the_quarter_to_hang_in(visit: Callable[..., Visitor], width: int, scripts: bool) -> None:
    more = {"width": width, "java_script_enabled": scripts}
    odile, nour = visit(0, "odile", **more), visit(0, **more)
    signs_up(nour, login=f"pres.{width}.{scripts}".lower(), scripts=scripts)
    speaks(odile, word_of(nour, lot="31"), scripts=scripts)
    assert nour.sees("/account/known", "Rien de l’immeuble")
    nour.go("/listings/new?kind=request")
    offered = nour.page.locator("[name=audience]")
    assert [one.get_attribute("value") for one in offered.all()] == ["quarter"]
    assert nour.page.locator("[name=pace]").count() == 0
    looks_right(nour, scripts=scripts)
    title = f"Un moule à tarte {width} {scripts}"
    nour.hang("request", title, audience="quarter")
    notice = nour.page.url
    assert odile.sees(notice, title)
    # Odile takes her word back: nothing can be hung any more.
    odile.go("/account/known")
    odile.press("main form[action$='/take-back'] button")
    assert nour.sees("/listings/new?kind=request", "Montrer où vous habitez")


def test_a_building_is_handed_over_later(visit: Callable[..., Visitor]) -> None:
    admin, victor, plain = (
        visit(0, "admin"),
        visit(0, "victor"),
        visit(0, "victor", width=320, java_script_enabled=False),
    )
    admin.go("/admin/places/montolivet")
    admin.follow("Amandiers")
    building = admin.page.url
    admin.follow("Jour de livraison")
    judge(admin, scripts=True)
    admin.page.fill("[name=day]", (datetime.now(UTC).date() + timedelta(days=40)).isoformat())
    admin.press("main form button[type=submit]")
    assert "remettez les lettres avec le contrat" in admin.words()
    judge(admin, scripts=True)
    for visitor, scripts in ((victor, True), (plain, False)):
        assert visitor.sees("/account/known", "Futur voisin, à partir du")
        looks_right(visitor, scripts=scripts)
        assert "Collecte des encombrants" not in visitor.words()
        visitor.go("/")
        looks_right(visitor, scripts=scripts)
        assert "Collecte des encombrants" not in visitor.words()
        visitor.go("/listings/new?kind=offer")
        assert [one.get_attribute("value") for one in visitor.page.locator("[name=audience]").all()] == ["building"]
        looks_right(visitor, scripts=scripts)
    admin.go(f"{building}/delivery")
    admin.page.fill("[name=day]", "")
    admin.press("main form button[type=submit]")
    assert victor.sees("/", "Collecte des encombrants")
