"""What left this server on one day, and how each town fares: pages, table and command."""

import csv
import io
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from federation.health import HostState
from federation.models import Activity, Delivery, DeliveryState, HostHealth, Letter, LetterState
from instance import journal
from instance.audience import Audience
from instance.journal import Outcome
from tests.web import staff_town
from tests.web.pages_town import NOW
from tests.web.staff_town import ELSEWHERE, Staff
from web.views import daybook

pytestmark = pytest.mark.sqlite


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    yield from staff_town.build(tmp_path)


@pytest.fixture
def admin(staff: Staff) -> FlaskClient:
    return staff.town.browser(staff.administrator)


def decide(
    staff: Staff, verdicts: dict[uuid.UUID, tuple[Outcome, str]], *, now: datetime = NOW
) -> dict[uuid.UUID, uuid.UUID]:
    """Give each of these subjects its verdict; returns the changes by subject."""
    with staff.town.home() as session:
        changes = {one.subject_id: one for one in journal.unjudged(session)}
        for subject, (outcome, why) in verdicts.items():
            journal.conclude(session, change=changes[subject], outcome=outcome, why=why, now=now)
        return {one: changes[one].public_id for one in verdicts}


def owe(
    staff: Staff, *, change: uuid.UUID | None, hosts: dict[str, DeliveryState], kind: str = "Create", took: int = 2
) -> None:
    with staff.outside() as session:
        activity = Activity(
            uri=f"http://voisins.localhost:8100/a/{uuid.uuid4()}",
            change_uuid=change,
            actor_username="instance",
            type=kind,
            body=b"{}",
            created_at=NOW,
        )
        session.add(activity)
        session.flush()
        for host, state in hosts.items():
            sent = NOW + timedelta(seconds=took) if state == DeliveryState.SENT else None
            session.add(
                Delivery(
                    activity_id=activity.id,
                    inbox=f"https://{host}/inbox/{activity.id}",
                    host=host,
                    object_uri=activity.uri,
                    state=state,
                    attempts=1,
                    due_at=NOW,
                    created_at=NOW,
                    sent_at=sent,
                    last_error=None if sent else "no answer in time",
                )
            )


def a_day(staff: Staff) -> None:
    """An offer that left, news called back, a notice of the building and two of the town that stayed."""
    left = staff.listing(audience=Audience.NETWORK, title="=Échelle de Ana")
    news = staff.town.item(audience=Audience.NETWORK)
    kept = staff.listing(audience=Audience.BUILDING, title="Clés perdues dans le local")
    stayed = [staff.listing(audience=Audience.INSTANCE) for _ in range(2)]
    verdicts = {
        left.public_id: (Outcome.ANNOUNCE, "published"),
        news.public_id: (Outcome.RETRACT, "withdrawn from 1 inboxes"),
        kept.public_id: (Outcome.WITHHOLD, "audience building"),
        **{one.public_id: (Outcome.WITHHOLD, "audience instance") for one in stayed},
    }
    changes = decide(staff, verdicts)
    owe(staff, change=changes[left.public_id], hosts=dict.fromkeys(("a.example", "b.example"), DeliveryState.SENT))
    owe(staff, change=changes[news.public_id], hosts={"a.example": DeliveryState.DUE}, kind="Delete")
    owe(staff, change=None, hosts={"dead.example": DeliveryState.ABANDONED})
    with staff.outside() as session:
        for number in range(3):
            session.add(
                Letter(
                    activity_uri=f"http://x.localhost/{number}",
                    dedupe_key=f"k{number}",
                    type="Create",
                    actor_uri="http://x.localhost/u",
                    host="x.localhost",
                    target="/inbox",
                    raw=b"secret words",
                    received_at=NOW,
                    state=LetterState.REFUSED,
                    sentence="signature does not match",
                )
            )


def test_an_elected_official_reads_one_day(staff: Staff, admin: FlaskClient) -> None:
    a_day(staff)
    page = admin.get("/admin/day").text
    assert "What left this server today" in page
    assert "1 thing left" in page
    assert "1 was called back" in page
    assert "2 other towns got something" in page
    assert "3 changes stayed here." in page
    for words in (
        "Request",
        "It was published for everybody.",
        "to 2 towns",
        "a.example, b.example",
        "News of Comité des Acacias",
        "It is for one building, so it stays.",
        "It is for this town, so it stays.",
        "Its signature is not genuine.",
        "No answer in time.",
        "dead.example",
    ):
        assert words in page, words
    for words in ("Échelle", "Ana", "Clés", "Une voisine", "secret words", staff.town.building.name):
        assert words not in page, words


def test_days_are_turned_and_end_where_the_book_ends(staff: Staff, admin: FlaskClient) -> None:
    assert "On this day nothing was given" in admin.get("/admin/day").text
    early, late = staff.listing(audience=Audience.NETWORK), staff.listing(audience=Audience.NETWORK)
    long_ago = NOW - timedelta(days=40)
    decide(staff, {early.public_id: (Outcome.ANNOUNCE, "published")}, now=long_ago)
    decide(staff, {late.public_id: (Outcome.ANNOUNCE, "published")})
    today, then = NOW.date().isoformat(), long_ago.date().isoformat()
    page = admin.get("/admin/day").text
    assert f"/admin/day?day={then}" in page
    assert 'rel="next"' not in page
    page = admin.get(f"/admin/day?day={then}").text
    assert f"/admin/day?day={today}" in page
    assert 'rel="prev"' not in page
    assert "1 thing left" in page


@pytest.mark.parametrize("typed", ["hier", "2027-02-30", "0001-01-01", "9999-12-31", "2027-05-11T08:00"])
def test_what_is_no_day_is_said_and_kept(admin: FlaskClient, typed: str) -> None:
    page = admin.get(f"/admin/day?day={typed}").text
    assert "Write a day, for example 2027-05-11." in page
    assert f'value="{typed}"' in page
    assert admin.get(f"/admin/day/table.csv?day={typed}").status_code == 404


def test_a_day_is_the_town_s_own(staff: Staff, admin: FlaskClient) -> None:
    late = staff.listing(audience=Audience.NETWORK)
    # 22:30 in UTC is half past midnight of the next day in May.
    decide(staff, {late.public_id: (Outcome.ANNOUNCE, "published")}, now=NOW.replace(hour=22, minute=30))
    assert "1 thing left" in admin.get("/admin/day?day=2027-05-12").text
    assert "0 things left" in admin.get("/admin/day?day=2027-05-11").text


def test_a_day_has_23_or_25_hours_where_clocks_are_changed() -> None:
    hours = {day: (daybook.span(day)[1] - daybook.span(day)[0]) / timedelta(hours=1) for day in CHANGES}
    assert hours == CHANGES


CHANGES = {date(2027, 3, 28): 23.0, date(2027, 10, 31): 25.0, date(2027, 5, 11): 24.0}


def test_the_table_is_one_and_no_cell_is_a_formula(staff: Staff, admin: FlaskClient) -> None:
    a_day(staff)
    with staff.outside() as session:
        for one in session.scalars(select(Letter)):
            one.host = "=cmd.example"
    answer = admin.get("/admin/day/table.csv?day=2027-05-11")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="day-2027-05-11.csv"'
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [one[0] for one in rows] == [
        "List",
        "Left",
        "Called back",
        "Stayed",
        "Stayed",
        "Not let in",
        "Did not arrive",
    ]
    assert rows[1][5:] == ["2", "a.example b.example"]
    assert rows[5][5:] == ["3", "'=cmd.example"]
    assert {len(one) for one in rows} == {7}


def test_more_than_fits_is_said_and_in_the_table(
    staff: Staff, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daybook, "SHOWN", 2)
    hung = [staff.listing(audience=Audience.NETWORK) for _ in range(3)]
    decide(staff, {one.public_id: (Outcome.ANNOUNCE, "published") for one in hung})
    page = admin.get("/admin/day").text
    assert "More left on this day than fits here." in page
    assert admin.get("/admin/day/table.csv?day=2027-05-11").text.count("It was published for everybody.") == 3


def test_letters_that_were_refused_say_why(staff: Staff, admin: FlaskClient) -> None:
    with staff.outside() as session:
        session.add(
            Letter(
                activity_uri="http://x.localhost/1",
                dedupe_key="k",
                type="Create",
                actor_uri="http://x.localhost/u",
                host="x.localhost",
                target="/inbox",
                raw=b"",
                received_at=NOW,
                state=LetterState.REFUSED,
                sentence="signature does not match",
            )
        )
    page = admin.get("/admin/crossings").text
    assert "Its signature is not genuine." in page
    assert "x.localhost" in page


# --- one town


def test_a_town_shows_how_it_answers_and_how_long_letters_take(staff: Staff, admin: FlaskClient) -> None:
    for took in (1, 2, 3_600):
        owe(staff, change=None, hosts={ELSEWHERE: DeliveryState.SENT}, took=took)
    assert "Nothing sent yet" in admin.get(f"/admin/peers/{ELSEWHERE}").text
    with staff.outside() as session:
        session.add(HostHealth(host=ELSEWHERE, state=HostState.OPEN, failures=5, probe_at=NOW + timedelta(hours=1)))
    page = admin.get(f"/admin/peers/{ELSEWHERE}").text
    assert "Does not answer" in page
    assert "asked again" in page
    assert "Half of the last letters took at most 2 seconds, the slowest 1 hour." in page
    assert "Does not answer" in admin.get("/admin/peers").text


def test_all_of_a_town_is_tried_again_or_given_up_but_for_withdrawals(staff: Staff, admin: FlaskClient) -> None:
    owe(staff, change=None, hosts={ELSEWHERE: DeliveryState.FAILED, "other.example": DeliveryState.FAILED})
    owe(staff, change=None, hosts={ELSEWHERE: DeliveryState.ABANDONED}, kind="Delete")
    path = f"/admin/crossings/towns/{ELSEWHERE}"
    assert "2 parcels are tried again." in admin.post(f"{path}/replay", follow_redirects=True).text
    with staff.outside() as session:
        due = session.scalars(select(Delivery.host).where(Delivery.state == DeliveryState.DUE)).all()
        assert due == [ELSEWHERE, ELSEWHERE]
    assert "1 parcel is given up." in admin.post(f"{path}/purge", follow_redirects=True).text
    with staff.outside() as session:
        left = session.execute(select(Activity.type, Delivery.host, Delivery.state).join(Delivery)).all()
        assert [tuple(one) for one in left] == [("Create", "other.example", "failed"), ("Delete", ELSEWHERE, "due")]
    assert admin.post("/admin/crossings/towns/unknown.example/purge").status_code == 404
