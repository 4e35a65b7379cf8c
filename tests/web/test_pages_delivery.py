"""Letters from the page an administrator sees, in walking order and anew at a change of tenant; and before delivery."""

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pypdf
import pytest
from flask.testing import FlaskClient

from instance import halls, places, residents, verification
from instance.audience import Audience
from instance.places import Building
from instance.residents import Resident
from tests.web import staff_town
from tests.web.pages_town import NOW, Town
from tests.web.staff_town import Staff
from tests.web.test_pages_joining import newcomer, say, settings, wall_code
from web.frame import context

pytestmark = pytest.mark.sqlite
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    yield from staff_town.build(tmp_path)


def sheets(client: FlaskClient, path: str, **data: str) -> list[str]:
    answer = client.post(path, data=data)
    assert answer.mimetype == "application/pdf", answer.text
    return [one.extract_text() for one in pypdf.PdfReader(io.BytesIO(answer.data)).pages]


def code_on(sheet: str) -> str:
    (found,) = CODE.findall(sheet.replace(" ", ""))
    return str(found)


def opens(town: Town, code: str) -> bool:
    with town.store.write() as session:
        given = {"pepper": context.letterbox_pepper(settings(town)), "now": NOW}
        return isinstance(verification.check(session, code=code, **given), verification.Good)


def test_letters_come_stair_by_stair_and_floor_by_floor(staff: Staff) -> None:
    town, adele = staff.town, staff.town.browser(staff.administrator)
    lots = ["B-2-1", "A-10-1", "A-2-2", "A-RDC-1", "B-1-1", "A-2-1"]
    with town.home() as session:
        quarter = session.get_one(Building, town.building.id).quarter
        made = places.add_building(session, quarter=quarter, name="La Tour", street="1 quai", lots=lots, now=NOW)
        path = f"/admin/buildings/{made.public_id}/codes/sheet"
    printed = sheets(adele, path, paper="letters")
    order = [re.search(r"Boîte aux lettres (\S+)", one).group(1) for one in printed]  # type: ignore[union-attr]
    assert order == ["A-RDC-1", "A-2-1", "A-2-2", "A-10-1", "B-1-1", "B-2-1"]
    (slips,) = sheets(adele, path, paper="slips")
    assert re.findall(r"Boîte aux lettres (\S+)", slips) == order
    assert not opens(town, code_on(printed[0])), "the newer sheet voids the older one"


def test_at_a_change_of_tenant_a_letter_is_printed_anew(staff: Staff) -> None:
    town, adele = staff.town, staff.town.browser(staff.administrator)
    building = f"/admin/buildings/{town.building.public_id}"
    page = adele.get(building).text
    assert "The tenant changed" in page
    (first,) = sheets(adele, f"{building}/codes", lot="1", paper="letters")
    (second,) = sheets(adele, f"{building}/codes", lot="1", paper="letters", former="ask")
    assert "Boîte aux lettres 1\n" in second
    assert (opens(town, code_on(first)), opens(town, code_on(second))) == (False, True)
    assert "Do you still live there?" in town.browser(town.ana).get("/account/known").text
    nour = newcomer(town)
    assert "is open to you" in say(nour, "/account/known/letter", **{"letter-code": code_on(second)})
    with town.store.read() as session:
        here = residents.neighbours(session, building=session.get_one(Building, town.building.id))
        assert {one.login for one in here} == {"ana", "ben", "nour"}, "nothing closes by itself"


# --- before a building is handed over


def deliver(staff: Staff, day: str) -> str:
    adele = staff.town.browser(staff.administrator)
    path = f"/admin/buildings/{staff.town.building.public_id}/delivery"
    assert "Day of delivery" in adele.get(path).text
    return adele.post(path, data={"day": day}, follow_redirects=True).text


def test_until_the_day_the_building_is_theirs_and_then_all_opens(staff: Staff) -> None:
    town = staff.town
    around = town.item(audience=Audience.QUARTER)
    page = deliver(staff, "2027-06-01")
    assert "hand the letters over with the contract" in page
    (letter,) = sheets(
        town.browser(staff.administrator),
        f"/admin/buildings/{town.building.public_id}/codes",
        lot="3",
        paper="letters",
    )
    assert "est livré le 1 juin 2027" in " ".join(letter.split())
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    hung = town.listing(by=town.ben, audience=Audience.BUILDING, title="Un camion")
    known = ana.get("/account/known").text
    assert "Future neighbour, from" in known
    assert "June" in ana.get("/account").text
    assert "Un camion" in ana.get("/").text
    assert ana.get(f"/notices/{hung.public_id}").status_code == 200
    assert ana.get(f"/notices/{around.public_id}").status_code == 404
    composer = ben.get("/listings/new?kind=request").text
    assert re.findall(r'name="audience" value="(\w+)"', composer) == ["building"]
    # What the page does not offer is refused all the same, and stays typed.
    words = {"title": "Un diable", "body": "Pour samedi.", "audience": "quarter", "need": "tool", "pace": "at_once"}
    refused = ben.post("/listings/new?kind=request", data=words).text
    assert "is not open to you yet" in refused
    assert 'value="Un diable"' in refused
    town.moment[0] = NOW.replace(month=6, day=1)
    assert ana.get(f"/notices/{around.public_id}").status_code == 200
    assert "Future neighbour" not in ana.get("/account/known").text
    assert ben.post("/listings/new?kind=request", data=words).status_code == 302


def test_the_code_of_a_hall_that_nobody_walks_through_opens_nothing(staff: Staff) -> None:
    town = staff.town
    with town.home() as session:
        building = session.get_one(Building, town.building.id)
        halls.install(session, building=building, now=NOW)
        building.delivered_on = date(2027, 6, 1)
    nour = newcomer(town)
    with town.store.read() as session:
        code = wall_code(town, session.get_one(Building, town.building.id))
    said = say(nour, "/account/known/hall", **{"hall-code": code, "hall-lot": "3"})
    assert "No wall shows this code now" in said
    town.moment[0] = NOW.replace(month=6, day=1)
    with town.store.read() as session:
        code = wall_code(town, session.get_one(Building, town.building.id))
    said = say(nour, "/account/known/hall", **{"hall-code": code, "hall-lot": "3"})
    assert "you were in the hall" in said


def test_a_day_is_a_day_and_can_be_taken_away(staff: Staff) -> None:
    assert "day-error" in deliver(staff, "le mois prochain")
    assert "is handed over on" in deliver(staff, "2027-06-01")
    assert "is handed over on" not in deliver(staff, "")
    assert "is handed over on" not in deliver(staff, (NOW - timedelta(days=1)).date().isoformat()), "it stands"
    town = staff.town
    assert town.browser(town.ana).get(f"/admin/buildings/{town.building.public_id}/delivery").status_code in {403, 404}
    with town.store.read() as session:
        assert session.get_one(Resident, town.ana.id).homes[0].lot.building.delivered_on == date(2027, 5, 10)
