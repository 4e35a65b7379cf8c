"""Outboxes of others, read page by page within a budget; each entry is reduced to who told of what, and when.

Nothing embedded is taken along: what an outbox shows of a text is not believed, and the text is fetched from its own
host afterwards. Read are the forms of Palier, Mastodon and GoToSocial (pages of Create and Announce), Lemmy and PieFed
(Announce around a Create, under an id made anew at every look), WordPress, Mobilizon, and bare lists of references.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from activitypub import codec
from activitypub.vocabulary import (
    Activity,
    Actor,
    Announce,
    Article,
    Collection,
    CollectionPage,
    Create,
    Delete,
    Event,
    Note,
    Update,
    Word,
    identify,
)
from federation import policy
from federation.base import OwnKey, Unreachable

if TYPE_CHECKING:
    from federation.http import Client

# CVE-2026-34148 is a server that was led around in circles.
MOST_PAGES: Final = 10
MOST_ITEMS: Final = 200
MOST_BYTES: Final = 4 * 1024 * 1024
# An outbox must not make us knock at hosts of its choice: so many texts of others, so many bare references.
MOST_FOREIGN: Final = 20
MOST_BARE: Final = 10

Told: TypeAlias = Create | Update | Announce | Delete
Texts: Final = (Article, Note, Event)


@dataclass(slots=True, kw_only=True)
class Budget:
    """What may still be spent on one outbox; `is_spent` once something was left unread for want of it."""

    pages: int = MOST_PAGES
    items: int = MOST_ITEMS
    size: int = MOST_BYTES
    foreign: int = MOST_FOREIGN
    bare: int = MOST_BARE
    is_spent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry: the activity without what was embedded in it, and the moment it gives itself."""

    activity: Told
    told: datetime | None
    # Whether it changes something that may be known already.
    is_change: bool = False

    @property
    def object_uri(self) -> str:
        """What it is about."""
        return identify(self.activity.object)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """Whose outbox is read, and how."""

    client: Client
    actor: str
    address: str
    key: OwnKey | None


def pages(outbox: Outbox, *, budget: Budget) -> Iterator[list[Item]]:
    """Read an outbox, newest first as its host says; ends when it does, goes in circles, or the budget is spent.

    Raises:
        Unreachable: a page did not come, or is another host's.
        codec.Malformed: what came is no collection.
    """
    seen: set[str] = set()
    place: str | None = outbox.address
    while place is not None and place not in seen:
        if budget.pages <= 0 or budget.items <= 0 or budget.size <= 0:
            budget.is_spent = True
            return
        seen.add(place)
        word = _page(outbox, place=place, budget=budget)
        if isinstance(word, CollectionPage) and word.id != place and word.id in seen:
            return
        if isinstance(word, CollectionPage):
            seen.add(word.id)
        yield _items(outbox, word=word, budget=budget)
        place = word.first if isinstance(word, Collection) else _other(word.next, than=word.id)


def _other(next_: str | None, *, than: str) -> str | None:
    return None if next_ == than else next_


def _page(outbox: Outbox, *, place: str, budget: Budget) -> Collection | CollectionPage:
    if not policy.same_origin(place, outbox.actor):
        raise Unreachable("an outbox with pages on another host", transient=False)
    fetched = outbox.client.fetch_json(place, key=outbox.key)
    budget.pages -= 1
    budget.size -= fetched.size
    word = codec.read_collection(fetched.doc)
    if not policy.same_origin(word.id, outbox.actor):
        raise Unreachable("a document that belongs to another host", transient=False)
    return word


def _items(outbox: Outbox, *, word: Collection | CollectionPage, budget: Budget) -> list[Item]:
    found: list[Item] = []
    for one in word.items:
        if budget.items <= 0:
            budget.is_spent = True
            break
        budget.items -= 1
        item = reduce(_looked_up(outbox, one, budget=budget), actor=outbox.actor)
        if item is not None and _is_paid(item, actor=outbox.actor, budget=budget):
            found.append(item)
    return found


def _looked_up(outbox: Outbox, one: Word | str, *, budget: Budget) -> Word | None:
    """The entry itself; a bare reference is fetched from the same host, a few times at most."""
    if not isinstance(one, str):
        return one
    if not policy.same_origin(one, outbox.actor) or not policy.fit([one]):
        return None
    if budget.bare <= 0:
        budget.is_spent = True
        return None
    budget.bare -= 1
    try:
        fetched = outbox.client.fetch_json(one, key=outbox.key)
        word = codec.read_word(fetched.doc)
    except codec.Malformed:
        return None
    except Unreachable as error:
        if error.transient:
            raise
        return None
    budget.size -= fetched.size
    return word if getattr(word, "id", None) == one else None


def _is_paid(item: Item, *, actor: str, budget: Budget) -> bool:
    """Pay for a text of another host; texts of its own cost nothing more."""
    if policy.same_origin(item.object_uri, actor):
        return True
    budget.foreign -= 1
    if budget.foreign < 0:
        budget.is_spent = True
        return False
    return True


def reduce(word: Word | None, *, actor: str) -> Item | None:
    """Keep of an entry who told of what; None for what its actor did not tell, or what is nothing to us. Pure."""
    if isinstance(word, Texts):
        return _of_text(word, actor=actor)
    if not isinstance(word, Create | Update | Announce | Delete):
        return None
    inner = word.object if isinstance(word, Announce) and isinstance(word.object, Create | Update) else word
    about = identify(inner.object)
    speaks = word.actor == actor and policy.same_origin(word.id, actor)
    # Profiles, and who deletes itself, are a matter of letters.
    is_ours = not isinstance(inner.object, Actor | Activity) and about != actor
    if not speaks or not is_ours or not policy.fit([word.id, about]):
        return None
    return Item(
        activity=type(word)(id=word.id, actor=actor, object=about),
        told=word.published or inner.published or _dated(inner.object),
        is_change=isinstance(inner, Update),
    )


def _of_text(word: Article | Note | Event, *, actor: str) -> Item | None:
    """A text that stands in the outbox without an activity around it: written by its owner, or addressed to it."""
    kind: type[Create | Announce]
    if word.attributed_to == actor:
        kind = Create
    elif actor in {word.audience, *word.to, *word.cc}:
        kind = Announce
    else:
        return None
    if not policy.same_origin(word.id, actor) or not policy.fit([word.id]):
        return None
    return Item(activity=kind(id=word.id, actor=actor, object=word.id), told=_dated(word))


def _dated(word: Word | str) -> datetime | None:
    return (word.updated or word.published) if isinstance(word, Texts) else None
