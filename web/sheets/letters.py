"""One A4 letter for each letterbox: folded in three it shows its lot in the window of a DL envelope.

The QR code leads to the page where one signs up and does not carry the code. A code in an address would stay in
the history of telephones, and many a scanner shows what it reads to a third party; twelve letters are typed once.
"""

from typing import Final

from web import tongue
from web.sheets.drawing import SOFT, Sheets
from web.sheets.order import Letterbox, Order
from web.tongue import Tongue

LEFT: Final = 20.0
WIDTH: Final = 170.0
# A DL envelope with its window on the right: the lot stands there, and the code does not.
WINDOW: Final = 110.0
WINDOW_WIDTH: Final = 82.0
FOLDS: Final = (99.0, 198.0)
QR: Final = 34.0
BOX_TOP: Final = 134.0
BOX: Final = 44.0
BOX_LEFT: Final = LEFT + 6
BOX_WIDTH: Final = WIDTH - QR - 18
CODE_TOP: Final = BOX_TOP + 10.5


def draw(order: Order) -> bytes:
    """The letters as a PDF, a sheet for each letterbox in the order given."""
    words = tongue.of(order.locale)
    title = words.say("Letters for %(building)s", building=order.building)
    sheets = Sheets(locale=order.locale, title=title, author=order.place)
    for letterbox in order.letterboxes:
        sheets.sheet()
        sheets.same("head", lambda: _head(sheets, order=order, words=words))
        _lot(sheets, letterbox=letterbox, words=words)
        sheets.same("message", lambda: _message(sheets, order=order, words=words))
        sheets.code(letterbox.code, x=BOX_LEFT, y=CODE_TOP, cell=7.9, size=29)
        sheets.same("below", lambda: _below(sheets, order=order, words=words))
    return bytes(sheets.output())


def _head(sheets: Sheets, *, order: Order, words: Tongue) -> None:
    with sheets.ornament():
        for fold in FOLDS:
            sheets.line(4, fold, 9, fold)
    sheets.line_of(order.place, x=LEFT, y=18, width=80, size=15, bold=True)
    sheets.words(words.say("To whoever lives here"), x=WINDOW, y=47, width=WINDOW_WIDTH, size=10)


def _lot(sheets: Sheets, *, letterbox: Letterbox, words: Tongue) -> None:
    # Above all others: whoever puts forty of these into letterboxes reads nothing but this.
    lot = words.say("Letterbox %(lot)s", lot=letterbox.lot)
    sheets.line_of(lot, x=WINDOW, y=51.5, width=WINDOW_WIDTH, size=22, bold=True)


def _message(sheets: Sheets, *, order: Order, words: Tongue) -> None:
    y = 62.0
    for line in (order.building, order.street, order.town):
        y = sheets.line_of(line, x=WINDOW, y=y, width=WINDOW_WIDTH, size=11)
    title = words.say("Your neighbours have a board")
    y = sheets.words(title, x=LEFT, y=104, width=WIDTH, size=20, bold=True, tag="H1")
    sheets.words(_what(order, words=words), x=LEFT, y=y + 2, width=WIDTH)
    with sheets.ornament():
        sheets.rect(LEFT, BOX_TOP, WIDTH, BOX, round_corners=True, corner_radius=2)
    sheets.words(words.say("Your code"), x=BOX_LEFT, y=BOX_TOP + 4, width=BOX_WIDTH, size=11, bold=True)


def _what(order: Order, *, words: Tongue) -> str:
    if order.first_day is not None:
        return words.say(
            "%(building)s is handed over on %(day)s. This letter opens its board now, for you and the other future "
            "neighbours. It costs nothing, and there is no advertising.",
            building=order.building,
            day=order.first_day,
        )
    return words.say(
        "At %(building)s neighbours lend a ladder, ask for a hand, and read the news of the building. "
        "This letter opens the board for your home. It costs nothing, and there is no advertising.",
        building=order.building,
    )


def _below(sheets: Sheets, *, order: Order, words: Tongue) -> None:
    _code_rules(sheets, order=order, words=words)
    y = sheets.words(words.say("How to sign up"), x=LEFT, y=187, width=WIDTH, size=13, bold=True, tag="H2") + 1
    for number, line in enumerate(_steps(order, words=words), start=1):
        y = sheets.words(f"{number}. {line}", x=LEFT, y=y, width=WIDTH)
    y = sheets.words(words.say("Who sees what"), x=LEFT, y=y + 4, width=WIDTH, size=13, bold=True, tag="H2") + 1
    for reach, line in _reaches(words):
        sheets.door(reach, x=LEFT - 1, y=y - 1.6, side=8.5)
        y = max(sheets.words(line, x=LEFT + 9, y=y, width=WIDTH - 9), y + 7)
    sheets.set_text_color(*SOFT)
    further = words.say("Somebody of your home has signed up already? Then the code is for one more person.")
    y = sheets.words(further, x=LEFT, y=y + 4, width=WIDTH, size=9.5)
    y = sheets.words(_contact(order, words=words), x=LEFT, y=y + 1.5, width=WIDTH, size=9.5)
    for other in _other_tongues(order):
        sheets.words(_shortly(order, words=other), x=LEFT, y=y + 1.5, width=WIDTH, size=9.5)


def _code_rules(sheets: Sheets, *, order: Order, words: Tongue) -> None:
    y = sheets.words(
        words.say("It works once, until %(day)s, and for this letterbox only.", day=order.last_day),
        x=BOX_LEFT,
        y=CODE_TOP + 15,
        width=BOX_WIDTH,
        size=10,
    )
    sheets.line_of(order.address, x=BOX_LEFT, y=y + 1, width=BOX_WIDTH, size=12, bold=True)
    sheets.qr(
        order.address,
        x=LEFT + WIDTH - QR - 5,
        y=BOX_TOP + (BOX - QR) / 2,
        side=QR,
        alt=words.say("QR code that opens %(address)s", address=order.address),
    )


def _steps(order: Order, *, words: Tongue) -> tuple[str, ...]:
    return (
        words.say("Scan the square with a telephone, or type %(address)s.", address=order.address),
        words.say("Type the code. Small or capital letters, with or without dashes."),
        words.say("Say your name and choose a password. An e-mail address is not needed."),
    )


def _reaches(words: Tongue) -> tuple[tuple[str, str], ...]:
    return (
        ("building", words.say("In the building: your full name, and what you write for the building.")),
        ("quarter", words.say("In the quarter and the town: your first name and an initial.")),
        ("network", words.say("Outside the town: nothing, except what you choose to send and sign yourself.")),
    )


def _contact(order: Order, *, words: Tongue) -> str:
    if order.contact:
        return words.say("A question? Write to %(address)s.", address=order.contact)
    return words.say("A question? Ask whoever gave you this letter.")


def _other_tongues(order: Order) -> list[Tongue]:
    return [tongue.of(one) for one in ("fr", "en") if one != order.locale]


def _shortly(order: Order, *, words: Tongue) -> str:
    return words.say(
        "In English: this is the notice board of your building. Open %(address)s and type the code above.",
        address=order.address,
    )
