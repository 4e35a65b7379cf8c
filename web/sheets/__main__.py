"""The process that draws: an order on its standard input, a PDF on its standard output, then it is gone."""

import sys

from web.sheets import printing
from web.sheets.order import Order


def main() -> None:
    """Draw one order."""
    sys.stdout.buffer.write(printing.draw(Order.unpacked(sys.stdin.read())))


if __name__ == "__main__":
    main()
