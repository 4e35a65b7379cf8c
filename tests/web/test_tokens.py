"""The colours and sizes of tokens.css: contrast computed in both themes, one scale, one grid, nothing left over."""

import re
from itertools import product

import pytest

from tests.house.sources import ROOT
from web.frame import tokens

GROUNDS = ("board", "paper", "paper-worn")
# White is for sheets of paper, which have the day's inks in both themes.
PAPER_ONLY = [("ink", "white", 7.0), ("ink-soft", "white", 7.0), ("blue", "white", 4.5), ("line-strong", "white", 3.0)]
WASHES = {"blue": "blue-wash", "terracotta": "terracotta-wash", "olive": "olive-wash", "ochre": "ochre-wash"}
AAA, AA, GRAPHIC = 7.0, 4.5, 3.0

# (what is on top, what it lies on, the contrast WCAG 2.2 asks for: 1.4.3, 1.4.6 and 1.4.11)
PAIRS = (
    *((ink, ground, AAA) for ink, ground in product(("ink",), (*GROUNDS, *WASHES.values(), "red-wash"))),
    *(("ink-soft", ground, AAA) for ground in ("paper", "paper-worn")),
    *(("ink-soft", ground, AA) for ground in ("board", *WASHES.values(), "red-wash")),
    *((ink, ground, AA) for ink, ground in product(("blue", "blue-deep", "red"), GROUNDS)),
    *((ink, "paper", AA) for ink in WASHES),
    *((ink, wash, AA) for ink, wash in WASHES.items()),
    ("blue-deep", "blue-wash", AA),
    ("red", "red-wash", AA),
    ("on-blue", "blue", AAA),
    ("on-blue", "blue-deep", AAA),
    *(("line-strong", ground, GRAPHIC) for ground in GROUNDS),
    ("plate-line", "plate", AA),
    ("sun", "plate", AA),
)
# A line that only decorates: nothing depends on seeing it.
DECORATION = {"line"}
THEMES = {"light": tokens.light(), "dark": tokens.dark()}
SHEETS = [*(ROOT / "web" / "static" / "css").glob("*.css")]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The ratio of two colours, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def is_colour(value: str) -> bool:
    return re.fullmatch(r"#[0-9a-f]{6}", value) is not None


def test_the_measure_knows_black_white_and_grey() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
def test_every_pair_has_the_contrast_it_needs(theme: str) -> None:
    values = THEMES[theme]
    weak = [
        f"{ink} on {ground}: {contrast(values[ink], values[ground]):.2f}, not {wanted}"
        for ink, ground, wanted in [*PAIRS, *(PAPER_ONLY if theme == "light" else [])]
        if contrast(values[ink], values[ground]) < wanted
    ]
    assert weak == []


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_is_in_a_pair(theme: str) -> None:
    colours = {name for name, value in THEMES[theme].items() if is_colour(value)}
    assert colours - {name for ink, ground, _ in [*PAIRS, *PAPER_ONLY] for name in (ink, ground)} == DECORATION


def test_the_night_is_the_same_whoever_asks_for_it() -> None:
    assert tokens.blocks()[tokens.DARK] == tokens.blocks()[tokens.DARK_BY_ITSELF]
    assert set(tokens.blocks()[tokens.DARK]) <= set(tokens.blocks()[tokens.LIGHT])


def test_values_for_mail_are_plain() -> None:
    for values in THEMES.values():
        for name, value in values.items():
            assert not re.search(r"var\(|clamp\(|\drem", value), name
    assert tokens.light()["ink"] == "#1d1b18"
    assert tokens.light()["u4"] == "16px"
    assert tokens.light()["s-page"] == "42.8px"
    assert tokens.light()["s-body"] == "18px"


def test_the_space_is_a_grid_of_four_pixels_and_there_are_six_sizes_of_type() -> None:
    values = tokens.light()
    assert {name: value for name, value in values.items() if re.fullmatch(r"u\d+", name)} == {
        f"u{step}": f"{4 * step}px" for step in (1, 2, 3, 4, 6, 8, 12, 16)
    }
    assert len([name for name in values if name.startswith("s-")]) == 6
    assert float(values["target"].removesuffix("px")) >= 44


def test_no_sheet_names_a_value_that_is_not_there() -> None:
    known = set(tokens.light())
    for sheet in SHEETS:
        words = sheet.read_text("utf-8")
        own = set(re.findall(r"--([\w-]+)\s*:", words))
        assert set(re.findall(r"var\(--([\w-]+)", words)) <= known | own, sheet.name


def test_no_value_is_left_over() -> None:
    used = {name for sheet in SHEETS for name in re.findall(r"var\(--([\w-]+)", sheet.read_text("utf-8"))}
    assert {name for name in tokens.light() if not name.startswith("hall-")} - used == set()
