"""Two sessions at the same moment, on both engines: a picture is seen by one, and taking back comes before or after."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from instance import checking, documents
from instance.documents import Document, State
from instance.places import Lot
from instance.residents import Resident, Role
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW
from tests.instance.papers import paper
from tests.instance.test_loans_at_once import both
from web import stores


@pytest.fixture
def people(home_store: stores.Store, tmp_path: Path) -> dict[str, int]:
    """Nour's document waits; Adele and Basil are administrators of another building."""
    with home_store.write.begin() as session:
        town = neighbourhood.build(session)
        found = {name: town.resident(town.far, name=name, role=Role.ADMINISTRATOR) for name in ("adele", "basil")}
        found["nour"] = town.resident(name="nour")
        given = {"lot": town.lilas.lots[0], "picture": paper(), "now": NOW}
        sent = documents.send(session, root=tmp_path, by=found["nour"], **given)
        return {**{name: one.id for name, one in found.items()}, "sent": sent.id, "lot": town.lilas.lots[1].id}


class Looking:
    """An administrator looks."""

    def __init__(self, people: dict[str, int], by: str, root: Path) -> None:
        self.people, self.by, self.root = people, by, root
        self.saw: bytes | None = None

    def __call__(self, session: Session) -> None:
        sent, by = session.get_one(Document, self.people["sent"]), session.get_one(Resident, self.people[self.by])
        self.saw = checking.look(session, root=self.root, public_id=sent.public_id, by=by, now=NOW).picture


def taking_back(people: dict[str, int], session: Session) -> None:
    sent, nour = session.get_one(Document, people["sent"]), session.get_one(Resident, people["nour"])
    documents.withdraw(session, public_id=sent.public_id, by=nour, now=NOW)


def state(store: stores.Store, people: dict[str, int]) -> tuple[str, bytes | None]:
    with store.read() as session:
        sent = session.get_one(Document, people["sent"])
        return sent.state, sent.key


def test_one_of_two_administrators_sees_it(home_store: stores.Store, people: dict[str, int], tmp_path: Path) -> None:
    first, second = Looking(people, "adele", tmp_path), Looking(people, "basil", tmp_path)
    assert both(home_store, first, second) == "not_found"
    assert (first.saw, second.saw) == (paper().big, None)
    assert state(home_store, people) == (State.OPENED, None)


def test_a_double_click_shows_it_once(home_store: stores.Store, people: dict[str, int], tmp_path: Path) -> None:
    first, second = Looking(people, "adele", tmp_path), Looking(people, "adele", tmp_path)
    assert both(home_store, first, second) == "not_found"
    assert second.saw is None


def test_what_is_taken_back_meanwhile_is_not_seen(
    home_store: stores.Store, people: dict[str, int], tmp_path: Path
) -> None:
    looking = Looking(people, "adele", tmp_path)
    assert both(home_store, lambda session: taking_back(people, session), looking) == "not_found"
    assert looking.saw is None
    assert state(home_store, people) == (State.WITHDRAWN, None)


def test_a_yes_after_taking_back_opens_nothing(
    home_store: stores.Store, people: dict[str, int], tmp_path: Path
) -> None:
    with home_store.write.begin() as session:
        Looking(people, "adele", tmp_path)(session)

    def accept(session: Session) -> None:
        sent, adele = session.get_one(Document, people["sent"]), session.get_one(Resident, people["adele"])
        checking.accept(session, public_id=sent.public_id, said="Vu.", by=adele, now=NOW)

    assert both(home_store, lambda session: taking_back(people, session), accept) == "not_found"


def test_two_pictures_at_once_are_one(home_store: stores.Store, people: dict[str, int], tmp_path: Path) -> None:
    def send(session: Session) -> None:
        nour, lot = session.get_one(Resident, people["nour"]), session.get_one(Lot, people["lot"])
        documents.send(session, root=tmp_path, by=nour, lot=lot, picture=paper(), now=NOW)

    assert both(home_store, send, send) == "document_waits"
