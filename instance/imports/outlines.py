"""Outlines of quarters from a GeoJSON file (RFC 7946): found by the quarter's name, all of a file or nothing of it."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NoReturn

from sqlalchemy.orm import Session

from instance import outlines, places, spelling
from instance.base import Refused
from instance.imports import shapes
from instance.places import City, Quarter

LARGEST: Final = 64 * 1024 * 1024
MOST_FEATURES: Final = 5000
# What all of them may have together: the other towns read one document of at most a megabyte.
MOST_POINTS: Final = 40_000
# How published files call the property that names a quarter, in plain spelling; the first that is there.
NAMES: Final = (
    "quarter",
    "quartier",
    "nom qua",
    "nom quartier",
    "nom quart",
    "l qu",
    "libelle",
    "libelle quartier",
    "nom",
    "name",
)
# How a name may differ and still be the same: not at all, in short forms, in articles.
SPELLINGS: Final[Sequence[Callable[[str], str]]] = (
    spelling.plain,
    spelling.spell,
    lambda name: spelling.kernel(spelling.spell(name)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one outline: its place in the file, counted from one, its name there, and a refusal's code."""

    number: int
    name: str
    code: str


@dataclass(slots=True, kw_only=True)
class Found:
    """What a file has and what it changes: outlines by the quarter's key, those of none here, quarters left without."""

    outlines: dict[int, str] = field(default_factory=dict)
    new: int = 0
    changed: int = 0
    same: int = 0
    left: list[Fault] = field(default_factory=list)
    wrong: list[Fault] = field(default_factory=list)
    without: list[str] = field(default_factory=list)


def read(raw: bytes) -> list[dict[str, Any]]:
    """The features of a file. Raises Refused("geojson_malformed"|"geojson_large", field="file")."""
    if len(raw) > LARGEST:
        raise Refused("geojson_large", field="file")
    try:
        doc = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused("geojson_malformed", field="file") from None
    features = doc.get("features") if isinstance(doc, dict) and doc.get("type") == "FeatureCollection" else None
    if not isinstance(features, list) or not features or not all(isinstance(one, dict) for one in features):
        raise Refused("geojson_malformed", field="file")
    if len(features) > MOST_FEATURES:
        raise Refused("geojson_large", field="file")
    return features


def _no_number(_name: str) -> NoReturn:
    raise ValueError


def check(
    session: Session, *, features: Sequence[dict[str, Any]], called: str | None = None, city: City | None = None
) -> Found:
    """Say which outline is whose and what is wrong; writes nothing to the store.

    `called` is the property that names a quarter; found by itself when None. `city` leaves others' quarters out.

    Raises Refused("outline_unnamed", field="name_property") when nothing names them.
    """
    key = _key(features, called=called)
    here = [one for one in places.quarters(session) if city is None or one.city_id == city.id]
    known = _Known(here)
    found = Found()
    for number, feature in enumerate(features, start=1):
        name = _name(feature, key)
        try:
            quarter = known.take(name)
        except Refused as refused:
            found.left.append(Fault(number=number, name=name, code=refused.code))
            continue
        _take(found, feature, quarter=quarter, number=number, name=name)
    _compare(session, found, here=here)
    return found


def _take(found: Found, feature: Mapping[str, Any], *, quarter: Quarter, number: int, name: str) -> None:
    try:
        _demand_first(found, quarter=quarter)
        found.outlines[quarter.id] = shapes.text(shapes.thinned(shapes.read(feature.get("geometry"))))
    except Refused as refused:
        found.wrong.append(Fault(number=number, name=name, code=refused.code))


def _demand_first(found: Found, *, quarter: Quarter) -> None:
    if quarter.id in found.outlines:
        raise Refused("outline_twice")


def _compare(session: Session, found: Found, *, here: Sequence[Quarter]) -> None:
    """Count what would change, and say which quarters stay without an outline."""
    points = 0
    for quarter in places.quarters(session):
        row = outlines.of(session, quarter=quarter)
        before, after = row.wkt if row is not None else "", found.outlines.get(quarter.id)
        points += (after or before).count(" ")
        if after is None:
            found.without += [quarter.name] if not before and quarter in here else []
        elif not before:
            found.new += 1
        elif before == after:
            found.same += 1
        else:
            found.changed += 1
    if points > MOST_POINTS:
        raise Refused("outlines_many", field="file")


def enter(session: Session, *, found: Found, now: datetime) -> None:
    """Enter what was found, in place of what was entered before. Nothing may be wrong in it."""
    for quarter_id, wkt in found.outlines.items():
        outlines.keep(session, quarter=places.quarter_by_id(session, id=quarter_id), wkt=wkt, now=now)


# --- names


def _properties(feature: Mapping[str, Any]) -> Mapping[str, Any]:
    found = feature.get("properties")
    return found if isinstance(found, dict) else {}


def _key(features: Sequence[Mapping[str, Any]], *, called: str | None) -> str:
    """The property that names a quarter, as the file spells it."""
    there = Counter(key for one in features for key, value in _properties(one).items() if isinstance(value, str))
    by_plain = {spelling.plain(key): key for key in there}
    wanted = NAMES if called is None else (spelling.plain(called),)
    key = next((by_plain[one] for one in wanted if one in by_plain), None)
    if key is None:
        raise Refused("outline_unnamed", field="name_property")
    return key


def _name(feature: Mapping[str, Any], key: str) -> str:
    value = _properties(feature).get(key)
    return " ".join(value.split())[: places.LONGEST_NAME] if isinstance(value, str) else ""


class _Known:
    """The quarters here by their names, in each spelling that counts as the same."""

    def __init__(self, here: Sequence[Quarter]) -> None:
        self._levels = [_by_name(here, spelled) for spelled in SPELLINGS]

    def take(self, name: str) -> Quarter:
        """The one quarter of this name. Raises Refused("quarter_absent"|"quarter_same_name")."""
        for spelled, level in zip(SPELLINGS, self._levels, strict=True):
            found = level.get(spelled(name), ())
            if len(found) > 1:
                raise Refused("quarter_same_name")
            if found:
                return found[0]
        raise Refused("quarter_absent")


def _by_name(here: Sequence[Quarter], spelled: Callable[[str], str]) -> Mapping[str, Sequence[Quarter]]:
    found: dict[str, list[Quarter]] = {}
    for one in here:
        found.setdefault(spelled(one.name), []).append(one)
    return found
