"""What is to be printed for a building, as one value that also travels to the process that draws it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum

from babel.dates import format_date


class Paper(StrEnum):
    """How the codes are put on paper."""

    LETTERS = "letters"
    SLIPS = "slips"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterbox:
    """One letterbox: its lot as written on it, and its code as printed (`K7QF-93MX-2TWC`)."""

    lot: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Everything a sheet says. Nobody's name is in it: a letter is for whoever opens the letterbox."""

    paper: Paper
    locale: str
    place: str
    building: str
    street: str
    town: str
    address: str
    until: date
    contact: str
    letterboxes: Sequence[Letterbox]
    # Of a building that is still being built: the day of its delivery.
    delivered: date | None = None

    @property
    def last_day(self) -> str:
        """The last day of its codes in full, in the language of the sheet."""
        return format_date(self.until, format="long", locale=self.locale)

    @property
    def first_day(self) -> str | None:
        """The day of delivery in full, in the language of the sheet; None where people live already."""
        return format_date(self.delivered, format="long", locale=self.locale) if self.delivered else None

    def packed(self) -> str:
        """As JSON, for the other process."""
        delivered = self.delivered.isoformat() if self.delivered else None
        return json.dumps(asdict(self) | {"until": self.until.isoformat(), "delivered": delivered})

    @classmethod
    def unpacked(cls, text: str) -> "Order":
        """The order that was packed. Raises ValueError or KeyError on anything else."""
        given = json.loads(text)
        return cls(
            **given
            | {
                "paper": Paper(given["paper"]),
                "until": date.fromisoformat(given["until"]),
                "delivered": date.fromisoformat(given["delivered"]) if given["delivered"] else None,
                "letterboxes": [Letterbox(**one) for one in given["letterboxes"]],
            }
        )
