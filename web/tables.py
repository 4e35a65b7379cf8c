"""The tables of both stores: what migrations compare with, what a backup copies, what a test creates.

It reads both floors, so it belongs to the home side: the door and the courier must never import it.
"""

import importlib
import pkgutil

import instance
from federation import absences, models, neighbours, pictures
from instance import search_index
from instance.base import Home

# Every module of the domain, not a list kept by hand: a module forgotten in a list would be a table
# missing from the migrations and from the backup.
for _found in pkgutil.walk_packages(instance.__path__, prefix="instance."):
    importlib.import_module(_found.name)

HOME = Home.metadata
FEDERATION = models.Letter.metadata
assert {one.metadata for one in (neighbours.Charter, absences.Reading, pictures.RemotePicture)} == {FEDERATION}


def is_modelled(name: str | None, kind: str, _parents: object) -> bool:
    """Whether a name found in a store is one that models must know: not those of the index of what is searched."""
    return kind not in {"table", "index"} or not search_index.is_part(name)
