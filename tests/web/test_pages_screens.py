"""Putting up a screen: the display shows a code, whoever may install it types it, and the display becomes the wall."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from instance import halls
from instance.audience import Audience
from instance.news import NewsItem
from instance.places import Building
from tests.web import staff_town
from tests.web.pages_town import NOW
from tests.web.staff_town import Staff


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    yield from staff_town.build(tmp_path)


@pytest.fixture
def display(staff: Staff) -> FlaskClient:
    return staff.town.visitor()


def wait(display: FlaskClient) -> str:
    """Open the page of a new screen; the code it shows."""
    answer = display.get("/hall", follow_redirects=True)
    assert answer.status_code == 200
    return code_on(answer.text)


def code_on(page: str) -> str:
    [(first, second)] = re.findall(r'class="hall__code"><span>(\w{3})</span> <span>(\w{3})</span>', page)
    return first + second


def prefixed(page: str) -> str:
    return re.findall(r'name="(b[0-9a-f]{8}-code)"', page)[0]


def test_a_display_shows_a_code_that_only_it_has(staff: Staff, display: FlaskClient) -> None:
    code = wait(display)
    assert wait(display) == code, "a reload shows the same"
    assert wait(staff.town.visitor()) != code
    answer = display.get("/hall")
    assert "no-store" in answer.headers["Cache-Control"]
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert re.search(r"palier_screen=([\w-]+)", cookie)[1] not in answer.text
    # Without scripts somebody who typed the code waits a few seconds.
    assert '<noscript><meta http-equiv="refresh" content="8"></noscript>' in answer.text


def test_the_code_is_renewed_after_ten_minutes(staff: Staff, display: FlaskClient) -> None:
    code = wait(display)
    staff.town.moment[0] = NOW + timedelta(minutes=9, seconds=59)
    assert wait(display) == code
    staff.town.moment[0] = NOW + timedelta(minutes=10)
    assert wait(display) != code


def test_a_browser_without_cookies_is_told_so_and_not_sent_round_in_circles(staff: Staff) -> None:
    display = staff.town.app.test_client(use_cookies=False)
    answer = display.get("/hall", follow_redirects=True)
    assert answer.status_code == 200
    assert "hall__code" not in answer.text
    assert "cookies" in answer.text


def test_an_administrator_types_the_code_on_the_buildings_page(staff: Staff, display: FlaskClient) -> None:
    admin = staff.town.browser(staff.administrator)
    path = f"/admin/buildings/{staff.town.building.public_id}"
    assert "http://voisins.localhost:8100/hall</code>" in admin.get(path).text
    code = wait(display)
    wrong = admin.post(f"{path}/screens/pair", data={"code": "AAAAAA"})
    assert wrong.status_code == 200
    assert 'value="AAAAAA"' in wrong.text, "what was typed stays"
    assert "summary-title" in wrong.text
    assert admin.post(f"{path}/screens/pair", data={"code": f"{code[:3]} {code[3:]}".lower()}).status_code == 302
    assert "Le Sémaphore" in display.get("/hall").text
    page = display.get("/hall").text
    assert 'data-mode="wall"' in page
    assert 'data-stream="/live/hall"' in page
    [screen_id] = re.findall(rf"{path}/screens/([0-9a-f-]{{36}})/remove", admin.get(path).text)
    assert admin.post(f"{path}/screens/{screen_id}/remove").status_code == 302
    assert wait(display) != code, "a screen that was switched off waits for a new code"


def test_a_member_of_whoever_answers_for_the_building_does_it_too(staff: Staff, display: FlaskClient) -> None:
    editor = staff.town.browser(staff.town.editor)
    path = f"/organisations/{staff.town.developer.slug}/screens"
    page = editor.get(path).text
    assert "Le Sémaphore" in page
    assert path in editor.get(f"/@{staff.town.developer.slug}").text
    here = f"{path}/{staff.town.building.public_id}"
    wrong = editor.post(here, data={prefixed(page): "ZZZZZZ"})
    assert "summary-title" in wrong.text
    assert 'value="ZZZZZZ"' in wrong.text
    code = wait(display)
    assert editor.post(here, data={prefixed(page): code}).status_code == 302
    assert "Le Sémaphore" in display.get("/hall").text
    [remove] = re.findall(rf"({re.escape(here)}/[0-9a-f-]{{36}}/remove)", editor.get(path).text)
    assert editor.post(remove).status_code == 302
    assert 'data-mode="waiting"' in display.get("/hall", follow_redirects=True).text


def test_nobody_else_gets_there(staff: Staff, display: FlaskClient) -> None:
    code = wait(display)
    path = f"/organisations/{staff.town.developer.slug}/screens"
    ana, editor = staff.town.browser(staff.town.ana), staff.town.browser(staff.town.editor)
    assert staff.town.visitor().get(path).status_code == 302
    assert ana.get(path).status_code == 404
    assert ana.post(f"{path}/{staff.town.building.public_id}", data={"code": code}).status_code == 404
    assert editor.post(f"{path}/{staff.town.far_building.public_id}", data={"code": code}).status_code == 404
    with staff.town.home() as session:
        far, _ = halls.install(session, building=session.get_one(Building, staff.town.far_building.id), now=NOW)
    wrong = f"{path}/{staff.town.building.public_id}/{far.public_id}/remove"
    assert editor.post(wrong).status_code == 404, "a screen of another building is not theirs to switch off"
    with staff.town.home() as session:
        assert len(halls.screens(session, building=session.get_one(Building, staff.town.far_building.id))) == 1


# --- urgent news


def news(**more: str) -> dict[str, str]:
    words = {"audience": "instance", "title": "Eau coupée", "summary": "Rue des Essais.", "body": "Jusqu’au soir."}
    return {**words, **more}


def test_urgent_news_takes_the_wall_until_its_moment(staff: Staff) -> None:
    editor = staff.town.browser(staff.town.editor)
    path = f"/organisations/{staff.town.town_hall.slug}/news/new"
    # Ten in the morning in the town; written in the town's time.
    assert editor.post(path, data=news(urgent_until="2027-05-11T12:30")).status_code == 302
    with staff.town.home() as session:
        [item] = session.query(NewsItem).all()
        assert item.urgent_until == NOW.replace(hour=10, minute=30, second=0)
        _, key = halls.install(session, building=session.get_one(Building, staff.town.building.id), now=NOW)
    visitor = staff.town.visitor()
    page = visitor.get(f"/hall/{key}").text
    assert re.search(r'<section class="hall__urgent"[^>]*role="alert">', page)
    assert re.search(r"Jusqu’à 12.h.30", page)
    assert "urgent" in editor.get(f"/notices/{item.public_id}").text
    staff.town.moment[0] = NOW + timedelta(hours=3)
    page = visitor.get(f"/hall/{key}").text
    assert re.search(r'<section class="hall__urgent"[^>]* hidden>', page)
    assert "Eau coupée" in page, "it stays a piece of news"


@pytest.mark.parametrize("typed", ["2027-05-11T09:00", "2027-05-15T09:00", "demain"])
def test_a_moment_that_cannot_be_is_refused_and_kept(staff: Staff, typed: str) -> None:
    editor = staff.town.browser(staff.town.editor)
    answer = editor.post(f"/organisations/{staff.town.town_hall.slug}/news/new", data=news(urgent_until=typed))
    assert answer.status_code == 200
    assert f'value="{typed}"' in answer.text
    assert 'id="urgent_until-error"' in answer.text
    with staff.town.home() as session:
        assert session.query(NewsItem).count() == 0


def test_urgency_survives_the_preview_of_what_leaves(staff: Staff) -> None:
    editor = staff.town.browser(staff.town.editor)
    path = f"/organisations/{staff.town.town_hall.slug}/news/new"
    preview = editor.post(path, data=news(audience=Audience.NETWORK.word, urgent_until="2027-05-11T12:30"))
    assert 'name="urgent_until" value="2027-05-11T12:30"' in preview.text
