"""When and where: what is typed is read by the town's clocks, or refused at its field."""

from datetime import UTC, datetime, timedelta

import pytest

from instance import happenings
from instance.base import Refused
from instance.happenings import Happening

NOW = datetime(2027, 5, 11, 8, 0, tzinfo=UTC)
PARTY = Happening(
    begins=datetime(2027, 6, 5, 8, 0, tzinfo=UTC),
    ends=datetime(2027, 6, 5, 21, 0, tzinfo=UTC),
    place="Place des Essais",
)


def read(begins: str = "", ends: str = "", place: str = "", before: Happening | None = None) -> Happening | None:
    return happenings.read(begins=begins, ends=ends, place=place, now=NOW, before=before)


def test_a_day_with_its_hours_and_its_place() -> None:
    assert read("2027-06-05T10:00", "2027-06-05T23:00", "  Place   des Essais ") == PARTY
    assert read("2027-06-05 10:00") == Happening(begins=PARTY.begins)
    assert read(" ", "", "  ") is None


def test_what_was_read_is_typed_again_as_it_was() -> None:
    assert happenings.typed(PARTY) == {
        "begins": "2027-06-05T10:00",
        "ends": "2027-06-05T23:00",
        "place": "Place des Essais",
    }
    assert read(**happenings.typed(PARTY)) == PARTY
    assert read(**happenings.typed(None)) is None


@pytest.mark.parametrize(
    ("begins", "ends", "place", "code", "field"),
    [
        ("", "2027-06-05T23:00", "", "begins_missing", "begins"),
        ("", "", "Place des Essais", "begins_missing", "begins"),
        ("samedi", "", "", "moment_shape", "begins"),
        ("2027-06-05", "", "", "moment_shape", "begins"),
        ("2027-06-05T10:00", "ce soir", "", "moment_shape", "ends"),
        ("2028-03-26T02:30", "", "", "hour_skipped", "begins"),
        ("2027-10-31T02:30", "", "", "hour_twice", "begins"),
        ("2027-05-10T09:59", "", "", "begins_past", "begins"),
        ("2207-06-05T10:00", "", "", "begins_far", "begins"),
        ("2027-06-05T10:00", "2027-06-05T10:00", "", "ends_first", "ends"),
        ("2027-06-05T10:00", "2028-07-05T10:00", "", "ends_far", "ends"),
        ("2027-06-05T10:00", "", "x" * 121, "too_long", "place"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_field(
    begins: str, ends: str, place: str, code: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        read(begins, ends, place)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_beginning_that_stood_there_before_may_have_passed() -> None:
    past = Happening(begins=NOW - timedelta(days=40), called_off=True)
    given = happenings.typed(past)
    assert read(**{**given, "place": "Salle"}, before=past) == Happening(
        begins=past.begins, place="Salle", called_off=True
    )
    with pytest.raises(Refused, match="begins_past"):
        read(**{**given, "begins": "2027-04-02T10:00"}, before=past)


def test_without_an_end_it_is_past_some_hours_later() -> None:
    assert PARTY.over_at == PARTY.ends
    assert Happening(begins=PARTY.begins).over_at == PARTY.begins + happenings.LASTS
