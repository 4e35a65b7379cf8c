"""The erasure ledger from the terminal: list, show, save, apply, and taking back for somebody."""

import json
import uuid
from pathlib import Path

from sqlalchemy import select

from federation.models import Activity, Delivery, DeliveryState, Document, Exposure
from instance import listings, residents
from instance.audience import Audience
from instance.notices import Notice
from tests.web.commands.offices import Office
from tests.web.pages_town import NOW, ORIGIN
from tests.web.staff_town import ELSEWHERE, THERE


def _hung(office: Office, *, title: str = "Perceuse") -> Notice:
    with office.home() as session:
        ana = residents.by_login(session, login="ana")
        return listings.offer(
            session, by=ana, title=title, body="x", audience=Audience.NETWORK, now=NOW, byline="Une voisine"
        )


def _gone(office: Office, notice: Notice) -> None:
    uri = f"{ORIGIN}/users/instance/items/{notice.public_id}"
    with office.outside() as session:
        session.add(
            Document(
                uri=uri,
                subject_uuid=notice.public_id,
                actor_username="instance",
                type="Note",
                state="gone",
                body=b"{}",
                published=NOW,
                updated=NOW,
            )
        )
        activity = Activity(
            uri=f"{uri}/delete", document_uri=uri, actor_username="instance", type="Delete", body=b"{}", created_at=NOW
        )
        session.add(activity)
        session.flush()
        session.add(
            Delivery(
                activity_id=activity.id,
                inbox=f"{THERE}/inbox",
                host=ELSEWHERE,
                object_uri=uri,
                state=DeliveryState.SENT,
                attempts=1,
                due_at=NOW,
                created_at=NOW,
                sent_at=NOW,
            )
        )
        session.add(Exposure(object_uri=uri, inbox=f"{THERE}/inbox", first_at=NOW, tried_at=NOW))


def test_what_was_taken_back_is_listed_and_shown(office: Office) -> None:
    first, second = _hung(office), _hung(office, title="Scie")
    for one in (first, second):
        _gone(office, one)
    listed = office.json("erasures", "list")["erasures"]
    assert [(one["notice"], one["towns"], one["confirmed"]) for one in listed] == [
        (str(second.public_id), 1, 1),
        (str(first.public_id), 1, 1),
    ]
    page = office.json("erasures", "list", "--limit", "1")
    assert page["next"] == str(second.public_id)
    assert office.json("erasures", "list", "--after", page["next"])["erasures"] == listed[1:]
    (town,) = office.json("erasures", "show", str(first.public_id))["towns"]
    assert (town["host"], town["state"]) == (ELSEWHERE, "confirmed")
    assert "Perceuse" not in office.told("erasures", "list") + office.told("erasures", "show", str(first.public_id))
    assert office.refused("erasures", "show", str(uuid.UUID(int=4)))["code"] == "not_found"


def test_what_is_saved_is_applied_to_a_restored_store(office: Office, tmp_path: Path) -> None:
    notice = _hung(office)
    _gone(office, notice)
    file = tmp_path / "erasures.json"
    file.write_text(office.told("erasures", "save"))
    assert json.loads(file.read_text())["erasures"][0]["inboxes"] == [f"{THERE}/inbox"]
    # The notice hangs at home: as a backup from before has it.
    assert office.json("erasures", "apply", str(file)) == {"again": 0, "notices": 1, "lost": 0}
    with office.home() as session:
        assert session.scalars(select(Notice.state).where(Notice.id == notice.id)).one() == "withdrawn"
    assert office.json("erasures", "apply", str(file)) == {"again": 0, "notices": 0, "lost": 0}
    for wrong in ("", "[]", "{}", '{"erasures": [{}]}', "\xff", "[" * 100_000):
        assert office.refused("erasures", "apply", "-", stdin=wrong)["code"] == "erasures_malformed"
    assert office.refused("erasures", "apply", "/nonexistent")["code"] == "unreadable"


def test_everything_of_an_account_is_taken_back(office: Office) -> None:
    _hung(office)
    words = ("accounts", "take-back", "ana", "--reason", "Demandé au guichet.")
    assert office.refused(*words, "--as", "modo")["code"] == "not_administrator"
    assert office.json(*words, "--as", "adele") == {"notices": 1, "letters": 0}
    assert office.json(*words, "--as", "adele") == {"notices": 0, "letters": 0}
