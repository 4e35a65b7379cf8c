"""Letterbox codes: single use, hashed, expiring, five tries, one alive for a lot."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from instance import verification
from instance.verification import Dead, Good, LetterboxCode, Wrong
from tests.instance.neighbourhood import NOW, PEPPER, Neighbourhood

codes = st.text(verification.LETTERS, min_size=12, max_size=12)


def issue(town: Neighbourhood, at: int = 0) -> str:
    return verification.issue(town.session, lot=town.lilas.lots[at], pepper=PEPPER, now=town.now)


def check(town: Neighbourhood, code: str) -> Good | Wrong | Dead:
    return verification.check(town.session, code=code, pepper=PEPPER, now=town.now)


def spoil(code: str) -> str:
    """The same selector with a wrong secret."""
    letters = verification.tidy(code)
    return letters[:-1] + ("0" if letters[-1] != "0" else "1")


@given(codes)
def test_a_printed_code_reads_back(code: str) -> None:
    printed = verification.pretty(code)
    assert printed.count("-") == 2
    assert verification.tidy(printed) == code
    assert verification.tidy(f" {printed.lower().replace('-', ' ')}\n") == code


@given(codes, st.data())
def test_letters_that_look_alike_are_one(code: str, data: st.DataObject) -> None:
    looks = {"1": "1iIlL", "0": "0oO", "V": "VvuU"}
    typed = "".join(data.draw(st.sampled_from(looks.get(one, one))) for one in code)
    assert verification.tidy(typed) == code


def test_a_code_opens_its_letterbox_once(stored_town: Neighbourhood) -> None:
    code = issue(stored_town, 1)
    match check(stored_town, code.lower()):
        case Good(letterbox=letterbox):
            assert letterbox.lot is stored_town.lilas.lots[1]
        case other:
            pytest.fail(str(other))
    verification.use_up(stored_town.session, letterbox=letterbox, now=stored_town.now)
    assert check(stored_town, code) == Dead()


def test_nothing_readable_is_kept(town: Neighbourhood) -> None:
    code = verification.tidy(issue(town))
    row = town.session.scalars(select(LetterboxCode)).one()
    kept = " ".join(str(getattr(row, column.key)) for column in LetterboxCode.__table__.columns)
    assert code[verification.SELECTOR :] not in kept
    assert verification.check(town.session, code=code, pepper=b"another key", now=NOW) == Wrong(left=4)


def test_five_tries_and_no_more(stored_town: Neighbourhood) -> None:
    code = issue(stored_town)
    answers = [check(stored_town, spoil(code)) for _ in range(6)]
    assert answers == [Wrong(left=4), Wrong(left=3), Wrong(left=2), Wrong(left=1), Dead(), Dead()]
    assert check(stored_town, code) == Dead(), "the right one, too late"


def test_four_wrong_tries_leave_one(town: Neighbourhood) -> None:
    code = issue(town)
    for _ in range(4):
        check(town, spoil(code))
    assert isinstance(check(town, code), Good)


def test_tries_are_counted_for_each_code(town: Neighbourhood) -> None:
    first, second = issue(town, 0), issue(town, 1)
    for _ in range(5):
        check(town, spoil(first))
    assert isinstance(check(town, second), Good)


def test_a_code_expires(town: Neighbourhood) -> None:
    code = issue(town)
    town.now = NOW + verification.VALID_FOR - timedelta(seconds=1)
    assert isinstance(check(town, code), Good)
    town.now = NOW + verification.VALID_FOR
    assert check(town, code) == Dead()


def test_a_new_code_kills_the_older_for_the_same_lot_only(town: Neighbourhood) -> None:
    old, other, new = issue(town, 0), issue(town, 1), issue(town, 0)
    assert check(town, old) == Dead()
    assert isinstance(check(town, other), Good)
    assert isinstance(check(town, new), Good)


@pytest.mark.parametrize(
    "code", ["", "-", "K7QF", "K7QF-93MX-2TWC", "é" * 12, "'; DROP TABLE resident; --", "K" * 9999]
)
def test_no_such_code_is_dead(town: Neighbourhood, code: str) -> None:
    assert check(town, code) == Dead()


def test_more_letters_than_a_code_do_not_open(town: Neighbourhood) -> None:
    assert check(town, issue(town) + "A") == Wrong(left=4)


def test_a_sheet_has_a_code_for_each_lot(town: Neighbourhood) -> None:
    sheet = verification.issue_all(town.session, lots=town.lilas.lots, pepper=PEPPER, now=NOW)
    assert [lot.number for lot, _ in sheet] == ["1", "2"]
    for lot, code in sheet:
        answer = check(town, code)
        assert isinstance(answer, Good)
        assert answer.letterbox.lot is lot
