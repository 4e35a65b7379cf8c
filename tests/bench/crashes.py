"""Runs with crashes at random points: `python -m tests.bench.crashes [COUNT [FIRST]]`, 10,000 unless told otherwise.

Each run is a story in two instances whose process is killed up to four times; FIRST is the seed of the first run.
The same runs as in `tests/town/test_crashing.py`, which does a few dozen.
"""

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests import servers
from tests.conftest import tables_of
from tests.town import crashing

COUNT = 10_000
NOW = datetime(2027, 5, 11, 8, tzinfo=UTC)


def main(count: int, first: int) -> None:
    """Run, and end with the first run that lost or doubled something."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        runs = crashing.copies(Path(scratch), now=NOW, blank=_blank)
        died = 0
        for seed in range(first, first + count):
            died += runs.run(seed)
            if (seed - first + 1) % 100 == 0:
                print(f"{seed - first + 1} runs, {died} crashes, {time.monotonic() - began:.0f} s", flush=True)
    print(f"{count} runs, {died} crashes: nothing lost, nothing doubled.")


def _blank(side: str, file: Path) -> None:
    servers.fill(f"sqlite:///{file}", tables_of(side))


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    main(given[0] if given else COUNT, given[1] if len(given) > 1 else 0)
