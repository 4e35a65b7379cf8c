"""The time and the reach of a notice in words: until when, which ring opens when, and what its author may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from instance import endings, needs, rings
from instance.audience import Audience
from instance.listings import Direction, Listing
from instance.needs import Need
from instance.notices import Notice
from instance.rings import Pace
from web.frame import context, moments, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """What the author of a live notice may do with one press; a sentence or an address that is None has no place."""

    next_line: str | None
    stay_url: str | None
    found_url: str | None
    renew_url: str | None
    renewed_until: datetime | None


def of(session: Session, *, notice: Notice) -> Doing | None:
    """For its author's eyes; None for news, and for what no longer hangs."""
    if not isinstance(notice, Listing) or not notice.is_live or notice.is_remote:
        return None
    ahead = rings.ahead(session, listing=notice)
    longer = endings.renewed_until(notice, now=context.now())
    return Doing(
        next_line=_next(ahead) if ahead else None,
        stay_url=url_for("asking.stay", public_id=notice.public_id) if ahead else None,
        found_url=found_url(notice),
        renew_url=url_for("asking.renew", public_id=notice.public_id) if longer else None,
        renewed_until=longer,
    )


def found_url(listing: Listing) -> str | None:
    """Where the author of a live request says that somebody was found."""
    if listing.direction != Direction.REQUEST or not listing.is_live or listing.is_remote:
        return None
    return url_for("asking.found", public_id=listing.public_id)


def _next(ahead: rings.Ahead) -> str:
    when = moments.spoken(ahead.at)
    match ahead.audience:
        case Audience.QUARTER:
            return gettext("Your quarter sees it next: %(when)s.", when=when)
        case Audience.INSTANCE:
            return gettext("The whole town sees it next: %(when)s.", when=when)
        case _:
            return gettext("It leaves town next: %(when)s.", when=when)


def kinds() -> tuple[tuple[str, str], ...]:
    """What a request may be about."""
    return tuple((one.value, str(words.NEEDS[one.value])) for one in Need)


def until(*, now: datetime) -> Mapping[str, str]:
    """Until when each kind of request would hang if it were hung now."""
    return {one.value: gettext("until %(when)s", when=moments.spoken(needs.until(one, now=now))) for one in Need}


def paces(*, now: datetime, steps: bool = True) -> tuple[tuple[str, str], ...]:
    """How fast a request may go round, with the moment when its second ring would open.

    `steps` is False for whoever has not both a building to begin in and a board further on.
    """
    return tuple((one.value, _pace(one, now=now)) for one in Pace if steps or one is Pace.AT_ONCE)


def _pace(pace: Pace, *, now: datetime) -> str:
    if pace is Pace.AT_ONCE:
        return gettext("Everybody at once")
    when = moments.spoken(rings.opens(pace, since=now))
    match pace:
        case Pace.HOURS:
            return gettext("Step by step, every two hours (from %(when)s)", when=when)
        case Pace.EVENING:
            return gettext("Step by step, every evening (from %(when)s)", when=when)
        case _:
            return gettext("Step by step, every morning (from %(when)s)", when=when)


def leaves(pace: str, *, now: datetime) -> str | None:
    """When a request that begins in its building leaves town at the earliest; None for one that leaves at once."""
    found = rings.schedule(Pace(pace), furthest=Audience.NETWORK, since=now)
    if not found:
        return None
    return gettext(
        "It begins in your building. If nobody is found before, it leaves town: %(when)s.",
        when=moments.spoken(found[-1].at),
    )
