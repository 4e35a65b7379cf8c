"""P8, reader privacy: whoever opens a page tells nobody, neither by an image nor by a style, a form or a link ahead."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from instance import comments, correspondence, news, notices
from instance.notices import Origin
from tests import keys
from tests.house.sources import ROOT
from tests.town.houses import Town
from tests.town.proofs import crawl, foreign
from tests.town.proofs.story import Story

PAGE = "http://marseille.localhost/notices/1"
STATIC = ROOT / "web" / "static"
SPY = "https://spy.example/x"
# What somebody elsewhere might put into a notice to learn who reads it.
TRACKERS = [
    f'<img src="{SPY}" width="1" height="1">',
    f'<img srcset="/a.png 1x, {SPY} 2x">',
    f'<picture><source srcset="{SPY}"></picture>',
    f'<video poster="{SPY}"></video>',
    f'<audio src="{SPY}"></audio>',
    f'<iframe src="{SPY}"></iframe>',
    f"<iframe srcdoc=\"<img src='{SPY}'>\"></iframe>",
    f'<object data="{SPY}"></object>',
    f'<embed src="{SPY}">',
    f'<link rel="stylesheet" href="{SPY}">',
    f'<link rel="preconnect" href="{SPY}">',
    '<link rel="dns-prefetch" href="//spy.example">',
    f'<base href="{SPY}">',
    f'<meta http-equiv="refresh" content="0; url={SPY}">',
    f'<form action="{SPY}"><input type="image" src="{SPY}"></form>',
    f'<button formaction="{SPY}">x</button>',
    f'<a href="/here" ping="{SPY}">x</a>',
    f'<p style="background: url({SPY})">x</p>',
    f"<style>@import '{SPY}'; p {{ background: url({SPY}) }}</style>",
    f'<svg><image href="{SPY}"></image><use xlink:href="{SPY}#a"></use></svg>',
    f'<body background="{SPY}">',
    f'<script src="{SPY}"></script>',
    f'<table background="{SPY}"></table>',
    '<img src="//spy.example/x">',
    '<img src=" https://spy.example/x ">',
    r'<img src="\\spy.example/x">',
    '<img src="https:/\t/spy.example/x">',
]


@pytest.mark.parametrize("html", TRACKERS)
def test_the_scan_finds_every_way_of_telling(html: str) -> None:
    assert foreign.foreign(f"<p>{html}</p>", page=PAGE)


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://elsewhere.example/">x</a>',
        '<img src="/a.png">',
        '<img src="data:image/png;base64,AA">',
        "<p>x</p>",
    ],
)
def test_the_scan_leaves_alone_what_tells_nobody(html: str) -> None:
    assert not foreign.foreign(html, page=PAGE)


@pytest.fixture
def story(town: Town, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    keys.install(monkeypatch)
    made = Story(town)
    made.live()
    yield made
    made.close()


def _pester(story: Story) -> str:
    """Whatever comes from elsewhere carries every tracker: news, a public answer, a private letter."""
    html, here = "<p>Bonjour</p>" + "".join(TRACKERS), story.here
    uri = "https://spy.example/users/spy/articles/1"
    origin = Origin(
        uri=uri,
        actor_uri="https://spy.example/users/spy",
        name=f'Spy <img src="{SPY}">',
        host="spy.example",
        url="https://spy.example/1",
        updated=story.town.now,
    )
    shared = {"title": f"Titre {TRACKERS[0]}", "summary": TRACKERS[0], "html": html, "language": "fr"}
    hung = here.do(news.welcome, origin=origin, **shared)
    assert isinstance(hung, notices.Notice)
    here.do(comments.welcome, notice=story.public, origin=origin, html=html)
    across = story.across()
    letter = correspondence.Letter(
        uri=f"{uri}/letter",
        sender=str(across.remote_actor),
        sender_name="Spy",
        host="spy.example",
        html=html,
        reply_to_message=across.messages[0].public_id,
    )
    here.do(correspondence.receive, letter=letter, listing=None)
    return f"/notices/{hung.public_id}"


@pytest.mark.sqlite
@pytest.mark.timeout(600)
def test_no_page_tells_anybody_that_it_is_read(story: Story) -> None:
    pestered = [_pester(story), f"/notices/{story.public.public_id}", f"/conversations/{story.across().public_id}"]
    visitors = crawl.visitors(story)
    odile = crawl.Visitor(name="odile", reader="odile", client=story.here.browser(story.odile))
    asked = [(odile, path) for path in ("/", *pestered)]
    known = crawl.values(story)
    for rule in crawl.routes(story.here.pages):
        if rule.endpoint in {"static", "about.source"}:
            continue
        addresses = list(crawl.addresses(story.here.pages, rule, known=known))
        asked += [(visitor, one) for visitor in visitors for one in addresses[:4]]
    asked += [(visitors[0], f"/hall/{story.wall_key}")]
    looked = 0
    for visitor, path in asked:
        answer = visitor.client.get(path)
        assert answer.headers["Referrer-Policy"] in {"no-referrer", "same-origin"}, path
        _demand_closed(answer.headers["Content-Security-Policy"], path)
        assert "Link" not in answer.headers or "preconnect" not in answer.headers["Link"], path
        if answer.mimetype == "text/html":
            found = foreign.foreign(answer.text, page=story.here.origin + path)
            assert not found, (visitor.name, path, found)
            looked += "<main" in answer.text
    assert looked > 200
    for path in pestered:
        answer = odile.client.get(path)
        assert answer.status_code == 200
        assert "Bonjour" in answer.text
        # What is left of the trackers is text: escaped, or gone.
        assert not re.search(r"<[^>]*spy\.example/x", answer.text)


def _demand_closed(policy: str, path: str) -> None:
    """A policy that lets a browser load from nowhere else, even if a page asked for it."""
    rules = {name: set(sources) for name, *sources in (one.split() for one in policy.split(";") if one.strip())}
    assert rules["default-src"] == {"'none'"}, path
    assert rules["frame-ancestors"] == {"'none'"}, path
    assert all(sources <= {"'self'", "'none'", "data:"} for sources in rules.values()), path
    assert "script-src" not in rules or rules["script-src"] <= {"'self'", "'none'"}, path


def test_what_came_from_elsewhere_is_cleaned_before_it_is_stored(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.install(monkeypatch)
    house = town.build("marseille")
    origin = Origin(
        uri="https://spy.example/1",
        actor_uri="https://spy.example/users/spy",
        name="Spy",
        host="spy.example",
        url=None,
        updated=town.now,
    )
    for number, html in enumerate(TRACKERS):
        one = Origin(**{name: getattr(origin, name) for name in Origin.__slots__} | {"uri": f"{origin.uri}{number}"})
        house.do(news.welcome, origin=one, title="x", summary="x", html=html, language="fr")
    with house.home.read() as session:
        kept = session.scalars(select(notices.Notice.html)).all()
    assert len(kept) == len(TRACKERS)
    assert not [html for html in kept if foreign.foreign(html, page=PAGE)]


def test_style_sheets_and_drawings_load_nothing_from_elsewhere() -> None:
    sheets = sorted(STATIC.rglob("*.css"))
    assert sheets
    for file in sheets:
        used = list(foreign.in_style(file.read_text(encoding="utf-8")))
        assert not [one for one in used if foreign.elsewhere(one, page=PAGE)], file.name
    for file in STATIC.rglob("*.svg"):
        assert not foreign.foreign(file.read_text(encoding="utf-8"), page=PAGE), file.name


def test_scripts_speak_to_nobody_else() -> None:
    speaks = re.compile(r"""(?:fetch|EventSource|WebSocket|sendBeacon|open|import)\(\s*["'`](?:https?:|wss?:)?//""")
    files = [file for file in STATIC.rglob("*.js") if "vendor" not in file.parts]
    assert files
    assert not [file.name for file in files if speaks.search(file.read_text(encoding="utf-8"))]


def test_the_scan_looks_into_what_a_style_imports() -> None:
    assert list(foreign.in_style("/* url(https://x) */ @import 'a.css'; p { b: url( \"b.png\" ) }")) == [
        "a.css",
        "b.png",
    ]
