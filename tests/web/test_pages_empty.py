"""The first day: every page that lists something says what goes there and what to do; none is bare."""

import html
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from instance import organisations, places, residents, verification
from instance.organisations import Kind
from tests.web import fresh_place
from tests.web.fresh_place import Fresh, send
from tests.web.pages_place import NOW, PASSWORD
from web.frame import context

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
EMPTY = re.compile(r'<div class="empty">\s*<h([23])>(.+?)</h\1>\s*<p>(.+?)</p>', re.DOTALL)
# What may lead to nothing new: a download, and what ends the visit.
LEFT_OUT = ("/admin/blocklist/blocks.csv", "/admin/day/table.csv", "/source", "/sign-out", "/static")
# Every page that lists something and has nothing to list on the first day, and how many such lists it has.
VISITOR = {"/": 1}
ADMINISTRATOR = {
    "/": 1,
    "/?show=listings": 1,
    "/?show=news": 1,
    "/mine": 1,
    "/listings/new": 1,
    "/conversations": 1,
    "/account/decisions": 1,
    "/moderation": 5,
    "/admin/places": 1,
    "/admin/cities": 1,
    "/admin/organisations": 1,
    "/admin/accounts": 1,
    "/admin/peers": 3,
    "/admin/crossings": 3,
    "/admin/day": 1,
    "/admin/erasures": 1,
    "/mine/away": 1,
}
RESIDENT = {"/": 1, "/?show=listings": 1, "/?show=news": 1, "/mine": 1, "/conversations": 1, "/bookings": 1}
RESIDENT |= {"/account/decisions": 1, "/mine/away": 1}


@pytest.fixture
def fresh(tmp_path: Path) -> Fresh:
    return fresh_place.make(tmp_path)


def crawl(client: FlaskClient) -> dict[str, str]:
    """Every page within reach by links, by its address with ids taken out."""
    waiting, found = ["/"], {}
    while waiting:
        path = waiting.pop()
        shape = ID.sub("ID", path)
        if shape in found or path.startswith(LEFT_OUT):
            continue
        answer = client.get(path)
        while answer.status_code in {301, 302, 308}:
            answer = client.get(answer.headers["Location"])
        assert answer.status_code == 200, path
        found[shape] = answer.text
        links = re.findall(r'<a[^>]+href="(/[^"#]*)', answer.text)
        waiting += [html.unescape(one) for one in links if "lang=" not in one]
    return found


def lists(page: str) -> list[tuple[str, str]]:
    """The empty lists of a page: title and text."""
    return [(title, text) for _, title, text in EMPTY.findall(page)]


def check(pages: dict[str, str], wanted: dict[str, int]) -> None:
    assert wanted.keys() <= pages.keys(), wanted.keys() - pages.keys()
    told = {path: len(lists(page)) for path, page in pages.items()}
    assert {path: told[path] for path in wanted} == wanted
    for path, page in pages.items():
        main = page[page.index("<main") : page.index("</main>")]
        # A list or table that is drawn has something in it.
        bare = re.search(r"<(ul|ol|tbody|table)\b[^>]*>\s*</\1>", main)
        assert not bare, f"{path}: {bare and bare[0]}"
        for title, text in lists(page):
            assert title.strip()
            assert len(text.split()) >= 4, f"{path}: {text}"
            assert "!" not in title + text


def test_the_first_day_of_an_administrator(fresh: Fresh) -> None:
    pages = crawl(fresh.browser("marthe"))
    assert "/admin/start" in pages
    check(pages, ADMINISTRATOR)


def test_where_there_is_no_quarter_yet_the_page_says_where_to_begin(fresh: Fresh) -> None:
    page = fresh.browser("marthe").get("/admin/places").text
    assert "No quarter yet" in page
    assert "No quarter of this name" not in page


def test_the_first_day_of_a_visitor(fresh: Fresh) -> None:
    check(crawl(fresh.browser()), VISITOR)


def house(fresh: Fresh) -> str:
    """A building of two lots with an organisation; returns the code of a letter."""
    with fresh.store.write() as session:
        city = places.add_city(session, name="Exemple", insee="99001", now=NOW)
        quarter = places.add_quarter(session, city=city, name="Le Port", postcode="99001", district=None, now=NOW)
        building = places.add_building(
            session, quarter=quarter, name="Les Pins", street="14 rue de l’Exemple", lots=["1", "2"], now=NOW
        )
        organisations.found(session, name="Comité", kind=Kind.COMMITTEE, summary="Nous.", now=NOW)
        with fresh.app.app_context():
            pepper = context.letterbox_pepper()
        code = verification.issue(session, lot=building.lots[0], pepper=pepper, now=NOW)
        session.commit()
    return code


def join(fresh: Fresh, code: str) -> FlaskClient:
    client = fresh.browser()
    send(client, "/join", code=code)
    done = send(
        client, "/join/details", first_name="Nadia", last_name="Exemple", login="nadia", password=PASSWORD, email=""
    )
    assert done.headers["Location"] == "/"
    return client


def test_the_first_day_of_the_first_neighbour(fresh: Fresh) -> None:
    pages = crawl(join(fresh, house(fresh)))
    check(pages, RESIDENT)
    assert lists(pages["/"])[0][0] == "You are the first in your building"
    assert not [path for path in pages if path.startswith("/admin")]


def test_a_second_neighbour_is_not_told_to_be_the_first(fresh: Fresh) -> None:
    client = join(fresh, house(fresh))
    with fresh.store.write() as session:
        building = places.buildings(session)[0]
        somebody = residents.register(
            session,
            login="other",
            first_name="Oumar",
            last_name="Exemple",
            password=PASSWORD,
            email=None,
            locale="fr",
            now=NOW,
        )
        residents.move_in(session, resident=somebody, lot=building.lots[1], now=NOW)
        session.commit()
    assert lists(client.get("/").text)[0][0] == "Nothing hangs here yet"


def test_a_house_without_anything_in_it(fresh: Fresh) -> None:
    house(fresh)
    pages = crawl(fresh.browser("marthe"))
    wanted = {"/admin/buildings/ID": 1, "/admin/organisations/comite": 2, "/@comite": 1}
    check(pages, wanted)
    assert "Only you so far" in pages["/admin/accounts"]
    join_again = fresh.browser("marthe")
    fresh_place.register(fresh, "nadia")
    assert "Only you so far" not in join_again.get("/admin/accounts").text
