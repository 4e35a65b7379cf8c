"""The example documents, read and written again: what we leave out is listed here, by name and with a reason."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from activitypub import codec
from activitypub import details as d
from activitypub import vocabulary as v
from activitypub.spoken import SPOKEN
from tests.activitypub.terms import undefined_terms

Letter = Callable[[str], dict[str, Any]]

# Properties of the examples that this slice does not speak.
UNSPOKEN = {
    "focalPoint",  # cropping hints: pictures are shown whole
    "displayEndTime",  # whoever gives an end wants it shown
    "anonymousParticipationEnabled",  # false unless said, and ours is always elsewhere
}
# The same meaning in another form.
EMPTY = (None, [], {})

SPOKEN_LETTERS = [
    "01-application-actor",
    "02-service-marketplace-actor",
    "03-group-quarter",
    "04-organization-ciq",
    "10-create-article-news",
    "11-announce-create-fep1b12",
    "12-announce-object-microblog",
    "20-proposal-pure-fep0837",
    "21-create-note-offer",
    "22-create-note-request-mediated",
    "30-offer-agreement",
    "31-accept-agreement",
    "32-reject-agreement",
    "34-interest-direct-note-from-mastodon",
    "40-create-event",
    "50-flag-from-instance-actor",
    "51-delete-tombstone",
    "53-undo-announce",
    "54-accept-follow",
    "60-followers-collection-hidden",
    "61-outbox",
    "62-outbox-page",
]


# What a property means when it is not there.
USUAL = {"sensitive": False, "mediaType": "text/html", "discoverable": False, "indexable": False}


def reduce(value: Any) -> Any:
    """A document in the form in which two spellings of one meaning are equal."""
    if isinstance(value, list):
        return [reduce(part) for part in value]
    if not isinstance(value, dict):
        return value
    found = {key: reduce(part) for key, part in value.items() if key not in {"@context", *UNSPOKEN}}
    if any(part.get("type") == "PropertyValue" for part in found.get("attachment", [])):
        del found["attachment"]  # profile fields: an organisation's page says it in its summary
    found |= {key: [found[key]] for key in ("to", "cc") if isinstance(found.get(key), str)}
    found |= {key: datetime.fromisoformat(found[key]) for key in ("startTime", "endTime") if key in found}
    found.pop("contentMap" if "inLanguage" in found else "", None)  # an event says its language twice
    if found.get("type") == "Flag":
        found.pop("summary", None)  # a report says its reason twice: Lemmy reads it there
    usual = USUAL if found.get("type") in SPOKEN else {}
    return {key: part for key, part in found.items() if part not in EMPTY and (key, part) not in usual.items()}


@pytest.mark.parametrize("name", SPOKEN_LETTERS)
def test_an_example_is_written_as_it_was_read(letter: Letter, name: str) -> None:
    doc = codec.load(codec.encode(letter(name)))
    assert reduce(codec.write(codec.read_word(doc))) == reduce(doc)


@pytest.mark.parametrize("name", SPOKEN_LETTERS)
def test_every_term_is_defined_by_the_context_that_goes_with_it(letter: Letter, name: str) -> None:
    assert undefined_terms(codec.write(codec.read_word(letter(name)))) == set()


def test_the_key_that_proves_is_found_by_who_expands_json_ld(letter: Letter) -> None:
    actor = codec.read_word(letter("04-organization-ciq"))
    assert isinstance(actor, v.Actor)
    key = d.Multikey(id=f"{actor.id}#ed25519-key", controller=actor.id, multibase="z6Mk")
    doc = codec.write(replace(actor, assertion=(key,)))
    assert "assertionMethod" in doc
    assert undefined_terms(doc) == set()


@pytest.mark.parametrize("name", SPOKEN_LETTERS)
def test_our_terms_mean_what_the_examples_say(letter: Letter, name: str) -> None:
    theirs = {
        term: meaning for part in letter(name)["@context"] if isinstance(part, dict) for term, meaning in part.items()
    }
    context = codec.write(codec.read_word(letter(name)))["@context"]
    ours = {term: meaning for part in context if isinstance(part, dict) for term, meaning in part.items()}
    shared = theirs.keys() & ours.keys()
    assert {term: ours[term] for term in shared} == {term: theirs[term] for term in shared}


def test_the_words_of_the_examples(letter: Letter) -> None:
    announce = codec.read_activity(letter("11-announce-create-fep1b12"))
    assert isinstance(announce, v.Announce)
    assert isinstance(announce.object, v.Create)
    article = announce.object.object
    assert isinstance(article, v.Article)
    assert article.language == "en"
    assert article.image is not None
    assert article.image.alt == "Plan of the two closed streets"
    assert article.quotable_by == (v.PUBLIC,)

    offer = codec.read_activity(letter("21-create-note-offer"))
    assert isinstance(offer, v.Create)
    note = offer.object
    assert isinstance(note, v.Note)
    assert note.name is None, "a name would become a content warning at GoToSocial"
    assert note.summary is None, "a summary would become a content warning at Mastodon"
    assert note.proposal is not None
    assert note.proposal.purpose is d.Purpose.OFFER
    assert note.proposal.reciprocal is None
    assert note.location == d.Place(name="Endoume, Marseille 7e", latitude=43.286, longitude=5.352)
    link = next(tag for tag in note.tags if isinstance(tag, d.ObjectLink))
    assert link.href == f"{note.id}/proposal"
    assert "https://w3id.org/valueflows/ont/vf#Proposal" in link.rel

    accept = codec.read_activity(letter("54-accept-follow"))
    assert isinstance(accept, v.Accept)
    assert isinstance(accept.object, v.Follow)
    assert accept.object.id.startswith("https://mastodon.example/8e0c"), "the id of the Follow comes back as it was"


def test_an_article_that_mobilizon_and_lemmy_can_read(letter: Letter) -> None:
    doc = codec.write(codec.read_word(letter("10-create-article-news")))
    article = doc["object"]
    assert isinstance(article, dict)
    assert article["actor"] == article["attributedTo"]  # Mobilizon wants both
    assert isinstance(article["context"], str)  # Lemmy wants a text
    assert isinstance(article["image"], dict)  # Lemmy wants one
    assert "inReplyTo" not in article
    assert "@context" not in article


def test_the_order_of_the_bytes_is_ours_and_stable(letter: Letter) -> None:
    word = codec.read_word(letter("21-create-note-offer"))
    raw = codec.encode(codec.write(word))
    assert raw == codec.encode(codec.write(word))
    assert raw.startswith(b'{"@context":["https://www.w3.org/ns/activitystreams",')
    assert b'"id":' in raw
    assert "é".encode() not in raw or b"\\u" not in raw
