"""Two sessions at once, on both engines: no fourth photograph, none that vanishes under a step, thanks once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import conditions, loans, thanks
from instance.conditions import Condition, Moment
from instance.lending import Act
from instance.loans import Loan
from instance.residents import Resident
from instance.thanks import Thanks
from tests.instance import lent, neighbourhood
from tests.instance.neighbourhood import NOW
from tests.instance.test_loans_at_once import both
from web import stores

Step = Callable[[Session], None]


@pytest.fixture
def ids(home_store: stores.Store, tmp_path: Path) -> dict[str, int]:
    """Ana has promised Ben a ladder, and shows it from two sides."""
    with home_store.write.begin() as session:
        made = lent.build(neighbourhood.build(session), tmp_path / "conditions")
        shots = [made.put("ana", Moment.BEFORE) for _ in range(2)]
        named = {name: one.id for name, one in made.people.items()}
        return {**named, "loan": made.loan.id, "shot": shots[0].id}


def putting(ids: dict[str, int], root: Path, who: str, moment: Moment) -> Step:
    def put(session: Session) -> None:
        given = {"loan": session.get_one(Loan, ids["loan"]), "by": session.get_one(Resident, ids[who])}
        conditions.put(session, root=root, moment=moment, picture=lent.PICTURE, words="", now=NOW, **given)

    return put


def moving(ids: dict[str, int], who: str, act: Act) -> Step:
    def move(session: Session) -> None:
        loan, by = session.get_one(Loan, ids["loan"]), session.get_one(Resident, ids[who])
        loans.move(session, loan=loan, act=act, by=by, now=NOW)

    return move


def removing(ids: dict[str, int]) -> Step:
    def remove(session: Session) -> None:
        found, by = session.get_one(Condition, ids["shot"]), session.get_one(Resident, ids["ana"])
        conditions.remove(session, found=found, by=by)

    return remove


def test_of_two_uploads_at_once_only_the_third_is_kept(
    home_store: stores.Store, ids: dict[str, int], tmp_path: Path
) -> None:
    put = putting(ids, tmp_path / "conditions", "ana", Moment.BEFORE)
    assert both(home_store, put, put) == "conditions_many"
    with home_store.read() as session:
        assert sorted(session.scalars(select(Condition.position))) == [1, 2, 3]


def test_a_photograph_does_not_vanish_under_the_step_it_shows(home_store: stores.Store, ids: dict[str, int]) -> None:
    assert both(home_store, moving(ids, "ben", Act.HAND_OVER), removing(ids)) == "condition_stays"
    with home_store.read() as session:
        assert session.get(Condition, ids["shot"]) is not None


def test_who_takes_it_away_first_has_taken_it_away(home_store: stores.Store, ids: dict[str, int]) -> None:
    assert both(home_store, removing(ids), moving(ids, "ben", Act.HAND_OVER)) == "done"
    with home_store.read() as session:
        assert session.get(Condition, ids["shot"]) is None


@pytest.mark.parametrize("last", [(("ana", Act.CALL_OFF),), (("ana", Act.HAND_OVER), ("ana", Act.CONFIRM))])
def test_nothing_is_added_to_what_is_over(
    home_store: stores.Store, ids: dict[str, int], tmp_path: Path, last: tuple[tuple[str, Act], ...]
) -> None:
    with home_store.write.begin() as session:
        for who, act in last[:-1]:
            moving(ids, who, act)(session)
    moment = Moment.BEFORE if len(last) == 1 else Moment.AFTER
    late = putting(ids, tmp_path / "conditions", "ben", moment)
    assert both(home_store, moving(ids, *last[-1]), late) == "loan_moved"


def test_thanks_are_said_once(home_store: stores.Store, ids: dict[str, int]) -> None:
    with home_store.write.begin() as session:
        for who, act in (("ana", Act.HAND_OVER), ("ana", Act.CONFIRM)):
            moving(ids, who, act)(session)

    def say(session: Session) -> None:
        loan, by = session.get_one(Loan, ids["loan"]), session.get_one(Resident, ids["ben"])
        thanks.say(session, loan=loan, by=by, words="Merci", now=NOW)

    assert both(home_store, say, say) == "loan_moved"
    with home_store.read() as session:
        assert [one.words for one in session.scalars(select(Thanks))] == ["Merci"]
