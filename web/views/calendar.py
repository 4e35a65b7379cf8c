"""Calendar files (RFC 5545): one event, strictly written: escaped text, lines of at most 75 octets, moments in UTC."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

MIMETYPE: Final = "text/calendar"
LONGEST_LINE: Final = 75


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What the file says. `stamp` is when it was last agreed on, `lasts` at least a second, if anybody knows.

    What was called off is there to be struck out where it was noted (3.8.1.11): the same event, one step on (3.8.7.4).
    """

    uid: uuid.UUID
    host: str
    stamp: datetime
    begins: datetime
    lasts: timedelta | None
    summary: str
    location: str
    called_off: bool = False


def written(event: Event) -> str:
    """The file, lines ended by CR LF. Raises ValueError for a moment without a zone."""
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Palier//Palier//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{event.uid}@{_text(event.host)}",
        f"DTSTAMP:{_moment(event.stamp)}",
        f"DTSTART:{_moment(event.begins)}",
        *(() if event.lasts is None else (f"DURATION:PT{int(event.lasts.total_seconds())}S",)),
        f"SUMMARY:{_text(event.summary)}",
        f"LOCATION:{_text(event.location)}",
        "CLASS:PRIVATE",
        *(("STATUS:CANCELLED", "SEQUENCE:1") if event.called_off else ()),
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{_folded(one)}\r\n" for one in lines)


def _moment(moment: datetime) -> str:
    if moment.tzinfo is None:
        msg = "a moment without a time zone reached a calendar"
        raise ValueError(msg)
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """3.3.11: backslash, semicolon, comma and line ends are escaped; other controls have no place in a TEXT."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    value = "".join(one for one in value if one in "\t\n" or (one >= " " and one != "\x7f"))
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        value = value.replace(plain, escaped)
    return value


def _folded(line: str) -> str:
    """3.1: at most 75 octets a line, the next begins with a space, and no character is cut in two."""
    lines, room = [""], LONGEST_LINE
    for one in line:
        size = len(one.encode())
        if size > room:
            lines.append(" ")
            room = LONGEST_LINE - 1
        lines[-1] += one
        room -= size
    return "\r\n".join(lines)
