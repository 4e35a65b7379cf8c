"""Documents in the spellings of other software, and what we make of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from activitypub import codec
from activitypub import details as d
from activitypub import vocabulary as v
from activitypub.spoken import SPOKEN
from tests.activitypub.dialects import ACTOR, NOTE, activity, note


@pytest.mark.parametrize("public", [v.PUBLIC, "as:Public", "Public", [v.PUBLIC], ["as:Public", "Public"]])
def test_public_in_all_its_spellings(public: object) -> None:
    assert note(to=public).to == (v.PUBLIC,)


def test_one_or_many_by_id_or_embedded() -> None:
    assert note(to={"id": "https://a.example/1", "type": "Person"}).to == ("https://a.example/1",)
    assert note(cc=["https://a.example/1", {"id": "https://a.example/2"}, 7, None, ["https://a.example/3"]]).cc == (
        "https://a.example/1",
        "https://a.example/2",
    )
    assert note(cc=["https://a.example/1", "https://a.example/1"]).cc == ("https://a.example/1",)


def test_peertube_names_several_authors_and_the_first_counts() -> None:
    authors = [{"type": "Person", "id": "https://p.example/a"}, {"type": "Group", "id": "https://p.example/g"}]
    assert note(attributedTo=authors).attributed_to == "https://p.example/a"


def test_lemmy_page_is_an_article() -> None:
    page = codec.read_object(
        {
            "type": "Page",
            "id": "https://lemmy.example/post/1",
            "attributedTo": "https://lemmy.example/u/nadia",
            "to": ["https://lemmy.example/c/quartier", v.PUBLIC],
            "audience": "https://lemmy.example/c/quartier",
            "name": "Une brocante dimanche",
            "content": "<p>…</p>",
            "published": "2026-11-02T09:30:00.123456+02:00",
        }
    )
    assert isinstance(page, v.Article)
    assert page.name == "Une brocante dimanche"
    assert page.published == datetime(2026, 11, 2, 7, 30, 0, 123456, tzinfo=UTC)


def test_content_only_in_a_language_map() -> None:
    word = note(content=None, contentMap={"fr": "<p>Salut</p>"})
    assert (word.content, word.language) == ("<p>Salut</p>", "fr")


def test_of_several_languages_the_one_of_the_content() -> None:
    assert note(contentMap={"en": "<p>Hello</p>", "fr": "<p>Bonjour</p>"}).language == "fr"


@pytest.mark.parametrize("tag", ['"><script>', "", "x" * 40, "@none"])
def test_a_language_is_a_language_tag(tag: str) -> None:
    assert note(contentMap={tag: "<p>Bonjour</p>"}).language is None


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//a.example", "https://a b", 7, "x" * 9000]
)
def test_a_page_for_people_is_http_or_nothing(url: object) -> None:
    assert note(url=url).url is None


def test_among_several_urls_the_page_for_people() -> None:
    urls = [
        {"type": "Link", "mediaType": "video/mp4", "href": "https://p.example/v.mp4"},
        {"type": "Link", "mediaType": "text/html", "href": "https://p.example/v"},
    ]
    assert note(url=urls).url == "https://p.example/v"


@pytest.mark.parametrize("when", ["yesterday", 1700000000, {}, "0000-00-00T00:00:00Z", "9999-12-31T23:59:59-14:00"])
def test_an_unreadable_date_is_no_date(when: object) -> None:
    assert note(published=when).published is None


def test_broken_tags_and_attachments_are_left_out() -> None:
    word = note(
        tag=[None, "x", {"type": "Emoji", "name": ":x:"}, {"type": "Mention"}, {"type": "Hashtag", "name": "#a"}],
        attachment=[
            {"type": "Document", "mediaType": "video/mp4", "url": "https://m.example/v"},
            {"type": "Document", "mediaType": "image/png", "url": "https://m.example/i", "name": "Une échelle"},
            {"type": "Image", "url": [{"type": "Link", "href": "https://m.example/j"}]},
            {"type": "Image"},
        ],
    )
    assert word.tags == (d.Hashtag(name="#a"),)
    assert [picture.url for picture in word.attachments] == ["https://m.example/i", "https://m.example/j"]
    assert word.attachments[0].alt == "Une échelle"


@pytest.mark.parametrize("missing", ["id", "attributedTo"])
def test_an_object_without_id_or_author_is_malformed(missing: str) -> None:
    with pytest.raises(codec.Malformed, match=missing):
        codec.read_object({key: value for key, value in NOTE.items() if key != missing})


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("as:Note", v.Note), (["Note", "Proposal"], v.Note), (v.PUBLIC[:-6] + "Note", v.Note), (["Odd", "Note"], v.Note)],
)
def test_types_with_prefixes_and_lists_of_types(kind: object, expected: type) -> None:
    assert isinstance(codec.read_object({**NOTE, "type": kind}), expected)


def test_what_we_do_not_speak_is_a_value_not_an_error() -> None:
    like = {"id": "https://m.example/likes/1", "type": "Like", "actor": "https://m.example/u", "object": NOTE["id"]}
    assert codec.read_activity(like) == v.Unspoken(type="Like", id="https://m.example/likes/1")
    assert codec.read_activity(NOTE) == v.Unspoken(type="Note", id=NOTE["id"]), "a bare object is no activity"
    chat = codec.read_object({"id": "https://m.example/e", "type": "ChatMessage", "content": "Salut"})
    assert chat == v.Unspoken(type="ChatMessage", id="https://m.example/e")
    evil = {**like, "type": "https://evil.example/ns#Create"}
    assert isinstance(codec.read_activity(evil), v.Unspoken)


def test_an_announced_like_stays_unspoken_inside() -> None:
    word = codec.read_activity(activity("Announce", activity("Like", NOTE["id"])))
    assert isinstance(word, v.Announce)
    assert word.object == v.Unspoken(type="Like", id="https://m.example/a/1")


def test_an_embedded_thing_without_type_is_its_id() -> None:
    word = codec.read_activity(activity("Delete", {"id": NOTE["id"]}))
    assert isinstance(word, v.Delete)
    assert word.object == NOTE["id"]


@pytest.mark.parametrize(
    "doc",
    [
        activity("Create", None),
        activity("Create", []),
        activity("Create", 7),
        activity("Create", [NOTE, NOTE]),
        activity("Follow", None),
        activity("Flag", []),
        {**activity("Create", NOTE), "id": None},
        {**activity("Create", NOTE), "id": "urn:uuid:1"},
        {**activity("Create", NOTE), "actor": None},
        {**activity("Create", NOTE), "type": None},
        {**activity("Create", NOTE), "type": []},
    ],
)
def test_malformed_activities(doc: dict[str, Any]) -> None:
    with pytest.raises(codec.Malformed):
        codec.read_activity(doc)


def test_letters_in_letters_in_letters_end() -> None:
    doc = activity("Create", NOTE)
    for _ in range(5):
        doc = activity("Announce", doc)
    with pytest.raises(codec.Malformed, match="too deeply"):
        codec.read_activity(doc)


def test_an_embedded_follow_without_id_is_read() -> None:
    follow = {"type": "Follow", "actor": "https://m.example/u", "object": "https://a.example/users/ciq"}
    word = codec.read_activity(activity("Undo", follow))
    assert isinstance(word, v.Undo)
    assert isinstance(word.object, v.Follow)
    assert v.identify(word.object) == ""


def test_lemmy_gives_the_reason_of_a_report_as_summary() -> None:
    word = codec.read_activity(activity("Flag", NOTE["id"], summary="pourriel"))
    assert word == v.Flag(
        id="https://m.example/a/1", actor="https://m.example/u", object=(NOTE["id"],), content="pourriel"
    )


def test_a_collection_with_an_embedded_first_page_and_one_broken_item() -> None:
    word = codec.read_collection(
        {
            "id": "https://m.example/outbox",
            "type": "OrderedCollection",
            "totalItems": 2,
            "first": {"type": "OrderedCollectionPage", "orderedItems": [{"type": "Note"}, NOTE, "https://m.example/2"]},
        }
    )
    assert isinstance(word, v.Collection)
    assert [v.identify(item) for item in word.items] == [NOTE["id"], "https://m.example/2"]
    with pytest.raises(codec.Malformed):
        codec.read_collection(NOTE)


KEY = d.PublicKey(id=ACTOR["publicKey"]["id"], owner=ACTOR["id"], pem="PEM")


def test_an_actor_with_little() -> None:
    actor = codec.read_actor(ACTOR)
    assert (actor.kind, actor.key, actor.shared_inbox) == (v.ActorKind.PERSON, KEY, None)
    assert not actor.discoverable
    assert not actor.manually_approves


@pytest.mark.parametrize("missing", ["id", "inbox", "preferredUsername"])
def test_an_actor_without_what_makes_it_one(missing: str) -> None:
    with pytest.raises(codec.Malformed, match=missing):
        codec.read_actor({key: value for key, value in ACTOR.items() if key != missing})


def test_a_note_is_no_actor() -> None:
    with pytest.raises(codec.Malformed):
        codec.read_actor(NOTE)


@pytest.mark.parametrize("consent", ["true", 1, None, [True]])
def test_consent_is_never_guessed(consent: object) -> None:
    assert codec.read_actor({**ACTOR, "discoverable": consent}).discoverable is False


def test_keys_in_an_actor_in_a_list_in_a_stub_and_alone() -> None:
    assert codec.read_keys(ACTOR) == (KEY,)
    other = {**ACTOR["publicKey"], "id": "https://m.example/users/asso#ed"}
    assert [key.id for key in codec.read_keys({**ACTOR, "publicKey": [other, ACTOR["publicKey"]]})] == [
        "https://m.example/users/asso#ed",
        KEY.id,
    ]
    stub = {"id": ACTOR["id"], "type": "Person", "preferredUsername": "asso", "publicKey": ACTOR["publicKey"]}
    assert codec.read_keys(stub) == (KEY,)
    assert codec.read_keys({**ACTOR["publicKey"], "type": "Key"}) == (KEY,)
    assert codec.read_keys({"id": ACTOR["id"], "publicKey": [None, "x", {"id": 7}]}) == ()


TERMS = {
    "purpose": "request",
    "publishes": {"action": "transfer", "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "2"}},
}


@pytest.mark.parametrize(
    "doc",
    [
        TERMS,
        {f"vf:{key}": value for key, value in TERMS.items()},
        {"attachment": [{"type": "Document"}, {"type": "Proposal", **TERMS}]},
        {"attachment": {"type": "vf:Proposal", **TERMS}},
        {
            "purpose": "request",
            "publishes": {
                "vf:action": "transfer",
                "vf:resourceQuantity": {"om2:hasUnit": "one", "vf:hasNumericalValue": 2},
            },
        },
    ],
)
def test_listing_terms_inline_prefixed_and_attached(doc: dict[str, Any]) -> None:
    assert codec.read_listing_terms({**NOTE, **doc}) == d.ProposalTerms(
        purpose=d.Purpose.REQUEST,
        primary=d.Intent(action=d.Action.TRANSFER, quantity=d.Measure(unit="one", value="2")),
    )


@pytest.mark.parametrize("purpose", [None, "sale", 7, [], {"@id": "vf:offer"}])
def test_no_purpose_no_listing(purpose: object) -> None:
    assert codec.read_listing_terms({**NOTE, "purpose": purpose}) is None
    with pytest.raises(codec.Malformed, match="purpose"):
        codec.read_object({**NOTE, "type": "Proposal", "purpose": purpose})


@pytest.mark.parametrize("name", SPOKEN)
def test_every_spoken_type_has_a_reader(name: str) -> None:
    with pytest.raises(codec.Malformed, match=r"missing|neither"):
        codec.read_word({"type": name})
