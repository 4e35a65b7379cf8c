"""Has an order drawn by a process apart, so that 2,000 letters hold up nobody who wants to read the board.

Codes travel through a pipe: never as an argument, which everybody on the machine can read, and never as a file.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

from web.sheets.order import Order

ROOT: Final = Path(__file__).parents[2]
SECONDS: Final = 120


def draw(order: Order) -> bytes:
    """The PDF. Raises subprocess.SubprocessError when it could not be drawn, or not within two minutes."""
    done = subprocess.run(
        [sys.executable, "-m", "web.sheets"],
        input=order.packed().encode(),
        stdout=subprocess.PIPE,
        cwd=ROOT,  # where the packages are, wherever this process was started from
        timeout=SECONDS,
        check=True,
    )
    return done.stdout
