"""One town's page: charter, neighbouring quarters, limits, health; requests to follow; lists of blocks."""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from activitypub import keys
from federation import approvals, charters
from federation.models import (
    Delivery,
    DeliveryState,
    Direction,
    Follow,
    FollowState,
    OwnActor,
    Peer,
    PeerState,
    RemoteActor,
)
from federation.neighbours import Admission, BlocklistDraft, NeighbourQuarter, TheirCharter, TheirOutlines
from instance import moderation
from instance.moderation import Step
from tests.web import staff_town
from tests.web.pages_town import NOW, ORIGIN
from tests.web.staff_town import COMMITTEE_THERE, ELSEWHERE, QUARTER_THERE, THERE, Staff

PAGE = f"/admin/peers/{ELSEWHERE}"


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    for staff in staff_town.build(tmp_path):
        with staff.outside() as session:
            for username, kind, name in (("instance", "Service", "Entraide"), ("les_acacias", "Group", "Les Acacias")):
                session.add(
                    OwnActor(
                        username=username,
                        kind=kind,
                        name=name,
                        summary="",
                        published=NOW,
                        created_at=NOW,
                        key_id=f"{ORIGIN}/users/{username}#main-key",
                        private_pem="",
                        public_pem="",
                        prover_pem=keys.generate_prover(),
                    )
                )
        yield staff


@pytest.fixture
def admin(staff: Staff) -> FlaskClient:
    return staff.town.browser(staff.administrator)


def test_a_charter_is_signed_changed_and_ended(staff: Staff, admin: FlaskClient) -> None:
    assert "Neither side has said anything" in admin.get(PAGE).text
    answer = admin.post(f"{PAGE}/charter", data={"offers": "neighbours", "reports": "y"})
    assert answer.headers["Location"] == PAGE
    page = admin.get(PAGE).text
    assert "of neighbouring quarters" in page
    assert "nothing said" in page
    with staff.outside() as session:
        row = charters.ours(session, host=ELSEWHERE)
        assert row is not None
        assert (row.news, row.offers, row.reports, row.version) == (False, "neighbours", True, 1)
    assert admin.post(f"{PAGE}/charter", data={"offers": "many"}).status_code == 200
    admin.post(f"{PAGE}/charter/end")
    assert "Neither side has said anything" in admin.get(PAGE).text
    assert admin.post(f"{PAGE}/charter/end").status_code == 403
    assert admin.post("/admin/peers/unknown.localhost/charter", data={"offers": "all"}).status_code == 404


def test_both_charters_stand_side_by_side(staff: Staff, admin: FlaskClient) -> None:
    with staff.outside() as session:
        session.add(
            TheirCharter(
                host=ELSEWHERE,
                version=3,
                news=True,
                offers="none",
                reports=False,
                pairs=[{"own": QUARTER_THERE, "other": f"{ORIGIN}/users/les_acacias", "name": "Les Acacias"}],
                since=NOW,
                updated=NOW,
                checked_at=NOW,
                due_at=NOW,
                last_error="an older charter than the one known",
            )
        )
    page = admin.get(PAGE).text
    assert 'data-label="They exchange">none<' in page
    assert "It showed an older charter than the one known." in page
    # What they declared and we did not is offered.
    assert "So do we" in page
    admin.post(f"{PAGE}/quarters", data={"own": "les_acacias", "their": QUARTER_THERE})
    page = admin.get(PAGE).text
    assert "So do we" not in page
    with staff.outside() as session:
        row = session.scalars(select(NeighbourQuarter)).one()
        assert (row.host, row.own_username, row.their_name) == (ELSEWHERE, "les_acacias", "Le Moulin")
    admin.post(f"{PAGE}/quarters/remove", data={"own": "les_acacias", "their": QUARTER_THERE})
    with staff.outside() as session:
        assert session.scalars(select(NeighbourQuarter)).all() == []


@pytest.mark.parametrize(
    "pair",
    [
        {"own": "comite", "their": QUARTER_THERE},
        {"own": "les_acacias", "their": COMMITTEE_THERE},
        {"own": "les_acacias", "their": "http://autre.localhost/users/x"},
        {},
    ],
)
def test_what_is_no_pair_of_quarters_is_refused(staff: Staff, admin: FlaskClient, pair: dict[str, str]) -> None:
    assert admin.post(f"{PAGE}/quarters", data=pair).status_code == 403
    with staff.outside() as session:
        assert session.scalars(select(NeighbourQuarter)).all() == []


def test_a_town_is_limited_with_a_reason_and_by_whom(staff: Staff, admin: FlaskClient) -> None:
    page = admin.post(f"{PAGE}/limit", data={"reason": " "}).text
    assert 'href="#reason"' in page
    admin.post(f"{PAGE}/limit", data={"reason": "Trop de bruit"})
    page = admin.get(PAGE).text
    assert "Limited" in page
    assert "Trop de bruit" in page
    assert staff.administrator.short_name in page
    admin.post(f"{PAGE}/unlimit", data={"reason": "Calmé"})
    assert "Trop de bruit" not in admin.get(PAGE).text
    with staff.town.home() as session:
        book = moderation.measures(session, by=None)
        assert [one.step for one in book] == [Step.UNLIMIT, Step.LIMIT]


def test_how_what_we_send_arrives(staff: Staff, admin: FlaskClient) -> None:
    with staff.outside() as session:
        session.add(
            RemoteActor(
                uri=COMMITTEE_THERE,
                host=ELSEWHERE,
                kind="Organization",
                username="c",
                inbox=f"{THERE}/inbox",
                fetched_at=NOW,
            )
        )
        wish = staff_town.follow(
            session, own_username="comite", remote=COMMITTEE_THERE, state=FollowState.PENDING, direction=Direction.IN
        )
        session.flush()
        approvals.accept(session, activity_uri=wish.activity_uri, now=NOW)
    page = admin.get(PAGE).text
    assert "1 parcel waits" in page
    with staff.outside() as session:
        row = session.scalars(select(Delivery)).one()
        row.state, row.sent_at = DeliveryState.SENT, NOW - timedelta(days=1)
    page = admin.get(PAGE).text
    assert "0 parcels wait" in page
    assert "nothing yet" not in page


def test_requests_are_accepted_and_refused(staff: Staff, admin: FlaskClient) -> None:
    with staff.outside() as session:
        approvals.admit(session, admission=Admission.APPROVAL, now=NOW)
        for remote in (COMMITTEE_THERE, QUARTER_THERE):
            session.add(
                RemoteActor(
                    uri=remote, host=ELSEWHERE, kind="Group", username="x", inbox=f"{THERE}/inbox", fetched_at=NOW
                )
            )
        rows = [
            staff_town.follow(
                session, own_username="comite", remote=one, state=FollowState.PENDING, direction=Direction.IN
            )
            for one in (COMMITTEE_THERE, QUARTER_THERE)
        ]
    assert "Who wants to follow us" in admin.get("/admin/peers").text
    for row, verb in zip(rows, ("accept", "refuse"), strict=True):
        admin.post(f"/admin/peers/requests/{verb}", data={"activity": row.activity_uri})
        assert admin.post(f"/admin/peers/requests/{verb}", data={"activity": row.activity_uri}).status_code == 403
    with staff.outside() as session:
        states = session.scalars(select(Follow.state).order_by(Follow.id)).all()
        assert states == [FollowState.ACCEPTED, FollowState.REFUSED]
        assert len(session.scalars(select(Delivery)).all()) == 2
    assert "Who wants to follow us" not in admin.get("/admin/peers").text


def test_how_unknown_towns_are_met(staff: Staff, admin: FlaskClient) -> None:
    assert 'value="open" checked' in admin.get("/admin/peers").text
    admin.post("/admin/peers/admission", data={"admission": "approval"})
    assert 'value="approval" checked' in admin.get("/admin/peers").text
    assert admin.post("/admin/peers/admission", data={"admission": "closed"}).status_code == 400
    with staff.outside() as session:
        session.scalars(select(Peer)).one().approved_at = None
    assert "Approve this town" in admin.get(PAGE).text
    admin.post(f"{PAGE}/approve")
    assert "Approve this town" not in admin.get(PAGE).text


# --- lists of blocks


def look(admin: FlaskClient, text: bytes, **more: str) -> str:
    answer = admin.post("/admin/blocklist", data={"file": (io.BytesIO(text), "liste.csv"), **more})
    return answer.headers.get("Location", "") or answer.text


def mark_of(page: str) -> str:
    return page.partition('name="mark" type="hidden" value="')[2].partition('"')[0]


def test_a_list_is_looked_at_then_applied(staff: Staff, admin: FlaskClient) -> None:
    shown = look(admin, f"bad.example\n{ELSEWHERE.partition(':')[0]}\nexa***.com\n".encode())
    page = admin.get(shown).text
    assert "2 towns are new" in page
    assert "1 line is not read" in page
    assert "The name is hidden by stars." in page
    with staff.outside() as session:
        assert session.scalars(select(Peer.state)).all() == [PeerState.KNOWN]
    mark = mark_of(page)
    assert 'href="#reason"' in admin.post(shown, data={"mark": mark, "reason": ""}).text
    assert "Something has changed" in admin.post(shown, data={"mark": "x", "reason": "Liste commune"}).text
    assert admin.post(shown, data={"mark": mark, "reason": "Liste commune"}).headers["Location"] == "/admin/blocklist"
    assert "2 towns are blocked here" in admin.get("/admin/blocklist").text
    assert admin.get(shown).status_code == 404
    table = admin.get("/admin/blocklist/blocks.csv")
    assert table.text.splitlines()[0] == "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate"
    assert "bad.example,suspend" in table.text
    with staff.town.home() as session:
        (entry,) = moderation.measures(session, by=None)
        assert (entry.step, entry.reason) == (Step.LIST, "Liste commune")
    # One that a list blocked is found there, and leads to where the block is lifted.
    assert "bad.example" not in admin.get("/admin/blocklist?q=nobody").text
    assert 'href="/admin/peers/bad.example"' in admin.get("/admin/blocklist?q=BAD").text
    assert "Lift the block" in admin.get("/admin/peers/bad.example").text
    # Thousands of them: the list of towns and the moderators' desk show what people decided.
    assert "bad.example" not in admin.get("/admin/peers").text
    assert "bad.example" not in admin.get("/moderation").text


@pytest.mark.parametrize(
    ("data", "said"), [(b"", "There is nothing in this file"), (b"\xff\xfe\x00", "This file is not UTF-8 text")]
)
def test_a_file_that_is_no_list_is_explained(staff: Staff, admin: FlaskClient, data: bytes, said: str) -> None:
    page = look(admin, data)
    assert said in page
    assert 'href="#file"' in page
    with staff.outside() as session:
        assert session.scalars(select(BlocklistDraft)).all() == []


def test_a_list_larger_than_a_page_may_be(staff: Staff, admin: FlaskClient) -> None:
    rows = b"".join(b"a%d.%s.example\n" % (n, b"x" * 60) for n in range(19_000))
    # Written out by hand: the client would keep a file of this size open.
    head = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="l.csv"\r\n\r\n'
    sent = {"data": head + rows + b"\r\n--cut--\r\n", "content_type": "multipart/form-data; boundary=cut"}
    answer = admin.post("/admin/blocklist", **sent)  # type: ignore[arg-type]
    page = admin.get(answer.headers["Location"]).text
    assert "19000 towns are new" in page
    assert "and 18950 more" in page
    head += b"x" * (5 * 1024 * 1024)
    answer = admin.post("/admin/blocklist", **(sent | {"data": head}))  # type: ignore[arg-type]
    assert "This file is too large: 4 megabytes at most." in admin.get(answer.headers["Location"]).text


def test_a_marketplace_is_chosen_and_no_longer(staff: Staff, admin: FlaskClient) -> None:
    assert 'value="" checked' in admin.get(PAGE).text
    for wish in ("flohmarkt", "proposal", ""):
        admin.post(f"{PAGE}/market", data={"market": wish})
        assert f'value="{wish}" checked' in admin.get(PAGE).text
        with staff.outside() as session:
            assert session.scalars(select(Peer.market)).one() == (wish or None)
    assert admin.post(f"{PAGE}/market", data={"market": "bazaar"}).status_code == 400
    assert admin.post("/admin/peers/x.example/market", data={"market": ""}).status_code == 403


def test_what_lies_side_by_side_on_the_map_is_declared_one_by_one_or_all_at_once(
    staff: Staff, admin: FlaskClient
) -> None:
    mill, weir = QUARTER_THERE, f"{THERE}/users/le_bief"
    with staff.outside() as session:
        peer = session.scalars(select(Peer)).one()
        peer.directory = [*peer.directory, {"uri": weir, "kind": "Group", "name": "Le Bief", "username": "le_bief"}]
        near = [{"own": "les_acacias", "their": uri} for uri in (mill, weir, f"{THERE}/users/unknown")]
        session.add(
            TheirOutlines(
                host=ELSEWHERE,
                shown=4,
                near=near,
                checked_at=NOW,
                due_at=NOW,
                last_error="outlines not read: <b>Le Quai</b>",
            )
        )
    page = admin.get(PAGE).text
    assert "On the map they lie side by side" in page
    assert "were left out: &lt;b&gt;Le Quai&lt;/b&gt;." in page
    assert "All of these are neighbours" in page
    admin.post(f"{PAGE}/charter", data={"offers": "neighbours"})
    admin.post(f"{PAGE}/quarters", data={"own": "les_acacias", "their": mill})
    assert "All of these are neighbours" not in admin.get(PAGE).text
    for _ in range(2):
        assert admin.post(f"{PAGE}/quarters/suggested").headers["Location"] == PAGE
    assert "side by side" not in admin.get(PAGE).text
    with staff.outside() as session:
        assert set(session.scalars(select(NeighbourQuarter.their_uri))) == {mill, weir}
        row = charters.ours(session, host=ELSEWHERE)
        assert row is not None
        assert row.version == 3
