"""What left town: the pages of its author and of administrators, and taking everything back from them."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from federation import addresses, policy
from federation.models import Activity, Delivery, DeliveryState, Document, Exposure
from instance.audience import Audience
from instance.moderation import Measure
from instance.notices import Notice
from tests.web import pages_town, staff_town
from tests.web.pages_town import NOW, ORIGIN
from tests.web.staff_town import Staff

pytestmark = pytest.mark.sqlite
THERE, AWAY = "https://voisine.example/inbox", "https://loin.example/inbox"


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    yield from staff_town.build(tmp_path)


def outside(staff: Staff, notice: Notice, *, deletes: dict[str, DeliveryState] | None = None) -> None:
    """What the boundary and the courier would have left: a notice that both towns took, and its withdrawal."""
    uri = addresses.listing(ORIGIN, notice.public_id)
    with staff.outside() as session:
        session.add(
            Document(
                uri=uri,
                subject_uuid=notice.public_id,
                actor_username="instance",
                type="Note",
                state="live" if deletes is None else "gone",
                body=b"{}",
                published=NOW,
                updated=None if deletes is None else NOW,
            )
        )
        for kind, states in (("Create", dict.fromkeys((THERE, AWAY), DeliveryState.SENT)), ("Delete", deletes or {})):
            activity = Activity(
                uri=f"{uri}/{kind}",
                change_uuid=uuid.uuid4(),
                document_uri=uri,
                actor_username="instance",
                type=kind,
                body=b"{}",
                created_at=NOW,
            )
            session.add(activity)
            session.flush()
            for inbox, state in states.items():
                arrived = NOW if state == DeliveryState.SENT else None
                session.add(
                    Delivery(
                        activity_id=activity.id,
                        inbox=inbox,
                        host=policy.authority(inbox),
                        object_uri=uri,
                        state=state,
                        attempts=3,
                        due_at=NOW,
                        created_at=NOW,
                        sent_at=arrived,
                        last_error=None if arrived else "no answer in time",
                    )
                )
        for inbox in (THERE, AWAY):
            session.add(Exposure(object_uri=uri, inbox=inbox, first_at=NOW, tried_at=NOW))


def test_an_author_reads_who_confirmed_and_who_did_not(staff: Staff) -> None:
    notice = staff.listing(audience=Audience.NETWORK)
    outside(staff, notice, deletes={THERE: DeliveryState.SENT, AWAY: DeliveryState.DUE})
    ana = staff.town.browser(staff.town.ana)
    assert "What left town" in ana.get("/mine").text
    listed = ana.get("/mine/away").text
    assert "It went to 2 towns; 1 confirmed that it is gone, 1 did not." in listed
    page = ana.get(f"/notices/{notice.public_id}/away").text
    until = NOW + timedelta(days=90)
    assert "loin.example" in page
    assert f"It is asked again until {until.day} {until:%B %Y}." in page
    assert page.index("loin.example") < page.index("voisine.example"), "what is open comes first"
    for other in (staff.town.ben, staff.town.moderator, staff.administrator):
        assert staff.town.browser(other).get(f"/notices/{notice.public_id}/away").status_code == 404


def test_what_hangs_outside_and_what_never_left(staff: Staff) -> None:
    away, here = staff.listing(audience=Audience.NETWORK), staff.listing(audience=Audience.INSTANCE, title="Reste ici")
    outside(staff, away)
    ana = staff.town.browser(staff.town.ana)
    listed = ana.get("/mine/away").text
    assert "It hangs in 2 other towns." in listed
    assert "Reste ici" not in listed
    assert "Nothing of it went to another town." in ana.get(f"/notices/{here.public_id}/away").text


def test_everything_is_taken_back_after_one_question(staff: Staff) -> None:
    away, here = staff.listing(audience=Audience.NETWORK), staff.listing(audience=Audience.INSTANCE)
    outside(staff, away)
    ana = staff.town.browser(staff.town.ana)
    assert "It cannot be undone" in ana.get("/mine/away/take-back").text
    page = ana.post("/mine/away/take-back", follow_redirects=True).text
    assert "1 notice is taken down, 0 letters are stopped" in page
    with staff.town.home() as session:
        states = {one.public_id: one.state for one in session.scalars(select(Notice))}
    assert (states[away.public_id], states[here.public_id]) == ("withdrawn", "live")


def test_an_administrator_takes_back_with_a_reason_in_the_book(staff: Staff) -> None:
    away = staff.listing(audience=Audience.NETWORK)
    outside(staff, away)
    admin, path = staff.town.browser(staff.administrator), f"/admin/accounts/{staff.town.ana.public_id}/take-back"
    assert path in admin.get(f"/admin/accounts/{staff.town.ana.public_id}").text
    assert "Fill in this field." in admin.post(path, data={"reason": " "}).text
    with staff.town.home() as session:
        assert session.get_one(Notice, away.id).is_live
        assert session.scalars(select(Measure)).all() == []
    page = admin.post(path, data={"reason": "Demandé au guichet."}, follow_redirects=True).text
    assert "1 notice is taken down, 0 letters are stopped." in page
    with staff.town.home() as session:
        (measure,) = session.scalars(select(Measure)).all()
        assert (measure.step, measure.reason) == ("recall", "Demandé au guichet.")
    assert "Taken back from other towns" in admin.get("/moderation").text


def test_the_report_names_towns_and_no_word_of_the_notice(staff: Staff) -> None:
    notice = staff.listing(audience=Audience.NETWORK, title="Une échelle de six mètres")
    outside(staff, notice, deletes={THERE: DeliveryState.SENT, AWAY: DeliveryState.ABANDONED})
    admin = staff.town.browser(staff.administrator)
    assert "1 of 2" in admin.get("/admin/erasures").text
    page = admin.get(f"/admin/erasures/{notice.public_id}").text
    assert "It did not answer until" in page
    assert "No answer in time." in page
    assert "voisine.example" in page
    for words in ("échelle", "Ana", "Une voisine"):
        assert words not in page
    assert admin.get(f"/admin/erasures/{uuid.uuid4()}").status_code == 404
    for other in (staff.town.ana, staff.town.moderator, staff.town.editor):
        pages_town.same_answer(
            staff.town.browser(other).get(f"/admin/erasures/{notice.public_id}"),
            staff.town.browser(other).get(f"/admin/erasures/{uuid.UUID(int=4)}"),
        )


def test_nobody_s_list_shows_another_s_notices(staff: Staff) -> None:
    notice = staff.listing(audience=Audience.NETWORK)
    outside(staff, notice)
    assert notice.title not in staff.town.browser(staff.town.ben).get("/mine/away").text
    pages_town.same_answer(
        staff.town.browser(staff.town.ben).get(f"/notices/{notice.public_id}/away"),
        staff.town.browser(staff.town.ben).get(f"/notices/{uuid.UUID(int=4)}/away"),
    )
