"""The guide, from an empty house to letters and a screen: each step on its ordinary page, nothing kept of the guide."""

import html
import io
import re
from pathlib import Path

import pypdf
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from instance.places import Building, City, Quarter
from instance.verification import LetterboxCode
from tests.web import fresh_place
from tests.web.fresh_place import Fresh, send
from web.sheets import press

START = "/admin/start"


@pytest.fixture
def fresh(tmp_path: Path) -> Fresh:
    return fresh_place.make(tmp_path)


@pytest.fixture
def admin(fresh: Fresh) -> FlaskClient:
    return fresh.browser("marthe")


def following(client: FlaskClient) -> str:
    """Where the one button of the step to do now leads."""
    page = client.get(START).text
    step = page[page.index("start__step--next") :]
    link = re.search(r'<a class="button" href="([^"]+)"', step)
    assert link
    return html.unescape(link[1])


def enter_place(client: FlaskClient) -> None:
    send(client, "/admin/cities", name="Exemple", insee="99001", quarters="Le Port 99001")


def enter_building(client: FlaskClient, lots: str = "3-1, B1") -> str:
    made = send(
        client,
        "/admin/places/le_port/buildings",
        page="/admin/places/le_port",
        name="Les Pins",
        street="14 rue de l’Exemple",
        lots=lots,
    )
    return made.headers["Location"]


def test_an_administrator_begins_with_the_steps(fresh: Fresh) -> None:
    client = fresh.browser()
    signed = send(client, "/sign-in", name="marthe", password="une phrase de passe")
    assert signed.headers["Location"] == START
    asked = fresh.browser()
    signed = send(asked, "/sign-in?next=/about", name="marthe", password="une phrase de passe")
    assert signed.headers["Location"] == "/about"


def test_nobody_else_begins_with_them(fresh: Fresh) -> None:
    fresh_place.register(fresh, "nadia")
    signed = send(fresh.browser(), "/sign-in", name="nadia", password="une phrase de passe")
    assert signed.headers["Location"] == "/"


def test_every_step_leads_to_the_next(admin: FlaskClient) -> None:
    assert following(admin) == "/admin/cities"
    enter_place(admin)
    assert following(admin) == "/admin/places/le_port#add"
    building = enter_building(admin)
    assert following(admin) == "/admin/organisations#add"
    founded = send(admin, "/admin/organisations", name="Comité", kind="committee", summary="Nous.", quarter="")
    its_page = founded.headers["Location"]
    assert following(admin) == f"{its_page}#writers"
    send(admin, f"{its_page}/members", page=its_page, login="marthe")
    assert following(admin) == f"{building}#answers"
    send(admin, f"{building}/organisation", page=building, organisation=its_page.rpartition("/")[2])
    assert following(admin) == f"{building}#letters"
    send(admin, f"{building}/codes/sheet", page=building)
    assert following(admin) == f"{building}#screens"
    send(admin, f"{building}/screens", page=building)
    page = admin.get(START).text
    assert "All is there" in page
    assert "start__step--next" not in page
    assert "First steps" not in admin.get("/admin").text
    assert "Next:" not in admin.get("/admin/places").text


def test_anchors_of_the_guide_stand_on_their_pages(admin: FlaskClient) -> None:
    enter_place(admin)
    building = enter_building(admin)
    founded = send(admin, "/admin/organisations", name="Comité", kind="committee", summary="Nous.", quarter="")
    for path, anchors in (
        ("/admin/cities", ["add", "marseille"]),
        ("/admin/places/le_port", ["add"]),
        (building, ["letters", "screens", "answers"]),
        ("/admin/organisations", ["add"]),
        (founded.headers["Location"], ["writers"]),
    ):
        page = admin.get(path).text
        assert [one for one in anchors if f'id="{one}"' not in page] == []


def test_it_waits_when_asked_to_and_is_taken_up_again(fresh: Fresh, admin: FlaskClient) -> None:
    assert "Next: Say where you are" in admin.get("/admin/organisations").text
    send(admin, f"{START}/later", page=START)
    assert "Next:" not in admin.get("/admin/organisations").text
    assert "Next: Say where you are" in admin.get("/admin").text
    assert "You chose to do this later" in admin.get(START).text
    send(admin, f"{START}/resume", page=START)
    assert "Next: Say where you are" in admin.get("/admin/organisations").text


def test_put_off_it_does_not_come_up_at_the_next_sign_in(admin: FlaskClient) -> None:
    send(admin, f"{START}/later", page=START)
    send(admin, "/sign-out", page="/admin")
    signed = send(admin, "/sign-in", name="marthe", password="une phrase de passe")
    assert signed.headers["Location"] == "/"


# --- cities and quarters


def count(fresh: Fresh, table: type) -> int:
    with fresh.store.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_two_mistakes_are_told_at_once_and_change_nothing(fresh: Fresh, admin: FlaskClient) -> None:
    page = send(admin, "/admin/cities", name="Exemple-sur-Mer", insee="2C004", quarters="Le Port 99001\nLa Gare").text
    assert "Write the five characters of the INSEE code" in page
    assert "Line 2, “La Gare”. Write the name of the quarter" in html.unescape(page)
    for kept in ('value="Exemple-sur-Mer"', 'value="2C004"', "Le Port 99001\nLa Gare</textarea>"):
        assert kept in page.replace("\r\n", "\n")
    assert count(fresh, City) == 0


def test_marseille_by_a_button(fresh: Fresh, admin: FlaskClient) -> None:
    assert "Enter Marseille" in admin.get("/admin/cities").text
    for _ in range(2):
        answer = send(admin, "/admin/cities/marseille", page="/admin/cities")
        assert answer.headers["Location"] == "/admin/cities/13055"
        assert count(fresh, Quarter) == 111
    assert "Enter Marseille" not in admin.get("/admin/cities").text
    assert following(admin).startswith("/admin/places#add")


def test_further_quarters_and_a_known_city(fresh: Fresh, admin: FlaskClient) -> None:
    enter_place(admin)
    again = send(admin, "/admin/cities", name="Exemple", insee="99001", quarters="Autre 99001").text
    assert "A city with this code is here already" in again
    path, page = "/admin/cities/99001/quarters", "/admin/cities/99001"
    refused = send(admin, path, page=page, quarters="La Gare 99002\nle port 99001").text
    assert "Line 2" in refused
    assert "already has a quarter of this name" in refused
    assert count(fresh, Quarter) == 1
    assert send(admin, path, page=page, quarters="La Gare 99002\n99003 L’Étang").status_code == 302
    assert "L’Étang" in admin.get(page).text
    assert admin.get("/admin/cities/00000").status_code == 404


def test_a_quarter_is_renamed_until_it_is_open(admin: FlaskClient) -> None:
    enter_place(admin)
    page = "/admin/places/le_port"
    wrong = send(admin, f"{page}/name", page=page, **{"quarter-name": "La Gare", "quarter-postcode": "9900"}).text
    assert "Write the five digits" in wrong
    assert 'value="La Gare"' in wrong
    moved = send(admin, f"{page}/name", page=page, **{"quarter-name": "La Gare", "quarter-postcode": "99002"})
    assert moved.headers["Location"] == "/admin/places/la_gare"
    page = "/admin/places/la_gare"
    send(admin, f"{page}/open", page=page)
    assert "quarter-name" not in admin.get(page).text
    late = send(admin, f"{page}/name", page=page, **{"quarter-name": "Autre", "quarter-postcode": "99002"}).text
    assert "This quarter is open" in late


# --- letters


def test_letters_as_pdf_open_the_door(fresh: Fresh, admin: FlaskClient) -> None:
    enter_place(admin)
    building = enter_building(admin)
    answer = send(admin, f"{building}/codes/sheet", page=building, paper="letters")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == "attachment; filename=letters-les_pins.pdf"
    assert answer.headers["Cache-Control"] == "no-store, private"
    sheets = [one.extract_text() for one in pypdf.PdfReader(io.BytesIO(answer.data)).pages]
    assert [re.search(r"(?:Letterbox|Boîte aux lettres) (\S+)", one)[1] for one in sheets] == ["1", "2", "3", "B1"]
    assert count(fresh, LetterboxCode) == 4
    code = re.search(r"([0-9A-Z] ?){4}-( ?[0-9A-Z]){4} ?-( ?[0-9A-Z]){4}", sheets[1])
    assert code
    joined = send(fresh.browser(), "/join", code=code[0])
    assert joined.headers["Location"] == "/join/details"


def test_one_slip_for_one_lot(fresh: Fresh, admin: FlaskClient) -> None:
    enter_place(admin)
    building = enter_building(admin)
    answer = send(admin, f"{building}/codes", page=building, lot="B1", paper="slips")
    (sheet,) = pypdf.PdfReader(io.BytesIO(answer.data)).pages
    assert "B1" in sheet.extract_text()
    assert count(fresh, LetterboxCode) == 1


def test_a_paper_that_fails_still_shows_the_codes(
    fresh: Fresh, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter_place(admin)
    building = enter_building(admin)
    monkeypatch.setattr(press, "SECONDS", 0.001)
    page = send(admin, f"{building}/codes/sheet", page=building, paper="letters").text
    assert "The PDF could not be made" in page
    assert page.count('class="letter__code"') == 4
    assert count(fresh, Building) == 1
