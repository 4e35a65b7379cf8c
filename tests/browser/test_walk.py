"""The walk through both places as everybody would take it, with the keyboard, on a phone, and without JavaScript."""

from collections.abc import Callable

import pytest

from instance import verification
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_an_offer_crosses_is_answered_and_is_taken_back(visit: Callable[..., Visitor], scripts: bool) -> None:
    title = f"Table de ping-pong {scripts}"
    odile, camille = visit(0, "odile", java_script_enabled=scripts), visit(1, "camille", java_script_enabled=scripts)
    odile.hang("offer", title, audience="network", byline="Une voisine de Saint-Julien")
    camille.waits_for("/", title)
    camille.follow(title)
    assert "Odile" not in camille.words()
    camille.page.fill("main form [name=body]", "Libre dimanche ?")
    camille.page.fill("main form [name=byline]", "Camille")
    camille.press("main form[action*='/answer'] button[type=submit]")
    odile.waits_for("/conversations", "Libre dimanche ?")
    odile.follow(title)
    odile.page.fill("main form [name=body]", "Oui, à 15 h dans le hall.")
    odile.press("main form button[type=submit]")
    camille.waits_for("/conversations", "Oui, à 15 h dans le hall.")
    odile.go("/mine")
    odile.follow(title)
    odile.press("main a[href$='/withdraw']")
    odile.press("main form button[type=submit]")
    camille.waits_for("/", title, gone=True)
    assert odile.foreign + camille.foreign == []


def test_a_building_notice_stays_in_the_building(visit: Callable[..., Visitor]) -> None:
    odile, amir, victor, camille = (
        visit(0, "odile", width=320),
        visit(0, "amir"),
        visit(0, "victor"),
        visit(1, "camille"),
    )
    odile.hang("request", "Un litre de lait", audience="building")
    amir.waits_for("/", "Un litre de lait")
    address = odile.page.url
    assert not victor.sees("/", "Un litre de lait")
    assert not camille.sees("/", "Un litre de lait")
    for stranger in (victor, camille):
        answer = stranger.page.goto(address.replace(odile.origin, stranger.origin))
        assert answer.status == 404
    admin = visit(0, "admin")
    admin.go("/admin/crossings")
    assert "Un litre de lait" not in admin.words()


def test_the_committee_publishes_and_the_association_reads_it_on_its_own_page(visit: Callable[..., Visitor]) -> None:
    ciq = visit(1, "ciq", width=320)
    ciq.go("/organisations/ciq_saint_barnabe/news/new")
    ciq.page.check("input[name=audience][value=network]")
    ciq.page.fill("[name=title]", "Arbres : réunion jeudi")
    ciq.page.fill("[name=summary]", "Jeudi à 18 h, choix des arbres de la place.")
    ciq.page.fill("[name=body]", "Jeudi à **18 h**, nous choisissons les arbres de la place.")
    ciq.press("main form button[type=submit]")
    ciq.press("button[name=step][value=publish]")
    jardins = visit(0, "jardins")
    jardins.waits_for("/organisations/jardins_saint_julien/follows", "Arbres : réunion jeudi")
    odile = visit(0, "odile")
    odile.waits_for("/", "Arbres : réunion jeudi")


def test_an_association_follows_another_place_from_its_own_page(visit: Callable[..., Visitor]) -> None:
    jardins = visit(0, "jardins", width=320)
    jardins.go("/organisations/jardins_saint_julien/follows")
    host = visit(1).origin.removeprefix("http://")
    jardins.page.fill("main input[name=target]:not([type=hidden])", f"@librairie_temoin@{host}")
    jardins.press("main form:has(input[name=target]:not([type=hidden])) button[type=submit]")
    jardins.waits_for("/organisations/jardins_saint_julien/follows", "Librairie Témoin")


def test_a_report_reaches_the_moderator_who_hides_it_everywhere(visit: Callable[..., Visitor]) -> None:
    odile, amir, camille, moderator = visit(0, "odile"), visit(0, "amir"), visit(1, "camille"), visit(0, "moderation")
    odile.hang("offer", "Annonce à retirer", audience="network", byline="Une voisine")
    camille.waits_for("/", "Annonce à retirer")
    amir.go("/")
    amir.follow("Annonce à retirer")
    amir.press("main a[href^='/report/']")
    amir.page.fill("main [name=reason]", "Ce n’est pas une annonce.")
    amir.press("main form button[type=submit]")
    moderator.go("/moderation")
    assert "Annonce à retirer" in moderator.words()
    line = moderator.page.locator("main article", has_text="Annonce à retirer").first
    with moderator.page.expect_navigation():
        line.locator("a[href*='/moderation/reports/']").click()
    assert "Amir" not in moderator.words()
    moderator.page.fill("main [name=reason]", "Contraire aux règles.")
    moderator.page.select_option("main [name=rule]", "trade")
    moderator.press("main form button[name=step][value=hide]")
    camille.waits_for("/", "Annonce à retirer", gone=True)
    assert not amir.sees("/", "Annonce à retirer")


def test_an_administrator_opens_a_quarter_adds_a_building_and_somebody_joins_with_its_code(
    visit: Callable[..., Visitor],
) -> None:
    admin = visit(0, "admin")
    admin.go("/admin/places/belsunce")
    admin.page.fill("main [name=name]", "Le Petit Immeuble")
    admin.page.fill("main [name=street]", "1 rue du Test")
    admin.page.fill("main [name=lots]", "1-3")
    admin.press("main form[action$='/buildings'] button[type=submit]")
    assert "Le Petit Immeuble" in admin.words()
    admin.press("main form[action$='/codes/sheet'] button[value=page]")
    codes = [one for one in admin.page.locator("body").inner_text().split() if _is_code(one)]
    assert len(set(codes)) == 3
    newcomer = visit(0, width=320)
    newcomer.go("/join")
    newcomer.page.fill("main [name=code]", codes[0].lower())
    newcomer.press("main form button[type=submit]")
    for name, value in {"first_name": "Zoé", "last_name": "Nouvelle", "login": "zoe.nouvelle"}.items():
        newcomer.page.fill(f"main [name={name}]", value)
    newcomer.page.fill("main [name=password]", "un mot de passe long")
    newcomer.press("main form button[type=submit]")
    newcomer.go("/account")
    assert "Zoé" in newcomer.words()
    again = visit(0)
    again.go("/join")
    again.page.fill("main [name=code]", codes[0])
    again.press("main form button[type=submit]")
    assert again.page.url.endswith("/join")


def _is_code(word: str) -> bool:
    parts = word.split("-")
    return len(parts) == 3 and all(len(part) == 4 and set(part) <= set(verification.LETTERS) for part in parts)


def test_the_peers_page_adds_a_town_and_says_what_is_wrong_with_an_address(visit: Callable[..., Visitor]) -> None:
    admin = visit(1, "admin")
    admin.go("/admin/peers")
    assert visit(0).origin.removeprefix("http://") in admin.words()
    admin.page.fill("main [name=host]", "not a host!")
    admin.press("main form:has([name=host]) button[type=submit]")
    assert admin.page.input_value("main [name=host]") == "not a host!"
    assert admin.page.locator(".summary").count() == 1


def test_somebody_signs_in_and_asks_with_the_keyboard_alone(visit: Callable[..., Visitor]) -> None:
    basile = visit(0)
    basile.go("/sign-in")
    keyboard = basile.page.keyboard
    keyboard.press("Tab")
    assert basile.page.evaluate("document.activeElement.className") == "skip"
    basile.page.focus("#name")
    keyboard.type("basile.fictif")
    keyboard.press("Tab")
    keyboard.type("palier-demo")
    with basile.page.expect_navigation():
        keyboard.press("Enter")
    basile.go("/listings/new?kind=request")
    basile.page.focus("input[name=audience]")
    keyboard.press("Space")
    _tab_to(basile, "title")
    keyboard.type("Un tournevis")
    _tab_to(basile, "body")
    keyboard.type("Cruciforme, dix minutes.")
    basile.page.focus("[name=title]")
    with basile.page.expect_navigation():
        keyboard.press("Enter")
    assert "Un tournevis" in basile.words()


def _tab_to(visitor: Visitor, name: str) -> None:
    for _ in range(12):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("document.activeElement.name") == name:
            return
    msg = f"{name} is not reached by the keyboard"
    raise AssertionError(msg)


def test_no_log_names_a_listing_a_conversation_or_a_hall_key(visit: Callable[..., Visitor], demo) -> None:
    odile = visit(0, "odile")
    odile.go("/")
    log = demo.log()
    for part in ("/notices/", "/listings/", "/conversations/", "/hall/", "GET /"):
        assert part not in log
