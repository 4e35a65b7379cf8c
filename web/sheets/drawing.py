"""The sheet of paper that is drawn on: our font, a tagged structure, audience doors, a QR code and cut lines.

Loaded only by the process that draws (`web.sheets.__main__`) and by commands: with its imports fpdf2 takes about
50 MB, which the process that answers people must not hold.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import segno
from fpdf import FPDF, ViewerPreferences

FONTS: Final = Path(__file__).parents[1] / "static" / "vendor" / "atkinson-paper"
FAMILIES: Final = {"paper": "latin", "farther": "latin-ext"}
WEIGHTS: Final = {"": 400, "B": 700}
INK: Final = (29, 27, 24)
SOFT: Final = (92, 83, 70)
LINE: Final = (150, 140, 120)
LIGHT: Final = (238, 232, 220)
LEADING: Final = 1.3
POINT: Final = 25.4 / 72
# Pixels a module of the QR code: at 34 mm and about 29 modules, finer than any office printer.
MODULE: Final = 24
SMALLEST: Final = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """A part that is the same on many sheets: its drawing operators, and its elements with their words."""

    operators: bytearray = field(default_factory=bytearray)
    elements: list[tuple[str, str | None]] = field(default_factory=list)


class Sheets(FPDF):
    """A4 sheets in one language. All lengths are millimetres from the upper left, sizes of letters are points."""

    def __init__(self, *, locale: str, title: str, author: str) -> None:
        super().__init__(format="A4", unit="mm")
        self.set_auto_page_break(auto=False)
        self.set_margin(0)
        self.c_margin = 0
        self.set_lang(locale)
        self.set_title(title)
        self.set_author(author)
        self.set_creator("Palier")
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        for family, script in FAMILIES.items():
            for style, weight in WEIGHTS.items():
                self.add_font(family, style, FONTS / f"atkinson-hyperlegible-next-{script}-{weight}-normal.ttf")
        self.set_fallback_fonts(["farther"])
        self.set_font("paper", size=11)
        self._marks = 0
        self._elements: list[tuple[str, str | None]] = []
        self._stock: dict[tuple[str, int], Stock] = {}

    def sheet(self) -> None:
        """Begin a new sheet."""
        self.add_page()
        self._marks = 0
        self.set_draw_color(*LINE)
        self.set_text_color(*INK)
        self.set_line_width(0.25)

    @contextmanager
    def tagged(self, kind: str, *, alt: str | None = None) -> Iterator[None]:
        """What is drawn inside is one element of the document's structure: "H1", "P", "Figure" (with its words).

        ISO 32000-1, 14.7. fpdf2 tags pictures only, and counts them anew through the whole document each time.
        """
        self._out(f"/{kind} <</MCID {self._marks}>> BDC")
        self._mark(kind, alt=alt)
        yield
        self._out("EMC")

    def _mark(self, kind: str, *, alt: str | None) -> None:
        _, page = self.struct_builder.add_marked_content(
            page_number=self.page, struct_type=f"/{kind}", mcid=self._marks, alt_text=alt
        )
        self.pages[self.page].struct_parents = page
        self._set_min_pdf_version("1.4")
        self._elements.append((kind, alt))
        self._marks += 1

    def same(self, name: str, draw: Callable[[], None]) -> None:
        """Draw what is the same on every sheet under this name: laid out once, then repeated byte for byte.

        Laying out text takes fpdf2 most of its time; with this a sheet takes a tenth of it.
        """
        key = (name, self._marks)
        content = self.pages[self.page].contents
        assert isinstance(content, bytearray)  # it becomes a stream only when the document is finished
        if key in self._stock:
            kept = self._stock[key]
            content.extend(kept.operators)
            self._resource_catalog.index_stream_resources(kept.operators.decode("latin-1"), self.page)
            for kind, alt in kept.elements:
                self._mark(kind, alt=alt)
            return
        begin, first = len(content), len(self._elements)
        with self.local_context():
            self.font_family = ""  # so that the part sets its font itself, and stands on any sheet
            draw()
        self._stock[key] = Stock(operators=content[begin:], elements=self._elements[first:])

    @contextmanager
    def ornament(self) -> Iterator[None]:
        """What is drawn inside says nothing: fold marks, cut lines, boxes."""
        self._out("/Artifact BMC")
        yield
        self._out("EMC")

    def words(
        self, text: str, *, x: float, y: float, width: float, size: float = 11, bold: bool = False, tag: str = "P"
    ) -> float:
        """Write a paragraph; returns where the next one may begin."""
        with self.tagged(tag):
            self.set_font("paper", style="B" if bold else "", size=size)
            self.set_xy(x, y)
            self.multi_cell(width, size * POINT * LEADING, printable(text), align="L", new_x="LEFT", new_y="NEXT")
        return self.get_y()

    def line_of(
        self, text: str, *, x: float, y: float, width: float, size: float, bold: bool = False, tag: str = "P"
    ) -> float:
        """Write one line as large as it can be up to `size`; what is still too long becomes a paragraph."""
        self.set_font("paper", style="B" if bold else "", size=size)
        needed = self.get_string_width(printable(text))
        fitting = size if needed <= width else max(SMALLEST, size * width / needed * 0.98)
        return self.words(text, x=x, y=y, width=width, size=fitting, bold=bold, tag=tag)

    def code(self, text: str, *, x: float, y: float, cell: float, size: float) -> None:
        """Write a code (letters, digits, dashes) in cells of one width, so that groups stand under groups."""
        with self.tagged("P"):
            # Read aloud and copied as one word, although its letters stand apart (ISO 32000-1, 14.9.4).
            self._out(f"/Span <</ActualText ({text})>> BDC")
            self.set_font("paper", style="B", size=size)
            baseline = y + size * POINT
            for letter in text:
                advance = cell * 0.75 if letter == "-" else cell
                self.text(x + (advance - self.get_string_width(letter)) / 2, baseline, letter)
                x += advance
            self._out("EMC")

    def qr(self, address: str, *, x: float, y: float, side: float, alt: str) -> None:
        """Draw an address as a QR code (ISO/IEC 18004, level M, with its quiet zone)."""
        with self.tagged("Figure", alt=alt):
            self.image(io.BytesIO(_qr_picture(address)), x=x, y=y, w=side, h=side)

    def door(self, reach: str, *, x: float, y: float, side: float) -> None:
        """Draw the audience mark as on every page: closed, ajar, open, open to the street."""
        unit = side / 40
        with self.ornament():
            self.set_line_width(unit * 2)
            self.set_draw_color(*INK)
            for points, filled in _DOORS[reach]:
                self.set_fill_color(*(LIGHT if filled == "light" else INK))
                placed = [(x + across * unit, y + down * unit) for across, down in points]
                if filled:
                    self.polygon(placed, style="F" if filled == "light" else "DF")
                else:
                    self.polyline(placed)
            self.set_line_width(0.25)
            self.set_draw_color(*LINE)

    def cut(self, *, x1: float, y1: float, x2: float, y2: float) -> None:
        """Draw a line to cut along."""
        with self.ornament():
            self.set_dash_pattern(dash=1.5, gap=1.5)
            self.line(x1, y1, x2, y2)
            self.set_dash_pattern()


Points = tuple[tuple[float, float], ...]
_SHUT: Final[Points] = ((12, 31), (12, 9), (28, 9), (28, 31))
_WIDE: Final[Points] = ((14, 31), (14, 9), (30, 9), (30, 31))
_TURNED: Final[Points] = ((14, 9), (7.5, 12.5), (7.5, 34.5), (14, 31))
# The drawings of _macros.html, in the same forty units: lines, and areas filled with ink or lightly.
_DOORS: Final[dict[str, tuple[tuple[Points, str], ...]]] = {
    "building": ((((14, 11), (26, 11), (26, 31), (14, 31)), "ink"), (_SHUT, ""), (((8, 31), (32, 31)), "")),
    "quarter": (
        (((14, 11), (22, 13), (22, 33), (14, 31)), "ink"),
        (_SHUT, ""),
        (((8, 31), (12, 31)), ""),
        (((24, 31), (32, 31)), ""),
    ),
    "network": (
        (((14, 9), (30, 9), (30, 31), (33.5, 36), (18, 36), (14, 31)), "light"),
        (_WIDE, ""),
        (_TURNED, "ink"),
    ),
}


@cache
def _qr_picture(address: str) -> bytes:
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(picture, kind="png", scale=MODULE, border=4)
    return picture.getvalue()


def printable(text: str) -> str:
    """The text with the one space our font lacks replaced by its wider sister."""
    return text.replace("\u202f", "\u00a0")
