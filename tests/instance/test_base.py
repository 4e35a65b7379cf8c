"""Ids and moments of the home store."""

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import sqlite

from instance import base, places
from tests.instance.neighbourhood import NOW, Neighbourhood


def test_ids_are_positive_fit_and_grow_even_within_a_millisecond() -> None:
    drawn = [base.new_id() for _ in range(5_000)]
    assert all(0 < one < 2**63 for one in drawn)
    assert drawn == sorted(set(drawn)), "a letter must not stand before the one it answers"


def test_public_ids_tell_nothing(town: Neighbourhood) -> None:
    assert town.lilas.public_id.version == 4
    assert isinstance(town.lilas.public_id, uuid.UUID)


def test_a_moment_comes_back_in_utc(stored_town: Neighbourhood) -> None:
    session = stored_town.session
    summer = timezone(timedelta(hours=2))
    places.open_quarter(session, quarter=stored_town.north, now=datetime(2027, 7, 1, 1, 30, tzinfo=summer))
    session.commit()
    session.expire_all()
    assert stored_town.north.opened_at == datetime(2027, 6, 30, 23, 30, tzinfo=UTC)
    assert stored_town.north.opened_at.utcoffset() == timedelta(0)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        base.UtcDateTime().process_bind_param(NOW.replace(tzinfo=None), sqlite.dialect())


def test_a_refusal_says_what_and_where() -> None:
    refusal = base.Refused("missing", field="title")
    assert (str(refusal), refusal.code, refusal.field) == ("missing", "missing", "title")
