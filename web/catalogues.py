"""The words of the pages in each language: found in the source, kept in catalogues, compiled for the pages.

    python -m web.catalogues check                    what is missing, empty, doubtful or no longer used
    python -m web.catalogues update                   bring both catalogues up to date with the source
    python -m web.catalogues merge fr some/file.po    take over translations prepared elsewhere
    python -m web.catalogues compile                  make the .mo files that the pages read

Identifiers are the English sentences; so the English catalogue is filled by itself.
"""

import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).parent
FOLDER: Final = ROOT / "translations"
LOCALES: Final = ("fr", "en")
SOURCE_LOCALE: Final = "en"
KEYWORDS: Final = DEFAULT_KEYWORDS | {
    "say": None,
    "say_later": None,
    "say_later_of": (1, 2),
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
}
# A date that changes at every run would make every diff unreadable.
DATED: Final = datetime(2026, 1, 1, tzinfo=UTC)


def path(locale: str) -> Path:
    """Where the catalogue of a language is."""
    return FOLDER / locale / "LC_MESSAGES" / "messages.po"


def extract() -> Catalog:
    """Every sentence of the pages, as the source has them now."""
    with (FOLDER / "babel.cfg").open(encoding="utf-8") as lines:
        methods, options = parse_mapping_cfg(lines)  # type: ignore[no-untyped-call]  # Babel's own gap
    found = Catalog(project="Palier", creation_date=DATED, revision_date=DATED)
    for file, _line, message, comments, context in extract_from_dir(ROOT, methods, options, KEYWORDS):
        found.add(message, locations=[(f"web/{file}", 0)], auto_comments=comments, context=context)
    return found


def read(locale: str) -> Catalog:
    """The catalogue of a language; an empty one where there is none."""
    file = path(locale)
    if not file.exists():
        return Catalog(locale=locale, project="Palier", creation_date=DATED, revision_date=DATED, fuzzy=False)
    with file.open("rb") as content:
        return read_po(content, locale=locale)


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (one for one in catalogue if one.id)


def _is_empty(message: Message) -> bool:
    texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return not all(texts)


def problems(locale: str) -> list[str]:
    """What keeps a catalogue from being complete, a line each; nothing when it is."""
    source, catalogue = extract(), read(locale)
    wanted, there = ({one.id for one in _messages(some)} for some in (source, catalogue))
    return [
        *(f"{locale}: not in the catalogue: {one!r}" for one in sorted(wanted - there, key=str)),
        *(f"{locale}: no longer in the source: {one!r}" for one in sorted(there - wanted, key=str)),
        *(f"{locale}: empty: {one.id!r}" for one in _messages(catalogue) if _is_empty(one)),
        *(f"{locale}: doubtful: {one.id!r}" for one in _messages(catalogue) if one.fuzzy),
        *(f"{locale}: {error} in {one.id!r}" for one, errors in catalogue.check() for error in errors),
    ]


def update() -> None:
    """Add what is new, drop what is gone, fill the English; never guess a translation."""
    source = extract()
    for locale in LOCALES:
        catalogue = read(locale)
        catalogue.update(source, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        if locale == SOURCE_LOCALE:
            for one in _messages(catalogue):
                one.string = one.id
        _save(catalogue, locale=locale)


def merge(locale: str, *, file: Path) -> int:
    """Fill empty entries from another catalogue or a fragment of one; returns how many."""
    with file.open("rb") as content:
        other = {one.id: one.string for one in _messages(read_po(content, locale=locale)) if not _is_empty(one)}
    catalogue = read(locale)
    filled = [one for one in _messages(catalogue) if _is_empty(one) and one.id in other]
    for one in filled:
        one.string = other[one.id]
    _save(catalogue, locale=locale)
    return len(filled)


def _save(catalogue: Catalog, *, locale: str) -> None:
    catalogue.fuzzy = False
    catalogue.revision_date = catalogue.creation_date = DATED
    file = path(locale)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        write_po(out, catalogue, width=110, sort_output=True, include_lineno=False, include_previous=False)


def compile_all() -> None:
    """Make the compiled catalogues, each put in place at once: a process may be reading the old one."""
    for locale in LOCALES:
        target = path(locale).with_suffix(".mo")
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as out:
            write_mo(out, read(locale))
        made = Path(out.name)
        made.chmod(0o644)
        made.replace(target)


def main(arguments: list[str]) -> int:
    """Do what the first word says; the exit code says whether the catalogues are complete."""
    match arguments:
        case ["update"]:
            update()
        case ["merge", locale, file]:
            sys.stdout.write(f"{merge(locale, file=Path(file))} filled\n")
        case ["compile"]:
            compile_all()
            return 0
        case ["check"]:
            pass
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2
    found = [line for locale in LOCALES for line in problems(locale)]
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
