"""How a text of another town is shown here: its words with what they would be poor without, and where to read on."""

import html
from collections.abc import Iterator

from activitypub.vocabulary import Article, Event, Note
from federation import policy
from instance import prose


def words(thing: Article | Event | Note) -> str:
    """The text, the answers of a question and the link a post is about, as HTML that is still to be cleaned."""
    return "".join(_parts(thing))


def line(html_: str | None) -> str:
    """A title or a warning as one line of what is seen; empty when there is nothing."""
    return policy.visible(prose.plain(html_ or ""))


def page(thing: Article | Event | Note) -> str:
    """Where to read on: its page if that is on its own host, else its address (CVE-2023-36462 class)."""
    is_own = thing.url is not None and policy.authority(thing.url) == policy.authority(thing.id)
    return thing.url if thing.url and is_own else thing.id


def _parts(thing: Article | Event | Note) -> Iterator[str]:
    yield thing.content
    if isinstance(thing, Note) and thing.options:
        yield f"<ul>{''.join(f'<li>{html.escape(one)}</li>' for one in thing.options)}</ul>"
    if isinstance(thing, Article) and thing.link:
        where = html.escape(thing.link)
        yield f'<p><a href="{where}">{where}</a></p>'
