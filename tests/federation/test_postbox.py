"""Letters that come in together are stored together, and each gets its own answer, no sooner than it is stored."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import select

from activitypub.vocabulary import PUBLIC
from federation import documents, inbox
from federation.http import Client
from federation.inbox import Arrival
from federation.models import Letter, LetterState
from federation.postbox import Postbox
from tests.federation.neighbours import OURS, signed
from web import stores

MANY = 24


def letter(alice: str, number: int, *, pem: str, now: datetime) -> Arrival:
    note = {
        "id": f"{alice}/notes/{number}",
        "type": "Note",
        "attributedTo": alice,
        "content": f"<p>{number}</p>",
        "to": [PUBLIC],
    }
    doc = {"id": f"{alice}/notes/{number}/activity", "type": "Create", "actor": alice, "object": note, "to": [PUBLIC]}
    return signed(doc, pem=pem, key_id=f"{alice}#main-key", now=now)


@pytest.fixture
def box(town: stores.Store, client: Client, alice: str, clock: datetime) -> Postbox:
    documents.actor(town.write, client=client, uri=alice, now=clock)
    return Postbox(town.write, origin=OURS, now=lambda: clock)


def kept(town: stores.Store) -> list[Letter]:
    with town.read() as session:
        return list(session.scalars(select(Letter).order_by(Letter.id)))


def test_many_at_once_are_all_stored_in_few_commits(
    box: Postbox, town: stores.Store, alice: str, pems: list[str], clock: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[int] = []
    receive_all = inbox.receive_all

    def counted(session: object, **given: object) -> object:
        commits.append(len(given["arrivals"]))  # type: ignore[arg-type]
        return receive_all(session, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(inbox, "receive_all", counted)
    nudges: list[int] = []
    arrivals = [letter(alice, number, pem=pems[0], now=clock) for number in range(MANY)]
    begin = threading.Barrier(MANY)

    def take(arrival: Arrival) -> int:
        begin.wait()
        return box.take(arrival, nudge=lambda: nudges.append(1)).status

    with ThreadPoolExecutor(MANY) as pool:
        assert set(pool.map(take, arrivals)) == {202}
    assert {row.state for row in kept(town)} == {LetterState.VERIFIED}
    assert len(kept(town)) == MANY == sum(commits)
    assert len(commits) < MANY
    assert len(nudges) <= len(commits)


def test_nobody_is_answered_before_the_commit(
    box: Postbox, town: stores.Store, alice: str, pems: list[str], clock: datetime
) -> None:
    seen: list[int] = []

    def look(number: int) -> None:
        receipt = box.take(letter(alice, number, pem=pems[0], now=clock), nudge=lambda: None)
        # Read by a connection of its own, at the moment at which the answer goes out.
        with town.read() as session:
            seen.append(len(session.scalars(select(Letter.id).where(Letter.id == receipt.letter_id)).all()))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(look, range(MANY)))
    assert seen == [1] * MANY


def test_one_bad_letter_costs_the_others_nothing(
    box: Postbox, town: stores.Store, alice: str, pems: list[str], clock: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive_all = inbox.receive_all

    def fragile(session: object, **given: object) -> object:
        found = receive_all(session, **given)  # type: ignore[arg-type]
        if any(b"/notes/3/" in one.body for one in given["arrivals"]):  # type: ignore[attr-defined]
            raise RuntimeError
        return found

    monkeypatch.setattr(inbox, "receive_all", fragile)
    begin = threading.Barrier(6)

    def take(number: int) -> int:
        begin.wait()
        try:
            return box.take(letter(alice, number, pem=pems[0], now=clock), nudge=lambda: None).status
        except RuntimeError:
            return 503

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(take, range(6))) == [202, 202, 202, 503, 202, 202]
    assert len(kept(town)) == 5


def test_the_same_letter_twice_in_one_instant_is_one(
    box: Postbox, town: stores.Store, alice: str, pems: list[str], clock: datetime
) -> None:
    arrival = letter(alice, 1, pem=pems[0], now=clock)
    begin = threading.Barrier(8)

    def take(_: int) -> int:
        begin.wait()
        return box.take(arrival, nudge=lambda: None).status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(take, range(8))) == {202}
    assert len(kept(town)) == 1
