"""Administration: who may open it, places, screens, letters, organisations, accounts, the audit book."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from federation import lookups
from federation.models import Activity, Delivery, DeliveryState
from instance import halls, journal, organisations, places, residents, verification
from instance.audience import Audience
from instance.moderation import Measure
from instance.organisations import Organisation
from instance.places import Building, Quarter
from instance.residents import Resident
from instance.verification import LetterboxCode
from tests.web import staff_town
from tests.web.pages_town import NOW
from tests.web.staff_town import ELSEWHERE, Staff

# Every address of the administration that needs nothing made first, and what it wants posted.
SHARED = [f"/admin/buildings/{{building}}/{one}" for one in ("newcomer", "not-here", "delivery", "residence")]
READ = [
    "/admin",
    "/admin/start",
    "/admin/cities",
    "/admin/cities/99001",
    "/admin/places",
    "/admin/outlines",
    "/admin/places/les_acacias",
    "/admin/buildings/{building}",
    "/admin/buildings/{building}/addresses",
    *SHARED,
    "/admin/documents",
    "/admin/addresses",
    "/admin/organisations",
    "/admin/organisations/comite",
    "/admin/accounts",
    "/admin/accounts/{ana}",
    "/admin/accounts/{ana}/card",
    "/admin/peers",
    f"/admin/peers/{ELSEWHERE}",
    "/admin/peers/look/{look}",
    "/admin/blocklist",
    "/admin/blocklist/blocks.csv",
    "/admin/crossings",
    "/admin/day",
    "/admin/day/table.csv",
    "/admin/erasures",
    "/admin/accounts/{ana}/take-back",
]
# What needs something made first, and the test that tries it.
TRIED_ELSEWHERE = {"/admin/erasures/*": "test_pages_removals.py::test_the_report_names_towns_and_no_word_of_the_notice"}
WRITE = [
    "/admin/start/later",
    "/admin/start/resume",
    "/admin/cities",
    "/admin/cities/marseille",
    "/admin/cities/99001/quarters",
    "/admin/places/les_acacias/name",
    "/admin/places/les_acacias/outline/remove",
    "/admin/outlines",
    "/admin/places/les_acacias/open",
    "/admin/places/les_acacias/buildings",
    "/admin/buildings/{building}/organisation",
    "/admin/buildings/{building}/addresses",
    "/admin/buildings/{building}/addresses/remove",
    "/admin/addresses/building",
    "/admin/buildings/{building}/screens",
    "/admin/buildings/{building}/screens/pair",
    "/admin/buildings/{building}/screens/{building}/remove",
    "/admin/buildings/{building}/residence/leave",
    *SHARED,
    "/admin/documents/{building}",
    "/admin/documents/{building}/look",
    "/admin/buildings/{building}/codes",
    "/admin/buildings/{building}/codes/sheet",
    "/admin/organisations",
    "/admin/organisations/comite/profile",
    "/admin/organisations/comite/members",
    "/admin/organisations/comite/members/{ana}/remove",
    "/admin/organisations/comite/buildings",
    "/admin/accounts/{ana}/role",
    "/admin/accounts/{ana}/suspend",
    "/admin/accounts/{ana}/reinstate",
    "/admin/accounts/{ana}/second-step",
    "/admin/accounts/{ana}/card",
    "/admin/accounts/{ana}/take-back",
    "/admin/peers",
    "/admin/peers/follow",
    "/admin/peers/look",
    "/admin/peers/follows/1/end",
    f"/admin/peers/{ELSEWHERE}/look",
    f"/admin/peers/{ELSEWHERE}/charter",
    f"/admin/peers/{ELSEWHERE}/charter/end",
    f"/admin/peers/{ELSEWHERE}/quarters",
    f"/admin/peers/{ELSEWHERE}/quarters/suggested",
    f"/admin/peers/{ELSEWHERE}/quarters/remove",
    f"/admin/peers/{ELSEWHERE}/limit",
    f"/admin/peers/{ELSEWHERE}/unlimit",
    f"/admin/peers/{ELSEWHERE}/approve",
    f"/admin/peers/{ELSEWHERE}/market",
    "/admin/peers/requests/accept",
    "/admin/peers/requests/refuse",
    "/admin/peers/admission",
    "/admin/blocklist",
    "/admin/blocklist/{building}",
    "/admin/crossings/deliveries/1/replay",
    f"/admin/crossings/towns/{ELSEWHERE}/replay",
    f"/admin/crossings/towns/{ELSEWHERE}/purge",
]


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    yield from staff_town.build(tmp_path)


@pytest.fixture
def admin(staff: Staff) -> FlaskClient:
    return staff.town.browser(staff.administrator)


def address(pattern: str, staff: Staff) -> str:
    look = looked(staff) if "{look}" in pattern else None
    return pattern.format(building=staff.town.building.public_id, ana=staff.town.ana.public_id, look=look)


def looked(staff: Staff) -> uuid.UUID:
    """Somebody elsewhere whom an administrator had looked up."""
    with staff.outside() as session:
        return lookups.ask(session, own_username="palier", target=f"@news@{ELSEWHERE}", now=NOW).key


def bare(text: str) -> str:
    """A page without its form token, which differs at each answer."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", text)


@pytest.mark.parametrize("pattern", READ)
def test_only_an_administrator_reads(staff: Staff, admin: FlaskClient, pattern: str) -> None:
    path = address(pattern, staff)
    assert admin.get(path).status_code == 200
    assert staff.town.visitor().get(path).headers["Location"].startswith("/sign-in")
    for other in (staff.town.ana, staff.town.moderator, staff.town.editor):
        answer = staff.town.browser(other).get(path)
        assert answer.status_code == 404
        never = staff.town.browser(other).get("/never-was").text.replace("/never-was", path)
        assert bare(answer.text) == bare(never)


@pytest.mark.parametrize("pattern", WRITE)
def test_only_an_administrator_writes(staff: Staff, pattern: str) -> None:
    path = address(pattern, staff)
    assert staff.town.visitor().post(path).headers["Location"].startswith("/sign-in")
    for other in (staff.town.ana, staff.town.moderator, staff.town.editor):
        assert staff.town.browser(other).post(path).status_code == 404


def test_every_address_of_the_administration_is_in_the_matrix(staff: Staff) -> None:
    known = {
        re.sub(r"\{\w+\}|les_acacias|99001|comite|voisine\.localhost:8200|\b1\b", "*", one) for one in READ + WRITE
    }
    found = {
        re.sub(r"<[^>]+>", "*", rule.rule)
        for rule in staff.town.app.url_map.iter_rules()
        if rule.rule.startswith("/admin")
    }
    assert found - set(TRIED_ELSEWHERE) <= known


def test_a_quarter_is_opened_once(staff: Staff, admin: FlaskClient) -> None:
    for _ in range(2):
        assert admin.post("/admin/places/le_port/open").status_code == 302
    with staff.town.home() as session:
        quarter = session.get_one(Quarter, staff.town.far_quarter.id)
        assert quarter.opened_at == NOW
        changes = [one for one in journal.unjudged(session) if one.subject_id == quarter.public_id]
        assert len(changes) == 1


def test_a_building_is_added_with_its_lots(staff: Staff, admin: FlaskClient) -> None:
    answer = admin.post(
        "/admin/places/le_port/buildings", data={"name": "La Digue", "street": "5 quai Rêvé", "lots": "1-3, A"}
    )
    page = admin.get(answer.headers["Location"]).text
    assert "La Digue" in page
    with staff.town.home() as session:
        [building] = [one for one in places.buildings(session) if one.name == "La Digue"]
        assert [one.number for one in building.lots] == ["1", "2", "3", "A"]


def test_wrong_lots_keep_what_was_typed(admin: FlaskClient) -> None:
    page = admin.post(
        "/admin/places/le_port/buildings", data={"name": "La Digue", "street": "5 quai Rêvé", "lots": "1, 1"}
    ).text
    assert "A lot number is there twice" in page
    assert 'value="La Digue"' in page
    assert "1, 1" in page


def test_a_screen_shows_its_address_once_and_is_switched_off(staff: Staff, admin: FlaskClient) -> None:
    path = f"/admin/buildings/{staff.town.building.public_id}"
    answer = admin.post(f"{path}/screens")
    [found] = re.findall(r"http://voisins\.localhost:8100(/hall/[\w-]+)", answer.text)
    assert "no-store" in answer.headers["Cache-Control"]
    assert found not in admin.get(path).text
    assert staff.town.visitor().get(found).status_code == 200
    with staff.town.home() as session:
        building = session.get_one(Building, staff.town.building.id)
        [screen] = halls.screens(session, building=building)
    assert admin.post(f"{path}/screens/{screen.public_id}/remove").status_code == 302
    assert staff.town.visitor().get(found).status_code == 404


def test_who_answers_for_a_building(staff: Staff, admin: FlaskClient) -> None:
    path = f"/admin/buildings/{staff.town.far_building.public_id}"
    admin.post(f"{path}/organisation", data={"organisation": "batisseurs"})
    assert re.search(r'<option selected value="batisseurs"', admin.get(path).text)
    admin.post(f"{path}/organisation", data={"organisation": ""})
    with staff.town.home() as session:
        assert session.get_one(Building, staff.town.far_building.id).installer_id is None


def test_letters_for_every_lot_whoever_signed_up(staff: Staff, admin: FlaskClient) -> None:
    page = admin.post(f"/admin/buildings/{staff.town.building.public_id}/codes/sheet").text
    codes = re.findall(r'class="letter__code">([0-9A-Z-]{14})<', page)
    with staff.town.home() as session:
        pepper_free = session.scalars(select(LetterboxCode)).all()
        assert [one.lot.number for one in pepper_free] == ["1", "2", "3"] == re.findall("Letterbox ([^<]+)<", page)
        assert codes[0].replace("-", "")[6:] not in str([one.secret_hash for one in pepper_free])


def test_one_letter_for_one_lot_really_opens(staff: Staff, admin: FlaskClient) -> None:
    path = f"/admin/buildings/{staff.town.building.public_id}/codes"
    [code] = re.findall(r'class="letter__code">([0-9A-Z-]{14})<', admin.post(path, data={"lot": "2"}).text)
    assert staff.town.visitor().post("/join", data={"code": code}).headers["Location"] == "/join/details"
    assert admin.post(path, data={"lot": "99"}).status_code == 404


def test_a_building_page_names_no_resident(staff: Staff, admin: FlaskClient) -> None:
    page = admin.get(f"/admin/buildings/{staff.town.building.public_id}").text
    for somebody in (staff.town.ana, staff.town.ben):
        assert somebody.full_name not in page
        assert somebody.short_name not in page
        assert f">{somebody.login}<" not in page


def test_an_organisation_is_founded(staff: Staff, admin: FlaskClient) -> None:
    data = {"name": "Amis du Port", "kind": "association", "summary": "La mer.", "quarter": "le_port", "slug": ""}
    assert (
        admin.post("/admin/organisations", data={**data, "verified": "y"}).headers["Location"].endswith("/amis_du_port")
    )
    with staff.town.home() as session:
        founded = organisations.by_slug(session, slug="amis_du_port")
        assert founded.verified_at == NOW
        assert founded.quarter_id == staff.town.far_quarter.id
    again = admin.post("/admin/organisations", data={**data, "slug": "comite"}).text
    assert "already in use" in again
    assert 'value="Amis du Port"' in again
    assert "La mer." in again


def test_members_come_and_go(staff: Staff, admin: FlaskClient) -> None:
    path = "/admin/organisations/comite"
    assert "Nobody has this login name" in admin.post(f"{path}/members", data={"login": "personne"}).text
    admin.post(f"{path}/members", data={"login": "ana"})
    assert ">ana<" in admin.get(path).text
    admin.post(f"{path}/members/{staff.town.ana.public_id}/remove")
    assert ">ana<" not in admin.get(path).text


def test_an_organisation_is_described_and_answers(staff: Staff, admin: FlaskClient) -> None:
    admin.post("/admin/organisations/comite/profile", data={"name": "Comité", "summary": "Tout le quartier."})
    admin.post("/admin/organisations/comite/buildings", data={"building": str(staff.town.far_building.public_id)})
    with staff.town.home() as session:
        found = session.get_one(Organisation, staff.town.committee.id)
        assert (found.name, found.version) == ("Comité", 2)
        assert session.get_one(Building, staff.town.far_building.id).installer_id == found.id
    assert "Fill in this field" in admin.post("/admin/organisations/comite/profile", data={"name": ""}).text


def test_accounts_are_listed_by_login_only(staff: Staff, admin: FlaskClient) -> None:
    page = admin.get("/admin/accounts").text
    assert ">ana<" in page
    assert staff.town.ana.last_name not in page
    assert ">ana<" not in admin.get("/admin/accounts?after=ana").text


def test_roles_are_given_but_not_to_oneself(staff: Staff, admin: FlaskClient) -> None:
    path = f"/admin/accounts/{staff.town.ana.public_id}"
    assert admin.post(f"{path}/role", data={"role": "moderator"}).status_code == 302
    assert staff.town.browser(staff.town.ana).get("/moderation").status_code == 200
    quarter = staff.town.far_building.quarter_id
    with staff.town.home() as session:
        slug = session.get_one(Quarter, quarter).slug
    admin.post(f"{path}/role", data={"role": "moderator", "quarter": slug})
    assert "You look after the quarter" in staff.town.browser(staff.town.ana).get("/moderation").text
    own = f"/admin/accounts/{staff.administrator.public_id}"
    assert "your own account" in admin.post(f"{own}/role", data={"role": "resident"}).text
    with staff.town.home() as session:
        assert session.get_one(Resident, staff.administrator.id).is_administrator


def test_an_account_is_suspended_with_a_reason_and_given_back(staff: Staff, admin: FlaskClient) -> None:
    path = f"/admin/accounts/{staff.town.ana.public_id}"
    browser = staff.town.browser(staff.town.ana)
    assert "Fill in this field" in admin.post(f"{path}/suspend", data={"rule": "respect", "reason": " "}).text
    assert "Say which rule" in admin.post(f"{path}/suspend", data={"reason": "Menaces."}).text
    admin.post(f"{path}/suspend", data={"rule": "respect", "days": "", "reason": "Menaces."})
    assert browser.get("/account").status_code == 302
    admin.post(f"{path}/reinstate", data={"reason": "Excuses faites."})
    with staff.town.home() as session:
        assert [one.reason for one in session.scalars(select(Measure).order_by(Measure.id))] == [
            "Menaces.",
            "Excuses faites.",
        ]
        assert residents.by_login(session, login="ana").state == "active"


def test_the_audit_book_says_what_stayed_without_its_words(staff: Staff, admin: FlaskClient) -> None:
    kept = staff.listing(audience=Audience.BUILDING, title="Clés perdues dans le local")
    public = staff.town.item(audience=Audience.NETWORK, title="Le marché déménage")
    with staff.town.home() as session:
        for change in journal.unjudged(session):
            stayed = change.subject_id == kept.public_id
            journal.conclude(
                session,
                change=change,
                outcome=journal.Outcome.WITHHOLD if stayed else journal.Outcome.ANNOUNCE,
                why="audience building" if stayed else "published",
                now=NOW,
            )
    page = admin.get("/admin/crossings").text
    assert "It is for one building, so it stays." in page
    assert kept.title not in page
    assert str(kept.public_id) not in page
    assert public.title in page


def _parcel(staff: Staff, *, state: DeliveryState, blanked: bool = False) -> int:
    with staff.outside() as session:
        activity = Activity(
            uri=f"http://voisins.localhost:8100/a/{uuid.uuid4()}",
            actor_username="comite",
            type="Create",
            body=b"{}",
            created_at=NOW,
            blanked=blanked,
        )
        session.add(activity)
        session.flush()
        row = Delivery(
            activity_id=activity.id,
            inbox=f"http://{ELSEWHERE}/inbox",
            host=ELSEWHERE,
            object_uri=activity.uri,
            state=state,
            attempts=3,
            due_at=NOW,
            last_status=500,
            last_error="answered 500",
            created_at=NOW,
        )
        session.add(row)
        session.flush()
        return row.id


def test_a_parcel_that_failed_is_tried_again(staff: Staff, admin: FlaskClient) -> None:
    failed = _parcel(staff, state=DeliveryState.FAILED)
    over = _parcel(staff, state=DeliveryState.ABANDONED, blanked=True)
    page = admin.get("/admin/crossings").text
    assert "It answered with error 500." in page
    assert page.count("Try again") == 1
    admin.post(f"/admin/crossings/deliveries/{failed}/replay")
    admin.post(f"/admin/crossings/deliveries/{over}/replay")
    assert admin.post("/admin/crossings/deliveries/999/replay").status_code == 404
    with staff.outside() as session:
        assert session.get_one(Delivery, failed).state == DeliveryState.DUE
        assert session.get_one(Delivery, over).state == DeliveryState.ABANDONED


def test_codes_hold_for_sixty_days(staff: Staff, admin: FlaskClient) -> None:
    admin.post(f"/admin/buildings/{staff.town.building.public_id}/codes/sheet")
    with staff.town.home() as session:
        assert set(session.scalars(select(LetterboxCode.expires_at))) == {NOW + verification.VALID_FOR}
