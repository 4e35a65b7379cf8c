"""Text as people type it (Markdown) and HTML as others send it, both made safe to show."""

import html as entities
import re

import nh3
from markdown_it import MarkdownIt

# What we emit and what we accept: nothing that loads, runs, or imitates our pages.
TAGS = {"p", "br", "a", "em", "strong", "b", "i", "u", "del", "ul", "ol", "li", "blockquote", "code", "pre", "h2"}
ATTRIBUTES = {"a": {"href"}, "*": set[str]()}  # "*": the cleaner would let titles and languages pass everywhere
SCHEMES = {"http", "https", "mailto"}
# Cleaning takes the square of the nesting: a megabyte of open quotes would hold a worker for minutes.
LONGEST_HTML = 60_000

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(["image", "html_block", "html_inline"])


def clean(html: str) -> str:
    """HTML with only the tags above; links open without telling the other site where they were.

    What is beyond `LONGEST_HTML` is cut before cleaning, so that no tag or quote stays open.
    """
    return nh3.clean(
        html[:LONGEST_HTML],
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        # A relative link in a stranger's words would lead to a page of ours.
        url_relative="deny",
        link_rel="nofollow noopener noreferrer",
    )


def render(text: str) -> str:
    """Markdown to safe HTML. A first-level heading becomes a second: the page has its own first."""
    html: str = _markdown.render(text)
    return clean(re.sub(r"<(/?)h[1-6]>", r"<\1h2>", html))


def plain(html: str) -> str:
    """The words of some HTML, one paragraph a line."""
    broken = re.sub(r"<(?:/p|/li|/h2|br\s*/?)>", "\n", html[:LONGEST_HTML])
    bare = nh3.clean(broken, tags=set())
    lines = (" ".join(line.split()) for line in entities.unescape(bare).splitlines())
    return "\n".join(line for line in lines if line)


def excerpt(text: str, *, longest: int) -> str:
    """The beginning of a text, cut between words, with an ellipsis if anything was cut."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    return text[: longest - 1].rsplit(" ", 1)[0].rstrip(",;:. ") + "…"
