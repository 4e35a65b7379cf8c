"""From an order to a PDF, in this very process: what commands call, and the process that draws for the pages."""

from collections.abc import Callable, Mapping
from typing import Final

from web.sheets import letters, slips
from web.sheets.order import Order, Paper

PAPERS: Final[Mapping[Paper, Callable[[Order], bytes]]] = {Paper.LETTERS: letters.draw, Paper.SLIPS: slips.draw}


def draw(order: Order) -> bytes:
    """The PDF. Takes some milliseconds a letter, and some 50 MB that stay until the process ends."""
    return PAPERS[order.paper](order)
