"""Documents on the pages: sent without a letter, seen in one answer and never again, decided, taken back, told."""

import base64
import io
import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from instance import documents, residents
from instance.documents import Document
from instance.places import Building
from instance.residents import Resident, Role
from tests.web import staff_town
from tests.web.pages_town import NOW, PASSWORD, Town, same_answer
from tests.web.staff_town import Staff
from tests.web.test_pages_joining import newcomer
from tests.web.test_pages_photos import NEVER, jpeg, send, written

pytestmark = pytest.mark.sqlite
PAGE = "/account/known/document"
SHOWN = re.compile(r'src="data:image/jpeg;base64,([^"]+)"')


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    yield from staff_town.build(tmp_path)


def address(town: Town) -> str:
    with town.store.read() as session:
        found = session.get_one(Building, town.building.id)
        return f"{found.name}, {found.street}"


def post(client: FlaskClient, town: Town, *, data: bytes | None = None, lot: str = "2", **more: str) -> TestResponse:
    fields = {"where": address(town), "lot": lot, "file": jpeg(written() if data is None else data), **more}
    return send(client, PAGE, fields)


def sent(town: Town) -> uuid.UUID:
    with town.store.read() as session:
        return session.scalars(select(Document.public_id).order_by(Document.id.desc())).first()  # type: ignore[return-value]


def files(town: Town) -> int:
    root = town.app.extensions["palier_settings"].home_data / documents.FOLDER
    return sum(one.is_file() for one in root.rglob("*"))


def test_without_a_letter_a_document_opens_the_building(staff: Staff) -> None:
    town = staff.town
    nour, adele = newcomer(town), town.browser(staff.administrator)
    assert PAGE in nour.get("/account/known").text
    assert "Find my letterbox" in nour.get(PAGE).text
    found = nour.get(PAGE, query_string={"where": address(town), "lot": "2"}).text
    assert "What to cover" in found
    assert post(nour, town).status_code == 302
    page = nour.get("/account/known").text
    assert "documents-title" in page
    assert "It waits for an administrator" in page
    waiting = adele.get("/admin/documents").text
    assert "Nour Nouvelle" in waiting
    assert "data:image" not in waiting
    assert "1 document waits" in adele.get("/admin").text
    name = sent(town)
    assert files(town) == 1

    answer = adele.post(f"/admin/documents/{name}/look")
    assert answer.headers["Cache-Control"] == "no-store, private"
    (shown,) = SHOWN.findall(answer.text)
    with Image.open(io.BytesIO(base64.b64decode(shown))) as picture:
        assert (picture.format, picture.size) == ("JPEG", (800, 600))
    assert files(town) == 0
    assert adele.post(f"/admin/documents/{name}/look").status_code == 404
    again = adele.get(f"/admin/documents/{name}").text
    assert "data:image" not in again
    assert "is destroyed" in again
    assert "the picture is destroyed" in nour.get("/account/known").text
    # Nothing chosen: it is said, and nothing decided.
    assert "answer-error" in adele.post(f"/admin/documents/{name}").text
    assert adele.post(f"/admin/documents/{name}", data={"answer": "yes"}).status_code == 302
    page = nour.get("/account/known").text
    assert "Known in the building" in page
    assert "An administrator saw a document" in page
    assert "documents-title" not in page
    assert adele.get(f"/admin/documents/{name}").status_code == 404


def test_a_no_is_read_with_its_reason_and_another_can_be_sent(staff: Staff) -> None:
    town = staff.town
    nour, adele = newcomer(town), town.browser(staff.administrator)
    post(nour, town)
    name = sent(town)
    adele.post(f"/admin/documents/{name}/look")
    wrong = adele.post(f"/admin/documents/{name}", data={"answer": "other", "words": " "}).text
    assert "words-error" in wrong
    adele.post(f"/admin/documents/{name}", data={"answer": "covered", "words": "La date manque."})
    page = nour.get("/account/known").text
    assert "Too much was covered" in page
    assert "La date manque." in page
    assert "Known in the building" not in page
    assert post(nour, town).status_code == 302
    assert sent(town) != name
    book = adele.get("/moderation").text
    assert "Looked at a document" in book


def test_what_is_no_picture_or_no_lot_is_said_and_what_was_typed_stays(staff: Staff) -> None:
    town = staff.town
    nour = newcomer(town)
    page = post(nour, town, data=b"%PDF-1.7").text
    assert "file-error" in page
    assert 'name="lot" type="hidden" value="2"' in page
    wrong = (({"where": "12 rue Nulle Part", "lot": "2"}, "where"), ({"where": address(town), "lot": "99"}, "lot"))
    for query, error in wrong:
        page = nour.get(PAGE, query_string=query).text
        assert f"{error}-error" in page
        assert f'value="{query["lot"]}"' in page
    assert "lot-error" in post(nour, town, lot="99").text
    assert post(nour, town).status_code == 302
    assert "Take it back first" in post(nour, town).text
    assert files(town) == 1


def test_a_file_that_is_too_large_is_not_kept(staff: Staff) -> None:
    town = staff.town
    nour = newcomer(town)
    answer = post(nour, town, data=b"x" * (16 * 1024 * 1024))
    assert answer.status_code == 200
    assert "megabytes" in answer.text
    assert files(town) == 0


def test_taken_back_and_too_old_it_is_gone(staff: Staff) -> None:
    town = staff.town
    nour, adele = newcomer(town), town.browser(staff.administrator)
    post(nour, town)
    name = sent(town)
    assert nour.post(f"{PAGE}/{name}/withdraw").status_code == 302
    assert files(town) == 0
    assert "documents-title" not in nour.get("/account/known").text
    assert adele.post(f"/admin/documents/{name}/look").status_code == 404
    post(nour, town)
    town.moment[0] = NOW + timedelta(days=7)
    page = nour.get("/account/known").text
    assert "Nobody answered within seven days" in page
    assert "Send another picture" in page
    assert adele.post(f"/admin/documents/{sent(town)}/look").status_code == 404


def test_for_others_it_is_as_if_it_had_never_been(staff: Staff) -> None:
    town = staff.town
    nour = newcomer(town)
    post(nour, town)
    name = sent(town)
    with town.home() as session:
        given = {"password": PASSWORD, "email": None, "locale": "en", "now": NOW, "role": Role.ADMINISTRATOR}
        inside = residents.register(session, login="ines", first_name="Inès", last_name="Essai", **given)
        lot = session.get_one(Building, town.building.id).lots[0]
        residents.move_in(session, resident=inside, lot=lot, now=NOW)
    for who in (town.ana, town.moderator, inside):
        client = town.browser(who)
        for path in (f"{PAGE}/{{}}/withdraw", "/admin/documents/{}/look", "/admin/documents/{}"):
            same_answer(client.post(path.format(name)), client.post(path.format(NEVER)))
        same_answer(client.get(f"/admin/documents/{name}"), client.get(f"/admin/documents/{NEVER}"))
    assert "Nour" not in town.browser(inside).get("/admin/documents").text
    with town.store.read() as session:
        assert session.scalars(select(Document.state)).all() == ["waiting"]
    assert nour.get("/admin/documents").status_code in {403, 404}


def test_a_resident_of_the_building_has_nothing_to_show(staff: Staff) -> None:
    town = staff.town
    ana = town.browser(town.ana)
    with town.store.read() as session:
        (home,) = residents.dwellings(session, resident=session.get_one(Resident, town.ana.id))
        lot = home.lot.number
    assert "It is known already" in post(ana, town, lot=lot).text
