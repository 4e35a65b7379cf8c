"""The search for canaries: all their forms at once, each line once, however often it was captured."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.town.canaries import Canary
from tests.town.proofs import encodings, haystacks
from tests.town.proofs.encodings import Form
from tests.town.proofs.haystacks import Haystack

GRAM = encodings.SHORTEST
WORD = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789")
HEX = frozenset(b"0123456789abcdef")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A canary where it was found, and how it was written there."""

    canary: Canary
    form: str
    channel: str
    place: str
    reader: str

    def __str__(self) -> str:
        return f"{self.canary.column} ({self.form}) for {self.reader} in {self.channel}: {self.place}"


class Search:
    """An index of the beginnings of all forms of all canaries, and a memory of the pieces already read."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self._index: dict[bytes, list[tuple[Form, Canary]]] = defaultdict(list)
        self._seen: dict[bytes, tuple[tuple[Form, Canary], ...]] = {}
        self.bytes_read = 0
        for canary in canaries:
            for form in (*encodings.forms(canary.sought), *encodings.hashes(canary.value)):
                self._index[form.needle[:GRAM]].append((form, canary))
        self._beginnings = frozenset(self._index)

    def find(self, stacks: Iterable[Haystack]) -> Iterator[Found]:
        """Every canary in every haystack, allowed or not."""
        for stack in stacks:
            for form, canary in self._read_all(stack.data):
                yield Found(
                    canary=canary, form=form.name, channel=stack.channel, place=stack.place, reader=stack.reader
                )

    def _read_all(self, data: bytes) -> Iterator[tuple[Form, Canary]]:
        if data in self._seen:
            yield from self._seen[data]
            return
        found = tuple(dict.fromkeys(hit for piece in haystacks.pieces(data) for hit in self._read(piece)))
        self._seen[data] = found
        yield from found

    def _read(self, piece: bytes, *, depth: int = haystacks.DEEPEST) -> tuple[tuple[Form, Canary], ...]:
        known = self._seen.get(piece)
        if known is not None:
            return known
        found = list(self._scan(piece.lower()))
        if depth:
            for inner in haystacks.decoded(piece):
                for deeper in haystacks.pieces(inner):
                    found += self._read(deeper, depth=depth - 1)
        self._seen[piece] = answer = tuple(found)
        return answer

    def _scan(self, text: bytes) -> Iterator[tuple[Form, Canary]]:
        self.bytes_read += len(text)
        beginnings = {text[at : at + GRAM] for at in range(len(text) - GRAM + 1)} & self._beginnings
        for one in beginnings:
            for form, canary in self._index[one]:
                if _stands(text, form):
                    yield form, canary


def _stands(text: bytes, form: Form) -> bool:
    at = text.find(form.needle)
    while at >= 0:
        if not form.alone or _is_alone(text, at, at + len(form.needle)):
            return True
        at = text.find(form.needle, at + 1)
    return False


def _is_alone(text: bytes, start: int, end: int) -> bool:
    """Whether it is a whole word, and not the first group of a UUID."""
    if (start and text[start - 1] in WORD) or (end < len(text) and text[end] in WORD):
        return False
    return not (text[end : end + 1] == b"-" and len(text) > end + 5 and set(text[end + 1 : end + 5]) <= HEX)
