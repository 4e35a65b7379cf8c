"""P4, existence, at the door: what stays at home, or is for one receiver, answers other servers as what never was."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule

from activitypub import signatures
from federation import identity
from federation.models import Activity, OwnActor
from instance import conversations
from instance.audience import Audience
from instance.conversations import Message
from tests import keys
from tests.town.houses import House, Town
from tests.town.proofs.crawl import ACCEPTS, routes
from tests.town.proofs.oracle import UUID, Told, never, told


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A town that has people and private things, a neighbour that writes to it, and one that only knows it."""

    here: House
    there: House
    far: House
    ids: list[str]  # of what stays at home, and of letters
    names: list[str]  # which a login, a building or a closed quarter has
    rests: list[str]  # what stands below an actor's address


@pytest.fixture
def scene(town: Town, monkeypatch: pytest.MonkeyPatch) -> Scene:
    keys.install(monkeypatch)
    here, there, far = town.build("marseille"), town.build("barnabe"), town.build("aix")
    quarter, other = here.quarter("Saint Julien"), there.quarter("Saint Barnabé")
    building = here.building(quarter)
    odile = here.resident("Odile", building=building)
    camille = there.resident("Camille", building=there.building(other))
    closed = here.quarter("Les Caillols")
    with here.home.write.begin() as session:
        session.get_one(type(closed), closed.id).opened_at = None
    town.settle()
    there.add_peer(here)
    for one in (there, far):
        one.follow(f"{here.origin}/users/instance")
    town.settle()
    slip = here.offer(odile, "Escabeau", audience=Audience.BUILDING, byline=None)
    near = here.offer(odile, "Scie", audience=Audience.QUARTER)
    here.offer(odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    there.do(conversations.answer, listing=there.hung("Perceuse"), by=camille, body="Bonjour", byline="C.")
    town.settle()
    here.do(conversations.reply, conversation=here.conversations()[0], by=odile, body="Avec plaisir")
    here.work_home()  # the letter is on its way, and not there yet
    return _collected(here, there, far, [slip.public_id, near.public_id, odile.public_id, building.public_id])


def _collected(here: House, there: House, far: House, ids: list[uuid.UUID]) -> Scene:
    with here.home.read() as session:
        ids += session.scalars(select(Message.public_id))
        ids.append(here.conversations()[0].public_id)
    with here.federation.read() as session:
        uris = [
            (one.uri, json.loads(one.body).get("object"))
            for one in session.scalars(select(Activity).where(Activity.public.is_(False)))
        ]
        known = set(session.scalars(select(OwnActor.username)))
    found = {one if isinstance(one, str) else one.get("id", "") for pair in uris for one in pair if one}
    mine = [one.removeprefix(f"{here.origin}/users/") for one in found if one.startswith(f"{here.origin}/users/")]
    rests = [one.partition("/")[2] for one in mine if "/" in one]
    rests += [f"{folder}/{one}" for folder in ("items", "letters") for one in ids]
    rests += [f"letters/{one}/thread" for one in ids]
    rests += [f"items/{one}/{more}" for one in ids for more in ("context", "proposal")]
    names = ["odile.test", "odile", "les_caillols", "les_tilleuls", *map(str, ids)]
    assert not known & set(names)
    assert [one for one in rests if one.startswith("letters/")]
    return Scene(here=here, there=there, far=far, ids=[str(one) for one in ids], names=names, rests=rests)


def _never(path: str) -> str:
    """The same address with another id in it; of one without an id, with another last part."""
    if UUID.search(path):
        return UUID.sub(lambda found: never(found[0]), path)
    before, slash, last = path.rpartition("/")
    return f"{before}{slash}{never(last)}"


def _addresses(scene: Scene) -> Iterator[tuple[str, str]]:
    """Pairs: of something that is there and not for others, and of what never was. From the routes of the door."""
    app = scene.here.door
    adapter = app.url_map.bind("localhost")
    for rule in routes(app):
        for pair in _values(scene, rule):
            there, was_never = (adapter.build(rule.endpoint, one, method="GET") for one in pair)
            yield there, was_never
    for rest in scene.rests:  # a page of what was published beside something that was not
        cursors = [quote(f"{scene.here.origin}/users/instance/{one}", safe="") for one in (rest, _never(rest))]
        for way in ("before", "after"):
            there, was_never = (f"/users/instance/outbox?page=1&{way}={one}" for one in cursors)
            yield there, was_never
    ask = "/.well-known/webfinger?resource="
    host, origin = scene.here.host, scene.here.origin
    names = (f"acct:{{}}@{host}", f"{{}}@{host}", f"{origin}/users/{{}}", f"{origin}/@{{}}")
    for form, words in ((names, scene.names), ((f"{origin}/notices/{{}}", f"{origin}/users/{{}}"), scene.ids)):
        yield from ((ask + one.format(word), ask + one.format(never(word))) for one in form for word in words)


Values: TypeAlias = dict[str, str]


def _values(scene: Scene, rule: Rule) -> Iterator[tuple[Values, Values]]:
    """What stands in the arguments of a route, in pairs."""
    fixed, left = dict(rule.defaults or {}), rule.arguments - set(rule.defaults or {})
    if "rest" in left:
        yield from (
            ({"name": "instance", "rest": one}, {"name": "instance", "rest": _never(one)}) for one in scene.rests
        )
        fixed = {"rest": f"items/{scene.ids[0]}"}
    if "name" in left and rule.endpoint not in OPEN:
        yield from (({**fixed, "name": one}, {**fixed, "name": never(one)}) for one in scene.names)


# Whose arguments are words of the programme itself.
OPEN = {"fediverse.stream", "fediverse.nodeinfo_document"}


def test_every_route_of_the_door_is_asked_for(scene: Scene) -> None:
    app = scene.here.door
    named = {rule.endpoint for rule in routes(app) if rule.arguments - set(rule.defaults or {})} - OPEN
    asked = {app.url_map.bind("localhost").match(one.partition("?")[0])[0] for one, _ in _addresses(scene)}
    assert asked == named | {"fediverse.find"}


@pytest.mark.parametrize("accept", ["HTML", "AS2"])
@pytest.mark.parametrize("peer", [False, True])
def test_the_door_knows_of_nothing_that_is_not_public(scene: Scene, accept: str, peer: bool) -> None:
    client, states = scene.here.door.test_client(), set()

    def ask(address: str) -> Told:
        headers = {"Accept": ACCEPTS[accept], **(_signed(scene, "GET", address, scene.there) if peer else {})}
        answer = client.get(address, headers=headers, base_url=scene.here.origin)
        return told(answer, asked=address)

    for there, was_never in _addresses(scene):
        found = ask(there)
        assert found == ask(was_never), there
        states.add(found[0] if "/outbox?" not in there else f"a page: {found[0]}")
    assert states == {404, "a page: 200"}


def _signed(scene: Scene, method: str, address: str, sender: House, body: bytes | None = None) -> dict[str, str]:
    with sender.federation.read() as session:
        actor = identity.find(session, identity.APPLICATION if body is None else identity.DESK)
        assert actor is not None
        key = identity.key(actor)
    return signatures.sign(
        method=method,
        url=scene.here.origin + address,
        body=body,
        key_pem=key.private_pem,
        key_id=key.key_id,
        now=scene.here.town.now,
    )


# --- what is sent to the inbox


def _follow(scene: Scene, sender: House, asked: str) -> dict[str, object]:
    me = f"{sender.origin}/users/instance"
    return {"type": "Follow", "actor": me, "object": f"{scene.here.origin}/users/{asked}"}


def _reply(scene: Scene, sender: House, asked: str) -> dict[str, object]:
    me, desk = f"{sender.origin}/users/instance", f"{scene.here.origin}/users/instance"
    note = {
        "id": f"{me}/notes/{uuid.uuid4()}",
        "type": "Note",
        "attributedTo": me,
        "to": [desk],
        "inReplyTo": f"{desk}/{asked}",
        "content": "<p>Bonjour</p>",
        "published": "2027-05-11T08:00:00Z",
    }
    return {"type": "Create", "actor": me, "to": [desk], "object": note}


def _post(scene: Scene, sender: House, doc: dict[str, object], *, target: str, signed: bool) -> Told:
    me = str(doc["actor"])
    context = "https://www.w3.org/ns/activitystreams"
    body = json.dumps({"@context": context, "id": f"{me}/activities/{uuid.uuid4()}", **doc}).encode()
    headers = {"Content-Type": "application/activity+json"}
    headers |= _signed(scene, "POST", target, sender, body) if signed else {}
    answer = scene.here.door.test_client().post(target, data=body, headers=headers, base_url=scene.here.origin)
    return told(answer, asked=target)


def _sent_by(scene: Scene, after: int) -> list[tuple[str, str]]:
    """What our town sent since, but for what it asks to read the letter."""
    return [(one.method, one.url) for one in scene.here.town.sent[after:] if one.sender == scene.here.origin]


@pytest.mark.parametrize("signed", [False, True])
def test_what_is_sent_to_the_inbox_tells_nothing_back(scene: Scene, signed: bool) -> None:
    scene.here.town.settle()
    talks = [(one.public_id, len(one.messages)) for one in scene.here.conversations()]
    for sender in (scene.there, scene.far):
        # Whose key is not known yet is asked for it, whatever they write.
        _post(scene, sender, _follow(scene, sender, "anybody"), target="/inbox", signed=signed)
        scene.here.town.settle()
        for name in scene.names:
            seen = []
            for one in (name, never(name)):
                before = len(scene.here.town.sent)
                receipt = _post(scene, sender, _follow(scene, sender, one), target=f"/users/{one}/inbox", signed=signed)
                scene.here.town.settle()
                seen.append((receipt, [(how, url.replace(one, "ASKED")) for how, url in _sent_by(scene, before)]))
            assert seen[0] == seen[1], name
            assert seen[0][0][0] == (202 if signed else 401)
    # Whoever is no party to a letter, and whoever may not see a notice, is answered nothing.
    for rest in (one for one in scene.rests if one.count("/") == 1):
        seen = []
        for one in (rest, _never(rest)):
            before = len(scene.here.town.sent)
            receipt = _post(
                scene, scene.far, _reply(scene, scene.far, one), target="/users/instance/inbox", signed=signed
            )
            scene.here.town.settle()
            seen.append((receipt, _sent_by(scene, before)))
        assert seen[0] == seen[1], rest
    assert [(one.public_id, len(one.messages)) for one in scene.here.conversations()] == talks
