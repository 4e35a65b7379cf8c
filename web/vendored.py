"""What we ship of other people's work (fonts, icons, htmx): a manifest with licence, version, checksum, and its update.

`python -m web.vendored` checks the files against the manifest. After `npm install --ignore-scripts
@fontsource-variable/atkinson-hyperlegible-next @fontsource/atkinson-hyperlegible-next lucide-static htmx.org` in an
empty folder, `python -m web.vendored that/folder/node_modules` copies the files anew and rewrites the manifest.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # ships no types

ROOT: Final = Path(__file__).parent / "static" / "vendor"
MANIFEST: Final = ROOT / "manifest.json"

FONT: Final = "@fontsource-variable/atkinson-hyperlegible-next"
ICONS: Final = "lucide-static"
HTMX: Final = "htmx.org"
PAPER_FONT: Final = "@fontsource/atkinson-hyperlegible-next"

# Icons shipped, by the name they have in the set. Only those used; a word or an accessible name stands beside each.
ICON_NAMES: Final = (
    "badge-check",
    "bell",
    "building-2",
    "calendar",
    "check",
    "chevron-right",
    "clock",
    "eye-off",
    "flag",
    "globe",
    "hammer",
    "hand",
    "hand-helping",
    "house",
    "info",
    "key-round",
    "languages",
    "log-in",
    "log-out",
    "mail",
    "map-pin",
    "megaphone",
    "message-square",
    "newspaper",
    "pencil",
    "plus",
    "printer",
    "search",
    "settings",
    "shield",
    "sun-moon",
    "trash-2",
    "triangle-alert",
    "user",
    "users",
    "x",
)

FONT_FILES: Final = (
    "atkinson-hyperlegible-next-latin-wght-normal.woff2",
    "atkinson-hyperlegible-next-latin-ext-wght-normal.woff2",
    "atkinson-hyperlegible-next-latin-wght-italic.woff2",
)

# Paper needs TrueType in fixed weights; what npm has is the same, compressed for the web.
PAPER_FILES: Final = tuple(
    f"atkinson-hyperlegible-next-{script}-{weight}-normal" for script in ("latin", "latin-ext") for weight in (400, 700)
)

# Ours ← theirs, by package.
FILES: Final[dict[str, dict[str, str]]] = {
    FONT: {
        "atkinson/LICENSE": "LICENSE",
        **{f"atkinson/{name}": f"files/{name}" for name in FONT_FILES},
    },
    ICONS: {
        "lucide/LICENSE": "LICENSE",
        **{f"lucide/{name}.svg": f"icons/{name}.svg" for name in ICON_NAMES},
    },
    HTMX: {"htmx/LICENSE": "LICENSE", "htmx/htmx.min.js": "dist/htmx.min.js"},
    PAPER_FONT: {
        "atkinson-paper/LICENSE": "LICENSE",
        **{f"atkinson-paper/{name}.ttf": f"files/{name}.woff" for name in PAPER_FILES},
    },
}
LICENCES: Final = {FONT: "OFL-1.1", ICONS: "ISC", HTMX: "0BSD", PAPER_FONT: "OFL-1.1"}


def checksum(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def problems() -> list[str]:
    """Everything in which the shipped files and the manifest disagree, a sentence each."""
    packages = json.loads(MANIFEST.read_text("utf-8"))["packages"]
    wanted = {name: digest for one in packages for name, digest in one["files"].items()}
    there = {str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file() and path != MANIFEST}
    wrong = [name for name in wanted.keys() & there if checksum(ROOT / name) != wanted[name]]
    return [
        *(f"{name} is missing" for name in sorted(wanted.keys() - there)),
        *(f"{name} is in no manifest" for name in sorted(there - wanted.keys())),
        *(f"{name} is not the file the manifest names" for name in sorted(wrong)),
    ]


def update(*, modules: Path) -> None:
    """Copy the files from a folder of npm packages and write the manifest."""
    packages = []
    for package, files in FILES.items():
        about = json.loads((modules / package / "package.json").read_text("utf-8"))
        for ours, theirs in files.items():
            target = ROOT / ours
            target.parent.mkdir(parents=True, exist_ok=True)
            _take(modules / package / theirs, target=target)
        packages.append(
            {
                "package": package,
                "version": about["version"],
                "licence": LICENCES[package],
                "files": {ours: checksum(ROOT / ours) for ours in sorted(files)},
            }
        )
    MANIFEST.write_text(json.dumps({"packages": packages}, indent=2) + "\n", "utf-8")


def _take(source: Path, *, target: Path) -> None:
    if source.suffix == target.suffix or target.suffix != ".ttf":
        shutil.copyfile(source, target)
        return
    # Unpacked and nothing else: outlines, names and dates stay, so the same package gives the same bytes.
    font = TTFont(source, recalcTimestamp=False)
    font.flavor = None
    font.save(target)


def main(arguments: list[str]) -> int:
    """Check, or update from the folder given. The exit code says whether all is well."""
    if arguments:
        update(modules=Path(arguments[0]))
    found = problems()
    sys.stdout.writelines(f"{one}\n" for one in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
