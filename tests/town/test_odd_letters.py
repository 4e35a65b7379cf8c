"""Whatever stands in a letter: taken in, settled and handled, it is in nobody's way, and every page still opens."""

import copy
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from activitypub import codec
from activitypub.vocabulary import Activity
from federation import stumbling
from federation.models import LetterState
from tests.town import strangers
from tests.town.houses import Town
from tests.town.strangers import PUBLIC, Stranger

# Of characters that PostgreSQL cannot make shorter, so that an index feels their length.
SCRIPTS = "".join(chr(0x4E00 + number * 7) for number in range(2100))
HOSTS = ("http://barnabe.localhost/", "http://barnabe.localhost/", "http://marseille.localhost/", "https://")
ODD = (
    None, True, 0, -1, 7, 2**31, 2**53 - 1, 2**64, 1e300, "", " ", "x" * 20_000, SCRIPTS * 3, "\u202e\u2066", [], {},
    "<b>" * 3000, "&#0;&#xD800;", "a\tb\nc", "%s%(x)s", {"id": 7}, {"type": "Note", "id": "http://barnabe.localhost/1"},
    "0001-01-01", "9999-12-31", "2026-02-30", "1969-12-31T00:00:00Z", "2201-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:00",
)  # fmt: skip


def odd(dice: random.Random) -> Any:
    """Something else than what is meant there; every second time an address, short or long."""
    if dice.random() < 1 / 2:
        return copy.deepcopy(dice.choice(ODD))
    length = dice.choice((40, 300, 1000, 1001, 1500, 2048))
    return (dice.choice(HOSTS) + dice.choice(("a", "é", SCRIPTS)) * length)[:length]


LENDING = {"sequence": 1, "version": 1, "heard": 1, "terms": 1, "due": "2027-05-30", "pickUp": "2027-05-25T08:00:00Z"}


def kinds(stranger: Stranger) -> dict[str, Any]:
    """A letter of each kind, as somebody honest may write it."""
    me, desk = stranger.me, stranger.desk
    place = {"type": "Place", "name": "Mairie", "address": {"type": "PostalAddress", "streetAddress": "1 rue Longue"}}
    mention = {"type": "Mention", "href": desk, "name": "@instance"}
    terms = {"type": "Proposal", "purpose": "offer", "name": "Perceuse", "publishes": {"type": "Intent"}}
    picture = {
        "type": "Image",
        "url": f"{stranger.there.origin}/1.png",
        "mediaType": "image/png",
        "name": "Une perceuse",
    }
    article = stranger.text("Article", name="Titre", summary="Court", updated="2027-05-21T08:00:00Z", image=picture)
    event = stranger.text("Event", name="Fête", startTime="2027-06-01T08:00:00Z", endTime="2027-06-01T09:00:00Z")
    offer = stranger.offer(
        hasBeginning="2027-05-25T08:00:00Z",
        hasEnd="2027-05-26T08:00:00Z",
        resourceQuantity={"hasUnit": "one", "hasNumericalValue": "1"},
    )
    offer["object"]["context"] = f"{me}/threads/1"
    asks = stranger.offer()
    asks["object"]["loan"] = {**LENDING, "act": "ask", "place": "Ici"}
    told = {
        "id": f"{me}/loans/1/agreement",
        "type": "Agreement",
        "attributedTo": me,
        "stipulates": {"type": "Commitment", "satisfies": stranger.listing_uri},
        "loan": {**LENDING, "state": "asked", "asker": "borrower"},
    }
    listing = stranger.text("Note", attachment=[terms, picture], tag=[{"type": "Link", "name": "Perceuse", "href": me}])
    question = {**stranger.comment(), "type": "Question", "oneOf": [{"type": "Note", "name": "Oui"}]}
    return {
        "article": stranger.create(article),
        "event": stranger.create({**event, "location": place, "timezone": "Europe/Paris"}),
        "listing": stranger.create(listing),
        "comment": stranger.create(stranger.comment(url=f"{me}/page", tag=[mention], contentMap={"fr": "Salut"})),
        "question": stranger.create(question),
        "private": stranger.create(stranger.private(context=f"{me}/threads/1", tag=[mention])),
        "update": stranger.activity("Update", object=article, to=[PUBLIC]),
        "reference": stranger.activity("Create", object=f"{me}/notes/none", to=[PUBLIC]),
        "announce": stranger.activity("Announce", object=article["id"], to=[PUBLIC]),
        "passed on": stranger.activity("Announce", object=stranger.create(article), to=[PUBLIC]),
        "offer": offer,
        "asks": asks,
        "told": stranger.activity("Update", object=told, to=[desk]),
        "accept": stranger.activity("Accept", object=f"{desk}/offers/1", result=told, to=[desk]),
        "delete": stranger.activity("Delete", object=f"{me}/notes/7", to=[PUBLIC]),
        "flag": stranger.activity("Flag", object=[stranger.listing_uri, stranger.news_uri], content="Non"),
        "follow": stranger.activity("Follow", object=desk),
        "undo": stranger.activity("Undo", object={"id": f"{me}/f/1", "type": "Follow", "actor": me, "object": desk}),
        "block": stranger.activity("Block", object=desk),
        "move": stranger.activity("Move", object=me, target=f"{me}/new"),
        "join": stranger.activity("Join", object=stranger.news_uri),
        "profile": stranger.activity(
            "Update", object={"id": me, "type": "Person", "preferredUsername": "ciq", "inbox": f"{me}/inbox"}
        ),
    }


NAMES = (
    "accept", "announce", "article", "asks", "block", "comment", "delete", "event", "flag", "follow", "join", "listing",
    "move", "offer", "passed on", "private", "profile", "question", "reference", "told", "undo", "update",
)  # fmt: skip


def places(node: Any) -> list[tuple[Any, Any]]:
    """Every container inside a letter with each of its keys; who sent it is not changed, else nobody reads on."""
    found: list[tuple[Any, Any]] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else list(range(len(one)))
        found += [(one, key) for key in keys if one is not node or key not in {"id", "type", "actor"}]
        waiting += [one[key] for key in keys if isinstance(one[key], dict | list)]
    return found


def changed(letter: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """The letter with something else in one place or two."""
    made = copy.deepcopy(letter)
    for _ in range(dice.randint(1, 2)):
        place, key = dice.choice(places(made))
        place[key] = odd(dice)
    return made


@pytest.fixture
def stranger(town: Town) -> Stranger:
    made = strangers.build(town)
    made.here.follow(made.me)
    town.settle()
    return made


def work(stranger: Stranger) -> None:
    """One round on the side that is written to."""
    stranger.here.work_courier()
    stranger.here.work_home()


def check_pages(stranger: Stranger) -> None:
    """What came can be looked at."""
    page = stranger.here.browser(stranger.odile)
    talks = [f"/conversations/{one.public_id}" for one in stranger.here.conversations()]
    urls = ["/", "/loans", "/conversations", *talks]
    assert {url: page.get(url).status_code for url in urls} == dict.fromkeys(urls, 200)


def test_the_letters_are_what_they_are_called(stranger: Stranger) -> None:
    assert tuple(sorted(kinds(stranger))) == NAMES
    for letter in kinds(stranger).values():
        assert isinstance(codec.read_activity(codec.load(codec.encode(letter))), Activity)
        stranger.arrive(letter)
    work(stranger)
    said = {one.sentence for one in stranger.here.letters()}
    assert {"hangs on the board", "pinned under the news it answers", "taken to its conversation"} <= said
    check_pages(stranger)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=6,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # what came before stays: a smaller letter would prove nothing
    derandomize=True,
)
@given(st.integers(0, 2**32))
def test_whatever_comes_the_next_honest_letter_is_handled(stranger: Stranger, seed: int) -> None:
    dice = random.Random(seed)
    letters = kinds(stranger)
    for name in (*NAMES, *NAMES):
        doc = {**changed(letters[name], dice), "id": f"{stranger.me}/odd/{stranger.number()}"}
        assert stranger.arrive(doc).status in {202, 400, 401}
    stranger.arrive(stranger.create(stranger.text("Article", name="Titre")))
    work(stranger)
    others = stranger.here.letters()
    honest = others.pop()
    assert (honest.state, honest.sentence) == (LetterState.HANDLED, "hangs on the board")
    assert not [one.sentence for one in others if stumbling.FAILS in one.sentence]
    check_pages(stranger)
    stranger.town.pass_time(minutes=1)
