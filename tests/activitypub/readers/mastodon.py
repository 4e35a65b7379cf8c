"""Mastodon 4.5 to 4.7, and what GoToSocial has in common with it: everything but how a text is shown."""

from collections.abc import Callable
from typing import Final

from tests.activitypub.readers import deeds
from tests.activitypub.readers.seen import (
    Doc,
    Seen,
    actor_fault,
    audience,
    drops,
    failing,
    first_picture,
    host,
    is_public,
    lacks,
    many,
    shows,
    takes,
)

CONVERTED: Final = {"Article", "Event", "Page"}  # protocol.md:219
TEXTS: Final = {"Note", "Question", *CONVERTED}  # protocol.md:219, 220
COLLECTIONS: Final = {"OrderedCollection", "OrderedCollectionPage"}  # protocol.md:115

Show = Callable[[Doc], Seen]


def shown(doc: Doc) -> Seen:
    """A text as Mastodon shows it."""
    picture = first_picture(doc)
    if doc["type"] in CONVERTED:  # its content is thrown away
        return shows(219, 1588, title=doc.get("name"), text=doc.get("summary"), link=doc.get("url"), picture=picture)
    return shows(219, 1588, text=doc.get("content"), warning=doc.get("summary"), picture=picture)


def read(doc: Doc, *, show: Show = shown) -> Seen:
    """What a microblog makes of a document: delivered when it is an activity, else fetched."""
    kind = doc.get("type")
    if kind in deeds.ACTORS:
        return _actor(doc)
    if kind in TEXTS:
        return _status(doc, show=show)
    if kind in COLLECTIONS:
        return deeds.collection(doc)
    return quoted(doc) or deeds.read(doc) or _activity(doc, show=show)


def quoted(doc: Doc) -> Seen | None:
    """A yes to a quote: at an address, and what is found there; None for everything else."""
    if doc.get("type") == "QuoteAuthorization":
        fault = lacks(doc, "id", "attributedTo", "interactingObject", "interactionTarget") or failing(
            {
                "another host's": host(doc["id"]) == host(doc["attributedTo"]),
                "of another's text": host(doc["interactionTarget"]) == host(doc["attributedTo"]),
            }
        )
        return drops(fault, 237) if fault else takes(237)
    if doc.get("type") != "Accept" or not isinstance(doc.get("result"), str):
        return None
    fault = deeds.unbound(doc) or failing({"another host's": host(doc["result"]) == host(doc["actor"])})
    return drops(fault, 108, 237) if fault else takes(237)


def _actor(doc: Doc) -> Seen:
    if doc["type"] == "Application":
        fault = actor_fault(doc)
        return drops(fault, 88, 98, 108) if fault else takes(96)  # not shown
    fault = actor_fault(doc, "followers")  # or followers are not recognised
    if fault:
        return drops(fault, 88, 98, 108)
    return shows(88, 93, 94, 95, title=doc.get("name"), text=doc.get("summary"), link=doc.get("url"))


def _status(doc: Doc, *, show: Show) -> Seen:
    fault = lacks(doc, "id", "attributedTo") or failing(
        {"another host's": host(doc["id"]) == host(doc["attributedTo"])}
    )
    if fault:
        return drops(fault, 181, 247)
    if not is_public(doc) and not _mentions_a_receiver(doc):
        return drops("direct, and names nobody", 205, 236)
    return show(doc)


def _mentions_a_receiver(doc: Doc) -> bool:
    """Whether somebody it is addressed to is named in it, as `@u@host` (protocol.md:236)."""
    mentions = [tag for tag in many(doc.get("tag")) if tag.get("type") == "Mention"]
    named = {tag.get("href") for tag in mentions if str(tag.get("name")).startswith("@") and "@" in tag["name"][1:]}
    return bool(named & audience(doc))


def _activity(doc: Doc, *, show: Show) -> Seen:
    if doc["type"] == "Proposal":
        return drops("not shown", 219, 220)
    fault = deeds.unbound(doc)
    if fault:
        return drops(fault, 108)
    match doc["type"]:
        case "Create" | "Update":
            return _written(doc, show=show)
        case "Announce":
            return _announce(doc)
        case "Flag":
            return _report(doc)
        case _:  # an Agreement and answers to it, an Ignore
            return drops("not understood", 190, 1588, 1589)


def _announce(doc: Doc) -> Seen:
    if not isinstance(doc["object"], str):
        return drops("a wrapped activity", 210, 1588, 1589)
    fault = deeds.announced_fault(doc)
    return drops(fault, 184) if fault else takes(28, 184)  # a boost; what it boosts is fetched


def _report(doc: Doc) -> Seen:
    about = doc["object"]
    if not isinstance(about, list) or many(doc.get("to")) != about[:1] or not doc.get("content"):
        return drops("not an actor first, told of it with a comment", 281)
    fault = failing(
        {"not of the instance": doc["actor"].endswith("/actor"), "of several": len(set(map(host, about))) == 1}
    )
    return drops(fault, 281) if fault else takes(281)


def _written(doc: Doc, *, show: Show) -> Seen:
    fault, inner = deeds.written_fault(doc), doc["object"]
    if fault:
        return drops(fault, 181, 182, 247)
    if inner.get("type") in deeds.ACTORS:
        return _actor(inner)
    return _status(inner, show=show) if inner.get("type") in TEXTS else drops("not shown", 219, 220)
