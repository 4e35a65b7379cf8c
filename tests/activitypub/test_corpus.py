"""What other software really writes: all of it is read, understood as a person checked it, and harmless when broken."""

import contextlib
import copy
import json
import random
from typing import Any

import pytest

from activitypub import codec, webfinger
from activitypub import vocabulary as v
from activitypub.spoken import SPOKEN
from tests.activitypub import meanings

DOCUMENTS = {name: doc for _, name, doc in meanings.documents()}
# What nobody could read, by name, with the reason.
BROKEN = {
    "pasture/necessary_properties/1": "has no id",
    "pasture/necessary_properties/3": "has no author",
    "pasture/necessary_properties/4": "has no type",
    "pasture/object_types/3": "an event that never begins",
    "pasture/object_types/13": "its type is null",
}
# What is well formed and of no use to neighbours: votes, moderation of others, chats, things that are no texts.
UNSPOKEN = {
    *("Add", "Remove", "Lock", "Resolve", "Warn", "Like", "Dislike", "ChatMessage", "Invite", "Leave"),
    *("Document", "Image", "Place", "Profile", "Relationship"),
}
MADE_EACH = 20


def test_nothing_of_the_corpus_was_lost() -> None:
    assert len(DOCUMENTS) > 400
    assert {"lemmy-lemmy", "lemmy-mastodon", "mobilizon", "wordpress", "pasture"} <= meanings.texts().keys()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_read_and_what_is_read_can_be_kept(name: str) -> None:
    if name in BROKEN:
        with pytest.raises(codec.Malformed):
            meanings.read(DOCUMENTS[name])
        return
    word = meanings.read(DOCUMENTS[name])
    if isinstance(word, str):  # who a WebFinger answer names
        assert word.startswith("https://")
        return
    if isinstance(word, v.Unspoken):
        assert word.type in UNSPOKEN
    kept = codec.encode(codec.write(word))
    assert codec.read_word(codec.load(kept)) == word, "letters are kept as words are written"


def test_every_reason_is_still_needed() -> None:
    assert DOCUMENTS.keys() >= BROKEN.keys()


@pytest.mark.parametrize("whose", meanings.texts())
def test_it_means_what_a_person_saw(whose: str) -> None:
    seen = (meanings.MEANINGS / f"{whose}.txt").read_text("utf-8")
    assert meanings.texts()[whose] == seen, "look at the difference, then `python -m tests.make meanings`"


def test_no_meaning_is_kept_of_what_is_gone() -> None:
    assert {path.stem for path in meanings.MEANINGS.glob("*.txt")} == meanings.texts().keys()


# --- broken on purpose

ODD: list[Any] = [
    None, True, False, 0, -1, 7, 1e300, "", " ", "x" * 20_000, "https://", "javascript:alert(1)", "//a", [], {}, [[]],
    [None, {}, []], {"id": None}, {"type": 7}, {"type": ["Note", {}]}, {"@value": "x"}, ["https://m.example/1"] * 300,
    {"id": "https://evil.example/1", "type": "Note"}, {"fr": "Salut", "x": 7}, "https://m.example/\u202e1",
]  # fmt: skip


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Every container with each of its keys, from the root down."""
    found: list[tuple[Any, Any]] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else list(range(len(one)))
        found += [(one, key) for key in keys]
        waiting += [one[key] for key in keys if isinstance(one[key], dict | list)]
    return found


def break_somewhere(doc: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """The document with one to three places that hold something else, twice the same, or nothing."""
    made = copy.deepcopy(doc)
    for _ in range(dice.randint(1, 3)):
        place, key = dice.choice(_places(made))
        way = dice.choice(("odd", "odd", "many", "gone", "inside"))
        match way:
            case "gone":
                del place[key]
            case "many":
                place[key] = [place[key], copy.deepcopy(place[key])]
            case "inside":
                place[key] = {"id": place[key], "type": dice.choice([*SPOKEN, "Odd"])}
            case _:
                place[key] = copy.deepcopy(dice.choice(ODD))
        if not made:
            break
    return made


READERS = (
    codec.read_word,
    codec.read_activity,
    codec.read_actor,
    codec.read_object,
    codec.read_collection,
    codec.read_keys,
    webfinger.read,
)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_broken_it_is_malformed_and_nothing_worse(name: str) -> None:
    dice = random.Random(name)
    for _ in range(MADE_EACH):
        made = break_somewhere(DOCUMENTS[name], dice)
        try:
            found = codec.load(codec.encode(made))
        except codec.Malformed:
            continue
        for read in READERS:
            with contextlib.suppress(codec.Malformed):
                word = read(found)
                if read is codec.read_word:
                    again = codec.read_word(codec.load(codec.encode(codec.write(word))))
                    assert again == word, json.dumps(made)[:2000]
