"""Calendar files: whatever stands in them, a strict reader of RFC 5545 gets the same back."""

import re
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.views import calendar
from web.views.calendar import Event

# 3.1: the grammar of a line without parameters; no control but the tab.
LINE = re.compile(r"([A-Z-]+):([^\x00-\x08\x0a-\x1f\x7f]*)")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
ZONES = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=ZONES)  # noqa: DTZ001 - zones are drawn


def read(file: str) -> list[tuple[str, str]]:
    """The lines of a calendar, unfolded, names apart from values; fails on whatever the RFC forbids."""
    assert file.endswith("\r\n")
    folded = file.removesuffix("\r\n").split("\r\n")
    assert all(len(one.encode()) <= 75 for one in folded)
    found = []
    for one in "\n".join(folded).replace("\n ", "").split("\n"):
        match = LINE.fullmatch(one)
        assert match is not None, one
        found.append((match[1], match[2]))
    return found


def unescaped(value: str) -> str:
    """3.3.11: what a TEXT says; fails on a comma, semicolon or backslash that is not escaped."""
    said, rest = "", value
    while rest:
        one, rest = rest[0], rest[1:]
        assert one not in ",;"
        if one == "\\":
            assert rest[:1] in {"\\", ",", ";", "n"} - {""}
            one, rest = {"n": "\n"}.get(rest[0], rest[0]), rest[1:]
        said += one
    return said


def event(**more: object) -> Event:
    moment = datetime(2027, 5, 11, 16, 30, tzinfo=UTC)
    given = {
        "uid": uuid.UUID(int=5),
        "host": "voisins.example",
        "stamp": moment,
        "begins": moment,
        "lasts": timedelta(minutes=30),
        "summary": "Rendez-vous avec Ana I.",
        "location": "Hall",
    }
    return Event(**{**given, **more})


def test_the_file_as_it_is() -> None:
    assert calendar.written(event(location="Hall d’entrée, Les Pins; 3\nrue A")).split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Palier//Palier//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "UID:00000000-0000-0000-0000-000000000005@voisins.example",
        "DTSTAMP:20270511T163000Z",
        "DTSTART:20270511T163000Z",
        "DURATION:PT1800S",
        "SUMMARY:Rendez-vous avec Ana I.",
        "LOCATION:Hall d’entrée\\, Les Pins\\; 3\\nrue A",
        "CLASS:PRIVATE",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


@given(summary=TEXT, location=TEXT, begins=MOMENTS, stamp=MOMENTS)
def test_what_is_written_is_read_back(summary: str, location: str, begins: datetime, stamp: datetime) -> None:
    lines = read(calendar.written(event(summary=summary, location=location, begins=begins, stamp=stamp)))
    names = [name for name, _ in lines]
    assert names[:1] + names[-1:] == ["BEGIN", "END"]
    assert len(names) == len(set(names)) + 2, "two BEGIN, two END, and each other once"
    said = dict(lines)
    for name, value in (("SUMMARY", summary), ("LOCATION", location)):
        assert unescaped(said[name]) == _printable(value)
    for name, moment in (("DTSTART", begins), ("DTSTAMP", stamp)):
        found = datetime.strptime(said[name], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        assert found == moment.astimezone(UTC).replace(microsecond=0)


def _printable(value: str) -> str:
    """What a TEXT can hold of a text: one kind of line end, and no other control than the tab."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", value)


def test_nothing_written_begins_a_line_of_its_own() -> None:
    """Somebody who writes a place cannot add an alarm or another event."""
    place = "Ici\r\nEND:VEVENT\r\nBEGIN:VALARM\r\nTRIGGER:-PT1M"
    names = [name for name, _ in read(calendar.written(event(location=place)))]
    assert names.count("BEGIN") == 2
    assert "TRIGGER" not in names


def test_a_moment_without_a_zone_is_none() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        calendar.written(event(begins=datetime(2027, 5, 11)))  # noqa: DTZ001 - the very thing
