"""A crawl of everything that answers: every route of both URL maps, for every kind of reader, in four formats."""

import itertools
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from activitypub import signatures
from federation import identity
from federation.models import Activity, Document
from instance.residents import Resident
from tests.town.houses import House
from tests.town.proofs import readers
from tests.town.proofs.haystacks import Haystack
from tests.town.proofs.story import Story

ACCEPTS: Mapping[str, str] = {
    "HTML": "text/html,application/xhtml+xml,*/*;q=0.8",
    "AS2": 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
    "RSS": "application/rss+xml, application/atom+xml",
    "ICS": "text/calendar",
}
NOBODY = uuid.UUID("8b2f6a0e-0f0f-4f0f-8f0f-0f0f0f0f0f0f")


@dataclass(slots=True, kw_only=True)
class Visitor:
    """One reader at one door: who they are to the table of readers, and what they send."""

    name: str
    reader: str
    client: FlaskClient
    resident: int | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


def visitors(story: Story) -> list[Visitor]:
    """Everybody who may look at the pages."""
    found = [Visitor(name="visitor", reader=readers.OUTSIDE, client=story.here.browser(None))]
    for somebody, reader in people(story):
        found.append(
            Visitor(
                name=reader, reader=reader, client=story.here.browser(somebody), resident=somebody.id
            )
        )
    return found


def people(story: Story) -> list[tuple[Resident, str]]:
    """Who is signed in, and as what the table knows them."""
    return [
        (story.amir, readers.NEIGHBOUR),
        (story.bea, readers.QUARTER),
        (story.chloe, readers.ELSEWHERE),
        (story.maud, readers.MODERATOR),
        (story.adele, readers.ADMINISTRATOR),
    ]


# --- the addresses


def values(story: Story) -> dict[str, Sequence[object]]:
    """What can stand in the place of each argument of a route, by its name: real things, and one that is not."""
    here = story.here
    with here.federation.read() as session:
        names = [one.username for one in identity.all_of(session, "Group", "Organization", "Service", "Application")]
    ids = [*story.private_ids(), story.public.public_id, story.offer.public_id, NOBODY]
    return {
        "public_id": ids,
        "screen_id": [NOBODY],
        "slug": ["ciq_julien", "saint_julien", "les_caillols", "nobody"],
        "name": [*names, "nobody"],
        "rest": [*(f"{folder}/{one}" for one in ids for folder in ("items", "letters")), "inbox", "nothing"],
        "host": [story.there.host, "nobody.localhost"],
        "key": ["nokey"],
        "target": ["notice", "comment", "message"],
        "filename": ["css/base.css", "door.svg", "nothing.css"],
    }


def addresses(app: Flask, rule: Rule, *, known: Mapping[str, Sequence[object]]) -> Iterator[str]:
    """Every address of a route that these values make; an argument nobody has heard of gets a word and a number."""
    names = sorted(rule.arguments - set(rule.defaults or {}))
    choices = [_choices(app, rule, name, known=known) for name in names]
    adapter = app.url_map.bind("localhost")
    for chosen in itertools.product(*choices):
        given = dict(zip(names, chosen, strict=True))
        yield adapter.build(rule.endpoint, {**(rule.defaults or {}), **given}, method="GET" if _gets(rule) else "POST")


def _choices(app: Flask, rule: Rule, name: str, *, known: Mapping[str, Sequence[object]]) -> Sequence[object]:
    converter = type(rule._converters[name]).__name__
    if converter == "AnyConverter":
        return sorted(rule._converters[name].items)
    if converter == "IntegerConverter":
        return [1, 999_999]
    if converter == "UUIDConverter":
        return known.get(name, known["public_id"])
    if name == "name" and not rule.rule.startswith("/users"):
        return ["nobody"]
    return known.get(name, ["word"])


def _gets(rule: Rule) -> bool:
    return "GET" in (rule.methods or ())


def routes(app: Flask) -> list[Rule]:
    """Everything that can be read."""
    return [rule for rule in app.url_map.iter_rules() if _gets(rule)]


# --- asking


def pages(story: Story, *, accepts: Sequence[str] = tuple(ACCEPTS)) -> Iterator[Haystack]:
    """Every page, for every reader; formats other than HTML once for each route, since no page yet knows another."""
    app, known = story.here.pages, values(story)
    for visitor in visitors(story):
        for rule in routes(app):
            if rule.endpoint == "about.source":
                continue  # our own source, as it lies in the repository: nothing of the stores is in reach of it
            for number, address in enumerate(addresses(app, rule, known=known)):
                for accept in accepts if number == 0 else accepts[:1]:
                    yield from ask(visitor, address, channel="pages", accept=accept)
    yield from _wall(story)


def _wall(story: Story) -> Iterator[Haystack]:
    """The hall's screen at each of ten minutes, because it shows one notice a minute."""
    visitor = Visitor(name="hall", reader=readers.WALL, client=story.here.browser(None))
    before = story.town.now
    for _ in range(10):
        yield from ask(visitor, f"/hall/{story.wall_key}", channel="hall")
        story.town.pass_time(minutes=1)
    story.town.now = before


def door(story: Story, house: House, *, accepts: Sequence[str] = tuple(ACCEPTS)) -> Iterator[Haystack]:
    """Every route of a door: for anybody, and for a peer that signs what it asks."""
    known = values(story)
    stranger = Visitor(name="anybody", reader=readers.OUTSIDE, client=house.door.test_client())
    # An address below an actor's is one of that actor's, or of the desk's, or nobody's: not every mixture of both.
    mixed = [rule for rule in routes(house.door) if {"name", "rest"} <= rule.arguments]
    found = [one for rule in routes(house.door) if rule not in mixed for one in addresses(house.door, rule, known=known)]
    found += [one for rule in mixed for one in addresses(house.door, rule, known={**known, "name": ["instance"]})]
    found += published(house)
    found += [f"/.well-known/webfinger?resource=acct:{name}@{house.host}" for name in known["name"]]
    found += [f"/users/{name}/outbox?page=1" for name in known["name"]]
    for address in found:
        for accept in accepts if house is story.here else accepts[:2]:
            yield from ask(stranger, address, channel="door", accept=accept)
        peer = Visitor(name="peer", reader=readers.OUTSIDE, client=stranger.client, extra=signed(story, house, address))
        yield from ask(peer, address, channel="door", accept="AS2")


def published(house: House) -> list[str]:
    """The addresses of all documents and activities of a house, the private ones too."""
    with house.federation.read() as session:
        found = [*session.scalars(select(Document.uri)), *session.scalars(select(Activity.uri))]
    return [one.removeprefix(house.origin) for one in found if one.startswith(house.origin)]


def signed(story: Story, house: House, address: str) -> dict[str, str]:
    """The headers of a request that the neighbouring town signs."""
    with story.there.federation.read() as session:
        key = identity.fetching_key(session)
    assert key is not None
    return signatures.sign(
        method="GET",
        url=house.origin + address,
        body=None,
        key_pem=key.private_pem,
        key_id=key.key_id,
        now=_now(story),
    )


def _now(story: Story) -> datetime:
    return story.town.now


def ask(visitor: Visitor, address: str, *, channel: str, accept: str = "HTML", method: str = "GET") -> Iterator[Haystack]:
    """One request; its body and its headers are captured apart. What was asked is the asker's own word, whoever
    repeats it."""
    headers = {**visitor.extra, "Accept": ACCEPTS[accept]}
    answer = visitor.client.open(address, method=method, headers=headers)
    place = f"{method} {address} ({accept}) for {visitor.name}: {answer.status_code}"
    asked = [address.encode(), urlsplit(address).path.encode(), urlsplit(address).path.rsplit("/", 1)[-1].encode()]
    body, head = answer.data, str(answer.headers).encode()
    answer.close()
    for own in asked:
        if len(own) > 8:
            body, head = body.replace(own, b"ASKED"), head.replace(own, b"ASKED")
    yield Haystack(channel=channel, place=place, reader=visitor.reader, data=body)
    yield Haystack(channel=f"{channel}, head", place=place, reader=visitor.reader, data=head)
