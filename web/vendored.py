"""What we ship of other people's work (fonts, icons, htmx): a manifest with licence, version, checksum, and its update.

`python -m web.vendored` checks the files against the manifest. After `npm install --ignore-scripts
@fontsource-variable/atkinson-hyperlegible-next lucide-static htmx.org` in an empty folder,
`python -m web.vendored that/folder/node_modules` copies the files anew and rewrites the manifest.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent / "static" / "vendor"
MANIFEST: Final = ROOT / "manifest.json"

FONT: Final = "@fontsource-variable/atkinson-hyperlegible-next"
ICONS: Final = "lucide-static"
HTMX: Final = "htmx.org"

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
}
LICENCES: Final = {FONT: "OFL-1.1", ICONS: "ISC", HTMX: "0BSD"}


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
            shutil.copyfile(modules / package / theirs, target)
        packages.append(
            {
                "package": package,
                "version": about["version"],
                "licence": LICENCES[package],
                "files": {ours: checksum(ROOT / ours) for ours in sorted(files)},
            }
        )
    MANIFEST.write_text(json.dumps({"packages": packages}, indent=2) + "\n", "utf-8")


def main(arguments: list[str]) -> int:
    """Check, or update from the folder given. The exit code says whether all is well."""
    if arguments:
        update(modules=Path(arguments[0]))
    found = problems()
    sys.stdout.writelines(f"{one}\n" for one in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
