"""The register of processing names every column, and what is spent goes."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from instance import forgetting, logins, privacy, spent, verification
from instance.privacy import REGISTER
from tests.instance.neighbourhood import NOW, PEPPER, Neighbourhood
from web import tables

WHO_LOOKED = {
    "seen",
    "read",
    "view",
    "viewed",
    "viewer",
    "opened_by",
    "visit",
    "ip",
    "agent",
    "phone",
    "birth",
    "floor",
}


def test_every_table_and_column_is_registered_and_no_other() -> None:
    there = {table.name: {column.name for column in table.columns} for table in tables.HOME.sorted_tables}
    assert there == {name: set(entry.columns) for name, entry in REGISTER.items()}


@pytest.mark.parametrize("name", REGISTER)
def test_every_entry_says_why(name: str) -> None:
    entry = REGISTER[name]
    assert entry.purpose.startswith("to ")
    assert entry.kept in privacy.Kept


# How to reach a business that was recommended: not of a person who lives here.
OF_A_BUSINESS = {"recommendation.phone"}


def test_nothing_records_who_looked() -> None:
    for table in tables.HOME.sorted_tables:
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            assert name in OF_A_BUSINESS or not WHO_LOOKED & set(column.name.split("_")), name


def test_notices_and_residents_meet_only_where_somebody_wrote() -> None:
    meeting = {
        table.name
        for table in tables.HOME.sorted_tables
        if {"notice", "listing", "news_item"} & {key.column.table.name for key in table.foreign_keys}
    }
    # Nobody is in the line for a thing who did not put themselves there; for whom somebody writes, they wrote down.
    written = {"listing", "news_item", "comment", "conversation", "relayed_notice"}
    # What waits to be held against kept searches names nobody; what one found belongs to whoever keeps it.
    searched = {"arrival", "lookout_find"}
    # Pictures are of a notice: our own, or one from elsewhere.
    pictures = {"photo", "clipping"}
    assert meeting == written | searched | pictures | {"widening", "loan", "waiter", "opening", "booking", "bond"}
    # A plan of a notice's own: it names no resident at all.
    for name in ("widening", *sorted(pictures), "opening", "arrival"):
        assert not [key for key in tables.HOME.tables[name].foreign_keys if key.column.table.name == "resident"]


def test_what_is_spent_goes_and_nothing_else(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    logins.open_login(town.session, resident=ines, now=NOW)
    fresh = logins.open_login(town.session, resident=ines, now=NOW + timedelta(days=25))
    verification.issue(town.session, lot=town.lilas.lots[0], pepper=PEPPER, now=NOW)
    used = verification.issue(town.session, lot=town.lilas.lots[1], pepper=PEPPER, now=NOW)
    answer = verification.check(town.session, code=used, pepper=PEPPER, now=NOW)
    assert isinstance(answer, verification.Good)
    verification.use_up(town.session, letterbox=answer.letterbox, now=NOW)

    assert forgetting.forget_spent(town.session, now=NOW + timedelta(days=29)) == 0
    assert forgetting.forget_spent(town.session, now=NOW + timedelta(days=30)) == 2  # a sign-in and the used code
    assert logins.signed_in(town.session, token=fresh, now=NOW + timedelta(days=30)) is not None
    assert forgetting.forget_spent(town.session, now=NOW + verification.VALID_FOR + spent.CODE_KEPT) == 2
    assert town.session.scalar(select(func.count()).select_from(verification.LetterboxCode)) == 0
    assert town.session.scalar(select(func.count()).select_from(logins.Login)) == 0
