"""How a text of another town is shown here: its words with what they would be poor without, and where to read on."""

import html
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from activitypub.details import PostalAddress
from activitypub.vocabulary import Article, Event, Note
from federation import dates, policy
from instance import prose

# As far as the clock of a town may be ahead of ours.
AHEAD: Final = timedelta(days=1)

EARLIEST: Final = 1970
LATEST: Final = 2200


def words(thing: Article | Event | Note) -> str:
    """The text, the answers of a question and the link a post is about, as HTML that is still to be cleaned."""
    return "".join(_parts(thing))


def event(thing: Event) -> tuple[str, str]:
    """Summary and text of an event, without the line in which a Palier says the date to software that knows none."""
    told = _told(thing)
    short, _, more = prose.plain(thing.summary or "").partition("\n")
    first, _, rest = thing.content.partition("</p>")
    html = rest if prose.plain(first) in told else words(thing)
    summary = more if short in told else prose.plain(thing.summary or "")
    return summary or prose.plain(html), html


def _told(thing: Event) -> frozenset[str]:
    """The line as it may stand there, with the place and without, also of what was called off."""
    if thing.timezone not in dates.zones() or not is_near(thing.start) or not is_near(thing.end or thing.start):
        return frozenset()
    said = dates.span(begins=thing.start, ends=thing.end, zone=thing.timezone or "", language=thing.language or "")
    place = thing.location.name if thing.location else ""
    lines = (said, f"{said}, {place}")
    off = (dates.called_off(line, language=thing.language or "") for line in lines)
    return frozenset(" ".join(line.split()) for line in (*lines, *off))


def is_near(moment: date) -> bool:
    """Whether a moment is one that somebody can mean: at the ends of time no clock can be asked."""
    return EARLIEST <= moment.year <= LATEST


def where(thing: Event) -> str:
    """Where it takes place, in one line: the name of the place, then what its address adds."""
    place = thing.location
    if place is None:
        return ""
    parts = [place.name, *(_lines(place.address) if place.address is not None else ())]
    seen = [one for one in map(policy.visible, parts) if one]
    return ", ".join(one for number, one in enumerate(seen) if one not in seen[:number])


def _lines(address: PostalAddress) -> tuple[str, ...]:
    town = " ".join(one for one in (address.postal_code, address.locality) if one)
    return (address.street or "", town)


def line(html_: str | None) -> str:
    """A title or a warning as one line of what is seen; empty when there is nothing."""
    return policy.visible(prose.plain(html_ or ""))


def page(thing: Article | Event | Note) -> str:
    """Where to read on: its page if that is on its own host, else its address (CVE-2023-36462 class)."""
    is_own = thing.url is not None and policy.authority(thing.url) == policy.authority(thing.id)
    return thing.url if thing.url and is_own else thing.id


def moment(thing: Article | Event | Note, *, received_at: datetime) -> datetime:
    """Which version of a text this is: later ones replace it. A moment far ahead would keep all of them out."""
    told = thing.updated or thing.published or received_at
    return told if is_near(told) and told <= received_at + AHEAD else received_at


def _parts(thing: Article | Event | Note) -> Iterator[str]:
    yield thing.content
    if isinstance(thing, Note) and thing.options:
        yield f"<ul>{''.join(f'<li>{html.escape(one)}</li>' for one in thing.options)}</ul>"
    if isinstance(thing, Article) and thing.link:
        where = html.escape(thing.link)
        yield f'<p><a href="{where}">{where}</a></p>'
