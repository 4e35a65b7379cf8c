"""The walk through every page within reach, and what is looked at on each: rules, widths, keyboard, no scripts."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from playwright.sync_api import Page

from tests.browser import keyboard
from tests.browser.visitor import CONTRAST, RULES, Visitor, shape

NARROW, WIDE = 320, 1280
# Not pages: a download, what ends the visit, what other servers read, mails as mail programs show them.
LEFT_OUT = ("/source.tar.gz", "/sign-out", "/actor", "/users/", "/design/mail/")

# What a page offers: its headings, where it leads, what can be sent. The same with scripts and without.
OUTLINE = """() => {
  const shown = (one) => one.checkVisibility({ visibilityProperty: true });
  const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);
  const names = (form) => [...form.elements].map((one) => one.name).filter((one) => one && one !== "csrf_token");
  return {
    headings: all("h1, h2, h3").map((one) => one.tagName + " " + one.textContent.trim().replace(/\\s+/g, " ")),
    links: all("a[href]:not(.foot__choice)").map((one) => one.getAttribute("href")),
    forms: all("form").map((one) => (one.getAttribute("action") || "") + " " + one.method + " " + names(one)),
    unsendable: all("form").filter((one) => !one.querySelector("button:not([type]), [type=submit]"))
      .map((one) => one.outerHTML.slice(0, 120)),
  };
}"""

LAYOUT = """() => [
  [...document.querySelectorAll("main a[href]")].map((one) => one.getAttribute("href").split("#")[0]),
  [...document.querySelectorAll("main form")].map((one) => [...one.elements].map((field) => field.name).join()),
]"""
# Two pages under addresses of one shape are usually the same page twice; but some notices are one's own, some are news,
# some come from elsewhere.
MOST = {"/notices/ID": 12}
USUALLY = 2
# No link leads there: whoever builds the pages knows it.
UNLINKED = ("/design",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One way to look at a page, and the rules that are worth running then: colours alone change with the scheme."""

    scheme: str
    width: int
    rules: dict[str, object]

    def __str__(self) -> str:
        return f"{self.scheme} {self.width}"


# Each language by day and by night, wide and narrow: of any two of these, every pair is judged.
# Of the second to reach a page only the head is new, and that is theirs on every page: so many of theirs are judged.
WAYS = {
    "fr": (Look(scheme="light", width=WIDE, rules=RULES), Look(scheme="dark", width=NARROW, rules=RULES)),
    "en": (Look(scheme="dark", width=WIDE, rules=CONTRAST), Look(scheme="light", width=NARROW, rules=RULES)),
}
ONCE_MORE = WAYS["fr"][1:]
HEADS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something wrong, and where."""

    login: str | None
    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.login or 'a visitor'} on {self.path}: {self.what}"


@dataclass(kw_only=True)
class Crawl:
    """All that was seen, by everybody."""

    visited: dict[str | None, set[str]] = field(default_factory=dict)
    layouts: set[str] = field(default_factory=set)
    rules: list[Found] = field(default_factory=list)
    keys: list[Found] = field(default_factory=list)
    scripts: list[Found] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    heads: Counter[str | None] = field(default_factory=Counter)

    def walk(
        self, *, visitor: Visitor, plain: Visitor, login: str | None, starts: Sequence[str], further: bool = True
    ) -> None:
        """Go to these pages and, if `further`, wherever they lead; `plain` is the same person without scripts."""
        waiting, paths, times, layouts = list(starts), set[str](), Counter[str](), set[str]()
        while waiting:
            path = waiting.pop(0)
            if (
                path.startswith(LEFT_OUT)
                or path.split("?")[0].endswith((".ics", ".csv"))
                or path in paths
                or times[shape(path)] == MOST.get(shape(path), USUALLY)
            ):
                continue
            paths.add(path)
            times[shape(path)] += 1
            visitor.go(_in(path, "fr"))
            if (layout := _layout(path, visitor)) not in layouts:
                layouts.add(layout)
                self._look_at(path, layout=layout, visitor=visitor, plain=plain, login=login)
            waiting += sorted(visitor.links()) if further else ()
        self.visited[login] = {path.split("?")[0] for path in paths}
        self.foreign += [*visitor.foreign, *plain.foreign]

    def _look_at(self, path: str, *, layout: str, visitor: Visitor, plain: Visitor, login: str | None) -> None:
        """The page is open in French; it is opened once more in English, and once without scripts."""
        new = layout not in self.layouts
        self.layouts.add(layout)
        if not new:
            self.heads[login] += 1
            if self.heads[login] > HEADS:
                return

        def note(kind: list[Found], problems: Iterable[str]) -> None:
            kind.extend(Found(login=login, path=path, what=one) for one in problems)

        for look in WAYS["fr"] if new else ONCE_MORE:
            note(self.rules, (f"fr {look}: {one}" for one in see(visitor, look)))
        if not new:
            return
        visitor.page.set_viewport_size({"width": WIDE, "height": 900})
        offered = visitor.page.evaluate(OUTLINE)
        note(self.keys, keyboard.problems(visitor.page))
        plain.go(_in(path, "fr"))
        note(self.scripts, differences(offered, plain.page))
        visitor.go(_in(path, "en"))
        for look in WAYS["en"]:
            note(self.rules, (f"en {look}: {one}" for one in see(visitor, look)))
        if visitor.page.get_attribute("html", "lang") != "en":
            note(self.rules, ["does not speak English"])


def see(visitor: Visitor, look: Look) -> Sequence[str]:
    """Turn the page to one way of looking, without loading it again, and run the rules."""
    visitor.page.emulate_media(color_scheme=look.scheme)
    visitor.page.set_viewport_size({"width": look.width, "height": 900})
    return visitor.problems(look.rules)


def _layout(path: str, visitor: Visitor) -> str:
    """What kind of page this is: two notices may offer different things under addresses of one shape."""
    leads, sent = visitor.page.evaluate(LAYOUT)
    return f"{shape(path)} {sorted({shape(one) for one in leads})} {sorted(set(sent))}"


def differences(offered: dict[str, list[str]], page: Page) -> Iterator[str]:
    """What a page offers only with scripts, or only without, and what cannot be sent."""
    plain = page.evaluate(OUTLINE)
    for name in ("headings", "links", "forms"):
        if plain[name] != offered[name]:
            yield f"without scripts other {name}: {sorted(set(plain[name]) ^ set(offered[name]))}"
    yield from (f"cannot be sent: {one}" for one in plain["unsendable"])


def _in(path: str, language: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


def everybody(
    logins: Sequence[str | None], *, enter: Callable[..., Visitor], starts: Mapping[str | None, Sequence[str]]
) -> Crawl:
    """One walk by each of them through the whole place, and a look at single pages (`starts`) by some."""
    crawl = Crawl()
    for login in (*logins, *(one for one in starts if one not in logins)):
        known = login in logins
        first = ("/", *(UNLINKED if login else ())) if known else ()
        crawl.walk(
            visitor=enter(0, login, width=WIDE),
            plain=enter(0, login, java_script_enabled=False),
            login=login,
            starts=[*first, *starts.get(login, ())],
            further=known,
        )
    return crawl
