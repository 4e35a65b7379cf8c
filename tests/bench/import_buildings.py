"""How fast, and in how much memory, a city's buildings are entered: `python -m tests.bench.import_buildings [COUNT]`.

Twenty lots a building; run in a process of its own, so that its peak is the command's and nothing else's.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COUNT = 26_000
LOTS = "1-20"


def _file(folder: Path, *, count: int) -> Path:
    file = folder / "buildings.csv"
    with file.open("w", encoding="utf-8") as out:
        out.write("quarter;name;street;lots\n")
        out.writelines(f"belsunce;Immeuble {n};{n} rue Imaginaire;{LOTS}\n" for n in range(count))
    return file


def _measure(words: list[str], *, environ: dict[str, str]) -> tuple[float, float, float]:
    """Seconds on the clock, seconds of the processor, and the peak in MiB, of one command."""
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "web.cli", *words], env=environ)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    """Import a tenth, then all: memory that grows with the file would show."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    for size in (count // 10, count):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            environ = {
                **os.environ,
                "PALIER_ORIGIN": "http://127.0.0.1:8000",
                "PALIER_DEVELOPMENT": "1",
                "PALIER_DATA": str(folder / "data"),
            }
            _measure(["init", "--quiet", "--marseille"], environ=environ)
            file = _file(folder, count=size)
            for words in (["--dry-run"], []):
                seconds, busy, peak = _measure(["buildings", "import", str(file), *words], environ=environ)
                name = "checked" if words else "entered"
                print(
                    f"{size:6} lines {name}: {seconds:6.1f} s ({busy:.1f} s of processor),"
                    f" {size / busy:.0f} lines per second of processor, peak {peak:.1f} MiB"
                )


if __name__ == "__main__":
    main()
