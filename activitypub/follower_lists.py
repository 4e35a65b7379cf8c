"""Comparing who follows whom without saying it: the header of FEP-8fcf, and the digest in it.

A digest is the exclusive or of the SHA-256 of each follower's id, so that it does not depend on their order.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from activitypub.wire import Malformed, uri

HEADER: Final = "Collection-Synchronization"
LONGEST: Final = 4096
_PARAMETER: Final = r'[ \t]*[A-Za-z]+="[^"\\]*"[ \t]*'
_VALUE: Final = re.compile(rf"{_PARAMETER}(?:,{_PARAMETER})*")
_ONE: Final = re.compile(r'([A-Za-z]+)="([^"\\]*)"')
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a sender says of its followers at our host: their digest, and where they are listed for us."""

    collection: str
    url: str
    digest: str


def digest(followers: Iterable[str]) -> str:
    """The digest of these ids, each counted once; of nobody it is all zeros."""
    found = 0
    for one in set(followers):
        found ^= int.from_bytes(hashlib.sha256(one.encode()).digest())
    return found.to_bytes(32).hex()


def write(question: Question) -> str:
    """The value of the header. Raises Malformed for an address that no header can hold."""
    for one in (question.collection, question.url):
        if not one.isascii() or not one.isprintable() or '"' in one or "\\" in one:
            raise Malformed("not usable in a header", where=HEADER)
    return f'collectionId="{question.collection}", url="{question.url}", digest="{question.digest}"'


def read(headers: Mapping[str, str]) -> Question | None:
    """What a request says, None when it says nothing or not well: that is no reason to refuse a letter."""
    said = [value for name, value in headers.items() if name.lower() == HEADER.lower()]
    if len(said) != 1 or len(said[0]) > LONGEST or not _VALUE.fullmatch(said[0]):
        return None
    pairs = [(name.lower(), value) for name, value in _ONE.findall(said[0])]
    found = dict(pairs)
    collection, url = uri(found.get("collectionid")), uri(found.get("url"))
    said_digest = found.get("digest", "").lower()
    if len(found) != len(pairs) or collection is None or url is None or not _DIGEST.fullmatch(said_digest):
        return None
    return Question(collection=collection, url=url, digest=said_digest)
