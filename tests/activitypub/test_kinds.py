"""Kinds of things in the spellings of other software: posts about links, questions, events, agreements, moves."""

from datetime import UTC, datetime
from typing import Any

import pytest

from activitypub import codec
from activitypub import details as d
from activitypub import vocabulary as v
from tests.activitypub.dialects import ACTOR, NOTE, activity, note


def test_an_audience_said_once_is_for_both() -> None:
    word = codec.read_activity(activity("Create", NOTE, to=v.PUBLIC, cc="https://m.example/users/asso/followers"))
    assert isinstance(word, v.Create)
    assert isinstance(word.object, v.Note)
    assert word.object.to == (v.PUBLIC,)
    assert word.object.cc == ("https://m.example/users/asso/followers",)
    private = codec.read_activity(activity("Create", {**NOTE, "to": []}, to=v.PUBLIC))
    assert isinstance(private, v.Create)
    assert isinstance(private.object, v.Note)
    assert private.object.to == (), "who says that a text is for nobody is believed"


def test_a_deleted_account_is_named_by_a_stub() -> None:
    word = codec.read_activity(activity("Delete", {"type": "Person", "id": "https://m.example/u"}))
    assert isinstance(word, v.Delete)
    assert word.object == "https://m.example/u"
    with pytest.raises(codec.Malformed):
        codec.read_activity(activity("Delete", {"type": "Person"}))


@pytest.mark.parametrize(
    ("doc", "url", "link"),
    [
        ({"url": "https://m.example/@asso/1"}, "https://m.example/@asso/1", None),
        ({"url": "https://elsewhere.example/"}, "https://elsewhere.example/", "https://elsewhere.example/"),
        ({"url": ["https://elsewhere.example/", "https://m.example/p"]}, "https://m.example/p", None),
        ({"attachment": [{"type": "Link", "href": "https://elsewhere.example/"}]}, None, "https://elsewhere.example/"),
        ({"attachment": [{"type": "Link", "href": "payto://iban/DE00"}]}, None, None),
        ({"url": {"type": "Link", "mediaType": "video/mp4", "href": "https://m.example/v.mp4"}}, None, None),
    ],
)
def test_the_page_of_a_text_and_what_it_is_about(doc: dict[str, Any], url: str | None, link: str | None) -> None:
    word = codec.read_object({**NOTE, "type": "Page", "name": "Titre", **doc})
    assert isinstance(word, v.Article)
    assert (word.url, word.link) == (url, link)


def test_markdown_and_plain_text_keep_their_paragraphs_and_hold_no_tags() -> None:
    word = note(content="Un\ndeux\n\n<b>trois</b>", mediaType="text/markdown")
    assert word.content == "<p>Un<br>deux</p><p>&lt;b&gt;trois&lt;/b&gt;</p>"


@pytest.mark.parametrize(
    ("doc", "found"),
    [
        ({"language": {"identifier": "fr", "name": "Français"}}, "fr"),
        ({"language": {"identifier": "und", "name": "?"}}, None),
        ({"inLanguage": "oc"}, "oc"),
        ({"language": "fr"}, None),
    ],
)
def test_a_language_named_as_others_name_it(doc: dict[str, Any], found: str | None) -> None:
    assert note(**doc).language == found


def test_a_question_has_its_answers_and_not_more_than_anybody_reads() -> None:
    many = [{"type": "Note", "name": f"{number} {'x' * 500}"} for number in range(60)]
    word = note(type="Question", oneOf=many)
    assert len(word.options) == 20
    assert {len(option) for option in word.options} == {200}
    assert note(type="Question", anyOf=[{"name": "oui"}, {"name": None}, "non"]).options == ("oui",)


def test_a_video_is_a_text_with_a_picture() -> None:
    word = codec.read_object({**NOTE, "type": "Video", "name": "Titre", "icon": {"type": "Image", "url": NOTE["id"]}})
    assert isinstance(word, v.Article)
    assert word.image == d.Picture(url=NOTE["id"])


EVENT: dict[str, Any] = {**NOTE, "type": "Event", "name": "Fête", "startTime": "2027-06-05T10:00:00+02:00"}


@pytest.mark.parametrize("broken", [{"startTime": None}, {"startTime": "samedi"}, {"name": ""}, {"attributedTo": None}])
def test_an_event_without_what_makes_it_one(broken: dict[str, Any]) -> None:
    with pytest.raises(codec.Malformed):
        codec.read_object({**EVENT, **broken})


def test_an_event_of_mobilizon_and_one_of_gancio() -> None:
    mobilizon = {"joinMode": "free", "ical:status": "CANCELLED", "timezone": "Europe/Paris", "commentsEnabled": True}
    word = codec.read_object({**EVENT, **mobilizon, "location": {"name": "Place", "address": {"postalCode": "13007"}}})
    assert isinstance(word, v.Event)
    assert word.start == datetime(2027, 6, 5, 8, tzinfo=UTC)
    assert (word.join_mode, word.status) == (d.JoinMode.FREE, d.EventStatus.CANCELLED)
    assert word.location == d.Place(name="Place", address=d.PostalAddress(postal_code="13007"))
    gancio = codec.read_object({**EVENT, "joinMode": 7, "location": {"name": "Bar", "address": "1 rue du Port"}})
    assert isinstance(gancio, v.Event)
    assert gancio.join_mode is None
    assert gancio.location == d.Place(name="Bar", address=d.PostalAddress(street="1 rue du Port"))


def test_an_agreement_commits_somebody() -> None:
    stipulates = {
        "satisfies": "https://a.example/1#primary",
        "vf:resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "1"},
    }
    word = codec.read_activity(activity("Offer", {"type": "vf:Agreement", "vf:stipulates": stipulates}))
    assert isinstance(word, v.Offer)
    assert word.object == v.Agreement(
        stipulates=d.Commitment(satisfies="https://a.example/1#primary", quantity=d.Measure(unit="one", value="1"))
    )
    for nothing in (None, {}, "x", {"satisfies": 7}):
        with pytest.raises(codec.Malformed, match="stipulates"):
            codec.read_activity(activity("Offer", {"type": "Agreement", "stipulates": nothing}))


def test_a_move_names_both_ends() -> None:
    word = codec.read_activity(activity("Move", "https://m.example/u", target="https://n.example/u"))
    assert isinstance(word, v.Move)
    assert (word.object, word.target) == ("https://m.example/u", "https://n.example/u")
    with pytest.raises(codec.Malformed, match="target"):
        codec.read_activity(activity("Move", "https://m.example/u"))


def test_what_a_server_keeps_to_is_read_from_the_actor_and_its_generator() -> None:
    standard = {"href": "https://datatracker.ietf.org/doc/html/rfc9421", "name": "RFC-9421"}
    actor = codec.read_actor({**ACTOR, "implements": standard, "generator": {"implements": [standard, 7, {}]}})
    expected = (d.Standard(href=standard["href"], name="RFC-9421"),)
    assert actor.implements == expected
    assert actor.generator == d.Generator(implements=expected)
    assert codec.read_actor({**ACTOR, "generator": {"name": "Odd"}}).generator is None


def test_a_text_with_too_much_beside_it_is_read_without_the_rest() -> None:
    word = note(
        tag=[{"type": "Hashtag", "name": f"#{number}"} for number in range(300)],
        attachment=[{"type": "Image", "url": f"https://m.example/{number}"} for number in range(300)],
    )
    assert (len(word.tags), len(word.attachments)) == (100, 100)
    actor = codec.read_actor(
        {
            **ACTOR,
            "attributionDomains": [*(f"{number}.example" for number in range(99)), 7],
            "implements": [NOTE["id"]] * 300,
        }
    )
    assert (len(actor.attribution_domains), len(actor.implements)) == (20, 100)
