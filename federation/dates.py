"""A day and an hour in words, for texts that leave: they are read where nobody knows which language a reader has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """How one language says it: the days from Monday, the months, and the patterns around them."""

    days: tuple[str, ...]
    months: tuple[str, ...]
    hour: str
    one: str
    same_day: str
    several: str
    called_off: str


SPEECHES: Mapping[str, Speech] = {
    "fr": Speech(
        days=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        months=(
            *("janvier", "février", "mars", "avril", "mai", "juin"),
            *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
        ),
        hour="{0}\u00a0h\u00a0{1:02}",
        one="{day}, {begins}",
        same_day="{day}, de {begins} à {ends}",
        several="du {day}, {begins}, au {last}, {ends}",
        called_off="Annulé. {0}",
    ),
    "en": Speech(
        days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        months=(
            *("January", "February", "March", "April", "May", "June"),
            *("July", "August", "September", "October", "November", "December"),
        ),
        hour="{0:02}:{1:02}",
        one="{day}, {begins}",
        same_day="{day}, {begins} to {ends}",
        several="from {day}, {begins}, to {last}, {ends}",
        called_off="Called off. {0}",
    ),
}


@cache
def zones() -> frozenset[str]:
    """The names of all zones."""
    return frozenset(available_timezones())


def span(*, begins: datetime, ends: datetime | None, zone: str, language: str) -> str:
    """`Samedi 5 juin 2027, de 10 h 00 à 23 h 00`, by the clocks of a zone; in French for a language not known here.

    Raises ZoneInfoNotFoundError for a zone that there is not.
    """
    speech, clocks = SPEECHES.get(language, SPEECHES["fr"]), ZoneInfo(zone)
    first, last = begins.astimezone(clocks), (ends or begins).astimezone(clocks)
    pattern = speech.one if ends is None else speech.same_day if first.date() == last.date() else speech.several
    said = pattern.format(
        day=_day(first, speech=speech),
        begins=speech.hour.format(first.hour, first.minute),
        last=_day(last, speech=speech),
        ends=speech.hour.format(last.hour, last.minute),
    )
    return said[0].upper() + said[1:]


def called_off(said: str, *, language: str) -> str:
    """The same of what does not take place: `Annulé. Samedi 5 juin 2027, …`."""
    return SPEECHES.get(language, SPEECHES["fr"]).called_off.format(said)


def _day(moment: datetime, *, speech: Speech) -> str:
    return f"{speech.days[moment.weekday()]} {moment.day} {speech.months[moment.month - 1]} {moment.year}"
