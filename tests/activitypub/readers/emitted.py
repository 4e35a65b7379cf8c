"""Everything we say to others, one example of each, made by the code that says it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from activitypub import codec
from activitypub.dialects import Dialect
from activitypub.vocabulary import PUBLIC, Actor, Follow, Reject, Update, Word
from federation import identity, translate
from federation.shareables import Complaint
from tests.house import samples
from tests.house.samples import EVENT, HERE, LATER, LISTING, NEWS

REPORT = Complaint(
    complaint_id=samples.CHANGE_ID,
    to_actor="https://forum.example/u/alice",
    object_uri="https://forum.example/post/7",
    words="Deux fois la même vente.",
)
# Where the quarter of the offer lies, as its outline shows.
MIDDLE = (5.352, 43.286)
COMMUNITY = "https://forum.example/c/ville"
LETTERS = Path(__file__).parents[1] / "letters"


def _update(which: str) -> Word:
    word = translate.news(NEWS, origin=HERE) if which == "news" else translate.listing(LISTING, origin=HERE)
    return translate.update(word, version=2)


def _profile() -> Word:
    word = samples.WORDS["quarter"]()
    assert isinstance(word, Actor)
    return Update(id=f"{word.id}/updates/2", actor=word.id, to=(PUBLIC,), object=word)


def _announced_delete() -> Word:
    uri = translate.news(NEWS, origin=HERE).id
    author = identity.uri(HERE, "ciq_exemple")
    gone = translate.delete(uri, actor=author, former_type="Article", version=2, now=LATER)
    given: dict[str, Any] = {"origin": HERE, "quarter": "saint_exemple", "seed": samples.CHANGE_ID}
    return translate.announce(gone, part=1, now=LATER, **given)


def _tombstone() -> Word:
    return translate.tombstone(translate.news(NEWS, origin=HERE).id, former_type="Article", now=LATER)


def _reject() -> Word:
    """The instance itself takes no followers."""
    asked = samples.WORDS["follow"]()
    assert isinstance(asked, Follow)
    return Reject(id=f"{HERE}/actor/answers/1", actor=f"{HERE}/actor", object=asked, to=(asked.actor,))


def _example(name: str) -> Callable[[], Word]:
    """A word that the next parts will send, read from an example and written by us."""
    return lambda: codec.read_word(json.loads((LETTERS / f"{name}.json").read_text("utf-8")))


WORDS: Mapping[str, Callable[[], Word]] = {
    # These two are theirs to say.
    **{name: make for name, make in samples.WORDS.items() if name not in {"join", "quote-request"}},
    "news": lambda: translate.news(NEWS, origin=HERE),
    "news-update": lambda: _update("news"),
    "news-announce-delete": _announced_delete,
    "news-tombstone": _tombstone,
    "listing": lambda: translate.listing(LISTING, origin=HERE),
    "listing-update": lambda: _update("listing"),
    "profile-update": _profile,
    "page": _example("62-outbox-page"),
    "reject": _reject,
    "agreement-reject": _example("32-reject-agreement"),
    "event-update": lambda: translate.update(translate.event(EVENT, origin=HERE), version=2),
    "agreement-offer": _example("30-offer-agreement"),
    "agreement-accept": _example("31-accept-agreement"),
    "report": _example("50-flag-from-instance-actor"),
    "report-to-community": lambda: translate.flag_to_community(
        REPORT, community="https://forum.example/c/ville", origin=HERE
    ),
}


def _in_dialect(dialect: Dialect, *, version: int) -> Mapping[str, Any]:
    """What a marketplace gets that somebody chose this form for."""
    note = translate.listing(LISTING, origin=HERE)
    deed = translate.create(note) if version == 1 else translate.update(note, version=version)
    return translate.in_dialect(LISTING, codec.write(deed), dialect=dialect, place=MIDDLE, origin=HERE)


MARKET: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "market-flohmarkt": lambda: _in_dialect(Dialect.FLOHMARKT, version=1),
    "market-flohmarkt-update": lambda: _in_dialect(Dialect.FLOHMARKT, version=2),
    "market-proposal": lambda: _in_dialect(Dialect.PROPOSAL, version=1),
    "market-proposal-update": lambda: _in_dialect(Dialect.PROPOSAL, version=2),
}


def documents() -> dict[str, Mapping[str, Any]]:
    """Every example as the bytes say it."""
    said = {name: codec.write(make()) for name, make in WORDS.items()} | {name: make() for name, make in MARKET.items()}
    return {name: codec.load(codec.encode(doc)) for name, doc in said.items()}
