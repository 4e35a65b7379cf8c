"""What two instances exchange: pure decisions on whether one thing may pass between them."""

from dataclasses import dataclass
from enum import StrEnum


class Offers(StrEnum):
    """Which offers and requests are exchanged with another instance."""

    NONE = "none"
    NEIGHBOURS = "neighbours"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One side's charter: what it exchanges, both ways.

    `pairs` are (a quarter of whoever says so, a quarter of the other side), by address.
    """

    news: bool
    offers: Offers
    reports: bool
    pairs: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """News of an organisation, and what a quarter passes on of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An offer or request, from a quarter by address; None when nobody can say which."""

    quarter: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A complaint about something public."""


Matter = News | Offer | Report


def allows(terms: Terms | None, matter: Matter, *, from_speaker: bool) -> bool:
    """Say whether one side's terms let a thing pass; without terms everything does.

    `from_speaker` is True when the thing comes from the side whose terms these are.
    """
    if terms is None:
        return True
    match matter:
        case News():
            return terms.news
        case Report():
            return terms.reports
        case Offer(quarter=quarter):
            named = {own if from_speaker else other for own, other in terms.pairs}
            return terms.offers is Offers.ALL or (terms.offers is Offers.NEIGHBOURS and quarter in named)


def may_leave(matter: Matter, *, ours: Terms | None, theirs: Terms | None) -> bool:
    """Say whether something of ours may go there: both charters have to let it."""
    return allows(ours, matter, from_speaker=True) and allows(theirs, matter, from_speaker=False)


def may_come(matter: Matter, *, ours: Terms | None) -> bool:
    """Say whether something of theirs may come in: ours decides, theirs binds them."""
    return allows(ours, matter, from_speaker=False)
