"""A loan between two towns, as it travels inside an Agreement: where it stands, or what one of the two wishes.

Terms of our own, read by Palier and ignored by others. Source: FEDERATION.md, "Loans across towns".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from activitypub.details import Lending
from activitypub.wire import Doc, Malformed, count, moment, stamp, text

# Names without a host, as the charter has them: an address here would be one that somebody has to keep.
TERMS: Final[dict[str, object]] = {
    "palier": "urn:palier:",
    "loan": "palier:loan",
    "version": "palier:version",
    "heard": "palier:heard",
    "sequence": "palier:sequence",
    "state": "palier:state",
    "act": "palier:act",
    "asker": "palier:asker",
    "terms": "palier:terms",
    "pickUp": "palier:pickUp",
    "due": "palier:due",
    "place": "palier:place",
    "longerUntil": "palier:longerUntil",
    "time": "http://www.w3.org/2006/time#",
    "hasBeginning": "time:hasBeginning",
    "hasEnd": "time:hasEnd",
}
LONGEST_PLACE: Final = 120
_LONGEST_WORD: Final = 16
# Half of what a column holds: whoever counts on from the highest has room.
_HIGHEST: Final = 2**30


def read(value: object, *, where: str) -> Lending | None:
    """What ``value`` says of a loan, None when it says nothing. Raises Malformed when it says it wrongly."""
    if not isinstance(value, Mapping):
        return None
    state, act = _word(value, "state", where=where), _word(value, "act", where=where)
    if (state is None) is (act is None):
        raise Malformed("neither a state nor an act, or both", where=where)
    place = text(value, "place")
    if place is not None and len(place) > LONGEST_PLACE:
        raise Malformed("too long", where=f"{where}.place")
    return Lending(
        state=state,
        act=act,
        version=_number(value, "version", where=where),
        heard=_number(value, "heard", where=where),
        sequence=_number(value, "sequence", where=where),
        asker=_word(value, "asker", where=where),
        terms=_number(value, "terms", where=where),
        pick_up=moment(value.get("pickUp")),
        due=_day(value, "due", where=where),
        place=place,
        longer_until=_day(value, "longerUntil", where=where),
    )


def write(lending: Lending) -> dict[str, Any]:
    """A loan as JSON; what is not known is left out."""
    fields = {
        "state": lending.state,
        "act": lending.act,
        "version": lending.version or None,
        "heard": lending.heard or None,
        "sequence": lending.sequence or None,
        "asker": lending.asker,
        "terms": lending.terms or None,
        "pickUp": stamp(lending.pick_up) if lending.pick_up else None,
        "due": lending.due.isoformat() if lending.due else None,
        "place": lending.place,
        "longerUntil": lending.longer_until.isoformat() if lending.longer_until else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _word(doc: Doc, key: str, *, where: str) -> str | None:
    value = doc.get(key)
    if value is not None and not (isinstance(value, str) and 0 < len(value) <= _LONGEST_WORD):
        raise Malformed("not a word", where=f"{where}.{key}")
    return value


def _number(doc: Doc, key: str, *, where: str) -> int:
    found = count(doc.get(key)) if key in doc else 0
    if found is None or not 0 <= found < _HIGHEST:
        raise Malformed("not a number", where=f"{where}.{key}")
    return found


def _day(doc: Doc, key: str, *, where: str) -> date | None:
    value = doc.get(key)
    if value is None:
        return None
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        raise Malformed("not a day", where=f"{where}.{key}") from None
