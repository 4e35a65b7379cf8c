"""A neighbour is asked for what she offered, and a craftsman recommended: narrow and wide, with scripts or without."""

from collections.abc import Callable

import pytest

from tests.browser import keyboard
from tests.browser.crawl import WAYS, see
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(600)
SKILLS, CRAFT = "/neighbours/skills", "/neighbours/craftsmen"
SUBMIT = "main form button[type=submit]"


@pytest.mark.parametrize(("width", "scripts"), [(320, False), (320, True), (1280, False), (1280, True)], ids=str)
def test_a_neighbour_is_asked_and_a_craftsman_recommended(
    visit: Callable[..., Visitor], width: int, scripts: bool
) -> None:
    title = f"Tenir une échelle {width} {scripts}"
    odile, amir, camille = (
        visit(place, one, width=width, java_script_enabled=scripts)
        for place, one in ((0, "odile"), (0, "amir"), (1, "camille"))
    )
    odile.go("/")
    odile.press(".nav a[href='/neighbours']")
    odile.follow("À qui demander")
    odile.follow("Ce qu’on peut me demander")
    assert odile.page.locator("input[name=audience]:checked").count() == 0
    odile.page.fill("[name=title]", title)
    odile.press("main form:has([name=title]) button[type=submit]")
    assert "Choisissez qui" in odile.words()
    assert odile.page.input_value("[name=title]") == title
    odile.page.check("input[name=audience][value=building]")
    odile.press("main form:has([name=title]) button[type=submit]")
    assert "Vos voisins le voient maintenant" in odile.words()

    amir.go(SKILLS)
    amir.page.fill("[name=q]", f"echelles {width} {scripts}")
    amir.press("main form[role=search] button")
    if width == 320:
        assert amir.overflow() == []
    amir.follow(title)
    amir.page.fill("[name=body]", "Samedi matin, dix minutes ?")
    amir.press("main form:has([name=body]) button[type=submit]")
    assert f"Vous avez demandé : {title}" in " ".join(amir.words().split())
    talk = amir.page.url
    assert amir.page.locator("main a[href$='/loan']").count() == 0
    amir.press("main a[href$='/meeting']")
    amir.page.fill("[name=day_1]", "2099-01-01")
    amir.go(talk)

    odile.go("/conversations")
    odile.follow(title)
    assert "On peut vous demander" in odile.words()
    odile.page.fill("[name=body]", "Volontiers, à dix heures.")
    odile.press("main form:has([name=body]) button[type=submit]")
    odile.go(f"{SKILLS}/mine")
    odile.press(f"main li:has(h2:text-is('{title}')) form button")
    assert "C’est retiré de la liste" in odile.words()
    assert not amir.sees(f"{SKILLS}?q=echelle", title)
    assert amir.sees(talk, "Volontiers, à dix heures.")
    assert title in amir.words()

    _recommends(amir, name=f"Alpha {width} {scripts}")
    for one in (odile, amir):
        assert one.sees(f"{CRAFT}?trade=glazier", f"Alpha {width} {scripts}")
        assert "Amir" in one.words()
    if width == 320:
        assert odile.overflow() == []
    assert not camille.sees(CRAFT, "Alpha")
    assert odile.foreign + amir.foreign == []


def _recommends(visitor: Visitor, *, name: str) -> None:
    visitor.go(CRAFT)
    visitor.follow("Recommander un artisan")
    visitor.page.check("input[name=audience][value=quarter]")
    visitor.page.select_option("[name=trade]", "glazier")
    visitor.page.fill("[name=name]", name)
    visitor.page.fill("[name=phone]", "appelez-moi")
    visitor.page.fill("[name=done]", "Une vitre, posée le jour dit.")
    visitor.press("main form:has([name=done]) button[type=submit]")
    assert "étrangères à une entreprise" in visitor.words()
    visitor.page.check("[name=independent]")
    visitor.press("main form:has([name=done]) button[type=submit]")
    assert "Écrivez un numéro en chiffres" in visitor.words()
    assert visitor.page.input_value("[name=done]") == "Une vitre, posée le jour dit."
    visitor.page.fill("[name=phone]", "04 65 71 00 01")
    visitor.press("main form:has([name=done]) button[type=submit]")
    assert "C’est visible deux ans" in visitor.words()


def test_every_page_keeps_the_rules_and_takes_the_keyboard(visit: Callable[..., Visitor]) -> None:
    odile, gus = visit(0, "odile"), visit(0, "admin")
    odile.go(f"{CRAFT}/mine")
    edit = odile.page.get_attribute("main a[href$='/edit']", "href") or ""
    odile.go(f"{SKILLS}/mine")
    change = odile.page.get_attribute("main a[href$='/edit']", "href") or ""
    odile.go(SKILLS)
    own, ask = _lines(odile)
    wrong: list[str] = []
    paths = ["/neighbours", SKILLS, f"{SKILLS}?q=rien", f"{SKILLS}/mine", change, own, ask, CRAFT]
    paths += [f"{CRAFT}?trade=plumber", f"{CRAFT}?trade=mason", f"{CRAFT}/new", f"{CRAFT}/mine", edit]
    for visitor, there in ((odile, paths), (gus, [SKILLS, f"{SKILLS}/mine", CRAFT, f"{CRAFT}/new"])):
        for path in there:
            visitor.go(path)
            for look in WAYS["fr"]:
                wrong += [f"{path} {look}: {one}" for one in see(visitor, look)]
            visitor.page.set_viewport_size({"width": 1280, "height": 900})
            wrong += [f"{path} by keyboard: {one}" for one in keyboard.problems(visitor.page)]
    assert wrong == []


def _lines(odile: Visitor) -> tuple[str, str]:
    """A line of one's own in the directory, and one of a neighbour."""
    rows = odile.page.locator("main .entry")
    both = ("", "")
    for number in range(rows.count()):
        row = rows.nth(number)
        href = row.locator("a").get_attribute("href") or ""
        mine = row.locator(".entry__who").inner_text() == "Vous"
        both = (href, both[1]) if mine else (both[0], href)
    assert all(both)
    return both
