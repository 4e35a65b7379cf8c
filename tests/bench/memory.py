"""How much memory one idle embedded instance takes: PSS of every process, `python -m tests.bench.memory`.

The other instance of the demonstration runs beside it and shares the libraries' pages, so a second figure
gives what the processes hold for themselves alone (private pages), which nobody shares.
"""

import re
import tempfile
import time
from pathlib import Path

from tests import running

SETTLE_SECONDS = 30


def _private_kib(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(one) for one in re.findall(r"^Private_\w+:\s+(\d+) kB", text, re.MULTILINE))


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()[-40:].strip()


def main() -> None:
    """Start the demonstration, let it come to rest, print a line per process and the sum for each instance."""
    with tempfile.TemporaryDirectory() as scratch, running.demo(Path(scratch) / "demo") as demo:
        time.sleep(SETTLE_SECONDS)
        children = Path(f"/proc/{demo.process.pid}/task/{demo.process.pid}/children").read_text().split()
        for supervisor in map(int, children):
            pids = running.family(supervisor)
            for pid in pids:
                shared, private = running.proportional_kib(pid) / 1024, _private_kib(pid) / 1024
                print(f"{shared:7.1f} MiB PSS  {private:7.1f} private  {_name(pid)}")
            total = sum(map(running.proportional_kib, pids)) / 1024
            print(f"{total:7.1f} MiB PSS in {len(pids)} processes of one instance\n")


if __name__ == "__main__":
    main()
