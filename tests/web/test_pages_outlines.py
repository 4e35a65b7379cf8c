"""Where quarters lie, entered on a page: looked at first, all of a file or nothing, taken back quarter by quarter."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web import staff_town
from tests.web.staff_town import Staff
from web.frame import uploads

PAGE = "/admin/outlines"
SIDE = 0.01


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    yield from staff_town.build(tmp_path)


@pytest.fixture
def admin(staff: Staff) -> FlaskClient:
    return staff.town.browser(staff.administrator)


def square(name: str, *, x: float = 5.0, kind: str = "Polygon") -> dict[str, Any]:
    ring = [[x, 43.0], [x + SIDE, 43.0], [x + SIDE, 43.01], [x, 43.01], [x, 43.0]]
    return {"type": "Feature", "properties": {"nom": name}, "geometry": {"type": kind, "coordinates": [ring]}}


def send(admin: FlaskClient, *features: dict[str, Any], **more: str) -> Any:
    text = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    return admin.post(PAGE, data={"file": (io.BytesIO(text), "quartiers.geojson"), "city": "", **more})


def test_a_map_is_looked_at_entered_and_taken_back(admin: FlaskClient) -> None:
    looked = send(admin, square("les acacias"), square("Nulle Part", x=5.1), look="1")
    assert looked.status_code == 200
    assert "It can be entered: 1 new outlines" in looked.text
    assert "Outline 2, Nulle Part: " in looked.text
    assert "has an outline" not in admin.get(PAGE).text

    assert send(admin, square("les acacias")).headers["Location"] == PAGE
    page = admin.get(PAGE).text
    assert "Outlines entered: 1 new" in page
    assert "1 quarter has an outline" in page

    assert admin.post("/admin/places/les_acacias/outline/remove").headers["Location"] == PAGE
    assert "has an outline" not in admin.get(PAGE).text


def test_one_wrong_outline_keeps_the_whole_map_out_and_is_named(admin: FlaskClient) -> None:
    answer = send(admin, square("Les Acacias"), square("Le Port", x=5.1, kind="LineString"))
    assert answer.status_code == 200
    assert "Outline 2, Le Port: It is neither a Polygon nor a MultiPolygon." in answer.text
    assert "Nothing was entered." in answer.text
    assert "has an outline" not in admin.get(PAGE).text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"city": ""}, "geojson"),
        ({"file": (io.BytesIO(b"\xff\xfe{}"), "a.geojson"), "city": ""}, "geojson"),
        ({"file": (io.BytesIO(b"{}"), "a.geojson"), "city": "00000"}, "choice"),
    ],
)
def test_what_is_no_map_is_said_at_its_field(admin: FlaskClient, data: dict[str, Any], said: str) -> None:
    answer = admin.post(PAGE, data=data, content_type="multipart/form-data")
    assert answer.status_code == 200
    assert said in answer.text.casefold()
    assert 'aria-invalid="true"' in answer.text


def test_a_property_that_names_no_quarter_is_said_and_kept(admin: FlaskClient) -> None:
    answer = send(admin, square("Les Acacias"), name_property="inconnue")
    assert "Say which property holds it." in answer.text
    assert 'value="inconnue"' in answer.text
    assert send(admin, square("Les Acacias"), name_property="NOM").status_code == 302


def test_a_map_that_is_too_large_is_not_read(admin: FlaskClient) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.geojson"\r\n\r\n'
    tail = b'\r\n--x\r\nContent-Disposition: form-data; name="city"\r\n\r\n\r\n--x--\r\n'
    for more in (uploads.BESIDE, 1):
        body = head + b" " * (uploads.LARGEST_MAP + more) + tail
        answer = admin.post(PAGE, input_stream=io.BytesIO(body), content_type="multipart/form-data; boundary=x")
        shown = admin.get(PAGE) if answer.status_code == 302 else answer
        assert "larger than 16 megabytes" in shown.text


def test_quarters_are_found_by_name(admin: FlaskClient) -> None:
    assert "Les Acacias" in admin.get("/admin/places?q=acac").text
    assert "Le Port" not in admin.get("/admin/places?q=acac").text
    assert "No quarter of this name" in admin.get("/admin/places?q=zzz").text
