"""Two at the same moment with one letterbox code, on both engines: it opens for one; a new letter ends it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from instance import residents, verification
from instance.assurance import Kind, Proof
from instance.places import Lot
from instance.residents import Resident
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, PEPPER
from tests.instance.test_loans_at_once import both
from web import stores


@dataclass(frozen=True)
class Letter:
    """A code on paper, its lot, and two who have the paper."""

    code: str
    lot_id: int
    ana_id: int
    ben_id: int

    def opened_by(self, who: int) -> Callable[[Session], object]:
        """Somebody types the code."""

        def enter(session: Session) -> None:
            resident = session.get_one(Resident, who)
            residents.enter(session, resident=resident, code=self.code, pepper=PEPPER, now=NOW)

        return enter


@pytest.fixture
def letter(home_store: stores.Store) -> Letter:
    with home_store.write.begin() as session:
        town = neighbourhood.build(session)
        lot = town.lilas.lots[0]
        code = verification.issue(session, lot=lot, pepper=PEPPER, now=NOW)
        ana, ben = town.resident(), town.resident()
        return Letter(code=code, lot_id=lot.id, ana_id=ana.id, ben_id=ben.id)


def known(store: stores.Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).where(Proof.kind == Kind.LETTER.value)) or 0


def test_one_code_opens_for_one(home_store: stores.Store, letter: Letter) -> None:
    assert both(home_store, letter.opened_by(letter.ana_id), letter.opened_by(letter.ben_id)) == "code_dead"
    assert known(home_store) == 1


def test_a_new_letter_ends_the_one_that_is_just_typed(home_store: stores.Store, letter: Letter) -> None:
    def print_anew(session: Session) -> None:
        verification.issue(session, lot=session.get_one(Lot, letter.lot_id), pepper=PEPPER, now=NOW)

    assert both(home_store, print_anew, letter.opened_by(letter.ana_id)) == "code_dead"
    assert known(home_store) == 0
