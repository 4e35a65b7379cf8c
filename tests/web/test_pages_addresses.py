"""Addresses on the pages of administrators: found, a building added there, and where a building stands."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from instance import places, streets
from instance.places import Building
from instance.streets import Address
from tests.instance import places_on_file
from tests.instance.places_on_file import HEAD
from tests.web import staff_town
from tests.web.pages_town import NOW
from tests.web.staff_town import Staff

FOCH = HEAD + "".join(places_on_file.line(f"f{n}", n, "Rue Foch", postcode="99002") for n in range(1, 21))


@pytest.fixture
def empty_staff(tmp_path: Path) -> Iterator[Staff]:
    yield from staff_town.build(tmp_path)


@pytest.fixture
def staff(empty_staff: Staff) -> Staff:
    with empty_staff.town.home() as session:
        places_on_file.enter(session, FOCH)
    return empty_staff


@pytest.fixture
def admin(staff: Staff) -> FlaskClient:
    return staff.town.browser(staff.administrator)


def of(staff: Staff, building: Building) -> list[str]:
    with staff.town.home() as session:
        return [one.id for one in streets.of_building(session, building=session.get_one(Building, building.id))]


def test_without_a_list_the_page_says_who_enters_it(empty_staff: Staff) -> None:
    admin = empty_staff.town.browser(empty_staff.administrator)
    for path in ("/admin/addresses", f"/admin/buildings/{empty_staff.town.building.public_id}/addresses"):
        page = admin.get(path).text
        assert "No address list is here yet" in page
        assert 'name="q"' not in page


def test_an_address_is_found_and_leads_to_a_filled_form(admin: FlaskClient) -> None:
    page = admin.get("/admin/addresses?q=12+r+fosch").text
    assert 'value="12 r fosch"' in page
    [first] = re.findall(r'href="(/admin/addresses/building\?address=f12)"', page)
    form = admin.get(first).text
    assert 'value="12 Rue Foch"' in form
    assert re.search(r'<option selected value="le_port">', form)
    assert "No address like this" in admin.get("/admin/addresses?q=xylophone").text


def test_a_building_is_added_at_an_address(staff: Staff, admin: FlaskClient) -> None:
    given = {"address": "f12", "name": "Le Phare", "street": "12 rue Foch", "quarter": "le_port", "lots": "1-3"}
    answer = admin.post("/admin/addresses/building", data=given)
    assert answer.status_code == 302
    assert "Le Phare" in admin.get(answer.headers["Location"]).text
    with staff.town.home() as session:
        made = places.building_called(session, name="Le Phare")
        assert (made.quarter.slug, made.street, len(made.lots)) == ("le_port", "12 rue Foch", 3)
        assert [one.id for one in streets.of_building(session, building=made)] == ["f12"]
    assert "Le Phare" in admin.get("/admin/addresses?q=12+rue+foch").text
    assert "Le Phare" in admin.get("/admin/addresses/building?address=f12").text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"lots": "1, 1"}, "A lot number is there twice"),
        ({"name": ""}, "Fill in this field."),
        ({"quarter": ""}, "Fill in this field."),
        ({"quarter": "nowhere"}, "Not a valid choice"),
        ({"street": "x" * 121}, "This is too long"),
    ],
)
def test_what_was_typed_is_kept_and_nothing_is_added(
    staff: Staff, admin: FlaskClient, wrong: dict[str, str], said: str
) -> None:
    given = {"address": "f12", "name": "Le Phare", "street": "12 rue Foch", "quarter": "le_port", "lots": "7-9"}
    page = admin.post("/admin/addresses/building", data=given | wrong).text
    assert said in page
    assert ("Le Phare" in page) == (wrong.get("name") is None)
    assert wrong.get("lots", "7-9") in page
    with staff.town.home() as session:
        assert "Le Phare" not in [one.name for one in places.buildings(session)]


def test_an_address_that_never_was_has_no_page(admin: FlaskClient) -> None:
    for client_call in (admin.get, admin.post):
        assert client_call("/admin/addresses/building").status_code == 404
    assert admin.get("/admin/addresses/building?address=never").status_code == 404
    assert admin.post("/admin/addresses/building", data={"address": "never"}).status_code == 404


def test_only_administrators_see_an_address(staff: Staff) -> None:
    for path in ("/admin/addresses?q=foch", "/admin/addresses/building?address=f12"):
        assert staff.town.visitor().get(path).headers["Location"].startswith("/sign-in")
        for other in (staff.town.ana, staff.town.moderator, staff.town.editor):
            assert staff.town.browser(other).get(path).status_code == 404


def test_a_building_gets_and_loses_an_address(staff: Staff, admin: FlaskClient) -> None:
    building = staff.town.building
    path = f"/admin/buildings/{building.public_id}/addresses"
    assert f'href="{path}"' in admin.get(f"/admin/buildings/{building.public_id}").text
    page = admin.get(f"{path}?q=4+rue+foch").text
    assert 'name="address" value="f4"' in page
    for one in ("f4", "f6", "f4"):
        assert admin.post(path, data={"address": one}).headers["Location"] == path
    assert of(staff, building) == ["f4", "f6"]
    page = admin.get(f"{path}?q=4+rue+foch").text
    assert page.count('name="address" value="f4"') == 1  # to remove it, and no more to add it
    assert admin.post(f"{path}/remove", data={"address": "f4"}).headers["Location"] == path
    assert of(staff, building) == ["f6"]


@pytest.mark.parametrize("step", ["", "/remove"])
@pytest.mark.parametrize(("address", "said"), [("", "Choose one of the addresses"), ("never", "This is not here")])
def test_what_is_no_address_is_told(staff: Staff, admin: FlaskClient, step: str, address: str, said: str) -> None:
    path = f"/admin/buildings/{staff.town.building.public_id}/addresses{step}"
    assert said in admin.post(path, data={"address": address}).text
    assert of(staff, staff.town.building) == []


def test_an_address_of_another_city_is_told(staff: Staff, admin: FlaskClient) -> None:
    with staff.town.home() as session:
        places.add_city(session, name="Autre-Ville", insee="99002", now=NOW)
        places_on_file.enter(session, HEAD + places_on_file.line("x1", 1, "Rue Foch", insee="99002"))
    path = f"/admin/buildings/{staff.town.building.public_id}/addresses"
    assert "in another city" in admin.post(path, data={"address": "x1"}).text
    assert of(staff, staff.town.building) == []


def test_names_in_files_are_text_and_no_markup(staff: Staff, admin: FlaskClient) -> None:
    with staff.town.home() as session:
        places_on_file.enter(session, FOCH + places_on_file.line("x1", 1, "Rue <b>Gras</b>", postcode="99002"))
        assert session.get(Address, "x1") is not None
    page = admin.get("/admin/addresses?q=1+rue+gras").text
    assert "Rue &lt;b&gt;Gras&lt;/b&gt;" in page
    assert "<b>Gras" not in page
