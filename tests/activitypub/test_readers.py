"""What each peer shows of everything we send: the acceptance table, and the strict readers that must agree with it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from tests.activitypub.readers import (
    discovery,
    emitted,
    epicyon,
    fedify,
    flohmarkt,
    gotosocial,
    lemmy,
    mastodon,
    mitra,
    mobilizon,
    piefed,
    unfathomably,
    wordpress,
)
from tests.activitypub.readers.acceptance import ACCEPTANCE, ALSO, FURTHER, PEERS
from tests.activitypub.readers.seen import Doc, Seen, first_line, first_picture
from tests.house import samples
from tests.town import schemas

READERS: Final[Mapping[str, Callable[[Doc], Seen]]] = {
    "mastodon": mastodon.read,
    "gotosocial": gotosocial.read,
    "lemmy": lemmy.read,
    "piefed": piefed.read,
    "mobilizon": mobilizon.read,
    "wordpress": wordpress.read,
    "flohmarkt": flohmarkt.read,
    "mitra": mitra.read,
    "unfathomably": unfathomably.read,
    "epicyon": epicyon.read,
    "fedify": fedify.read,
}
VERDICTS: Final = {"takes": "takes", "–": "drops", "?": "unsaid"}
PROMISED: Final = {name: (*ACCEPTANCE[name], *ALSO[name]) for name in ACCEPTANCE}
PARTS: Final = ("title", "text", "warning", "link", "picture")
DOCUMENTS: Final = emitted.documents()


def innermost(doc: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an activity is about in the end."""
    inner = doc.get("object")
    return innermost(inner) if isinstance(inner, Mapping) else doc


def said(doc: Mapping[str, Any], name: str) -> str | None:
    match name:
        case "first":
            return first_line(doc["content"])
        case "picture":
            return first_picture(doc)
        case _ if "." in name:
            within, _, part = name.partition(".")
            return said(doc[within], part)
        case _:
            return doc.get(name)


def expected(cell: str, doc: Mapping[str, Any]) -> Seen:
    if cell in VERDICTS:
        return Seen(verdict=VERDICTS[cell], lines=())
    named = dict(part.split("=") for part in cell.split())
    assert named.keys() <= set(PARTS)
    inner = innermost(doc)
    made = {part: said(inner, name) for part, name in named.items()}
    assert all(made.values()), (cell, made)
    return Seen(verdict="shows", lines=(), **made)


@pytest.mark.parametrize("peer", READERS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_peer_shows_what_we_promise(name: str, peer: str) -> None:
    doc = DOCUMENTS[name]
    seen = READERS[peer](doc)
    wanted = expected(PROMISED[name][list(READERS).index(peer)], doc)
    assert (seen.verdict, *(getattr(seen, part) for part in PARTS)) == (
        wanted.verdict,
        *(getattr(wanted, part) for part in PARTS),
    ), (seen.why, seen.lines)


def test_everything_we_say_is_in_the_table() -> None:
    assert DOCUMENTS.keys() == ACCEPTANCE.keys() == ALSO.keys()
    assert [name.lower() for name in (*PEERS, *FURTHER)] == list(READERS)
    assert {len(cells) for cells in PROMISED.values()} == {len(READERS)}
    shown = {kind for doc in DOCUMENTS.values() for kind in (doc["type"], innermost(doc).get("type"))}
    assert shown >= schemas.BY_TYPE.keys(), "a kind of document that leaves, and that no reader was asked about"


# --- how we are found


ASKED: Final[Mapping[str, Callable[[Doc], Seen]]] = {
    "webfinger": lambda doc: discovery.by_name(doc, actor=DOCUMENTS["quarter"]),
    "webfinger-host": discovery.by_host,
    "nodeinfo-links": discovery.links,
    "nodeinfo": discovery.nodeinfo,
}


def test_whoever_looks_for_us_finds_us() -> None:
    assert samples.PLAIN.keys() == ASKED.keys()
    found = {name: ASKED[name](make()) for name, make in samples.PLAIN.items()}
    assert {name: seen.why for name, seen in found.items() if seen.verdict != "takes"} == {}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("webfinger", {"subject": "acct:saint_exemple@elsewhere.example"}),
        ("webfinger", {"links": [{"rel": "self", "type": "text/html", "href": "https://voisins.example/users/a"}]}),
        ("webfinger-host", {"links": []}),
        ("nodeinfo-links", {"links": []}),
        ("nodeinfo", {"software": {"name": "Palier de test", "version": "1"}}),
        ("nodeinfo", {"services": {"inbound": []}}),
        ("nodeinfo", {"usage": {}}),
    ],
)
def test_what_is_asked_for_is_read_strictly(name: str, change: dict[str, Any]) -> None:
    assert ASKED[name]({**samples.PLAIN[name](), **change}).verdict == "drops"


# --- the readers are strict: what would be lost there is lost here


def broken(name: str, /, **change: Any) -> Mapping[str, Any]:
    """A document of ours with something else in what it is about."""

    def inside(doc: Mapping[str, Any]) -> dict[str, Any]:
        inner = doc.get("object")
        return {**doc, "object": inside(inner)} if isinstance(inner, Mapping) else {**doc, **change}

    return inside(DOCUMENTS[name])


@pytest.mark.parametrize(
    ("peer", "name", "change"),
    [
        ("lemmy", "news-announce-activity", {"attachment": [{"type": "Proposal", "purpose": "offer"}]}),
        ("lemmy", "news-announce-activity", {"image": [{"type": "Image", "url": "https://voisins.example/1"}]}),
        ("lemmy", "news-announce-activity", {"context": {"id": "https://voisins.example/1"}}),
        ("lemmy", "news-announce-activity", {"inReplyTo": "https://voisins.example/1"}),
        ("lemmy", "news-announce-activity", {"attributedTo": [{"id": "https://voisins.example/1"}]}),
        ("lemmy", "news-announce-activity", {"to": [], "cc": []}),
        ("lemmy", "news-announce-activity", {"audience": None, "to": ["https://www.w3.org/ns/activitystreams#Public"]}),
        ("lemmy", "quarter", {"outbox": None}),
        ("lemmy", "quarter", {"attributedTo": ["https://voisins.example/users/ciq_exemple"]}),
        ("lemmy", "news", {"audience": None, "to": ["https://www.w3.org/ns/activitystreams#Public"]}),
        ("lemmy", "news-announce-delete", {"id": "https://elsewhere.example/1"}),
        ("lemmy", "news-announce-delete", {"formerType": None}),
        ("mastodon", "quarter", {"publicKey": None}),
        ("mastodon", "quarter", {"followers": None}),
        ("mastodon", "quarter", {"inbox": "https://elsewhere.example/inbox"}),
        ("mastodon", "letter-reply", {"tag": []}),
        ("mastodon", "letter-reply", {"tag": [{"type": "Mention", "href": "https://comite.example/users/instance"}]}),
        ("mastodon", "news-create", {"id": "https://elsewhere.example/1"}),
        ("mastodon", "news-create", {"cc": []}),
        ("mastodon", "news-create", {"attributedTo": "https://voisins.example/users/saint_exemple"}),
        ("mastodon", "news-update", {"updated": None}),
        ("mastodon", "accept", {"id": None}),
        ("mastodon", "undo", {"actor": "https://comite.example/users/instance"}),
        ("mastodon", "page", {"partOf": None}),
        ("mastodon", "report", {"content": ""}),
        ("mastodon", "report", {"to": ["https://aix.example/users/fourmi"]}),
        ("mastodon", "news-announce-object", {"published": None}),
        ("gotosocial", "news-create", {"content": ""}),
        ("mobilizon", "news-create", {"actor": None}),
        ("mobilizon", "event-create", {"startTime": None}),
        ("mobilizon", "event-create", {"joinMode": "perhaps"}),
        ("mobilizon", "event-create", {"externalParticipationUrl": None}),
        ("piefed", "news-announce-activity", {"to": [], "cc": []}),
        (
            "piefed",
            "report-to-community",
            {"object": ["https://forum.example/u/alice", "https://forum.example/post/7"]},
        ),
        ("wordpress", "quarter", {"publicKey": None}),
        ("flohmarkt", "market-flohmarkt", {"flohmarkt:data": None}),
        ("flohmarkt", "market-flohmarkt", {"flohmarkt:data": {"price": "0", "name": "Perceuse"}}),
        ("flohmarkt", "market-flohmarkt", {"attachment": [{"type": "Document", "url": "https://voisins.example/1"}]}),
        ("flohmarkt", "market-flohmarkt", {"inReplyTo": "https://voisins.example/1"}),
        ("flohmarkt", "letter-question", {"to": ["https://voisins.example/users/instance", "https://a.example/b"]}),
        (
            "unfathomably",
            "listing-create",
            {"tag": [{"type": "Link", "mediaType": "application/ld+json", "href": "a"}]},
        ),
        ("unfathomably", "market-proposal", {"attachment": [{"type": "Proposal", "publishes": {}}]}),
        ("unfathomably", "market-flohmarkt", {"flohmarkt:data": {"price": "0"}}),
        ("epicyon", "listing-proposal", {"publishes": {"id": "https://voisins.example/1#first"}}),
        ("epicyon", "listing-proposal", {"reciprocal": {"resourceConformsTo": "EUR"}}),
        ("fedify", "listing-create", {"halves": 2}),
    ],
)
def test_a_reader_refuses_what_its_software_refuses(peer: str, name: str, change: dict[str, Any]) -> None:
    assert READERS[peer](DOCUMENTS[name]).verdict in {"shows", "takes"}
    assert READERS[peer](broken(name, **change)).verdict == "drops"


def test_a_name_or_a_summary_on_an_offer_would_fold_it() -> None:
    assert mastodon.read(broken("listing-create", summary="Perceuse")).warning == "Perceuse"
    assert gotosocial.read(broken("listing-create", name="Perceuse")).warning == "Perceuse"
