"""What a page or a style sheet would make a browser load from, or send to, without being asked."""

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

# By the letter of the HTML standard: attributes whose address is fetched, sent to, or connected with by itself.
FETCHED = {
    "src",
    "srcset",
    "imagesrcset",
    "poster",
    "background",
    "data",
    "action",
    "formaction",
    "ping",
    "manifest",
    "codebase",
    "classid",
    "archive",
    "longdesc",
    "dynsrc",
    "lowsrc",
    "profile",
}
# Elements whose `href` is fetched; that of a link for people is not.
FETCHED_BY_HREF = {"link", "base", "image", "use", "feimage", "script", "pattern", "lineargradient", "mpath", "cursor"}
LISTS = {"srcset", "imagesrcset", "ping"}
STYLE = re.compile(
    r"""url\(\s*["']?([^"')]+)|@import\s+(?:url\()?\s*["']?([^"');]+)|image-set\(\s*["']([^"']+)""", re.IGNORECASE
)
REFRESH = re.compile(r"url\s*=\s*[\"']?([^\"';]+)", re.IGNORECASE)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        given = {name: value or "" for name, value in attrs}
        for name, value in given.items():
            bare = name.rpartition(":")[2]
            if bare in LISTS:
                parts = value.split(",") if bare != "ping" else value.split()
                self.found += [(f"{tag} {name}", part.split()[0]) for part in parts if part.split()]
            elif bare in FETCHED or (bare == "href" and tag in FETCHED_BY_HREF):
                self.found.append((f"{tag} {name}", value))
            elif bare == "style":
                self.found += [(f"{tag} style", one) for one in in_style(value)]
            elif bare == "srcdoc":
                self.found += list(addresses(value))
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            self.found += [("meta refresh", one) for one in REFRESH.findall(given.get("content", ""))]
        if tag == "meta" and given.get("property", "").startswith("og:"):
            self.found.append(("meta og", given.get("content", "")))

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.found += [("style", one) for one in in_style(data)]

    def handle_endtag(self, _tag: str) -> None:
        self._in_style = False


def in_style(text: str) -> Iterator[str]:
    """Every address that a style sheet loads."""
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    for found in STYLE.findall(bare):
        yield next(one for one in found if one).strip()


def addresses(html: str) -> Iterator[tuple[str, str]]:
    """Every address that a page uses by itself, with the place it stands in."""
    page = _Page()
    page.feed(html)
    page.close()
    yield from page.found


def elsewhere(address: str, *, page: str) -> bool:
    """Whether an address leads to another origin than the page's own; what is written in place leads nowhere."""
    # A browser drops tabs and line ends, and takes a backslash for a slash.
    address = re.sub(r"[\t\r\n]", "", address.strip()).replace("\\", "/")
    if address.lower().startswith(("data:", "about:", "#")):
        return False
    own, there = urlsplit(page), urlsplit(urljoin(page, address))
    return (there.scheme, there.netloc) != (own.scheme, own.netloc)


def foreign(html: str, *, page: str) -> list[str]:
    """What a page would tell to somebody else by being opened."""
    return [f"{place}: {address}" for place, address in addresses(html) if elsewhere(address, page=page)]
