"""Two sessions at the same moment, on both engines: one word counts once, and nobody speaks who just lost the right."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import assurance, introductions, residents, vouching
from instance.assurance import Kind, Level, Proof
from instance.places import Lot
from instance.residents import Resident
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, PEPPER
from tests.instance.test_loans_at_once import both
from web import stores


@pytest.fixture
def people(home_store: stores.Store) -> dict[str, int]:
    """Ana and Ben live in two lots, Cleo says that she lives in a third; the ids of them and of the lot."""
    with home_store.write.begin() as session:
        town = neighbourhood.build(session)
        town.lilas.lots.append(Lot(number="3", position=3, created_at=NOW))
        found = {name: town.resident(name=name.title()) for name in ("ana", "ben", "cleo")}
        for name, lot in (("ana", 0), ("ben", 1)):
            residents.move_in(session, resident=found[name], lot=town.lilas.lots[lot], now=NOW)
        given = {"resident": found["cleo"], "lot_number": "3", "pepper": PEPPER, "now": NOW}
        introductions.introduce(session, **given)  # type: ignore[arg-type]
        return {name: one.id for name, one in {**found, "lot": town.lilas.lots[2], "first": town.lilas.lots[0]}.items()}


class Speaking:
    """Somebody speaks for Cleo."""

    def __init__(self, people: dict[str, int], by: str) -> None:
        self.people, self.by = people, by

    def __call__(self, session: Session) -> None:
        cleo = session.get_one(Resident, self.people["cleo"])
        word = introductions.current(session, resident=cleo, pepper=PEPPER, now=NOW)
        assert word is not None
        by = session.get_one(Resident, self.people[self.by])
        vouching.vouch(session, word=word.letters, by=by, pepper=PEPPER, now=NOW)


def cleos(store: stores.Store, people: dict[str, int]) -> tuple[int, Level]:
    with store.read() as session:
        proofs = select(Proof.id).where(Proof.resident_id == people["cleo"], Proof.kind == Kind.VOUCHED.value)
        (home,) = residents.dwellings(session, resident=session.get_one(Resident, people["cleo"]))
        assert home.lot.id == people["lot"]
        return len(session.scalars(proofs).all()), home.level


def test_a_double_click_is_one_word(home_store: stores.Store, people: dict[str, int]) -> None:
    assert both(home_store, Speaking(people, "ana"), Speaking(people, "ana")) == "done"
    assert cleos(home_store, people) == (1, Level.QUARTER)


def test_two_neighbours_at_once_are_two(home_store: stores.Store, people: dict[str, int]) -> None:
    assert both(home_store, Speaking(people, "ana"), Speaking(people, "ben")) == "done"
    assert cleos(home_store, people) == (2, Level.BUILDING)


def test_whoever_just_lost_the_letter_speaks_no_more(home_store: stores.Store, people: dict[str, int]) -> None:
    def lose(session: Session) -> None:
        residents.hold(session, resident=session.get_one(Resident, people["ana"]))
        assurance.revoke_all(session, resident_id=people["ana"], lot_id=people["first"], now=NOW)

    assert both(home_store, lose, Speaking(people, "ana")) == "not_checked"
