"""How a text of another town is shown here: its words with what they would be poor without, and where to read on."""

import html
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from activitypub.vocabulary import Article, Note
from federation import policy
from instance import prose

# As far as the clock of a town may be ahead of ours.
AHEAD: Final = timedelta(days=1)


def words(thing: Article | Note) -> str:
    """The text, the answers of a question and the link a post is about, as HTML that is still to be cleaned."""
    return "".join(_parts(thing))


def line(html_: str | None) -> str:
    """A title or a warning as one line of what is seen; empty when there is nothing."""
    return policy.visible(prose.plain(html_ or ""))


def page(thing: Article | Note) -> str:
    """Where to read on: its page if that is on its own host, else its address (CVE-2023-36462 class)."""
    is_own = thing.url is not None and policy.authority(thing.url) == policy.authority(thing.id)
    return thing.url if thing.url and is_own else thing.id


def moment(thing: Article | Note, *, received_at: datetime) -> datetime:
    """Which version of a text this is: later ones replace it. A moment far ahead would keep all of them out."""
    told = thing.updated or thing.published or received_at
    return told if told <= received_at + AHEAD else received_at


def _parts(thing: Article | Note) -> Iterator[str]:
    yield thing.content
    if isinstance(thing, Note) and thing.options:
        yield f"<ul>{''.join(f'<li>{html.escape(one)}</li>' for one in thing.options)}</ul>"
    if isinstance(thing, Article) and thing.link:
        where = html.escape(thing.link)
        yield f'<p><a href="{where}">{where}</a></p>'
