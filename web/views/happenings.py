"""Something that news announces, as it is read: when in words, where, and as a file for a calendar."""

from datetime import datetime
from urllib.parse import urlsplit

from flask_babel import gettext

from instance.audience import Audience
from instance.happenings import Happening
from instance.news import NewsItem
from instance.notices import Notice
from web.frame import moments
from web.frame.slips import Date
from web.views.calendar import Event


def of(notice: Notice) -> Happening | None:
    """What a notice announces, where that has a date."""
    return notice.happening if isinstance(notice, NewsItem) else None


def date(notice: Notice) -> Date | None:
    """The line of a slip that says when and where."""
    found = of(notice)
    return None if found is None else Date(words=when(found), place=found.place, begins=found.begins)


def when(happening: Happening) -> str:
    """`samedi 5 juin, de 10 h 00 à 23 h 00`, in the town's time and the reader's language."""
    begins, ends = happening.begins, happening.ends
    first = _day_and_hour(begins)
    if ends is None:
        return first
    if moments.machine_day(begins) == moments.machine_day(ends):
        day, hours = moments.day(begins), (moments.hour(begins), moments.hour(ends))
        return gettext("%(day)s, from %(begins)s to %(ends)s", day=day, begins=hours[0], ends=hours[1])
    return gettext("from %(first)s to %(last)s", first=first, last=_day_and_hour(ends))


def _day_and_hour(at: datetime) -> str:
    return gettext("%(day)s, %(hour)s", day=moments.day(at), hour=moments.hour(at))


def event(notice: NewsItem, *, origin: str) -> Event | None:
    """What a notice announces for a calendar, or None without a date; what was called off is struck out there.

    A calendar is often kept elsewhere: of what stays in a building it is told the hour and nothing else.
    """
    found = notice.happening
    if found is None:
        return None
    inside = notice.audience is Audience.BUILDING
    return Event(
        uid=notice.public_id,
        host=urlsplit(origin).hostname or "palier.invalid",
        stamp=notice.updated_at,
        begins=found.begins,
        lasts=None if found.ends is None else found.ends - found.begins,
        summary=gettext("In your building, see the board") if inside else notice.title,
        location="" if inside else found.place,
        called_off=found.called_off,
    )
