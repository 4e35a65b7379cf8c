"""What a hall screen may show of a notice: titles, kinds, organisations, hours, and pictures of other towns' news.

A wall is read by whoever walks in. There is no field for a resident's name, floor or picture: what is not in `Slide`
cannot be shown.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row as Found
from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import audience, boards, clippings
from instance.clippings import Clipping
from instance.happenings import Happening
from instance.listings import Listing
from instance.news import NewsItem
from instance.notices import Notice
from instance.organisations import Organisation

SLIDES: Final = 6
AROUND: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A picture of another town's news, as it is kept here."""

    public_id: uuid.UUID
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """All that a wall may show of one notice. `notice` is the public id its QR code leads to, behind the sign-in."""

    kind: str
    title: str
    summary: str
    organisation: str | None
    city: str | None
    audience: audience.Audience
    since: datetime
    until: datetime | None
    urgent_until: datetime | None
    notice: uuid.UUID
    happening: Happening | None = None
    picture: Shown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hanging:
    """A slide with what decides its pane and its order; neither is shown."""

    rank: int
    organisation_id: int | None
    slide: Slide


def hanging(session: Session, *, circle: str, limit: int = AROUND) -> Sequence[Hanging]:
    """The newest notices of one circle, as walls may show them."""
    # Inside, deep enough that neither the installer nor the neighbours push the others off the wall.
    found = session.execute(_SLIDES.where(_NOTICE.c.id.in_(boards.keys(circle=circle, limit=limit))))
    return tuple(Hanging(rank=one.id, organisation_id=one.organisation_id, slide=_slide(one)) for one in found)


def newest(wanted: Iterable[Hanging]) -> Sequence[Slide]:
    """The few newest, as one pane shows them."""
    return tuple(one.slide for one in sorted(wanted, key=lambda one: one.rank, reverse=True)[:SLIDES])


def urgent(wanted: Iterable[Hanging]) -> Sequence[Slide]:
    """What takes the whole wall for a while."""
    return newest(one for one in wanted if one.slide.urgent_until is not None)


# What a slide shows and what decides its pane, and nothing else: no body is read for a wall.
_NOTICE, _LISTING, _NEWS, _BY, _SHOWN = (one.__table__ for one in (Notice, Listing, NewsItem, Organisation, Clipping))
_SLIDES: Final = (
    select(
        _NOTICE.c.id,
        _NOTICE.c.public_id,
        _NOTICE.c.title,
        _NOTICE.c.reach,
        _NOTICE.c.created_at,
        _NOTICE.c.expires_at,
        _NOTICE.c.origin_name,
        _NOTICE.c.organisation_id,
        _LISTING.c.direction,
        _NEWS.c.summary,
        _NEWS.c.urgent_until,
        *(_NEWS.c[name] for name in ("begins_at", "ends_at", "place", "called_off")),
        _BY.c.name.label("organisation"),
        *(_SHOWN.c[name].label(f"picture_{name}") for name in ("public_id", "alt", "width", "height")),
    )
    .select_from(_NOTICE)
    .outerjoin(_LISTING, _LISTING.c.id == _NOTICE.c.id)
    .outerjoin(_NEWS, _NEWS.c.id == _NOTICE.c.id)
    .outerjoin(_BY, _BY.c.id == _NOTICE.c.organisation_id)
    # Of news: a market's pictures are of residents' things.
    .outerjoin(_SHOWN, (_SHOWN.c.id == clippings.first_of(_NOTICE.c.id)) & _NEWS.c.id.is_not(None))
    .order_by(_NOTICE.c.id.desc())
)


def _slide(row: Found[*tuple[Any, ...]]) -> Slide:
    happening = _happening(row)
    return Slide(
        kind=row.direction or "news",
        title=row.title,
        summary=row.summary or "",
        organisation=row.organisation,
        city=row.origin_name,
        audience=audience.Audience(row.reach),
        since=row.created_at,
        until=row.expires_at or (happening.over_at if happening else None),
        urgent_until=row.urgent_until,
        happening=happening,
        notice=row.public_id,
        picture=_picture(row),
    )


def _picture(row: Found[*tuple[Any, ...]]) -> Shown | None:
    if row.picture_public_id is None:
        return None
    size = {"width": row.picture_width, "height": row.picture_height}
    return Shown(public_id=row.picture_public_id, alt=row.picture_alt or "", **size)


def _happening(row: Found[*tuple[Any, ...]]) -> Happening | None:
    if row.begins_at is None:
        return None
    return Happening(begins=row.begins_at, ends=row.ends_at, place=row.place or "", called_off=row.called_off)
