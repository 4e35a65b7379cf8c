"""The story once, by itself: `python -m tests.town.proofs.run_story FOLDER CHANNEL…` prints what leaked, as JSON.

For whoever wants to see one channel without the whole test, and for planted leaks, which run it over patched code.
"""

import contextlib
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from activitypub import keys
from federation.base import Federation
from tests import keys as made_once
from tests import once, servers
from tests.town.houses import Town
from tests.town.proofs import channels
from tests.town.proofs.story import Story
from tests.town.proofs.verdicts import leaks
from web import stores, tables

NOW = datetime(2027, 5, 11, 8, 0, 2, tzinfo=UTC)
TABLES = {stores.HOME: tables.HOME, stores.FEDERATION: Federation.metadata}


def make_store(folder: Path, side: str) -> str:
    """A new SQLite store with all tables; its address."""
    number = len(list(folder.glob("store*")))
    url = f"sqlite:///{folder}/store{number}/{side}/store.sqlite"
    servers.fill(url, TABLES[side])
    return url


def run(folder: Path, wanted: Sequence[str]) -> list[dict[str, str]]:
    """Live the story to its end and search these channels; each leak by its column, channel, place and reader."""
    keys.generate = made_once.in_order(several=3)
    with contextlib.closing(
        Town(now=NOW, folder=folder / "town", make_store=lambda side: make_store(folder, side))
    ) as town:
        story = Story(town)
        try:
            story.live()
            known = {**channels.CHANNELS, **channels.PARTS}
            captured = {name: known[name] for name in wanted}
            found = leaks(story, channels.everything(story, channels=captured))
        finally:
            story.close()
    return [
        {
            "column": one.canary.column,
            "form": one.form,
            "channel": one.channel,
            "place": one.place,
            "reader": one.reader,
        }
        for one in found
    ]


def main(arguments: Sequence[str]) -> None:
    """Print one line: which code ran, and its leaks."""
    folder, *wanted = arguments
    with once.everything():
        found = run(Path(folder), wanted)
    print(json.dumps({"code": str(Path(stores.__file__).parents[1]), "leaks": found}))


if __name__ == "__main__":
    main(sys.argv[1:])
