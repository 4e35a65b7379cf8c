"""What stands beside the board, as one reader sees it: what neighbours may be asked for, and whom they recommend."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final
from urllib.parse import urlsplit

from flask import url_for
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from instance.audience import Audience, Reader
from instance.recommendations import Recommendation, Trade
from instance.skills import Skill
from web.views import slips

TRADES: Final[dict[Trade, LazyString]] = {
    Trade.APPLIANCES: lazy_gettext("Repair of appliances"),
    Trade.CARPENTER: lazy_gettext("Joinery and carpentry"),
    Trade.CLEANER: lazy_gettext("Cleaning"),
    Trade.COMPUTERS: lazy_gettext("Computers and telephones"),
    Trade.ELECTRICIAN: lazy_gettext("Electricity"),
    Trade.GARDENER: lazy_gettext("Gardens"),
    Trade.GLAZIER: lazy_gettext("Glass and windows"),
    Trade.HEATING: lazy_gettext("Heating and boilers"),
    Trade.LOCKSMITH: lazy_gettext("Locks and keys"),
    Trade.MASON: lazy_gettext("Masonry and façades"),
    Trade.MOVER: lazy_gettext("Removals"),
    Trade.PAINTER: lazy_gettext("Painting and plaster"),
    Trade.PLUMBER: lazy_gettext("Plumbing"),
    Trade.ROOFER: lazy_gettext("Roofs"),
    Trade.TILER: lazy_gettext("Tiles and floors"),
    Trade.OTHER: lazy_gettext("Another trade"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillLine:
    """One thing somebody may be asked for. `name` is first name and initial, to everybody the same."""

    url: str
    title: str
    name: str
    audience: Audience
    place: str | None
    mine: bool
    hidden: bool
    edit_url: str
    away_url: str
    report_url: str


def skill(row: Skill, *, reader: Reader) -> SkillLine:
    """A skill for one reader."""
    here = row.public_id
    return SkillLine(
        url=url_for("skills.skill", public_id=here),
        title=row.title,
        name=row.author.short_name,
        audience=row.audience,
        place=slips.place(row),
        mine=row.author_id == reader.resident_id,
        hidden=not row.is_live,
        edit_url=url_for("skills.edit", public_id=here),
        away_url=url_for("skills.take_away", public_id=here),
        report_url=url_for("reports.report", target="skill", public_id=here),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One neighbour's word for a business, signed by first name and initial."""

    anchor: str
    done: str
    name: str
    since: datetime
    until: datetime
    audience: Audience
    place: str | None
    mine: bool
    hidden: bool
    edit_url: str
    away_url: str
    report_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A page of a business, and what the link to it says."""

    url: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A number to call, and how it is written."""

    url: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """All that the reader's neighbours say for one business of one trade."""

    name: str
    trade: str
    phones: tuple[Phone, ...]
    sites: tuple[Site, ...]
    words: tuple[Word, ...]


def businesses(rows: Sequence[Recommendation], *, reader: Reader) -> tuple[Business, ...]:
    """Recommendations by business, in the order given: those of one business stand side by side."""
    together = groupby(rows, key=lambda one: (one.trade, one.name_key))
    return tuple(_business(list(held), reader=reader) for _, held in together)


def _business(rows: Sequence[Recommendation], *, reader: Reader) -> Business:
    return Business(
        name=rows[0].name,
        trade=str(TRADES[Trade(rows[0].trade)]),
        phones=tuple(Phone(url=_call(one), number=one) for one in _once(row.phone for row in rows)),
        sites=tuple(Site(url=one, host=urlsplit(one).hostname or one) for one in _once(row.site for row in rows)),
        words=tuple(_word(row, reader=reader) for row in rows),
    )


def _once(values: Iterable[str | None]) -> Iterable[str]:
    return dict.fromkeys(one for one in values if one)


def _call(number: str) -> str:
    """A telephone address (RFC 3966)."""
    return "tel:" + "".join(one for one in number if one.isdigit() or one == "+")


def _word(row: Recommendation, *, reader: Reader) -> Word:
    here = row.public_id
    return Word(
        anchor=f"word-{here}",
        done=row.done,
        name=row.author.short_name,
        since=row.updated_at,
        until=row.expires_at,
        audience=row.audience,
        place=slips.place(row),
        mine=row.author_id == reader.resident_id,
        hidden=not row.is_live,
        edit_url=url_for("craftsmen.edit", public_id=here),
        away_url=url_for("craftsmen.take_away", public_id=here),
        report_url=url_for("reports.report", target="recommendation", public_id=here),
    )
