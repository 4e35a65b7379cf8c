"""Actors, as other software describes them: who they are, where they are written to, what they keep to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from activitypub.parts import (
    read_generator,
    read_key,
    read_multikeys,
    read_page_url,
    read_pictures,
    read_standards,
)
from activitypub.spoken import SPOKEN
from activitypub.vocabulary import Actor, ActorKind
from activitypub.wire import Doc, Malformed, choice, demand_uri, each, kinds, moment, references, text, truth, uri

MAX_DOMAINS: Final = 20
LONGEST_DOMAIN: Final = 253


def read_actor(doc: Doc, where: str, _depth: int) -> Actor:
    """The actor in ``doc``. Raises Malformed without id, name to be called by, or inbox."""
    actor_id = demand_uri(doc, "id", where=where)
    username = text(doc, "preferredUsername")
    if not username:
        raise Malformed("missing", where=f"{where}.preferredUsername")
    endpoints = doc.get("endpoints")
    keys = [key for part in each(doc.get("publicKey")) if (key := read_key(part, owner=actor_id)) is not None]
    return Actor(
        id=actor_id,
        kind=next(ActorKind(name) for name in kinds(doc) if SPOKEN.get(name) is Actor),
        username=username,
        inbox=demand_uri(doc, "inbox", where=where),
        name=text(doc, "name"),
        summary=text(doc, "summary"),
        url=read_page_url(doc),
        outbox=uri(doc.get("outbox")),
        followers=uri(doc.get("followers")),
        following=uri(doc.get("following")),
        shared_inbox=uri(endpoints.get("sharedInbox")) if isinstance(endpoints, Mapping) else None,
        key=keys[0] if keys else None,
        assertion=read_multikeys(doc, owner=actor_id),
        manually_approves=truth(doc, "manuallyApprovesFollowers"),
        discoverable=truth(doc, "discoverable"),
        indexable=truth(doc, "indexable"),
        published=moment(doc.get("published")),
        updated=moment(doc.get("updated")),
        attributed_to=uri(doc.get("attributedTo")),
        streams=references(doc.get("streams")),
        moved_to=uri(doc.get("movedTo")),
        also_known_as=references(doc.get("alsoKnownAs")),
        featured=uri(doc.get("featured")),
        posting_restricted=choice(doc, "postingRestrictedToMods"),
        webfinger=text(doc, "webfinger"),
        icon=next(iter(read_pictures(doc.get("icon"))), None),
        attribution_domains=_domains(doc.get("attributionDomains")),
        implements=read_standards(doc.get("implements")),
        generator=read_generator(doc.get("generator")),
    )


def _domains(value: object) -> tuple[str, ...]:
    return tuple(
        part for part in each(value)[:MAX_DOMAINS] if isinstance(part, str) and 0 < len(part) <= LONGEST_DOMAIN
    )
