"""The wall: three panes, no name, no trace of its key, and nothing for a wrong one."""

import logging
import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from instance import halls, moderation
from instance.audience import Audience
from instance.happenings import Happening
from instance.news import NewsItem
from instance.notices import Notice
from instance.places import Building
from instance.residents import Resident
from instance.slides import Slide
from tests.web import staff_town
from tests.web.pages_town import NOW
from tests.web.staff_town import Staff
from web.views import walls


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    yield from staff_town.build(tmp_path)


def install(staff: Staff, *, building: Building | None = None) -> str:
    with staff.town.home() as session:
        _, key = halls.install(session, building=building or staff.town.building, now=NOW)
    return f"/hall/{key}"


def show(staff: Staff, path: str) -> str:
    answer = staff.town.visitor().get(path)
    assert answer.status_code == 200
    return answer.text


def test_three_panes_with_the_building_and_the_hour(staff: Staff) -> None:
    staff.town.item(audience=Audience.BUILDING, organisation=staff.town.developer, title="Grue démontée mardi")
    staff.listing(audience=Audience.BUILDING, title="Clés retrouvées")
    staff.listing(audience=Audience.QUARTER, title="Un diable pour samedi")
    page = show(staff, install(staff))
    for words in (
        "Le Sémaphore",
        "Bâtisseurs Fictifs",
        "Grue démontée mardi",
        "Clés retrouvées",
        "Un diable pour samedi",
    ):
        assert words in page
    assert len(re.findall(r'<section class="hall__pane', page)) == 3
    # A page that reloads itself takes control away from who reads it; only a wall without scripts has no other way.
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in page
    assert re.search(r"10.h.00|10:00", page)  # eight in UTC is ten in the town


def test_no_resident_is_named_and_nothing_of_another_building_shown(staff: Staff) -> None:
    staff.listing(audience=Audience.BUILDING, title="Clés retrouvées")
    staff.town.listing(by=staff.town.cleo, audience=Audience.BUILDING, title="Seulement à La Vigie")
    page = show(staff, install(staff))
    assert "Seulement à La Vigie" not in page
    for somebody in (staff.town.ana, staff.town.ben, staff.town.cleo):
        assert somebody.first_name not in page


def test_it_is_kept_nowhere(staff: Staff) -> None:
    answer = staff.town.visitor().get(install(staff))
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers


def test_a_wrong_key_is_no_page(staff: Staff) -> None:
    browser = staff.town.visitor()
    assert browser.get("/hall/wrong").status_code == 404
    assert browser.get("/hall/wrong").text == browser.get("/never").text.replace("/never", "/hall/wrong")


def test_a_failure_does_not_log_the_key(
    staff: Staff, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(halls, "wall", fail)
    staff.town.app.config["PROPAGATE_EXCEPTIONS"] = False
    with caplog.at_level(logging.DEBUG):
        assert staff.town.visitor().get("/hall/secret-key").status_code == 500
    assert "secret-key" not in caplog.text


def test_an_empty_wall_invites(staff: Staff) -> None:
    page = show(staff, install(staff, building=staff.town.far_building))
    assert page.count("hall__empty") == 3


def test_another_message_at_each_minute(staff: Staff) -> None:
    for title in ("Premier", "Deuxième", "Troisième"):
        staff.listing(audience=Audience.BUILDING, title=title)
    path = install(staff)
    large = set()
    for minute in range(3):
        staff.town.moment[0] = NOW + timedelta(minutes=minute)
        page = show(staff, path)
        large |= {title for title in ("Premier", "Deuxième", "Troisième") if re.search(rf"<h3[^>]*>{title}</h3>", page)}
    assert large == {"Premier", "Deuxième", "Troisième"}


def test_what_is_over_or_hidden_does_not_hang(staff: Staff) -> None:
    notice = staff.listing(audience=Audience.BUILDING, title="Clés retrouvées")
    path = install(staff)
    staff.town.moment[0] = NOW + timedelta(days=31)
    assert "Clés retrouvées" not in show(staff, path)
    staff.town.moment[0] = NOW
    assert "Clés retrouvées" in show(staff, path)
    with staff.town.home() as session:
        moderation.hide(
            session,
            notice=session.get_one(Notice, notice.id),
            reason="x",
            by=session.get_one(Resident, staff.town.moderator.id),
            now=NOW,
        )
    assert "Clés retrouvées" not in show(staff, path)


def test_a_date_is_on_the_wall_until_it_is_past(staff: Staff) -> None:
    item = staff.town.item(audience=Audience.QUARTER, title="Fête de rue")
    path = install(staff)
    with staff.town.home() as session:
        party = session.get_one(NewsItem, item.id)
        party.happening = Happening(begins=NOW + timedelta(days=3), place="Place des Essais", called_off=True)
        over = party.happening.over_at
    page = show(staff, path)
    assert "annulé · vendredi 14 mai, 10 h 00 · Place des Essais" in page.replace("\u00a0", " ")
    assert f'data-until="{over:%Y-%m-%dT%H:%M:%S}+00:00"' in page
    staff.town.moment[0] = over
    assert "Fête de rue" not in show(staff, path)


def test_words_are_cut_to_what_is_read_walking_past() -> None:
    slide = Slide(
        kind="news",
        title=" ".join(["mot"] * 20),
        summary=" ".join(["mot"] * 80),
        organisation=None,
        city=None,
        audience=Audience.QUARTER,
        since=NOW,
        until=None,
        urgent_until=None,
        notice=uuid.uuid4(),
    )
    message = walls.message(slide, origin="https://voisins.example")
    assert len(message.title.split()) == walls.LARGE
    assert len(message.summary.split()) == walls.SMALL
    assert message.title.endswith("…")
