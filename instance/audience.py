"""Who may read: four nested audiences, the circle a notice hangs in, and the circles a reader stands in."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Self


class Audience(IntEnum):
    """How far a notice reaches. Ordered, so that narrowing is a comparison. Nothing has a default audience."""

    BUILDING = 1
    QUARTER = 2
    INSTANCE = 3
    NETWORK = 4

    @classmethod
    def parse(cls, word: str) -> Self:
        """Read a form's word (`building`, `quarter`, …). Raises KeyError for any other."""
        return cls[word.strip().upper()]

    @property
    def word(self) -> str:
        """The lower-case name used in forms, templates and style sheets."""
        return self.name.lower()


# INSTANCE and NETWORK hang on the same board at home; only the hatch treats them differently.
CITY_CIRCLE = "instance"
# How the feed key of every building begins.
BUILDING_CIRCLES = "building:"


def building_circle(building_id: int) -> str:
    """The feed key of one building's board."""
    return f"{BUILDING_CIRCLES}{building_id}"


def quarter_circle(quarter_id: int) -> str:
    """The feed key of one quarter's board."""
    return f"quarter:{quarter_id}"


def circle(audience: Audience, *, building_id: int | None, quarter_id: int | None) -> str:
    """The one board a notice hangs on.

    Raises ValueError when the audience needs a place that is not given: never guess a wider one.
    """
    match audience:
        case Audience.BUILDING if building_id is not None:
            return building_circle(building_id)
        case Audience.QUARTER if quarter_id is not None:
            return quarter_circle(quarter_id)
        case Audience.INSTANCE | Audience.NETWORK:
            return CITY_CIRCLE
        case _:
            msg = f"{audience.name} needs a place"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who is looking: nobody in particular (the defaults) or a resident with the places that are theirs."""

    resident_id: int | None = None
    building_ids: frozenset[int] = field(default_factory=frozenset)
    quarter_ids: frozenset[int] = field(default_factory=frozenset)
    organisation_ids: frozenset[int] = field(default_factory=frozenset)
    moderator: bool = False
    administrator: bool = False

    @property
    def signed_in(self) -> bool:
        """Whether this is a resident at all."""
        return self.resident_id is not None

    @property
    def of_the_town(self) -> bool:
        """Whether it is known what this person has to do here: lives in a quarter, writes for somebody, or is staff.

        An account alone is nobody in particular: whoever wishes makes one. Nor is of the town who has a building only:
        it is still being built.
        """
        return self.moderator or self.administrator or bool(self.quarter_ids | self.organisation_ids)

    @property
    def circles(self) -> tuple[str, ...]:
        """The boards this reader may stand in front of. A visitor stands before none (see `may_read`).

        A home opens its quarter or its building as far as it is known that they live there (`instance.assurance`).
        """
        if not self.signed_in:
            return ()
        return (
            *(building_circle(one) for one in sorted(self.building_ids)),
            *(quarter_circle(one) for one in sorted(self.quarter_ids)),
            *((CITY_CIRCLE,) if self.of_the_town else ()),
        )


def may_read(reader: Reader, *, audience: Audience, circle: str) -> bool:
    """Whether a notice of this audience, hanging in this circle, may be shown to this reader."""
    return audience is Audience.NETWORK or circle in reader.circles
