"""Outboxes as other software writes them: who told of what is found in each."""

import json
from pathlib import Path
from typing import Any

import pytest

from activitypub import codec
from activitypub.vocabulary import PUBLIC
from federation import outboxes

CORPUS = Path(__file__).parents[1] / "activitypub" / "corpus"


def wrapped(name: str) -> dict[str, Any]:
    doc: dict[str, Any] = json.loads((CORPUS / name).read_text("utf-8"))
    return {"id": "https://x.example/outbox", "type": "OrderedCollection", "orderedItems": [doc]}


FORMS = [
    # A real outbox: Announce around Create around Page, without a date of its own, under ids made at each look.
    ("lemmy/lemmy/collections/group_outbox.json", "https://ds9.lemmy.ml/c/testcom", ["post/2328", "post/2327"]),
    # Texts that stand there by themselves.
    (
        "lemmy/mastodon/collections/featured.json",
        "https://mastodon.social/users/LemmyDev",
        ["statuses/104246642906910728"],
    ),
]
ENTRIES = [
    ("mobilizon/mastodon-post-activity.json", "Create"),
    ("mobilizon/mobilizon-post-activity-group.json", "Create"),
    ("mobilizon/mastodon-announce.json", "Announce"),
    ("lemmy/lemmy/activities/community/announce_create_page.json", "Announce"),
    ("lemmy/lemmy/activities/create_or_update/create_page.json", "Create"),
    ("lemmy/friendica/activities/create_page_1.json", "Create"),
    # A blog that passes on what one of its authors changed.
    ("lemmy/wordpress/activities/announce.json", "Announce"),
]


@pytest.mark.parametrize(("file", "actor", "ends"), FORMS)
def test_a_whole_outbox_of_other_software(file: str, actor: str, ends: list[str]) -> None:
    word = codec.read_collection(codec.load((CORPUS / file).read_bytes()))
    found = [outboxes.reduce(one, actor=actor) for one in word.items if not isinstance(one, str)]
    assert [one is not None and one.object_uri.endswith(end) for one, end in zip(found, ends, strict=True)] == [
        True
    ] * len(ends)
    assert all(one is not None and one.told is not None for one in found)


@pytest.mark.parametrize(("file", "kind"), ENTRIES)
def test_an_entry_as_other_software_writes_it(file: str, kind: str) -> None:
    doc = json.loads((CORPUS / file).read_text("utf-8"))
    [one] = codec.read_collection(codec.load(json.dumps(wrapped(file)).encode())).items
    assert not isinstance(one, str)
    item = outboxes.reduce(one, actor=doc["actor"])
    assert item is not None
    assert (type(item.activity).__name__, item.activity.actor) == (kind, doc["actor"])
    assert isinstance(item.activity.object, str)
    assert outboxes.reduce(one, actor="https://x.example/users/eve") is None, "it is not its owner's"


def of_wordpress() -> dict[str, Any]:
    """A page as its outbox controller writes it, around a real Article: `generator` is a text, ids are queries."""
    article = json.loads((CORPUS / "lemmy/wordpress/objects/page.json").read_text("utf-8"))
    author, outbox = article["attributedTo"], "https://dbzer0.com/wp-json/activitypub/1.0/actors/1/outbox"
    deed = {"actor": author, "object": article, "published": article["published"], "to": article["to"]}
    return {
        "id": f"{outbox}?page=1", "type": "OrderedCollectionPage", "partOf": outbox, "totalItems": 2, "actor": author,
        "generator": "https://wordpress.org/?v=6.9", "first": f"{outbox}?page=1", "last": f"{outbox}?page=1",
        "orderedItems": [
            {"id": f"{article['id']}#activity-{kind.lower()}", "type": kind, **deed} for kind in ("Update", "Create")
        ],
    }  # fmt: skip


def of_piefed() -> dict[str, Any]:
    """A community's outbox, in one piece: Announces without a date, around a Create that has none either."""
    here, public = "https://piefed.example", PUBLIC
    author, community = f"{here}/u/alice", f"{here}/c/ville"
    post = {
        "type": "Page", "id": f"{here}/post/7", "attributedTo": author, "to": [community, public], "cc": [],
        "name": "Fête", "content": "<p>Samedi.</p>", "mediaType": "text/html", "attachment": [], "sensitive": False,
        "published": "2026-05-03T12:32:29+00:00", "stickied": False, "commentsEnabled": True, "audience": community,
    }  # fmt: skip
    deed = {"id": f"{here}/activities/create/x", "type": "Create", "actor": author, "to": [public], "object": post}
    passed_on = {"id": f"{here}/activities/announce/y", "type": "Announce", "actor": community, "to": [public]}
    outbox = {"id": f"{community}/outbox", "type": "OrderedCollection", "totalItems": 1}
    return {**outbox, "orderedItems": [{**passed_on, "object": {**deed, "cc": [community], "audience": community}}]}


@pytest.mark.parametrize(
    ("doc", "actor", "told"),
    [
        (of_wordpress(), "https://dbzer0.com/blog/author/db0/", [("Update", True), ("Create", False)]),
        (of_piefed(), "https://piefed.example/c/ville", [("Announce", False)]),
    ],
)
def test_an_outbox_as_blogs_and_forums_write_it(doc: dict[str, Any], actor: str, told: list[tuple[str, bool]]) -> None:
    word = codec.read_collection(codec.load(json.dumps(doc).encode()))
    found = [outboxes.reduce(one, actor=actor) for one in word.items if not isinstance(one, str)]
    items = [one for one in found if one is not None and one.told is not None]
    assert [(type(one.activity).__name__, one.is_change) for one in items] == told
