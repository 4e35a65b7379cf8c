"""Eight slips on a sheet, to cut: for whoever goes from letterbox to letterbox with scissors and no envelopes."""

from typing import Final

from web import tongue
from web.sheets.drawing import SOFT, Sheets
from web.sheets.order import Letterbox, Order
from web.tongue import Tongue

ACROSS: Final = 2
DOWN: Final = 4
WIDE: Final = 105.0
HIGH: Final = 74.25
MARGIN: Final = 8.0
QR: Final = 22.0
CODE_TOP: Final = 36.0


def draw(order: Order) -> bytes:
    """The slips as a PDF, in the order given: from left to right, then down, then the next sheet."""
    words = tongue.of(order.locale)
    title = words.say("Slips for %(building)s", building=order.building)
    sheets = Sheets(locale=order.locale, title=title, author=order.place)
    for number, letterbox in enumerate(order.letterboxes):
        place = number % (ACROSS * DOWN)
        if not place:
            sheets.sheet()
            _cuts(sheets)
        down, across = divmod(place, ACROSS)
        _slip(sheets, order=order, letterbox=letterbox, words=words, left=across * WIDE, top=down * HIGH)
    return bytes(sheets.output())


def _cuts(sheets: Sheets) -> None:
    sheets.cut(x1=WIDE, y1=0, x2=WIDE, y2=HIGH * DOWN)
    for line in range(1, DOWN):
        sheets.cut(x1=0, y1=line * HIGH, x2=WIDE * ACROSS, y2=line * HIGH)


def _slip(sheets: Sheets, *, order: Order, letterbox: Letterbox, words: Tongue, left: float, top: float) -> None:
    x, width = left + MARGIN, WIDE - 2 * MARGIN
    lot = words.say("Letterbox %(lot)s", lot=letterbox.lot)
    sheets.line_of(lot, x=x, y=top + MARGIN, width=width - QR, size=15, bold=True, tag="H1")
    sheets.same(f"above {left} {top}", lambda: _above(sheets, order=order, words=words, x=x, y=top + MARGIN + 7.5))
    sheets.code(letterbox.code, x=x, y=top + CODE_TOP, cell=6.1, size=22)
    sheets.same(f"below {left} {top}", lambda: _below(sheets, order=order, words=words, x=x, y=top + CODE_TOP + 11))


def _above(sheets: Sheets, *, order: Order, words: Tongue, x: float, y: float) -> None:
    width = WIDE - 2 * MARGIN - QR - 2
    below = sheets.line_of(f"{order.building}, {order.street}", x=x, y=y, width=width, size=9)
    said = words.say("Your neighbours have a board. With this code you sign up:")
    sheets.words(said, x=x, y=below + 1, width=width, size=9)
    shown = words.say("QR code that opens %(address)s", address=order.address)
    sheets.qr(order.address, x=x + width + 2, y=y - 9.5, side=QR, alt=shown)


def _below(sheets: Sheets, *, order: Order, words: Tongue, x: float, y: float) -> None:
    width = WIDE - 2 * MARGIN
    y = sheets.line_of(order.address, x=x, y=y, width=width, size=11, bold=True)
    sheets.set_text_color(*SOFT)
    until = words.say("It works once, until %(day)s. %(place)s", day=order.last_day, place=order.place)
    sheets.words(until, x=x, y=y + 1, width=width, size=8.5)
