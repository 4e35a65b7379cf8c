"""Letters printed by whoever answers for a building: for its buildings alone, and without a word of who used one."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from instance import moving, organisations, residents
from instance.organisations import Kind, Organisation
from instance.places import Building
from instance.residents import Resident
from tests.web import staff_town
from tests.web.staff_town import Staff

pytestmark = pytest.mark.sqlite

CODE = re.compile(r'(?<=class="letter__code">)[0-9A-Z-]{14}(?=<)')
TOKEN = re.compile(r'(?<=name="csrf_token" value=")[^"]+|(?<=nonce=")[^"]+')


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    yield from staff_town.build(tmp_path)


def path_of(staff: Staff, building: Building | None = None) -> str:
    start = f"/organisations/{staff.town.developer.slug}/letters"
    return start if building is None else f"{start}/{building.public_id}"


def test_whoever_answers_for_a_building_prints_a_letter_for_every_lot(staff: Staff) -> None:
    town, editor = staff.town, staff.town.browser(staff.town.editor)
    assert path_of(staff) in editor.get(f"/@{town.developer.slug}").text
    page = editor.get(path_of(staff)).text
    assert "Le Sémaphore" in page
    assert town.far_building.name not in page
    here = path_of(staff, town.building)
    assert f'action="{here}"' in page
    sheet = editor.post(here, data={"paper": "page"}).text
    assert re.findall("Letterbox ([^<]+)<", sheet) == ["1", "2", "3"]
    assert editor.post(here, data={"paper": "letters"}).mimetype == "application/pdf"
    (code,) = CODE.findall(editor.post(f"{here}/one", data={"lot": "2", "paper": "page"}).text)
    assert town.visitor().post("/join", data={"code": code}).headers["Location"] == "/join/details"
    assert editor.post(f"{here}/one", data={"lot": "99"}).status_code == 404


def test_they_read_the_same_before_and_after_somebody_used_a_letter(staff: Staff) -> None:
    town, editor = staff.town, staff.town.browser(staff.town.editor)
    here = path_of(staff, town.building)

    def read() -> list[str]:
        made = [
            editor.get(path_of(staff)),
            editor.post(here, data={"paper": "page"}),
            *(editor.post(f"{here}/one", data={"lot": lot, "paper": "page", "former": "ask"}) for lot in "123"),
        ]
        return [TOKEN.sub("~", CODE.sub("~", one.text)) for one in made]

    before = read()
    (code,) = CODE.findall(editor.post(f"{here}/one", data={"lot": "3", "paper": "page"}).text)
    nour = town.visitor()
    nour.post("/join", data={"code": code})
    given = {
        "first_name": "Nour",
        "last_name": "Nouvelle",
        "login": "nour",
        "password": "une autre phrase",
        "email": "",
    }
    assert nour.post("/join/details", data=given).status_code == 302
    with town.store.read() as session:
        assert residents.buildings_of(session, resident=residents.by_login(session, login="nour"))
    assert read() == before
    with town.store.read() as session:
        ana = session.get_one(Resident, town.ana.id)
        assert [one.number for one in moving.asked(session, resident=ana)] == ["1"], "as administrators ask"


def test_for_all_others_there_is_no_such_page(staff: Staff) -> None:
    town = staff.town
    here, form = path_of(staff, town.building), {"lot": "1", "paper": "page"}
    never = "/organisations/personne/letters"
    assert town.visitor().get(path_of(staff)).status_code == 302
    for somebody in (town.ana, town.ben, town.moderator, staff.administrator):
        client = town.browser(somebody)
        absent = client.get(never)
        assert absent.status_code == 404
        assert client.get(path_of(staff)).text.replace(town.developer.slug, "personne") == absent.text
        for path in (here, f"{here}/one"):
            assert client.post(path, data=form).status_code == 404
    editor = town.browser(town.editor)
    far = path_of(staff, town.far_building)
    for path in (far, f"{far}/one", here.replace(town.developer.slug, town.committee.slug)):
        assert editor.post(path, data=form).status_code == 404, "not a building it answers for"
    assert town.building.name not in editor.get(f"/organisations/{town.committee.slug}/letters").text
    with town.home() as session:
        building = session.get_one(Building, town.building.id)
        organisations.answer_for(session, building=building, organisation=None)
    assert editor.post(here, data=form).status_code == 404, "no more"
    assert town.building.name not in editor.get(path_of(staff)).text


@pytest.mark.parametrize("kind", list(Kind))
def test_no_shop_and_no_association_prints(staff: Staff, kind: Kind) -> None:
    town, editor = staff.town, staff.town.browser(staff.town.editor)
    with town.home() as session:
        session.get_one(Organisation, town.developer.id).kind = kind.value
    prints = kind not in (Kind.SHOP, Kind.ASSOCIATION)
    assert (editor.get(path_of(staff)).status_code == 200) == prints
    answer = editor.post(path_of(staff, town.building), data={"paper": "page"})
    assert (answer.status_code == 200) == prints == bool(CODE.findall(answer.text))
    assert (path_of(staff) in editor.get(f"/@{town.developer.slug}").text) == prints
