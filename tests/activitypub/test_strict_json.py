"""Bytes from strangers: what cannot mean exactly one thing is not read at all."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activitypub import codec


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'"text"',
        b"{",
        b"\xff\xfe{}",
        b'{"a":1}{"b":2}',
        b'{"a":1,"a":2}',
        b'{"x":{"actor":"https://a.example/","actor":"https://b.example/"}}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1e999}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\u0000"}',
        b'{"a\\u0000":1}',
        b'{"a":"\\ud800"}',
        b'{"a":"' + "\ud800".encode("utf-8", "surrogatepass") + b'"}',
        b'{"a":' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"a":[' + b"1," * 10_001 + b"1]}",
        b'{"a":"' + b"x" * codec.MAX_BYTES + b'"}',
    ],
    ids=lambda raw: repr(raw[:30]),
)
def test_refuses(raw: bytes) -> None:
    with pytest.raises(codec.Malformed):
        codec.load(raw)


@pytest.mark.parametrize("keyword", ["@graph", "@included", "@reverse", "@nest"])
@pytest.mark.parametrize("inside", [False, True])
def test_refuses_ambiguous_json_ld(keyword: str, inside: bool) -> None:
    doc = {"type": "Note", keyword: []} if not inside else {"type": "Create", "object": [{"tag": {keyword: {}}}]}
    with pytest.raises(codec.Malformed, match=keyword):
        codec.load(json.dumps(doc).encode())


@pytest.mark.parametrize(
    "context",
    [
        {"actor": "https://evil.example/ns#actor"},
        {"actor": {"@id": "as:object2"}, "object": None},
        ["https://www.w3.org/ns/activitystreams", {"publicKeyPem": "https://evil.example/ns#x"}],
        {"id": "https://evil.example/ns#id"},
    ],
)
def test_refuses_a_context_that_renames_who_speaks(context: object) -> None:
    with pytest.raises(codec.Malformed, match="another meaning"):
        codec.load(json.dumps({"@context": context, "type": "Note"}).encode())


def test_accepts_a_context_that_repeats_the_usual_meaning() -> None:
    context = [
        "https://www.w3.org/ns/activitystreams",
        {"id": "@id", "type": "@type", "actor": {"@id": "as:actor", "@type": "@id"}, "publicKey": "sec:publicKey"},
        {"misskey": "https://misskey-hub.net/ns#", "quoteUrl": "as:quoteUrl"},
    ]
    assert codec.load(json.dumps({"@context": context}).encode()) == {"@context": context}


def test_a_message_names_place_and_fault_but_not_the_content() -> None:
    with pytest.raises(codec.Malformed, match=r"^document\.object\.attributedTo: missing$") as fault:
        codec.read_activity(
            {
                "id": "https://a.example/1",
                "type": "Create",
                "actor": "https://a.example/u",
                "object": {"id": "https://a.example/secret", "type": "Note", "content": "secret"},
            }
        )
    assert "secret" not in str(fault.value)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_malformed(raw: bytes) -> None:
    with contextlib.suppress(codec.Malformed):
        codec.load(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=6), JSON, max_size=5))
def test_encoding_is_stable_and_loads_back(doc: dict[str, object]) -> None:
    raw = codec.encode({"a": 1}) if not _encodable(doc) else codec.encode(doc)
    assert raw == codec.encode(json.loads(raw))


def _encodable(doc: object) -> bool:
    try:
        json.dumps(doc, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


URIS = st.sampled_from(["https://a.example/1", "https://a.example/u", "as:Public", "mailto:x", "", "javascript:1"])
PROPERTIES = """
    id type actor object attributedTo to cc content contentMap name nameMap summary url tag attachment image icon
    published inbox preferredUsername publicKey endpoints owner publicKeyPem orderedItems first purpose publishes
    resourceQuantity hasUnit hasNumericalValue action location interactionPolicy canQuote automaticApproval
    formerType streams inReplyTo rel href mediaType width
"""
TYPE_NAMES = """
    Create Update Delete Announce Follow Accept Undo Flag Block Note Article Page Proposal Tombstone Person Group
    OrderedCollection OrderedCollectionPage Hashtag Mention Link Image Intent as:Note Like
"""
KEYS = st.sampled_from(PROPERTIES.split())
TYPES = st.sampled_from(TYPE_NAMES.split())
ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | URIS | TYPES | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=8),
    max_leaves=40,
)


@settings(max_examples=400)
@given(st.dictionaries(KEYS, ODD, max_size=10), TYPES)
def test_any_document_becomes_a_word_or_is_malformed(doc: dict[str, object], kind: str) -> None:
    whole = dict.fromkeys(("id", "actor", "attributedTo", "inbox", "object"), "https://a.example/1")
    doc = {**whole, "preferredUsername": "asso", "purpose": "offer", **doc, "type": kind}
    for read in (codec.read_word, codec.read_activity, codec.read_actor, codec.read_object, codec.read_keys):
        try:
            word = read(doc)
        except codec.Malformed:
            continue
        if read is codec.read_word:
            codec.encode(codec.write(word))
