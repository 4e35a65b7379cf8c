"""Every page within reach of each kind of person: accessible, 320 pixels wide, by keyboard, without scripts."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from werkzeug.exceptions import HTTPException

from tests.browser import keyboard
from tests.browser.conftest import PEOPLE
from tests.browser.crawl import OUTLINE, WAYS, Crawl, Look, differences, see
from tests.browser.visitor import RULES, Visitor
from tests.web import pages_place
from web.mail.samples import SAMPLES

# Ten minutes of one quiet core, twice that beside other tests: the first of these walks for all of them.
pytestmark = pytest.mark.timeout(1800)

# Pages of the map that no link leads to, or no link should be followed to, and where they are looked at instead.
REVIEWED = {
    "static": "files",
    "about.source": "a download",
    "blocklists.export": "a download",
    "hall.wall": "behind the secret of its screen: test_the_wall_of_a_hall_fits_and_names_nobody",
    "hall.ask": "leads on to /hall",
    "hall.screen": "for displays: test_a_display_that_waits_shows_its_code_whole",
    "account.join_details": "behind a code from a letterbox: test_walk",
    "passkeys.new": "on places with a name only: test_security",
    "design_mail.html": "a mail and no page: test_every_mail_is_read_well_in_a_narrow_window",
    "design_mail.text": "plain text",
    "bookings.calendar_file": "a file for calendars: test_standing_offers",
    "clippings.clipping": "a picture: tests/town/test_clippings.py",
    "clippings.picture": "a picture at the second host: tests/town/test_clippings.py",
    "conditions.picture": "a picture: test_lending",
    "photos.photo": "a picture: test_photos",
    "daybook.export": "a download",
    "meetings.calendar_file": "a file for calendars: test_meetings_walk",
    "notices.calendar_file": "a file for calendars: tests/web/test_pages_news.py",
}


def test_every_page_keeps_the_rules_by_day_and_night_wide_and_narrow_in_both_languages(crawled: Crawl) -> None:
    assert "\n".join(map(str, crawled.rules)) == ""


def test_the_keyboard_reaches_everything_in_order_and_is_seen(crawled: Crawl) -> None:
    assert "\n".join(map(str, crawled.keys)) == ""


def test_every_page_offers_the_same_without_scripts(crawled: Crawl) -> None:
    assert "\n".join(map(str, crawled.scripts)) == ""


def test_no_page_asks_another_host_for_anything(crawled: Crawl) -> None:
    assert crawled.foreign == []


def test_everybody_got_about(crawled: Crawl) -> None:
    for login in PEOPLE:
        assert len(crawled.visited[login]) >= (5 if login is None else 12), (login, crawled.visited[login])


def test_every_page_of_the_map_was_visited_by_somebody_or_is_reviewed(crawled: Crawl, tmp_path: Path) -> None:
    app = pages_place.make(tmp_path).app
    known = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    seen = {_endpoint(app, path) for paths in crawled.visited.values() for path in paths}
    assert sorted(known - seen - REVIEWED.keys()) == []
    assert sorted(REVIEWED.keys() - known) == []


def _endpoint(app, path: str) -> str | None:
    try:
        return app.url_map.bind("localhost").match(path)[0]
    except HTTPException:
        return None


# Pages that only sending a form leads to: who, where, and what is filled in (ticked where the value is None).
SENT = [
    pytest.param(None, "/sign-in", {}, id="sign-in-refused"),
    pytest.param(None, "/join", {"[name=code]": "AAAA-BBBB-CCCC"}, id="unknown-code"),
    pytest.param("odile", "/listings/new?kind=offer", {}, id="composer-refused"),
    pytest.param(
        "odile",
        "/listings/new?kind=offer",
        {
            "[name=audience][value=network]": None,
            "[name=title]": "Une machine à coudre",
            "[name=body]": "Avec ses aiguilles.",
            "[name=byline]": "Une voisine",
        },
        id="what-leaves",
    ),
    pytest.param("mairie", "/organisations/mairie/news/new", {}, id="news-refused"),
]


@pytest.mark.parametrize(("login", "path", "typed"), SENT)
def test_what_a_form_answers_keeps_the_rules_too(
    visit: Callable[..., Visitor], login: str | None, path: str, typed: dict[str, str | None]
) -> None:
    visitor = visit(0, login)
    visitor.go(path)
    for selector, value in typed.items():
        if value is None:
            visitor.page.check(f"main {selector}")
        else:
            visitor.page.fill(f"main {selector}", value)
    visitor.press("main form button[type=submit]")
    assert [f"{look}: {one}" for look in WAYS["fr"] for one in see(visitor, look)] == []


def test_a_date_that_is_refused_keeps_the_rules_too(visit: Callable[..., Visitor]) -> None:
    """Its fields are as wide as browsers make them, and stand in from the edge where something is wrong."""
    visitor = visit(0, "mairie")
    visitor.go("/organisations/mairie/news/new")
    visitor.page.click("main details summary")
    visitor.page.check("[name=audience][value=instance]")
    soon = datetime.now(UTC) + timedelta(days=9)
    typed = {"title": "Une fête", "summary": "Musique.", "body": "Venez.", "begins": f"{soon:%Y-%m-%dT18:00}"}
    for name, value in {**typed, "ends": f"{soon:%Y-%m-%dT17:00}"}.items():
        visitor.page.fill(f"main [name={name}]", value)
    visitor.press("main form button[type=submit]")
    assert visitor.page.is_visible("main .field--wrong [name=ends]")
    assert [f"{look}: {one}" for look in WAYS["fr"] for one in see(visitor, look)] == []


def test_a_page_that_never_was_keeps_the_rules_too(visit: Callable[..., Visitor]) -> None:
    visitor = visit(0)
    visitor.page.goto(f"{visitor.origin}/nothing-here")
    assert [f"{look}: {one}" for look in WAYS["fr"] for one in see(visitor, look)] == []


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_mail_is_read_well_in_a_narrow_window(visit: Callable[..., Visitor], kind: str, language: str) -> None:
    visitor = visit(0, "odile")
    visitor.go(f"/design/mail/{kind}.html?lang={language}")
    # A mail has no landmarks: it is shown inside a page of the mail program.
    rules = RULES | {"runOnly": [one for one in RULES["runOnly"] if one != "best-practice"]}
    for scheme in ("light", "dark"):
        assert see(visitor, Look(scheme=scheme, width=320, rules=rules)) == []


# --- the crawl bites: what each of its looks finds on a page made wrong on purpose

WRONG = """<!doctype html><html lang="fr"><title>x</title><style>.bare { outline: none !important }</style>
<a class="skip" href="#m">x</a><main id="m"><h1>x</h1>%s</main>"""


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ('<button class="bare" style="min-height:50px">x</button>', "focus is not seen"),
        ('<a href="/a">a</a> <a href="/b" tabindex="2">b</a>', "Tab 1 reaches"),
        ('<button style="height:20px">x</button>', "too small"),
        ('<a href="/a" style="display:block;height:12px">a</a>', "too small"),
        (
            """<input id="i" style="height:50px"><button style="height:50px">x</button>
            <script>i.onkeydown = (event) => event.key === "Tab" && event.preventDefault()</script>""",
            "Tab never reaches",
        ),
    ],
)
def test_the_look_at_the_keyboard_bites(browser: Browser, html: str, said: str) -> None:
    page = browser.new_page()
    page.set_content(WRONG % html)
    found = list(keyboard.problems(page))
    page.close()
    assert any(said in one for one in found), found


def test_the_look_without_scripts_bites(browser: Browser) -> None:
    scripted = '<script>document.querySelector("main").innerHTML += "<a href=/only>x</a>"</script>'
    page, context = browser.new_page(), browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    for one in (page, plain):
        one.set_content(WRONG % f'<form action="/x"><input name="q"></form>{scripted}')
    found = list(differences(page.evaluate(OUTLINE), plain))
    page.close()
    context.close()
    assert any("other links: ['/only']" in one for one in found), found
    assert any("cannot be sent" in one for one in found), found


# --- the wall


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (800, 480)])
def test_the_wall_of_a_hall_fits_and_names_nobody(visit: Callable[..., Visitor], demo, size: tuple[int, int]) -> None:
    visitor = visit(0, width=size[0])
    visitor.page.set_viewport_size({"width": size[0], "height": size[1]})
    visitor.go(demo.halls[0])
    words = visitor.words()
    assert "Les Micocouliers" in words
    assert "Ascenseur B" in words
    assert "Amir" not in words
    assert visitor.page.evaluate("document.documentElement.scrollHeight") <= size[1]
    assert visitor.problems() == []
    assert visitor.foreign == []


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (800, 480), (320, 640)])
def test_a_display_that_waits_shows_its_code_whole(visit: Callable[..., Visitor], size: tuple[int, int]) -> None:
    visitor = visit(0, width=size[0])
    visitor.page.set_viewport_size({"width": size[0], "height": size[1]})
    visitor.go("/hall")
    assert len(re.sub(r"\s", "", visitor.page.inner_text(".hall__code"))) == 6
    assert visitor.page.evaluate("document.documentElement.scrollHeight") <= size[1]
    assert visitor.problems() == []
