"""P5, schema: nothing leaves but documents of a known shape, under known headers; more in a row is no more outside."""

import dataclasses
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from jsonschema import Draft202012Validator

from activitypub import codec, context, outlines, proofs
from activitypub.details import Purpose
from activitypub.vocabulary import ActorKind, Article, Event, Note
from federation import http, identity, translate
from federation.hatch import boundary
from federation.models import OwnActor
from federation.shareables import (
    Complaint,
    DeskLetter,
    OrganisationProfile,
    PublicEvent,
    PublicListing,
    PublicNews,
    QuarterProfile,
)
from instance.audience import Audience
from instance.happenings import Happening
from instance.listings import Listing
from instance.news import NewsItem
from instance.organisations import Organisation
from instance.outlines import Outline
from instance.places import Building, City, Lot, Quarter
from instance.residents import Occupancy, Resident
from tests import servers
from tests.town import schemas
from tests.town.houses import Town
from tests.town.proofs import script
from tests.town.proofs.script import Twin
from web import door, stores, tables

ORIGIN = "https://ici.example"
NOW = datetime(2027, 5, 11, 8, 0, 2, tzinfo=UTC)
SECRET = "a secret that nobody reviewed"
KNOWN_CONTEXTS = [
    context.ACTIVITYSTREAMS,
    context.SECURITY,
    context.MULTIKEY,
    context.PROVERS,
    proofs.CONTEXT,
    context.TERMS,
    context.QUOTED,
    context.GROUP,
    context.EVENT,
    context.QUOTES,
    context.LISTING,
    context.STANDARDS,
    context.AUTHORSHIP,
    outlines.TERMS,
]


def check(doc: Any, schema: schemas.Schema | None = None) -> None:
    """Demand that a document is of the shape of its kind, with no context but our own."""
    doc = dict(doc)
    parts = doc.pop("@context", [])
    assert all(one in KNOWN_CONTEXTS for one in (parts if isinstance(parts, list) else [parts]))
    if schema is None:
        schema = (
            schemas.NOTE_OF_LETTER
            if "/letters/" in doc["id"] and doc["type"] == "Note"
            else schemas.BY_TYPE[doc["type"]]
        )
    errors = [f"{one.json_path}: {one.message[:300]}" for one in Draft202012Validator(schema).iter_errors(doc)]
    assert not errors, (doc, errors)


# --- a whole story


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Twin:
    """A story that was told to its end: every kind of act, every address of both doors."""
    folder = tmp_path_factory.mktemp("told")

    def make_store(side: str) -> str:
        url = f"sqlite:///{folder}/{uuid.uuid4()}.sqlite"
        servers.fill(url, tables.HOME if side == stores.HOME else tables.FEDERATION)
        return url

    twin, _ = script.run(make_store, folder=folder, now=NOW, twin=0)
    return twin


@pytest.mark.timeout(400)
def test_every_body_that_was_sent_has_the_shape_of_its_kind(told: Twin) -> None:
    sent = [json.loads(one.body) for one in told.town.sent if one.body]
    for doc in sent:
        check(doc)
    assert {one["type"] for one in sent} == {"Follow", "Accept", "Create", "Update", "Announce", "Delete", "Undo"}


def test_every_answer_of_the_door_has_the_shape_of_its_kind(told: Twin) -> None:
    seen = set()
    for answer in told.answers:
        if answer.headers.get("Content-Type", "").startswith(("application/activity+json", "application/jrd")):
            doc = json.loads(answer.data)
            seen.add(doc.get("type", "JRD"))
            check(doc, schemas.JRD if "jrd" in answer.headers["Content-Type"] else None)
        elif answer.status in {400, 401, 404, 405}:
            check(json.loads(answer.data), schemas.ERROR)
        elif answer.headers.get("Content-Type", "").startswith("application/json"):
            check(json.loads(answer.data), schemas.BY_PATH[answer.address.partition("?")[0]])
        elif answer.status == 308:  # the Application's outbox is asked for under a second address
            asked, shown = urlsplit(answer.address), urlsplit(answer.headers["Location"])
            assert (shown.path, shown.query) == ("/actor/outbox", asked.query)
        else:  # host-meta, and the way to a page
            assert answer.address == "/.well-known/host-meta" or (answer.status, answer.data) == (303, b""), answer
    # What is said to one receiver is shown to nobody.
    private = {"Follow", "Accept", "Reject", "Undo", "Delete", "Flag", "Offer", "Ignore"}
    private |= {"QuoteAuthorization"}  # nobody quotes in this story: test_quotes
    assert seen == set(schemas.BY_TYPE) - private | {"JRD"}


def test_what_goes_over_the_wire_has_only_headers_that_were_reviewed(told: Twin) -> None:
    assert {name.lower() for one in told.town.sent for name in one.headers} <= http.SENT
    assert {name.lower() for one in told.answers for name in one.headers} <= door.SPOKEN
    agents = {value for one in told.town.sent for name, value in one.headers.items() if name == "User-Agent"}
    assert agents == {f"Palier/0.1 (+{house.origin}/)" for house in (told.here, told.there)}


def test_a_header_that_somebody_adds_does_not_pass_the_last_hop(town: Town) -> None:
    app = town.build("marseille").door

    def chatty(**_: object) -> Response:
        return Response(
            "{}", headers={"X-Request-Id": SECRET, "Server-Timing": SECRET, "ETag": '"1"', "Set-Cookie": "a=b"}
        )

    for endpoint in app.view_functions:
        app.view_functions[endpoint] = chatty
    for method, address in (("GET", "/actor"), ("GET", "/nodeinfo/2.1"), ("POST", "/inbox")):
        answer = app.test_client().open(address, method=method)
        assert {name.lower() for name in dict(answer.headers)} <= door.SPOKEN
        assert SECRET not in str(answer.headers)


# --- anything at all that may be said

_text = some.text(alphabet=some.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=120)
_moment = some.datetimes(NOW.replace(tzinfo=None), NOW.replace(tzinfo=None, year=2060)).map(
    lambda one: one.replace(microsecond=0, tzinfo=UTC)
)
_slug = some.from_regex(r"[a-z][a-z0-9_]{0,28}", fullmatch=True)
_uri = _slug.map(lambda one: f"https://la.example/users/{one}")
_version = some.integers(1, 10**6)
_language = some.sampled_from(["fr", "en", "oc"])
_times: dict[str, Any] = {"published": _moment, "updated": _moment, "language": _language, "version": _version}
_words: dict[str, Any] = {"notice_id": some.uuids(version=4), "title": _text, "html": _text}
SHARED: dict[type, some.SearchStrategy[Any]] = {
    PublicNews: some.builds(
        PublicNews, organisation=_slug, quarter=some.none() | _slug, summary=_text, **_words, **_times
    ),
    PublicEvent: some.builds(
        PublicEvent,
        organisation=_slug,
        quarter=some.none() | _slug,
        summary=_text,
        begins=_moment,
        ends=some.none() | _moment,
        zone=some.just("Europe/Paris"),
        place=some.just("") | _text,
        **_words,
        **_times,
    ),
    PublicListing: some.builds(
        PublicListing,
        purpose=some.sampled_from(list(Purpose)),
        byline=_text,
        quarter_name=_text,
        quarter=some.none() | _slug,
        **_words,
        **_times,
    ),
    DeskLetter: some.builds(
        DeskLetter,
        letter_id=some.uuids(version=4),
        root_id=some.uuids(version=4),
        to_actor=_uri,
        byline=_text,
        html=_text,
        reply_to_theirs=some.none() | _uri,
        reply_to_ours=some.none() | some.uuids(version=4),
        thread_of_theirs=some.none() | _uri,
        written=_moment,
    ),
    Complaint: some.builds(
        Complaint,
        complaint_id=some.uuids(version=4),
        to_actor=_uri,
        object_uri=_uri.map("{}/notes/1".format),
        words=_text,
    ),
}


def worded(item: PublicNews | PublicEvent | PublicListing) -> Article | Event | Note:
    match item:
        case PublicNews():
            return translate.news(item, origin=ORIGIN)
        case PublicEvent():
            return translate.event(item, origin=ORIGIN)
        case PublicListing():
            return translate.listing(item, origin=ORIGIN)


def documents(item: Any) -> Iterator[bytes]:
    """Everything that is made of a shareable on its way out, as the bytes that leave."""
    match item:
        case PublicNews() | PublicEvent() | PublicListing():
            word = worded(item)
            words = [word, translate.create(word), translate.update(word, version=item.version)]
            words.append(translate.delete(word.id, actor=word.attributed_to, former_type="Note", version=2, now=NOW))
            given_: dict[str, Any] = {"origin": ORIGIN, "quarter": "saint_julien", "seed": item.notice_id, "now": NOW}
            words += [translate.announce(one, part=1, **given_) for one in (*words[1:], word.id)]
            words += [translate.proposal(item, origin=ORIGIN)] if isinstance(item, PublicListing) else []
        case Complaint():
            words = [translate.flag(item, origin=ORIGIN)]
            words += [translate.flag_to_community(item, community="https://la.example/c/ville", origin=ORIGIN)]
        case DeskLetter():
            words = [translate.letter(item, origin=ORIGIN, mention="@a@la.example")]
    yield from (codec.encode(codec.write(one)) for one in words)


@pytest.mark.parametrize("kind", SHARED)
@given(data=some.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_shared_becomes_a_document_of_a_known_shape(kind: type, data: some.DataObject) -> None:
    for body in documents(data.draw(SHARED[kind])):
        check(json.loads(body))


@pytest.mark.parametrize("kind", SHARED)
@given(data=some.data())
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_attribute_more_in_what_is_shared_changes_no_document(kind: type, data: some.DataObject) -> None:
    item = data.draw(SHARED[kind])
    more = dataclasses.make_dataclass(
        "More", [(name, str, SECRET) for name in MORE], bases=(kind,), frozen=True, kw_only=True
    )
    richer = more(**{one.name: getattr(item, one.name) for one in dataclasses.fields(item)})
    assert getattr(richer, MORE[0]) == SECRET
    assert list(documents(item)) == list(documents(richer))


MORE = ("author", "building", "location", "attachment", "email", "views")


# --- an attribute more in a row at home


def rows() -> dict[str, Any]:
    """A listing, news and all that hangs together with them, as no store has ever seen them."""
    city = City(name="Ville", insee="13055", public_id=uuid.UUID(int=1), created_at=NOW)
    quarter = Quarter(name="Saint Julien", slug="saint_julien", city=city, opened_at=NOW, public_id=uuid.UUID(int=2))
    building = Building(name="Les Tilleuls", street="14 rue des Tilleuls", quarter=quarter, public_id=uuid.UUID(int=3))
    author = Resident(first_name="Odile", last_name="Essai", login="o.e", locale="fr", public_id=uuid.UUID(int=4))
    author.homes.append(Occupancy(lot=Lot(number="3", building=building), created_at=NOW))
    organisation = Organisation(slug="ciq", name="CIQ", summary="Un comité", version=1, public_id=uuid.UUID(int=5))
    common = {"title": "Perceuse", "body": "À prêter", "html": "<p>À prêter</p>", "language": "fr", "state": "live"}
    common |= {"reach": Audience.NETWORK.value, "version": 1, "author": author, "quarter": quarter}
    common |= {"created_at": NOW, "updated_at": NOW, "reached_network": True}
    listing = Listing(direction="offer", byline="Une voisine", public_id=uuid.UUID(int=6), **common)
    item = NewsItem(summary="En bref", organisation=organisation, public_id=uuid.UUID(int=7), **common)
    when = Happening(begins=NOW, ends=NOW + timedelta(hours=2), place="Place des Essais")
    dated = NewsItem(summary="En bref", happening=when, organisation=organisation, public_id=uuid.UUID(int=8), **common)
    everything = {
        "listing": listing,
        "news": item,
        "event": dated,
        "organisation": organisation,
        "quarter": quarter,
        "outline": Outline(wkt="POLYGON((5 43,5.01 43,5 43.01,5 43))", version=1, entered_at=NOW),
        "city": city,
    }
    return everything | {"author": author, "building": building}


def verdicts(known: dict[str, Any]) -> list[object]:
    """What the boundary lets out of these rows, with the documents that are made of it."""
    judged = [boundary.judge_notice(known[name], version=1) for name in ("listing", "news", "event")]
    judged += [
        boundary.judge_organisation(known["organisation"], version=1),
        boundary.judge_quarter(known["quarter"], outline=known["outline"]),
    ]
    assert all(isinstance(one, boundary.Announce | boundary.Show) for one in judged)
    shared = [one.shareable for one in judged if isinstance(one, boundary.Announce | boundary.Show)]
    assert {type(one) for one in shared} == {
        PublicNews,
        PublicEvent,
        PublicListing,
        OrganisationProfile,
        QuarterProfile,
    }
    return [*shared, *(list(documents(one)) for one in shared[:3])]


def test_an_attribute_more_in_any_row_changes_nothing_that_leaves() -> None:
    before = verdicts(rows())
    for name in rows():
        known = rows()
        for more in (*MORE[:1], "secret", "phone", "byline_of_author", "reader_count"):
            if not hasattr(type(known[name]), more):
                setattr(known[name], more, SECRET)
        assert verdicts(known) == before
        assert SECRET not in repr(verdicts(known))


GEOMETRY = schemas.closed(
    {
        "type": schemas.one_of("Geometry"),
        "asWKT": {"type": "string", "pattern": r"^(MULTI)?POLYGON\([-0-9., ()]+\)$", "maxLength": 48_000},
    }
)
# Where quarters lie, and nobody in them: the one document with coordinates.
OUTLINES = schemas.closed(
    {
        "id": schemas.URI,
        "type": schemas.one_of("Collection"),
        "attributedTo": schemas.URI,
        "totalItems": {"type": "integer", "minimum": 1},
        "items": {
            "type": "array",
            "items": schemas.closed(
                {
                    "type": schemas.one_of("Place"),
                    "name": schemas.NAME,
                    "attributedTo": schemas.URI,
                    "hasGeometry": GEOMETRY,
                }
            ),
        },
    }
)


def test_a_map_shows_quarters_and_nothing_beside() -> None:
    word = boundary.judge_quarter(rows()["quarter"], outline=rows()["outline"])
    assert isinstance(word, boundary.Show)
    assert isinstance(word.shareable, QuarterProfile)
    shown = outlines.Outline(quarter=f"{ORIGIN}/users/q", name=word.shareable.name, wkt=word.shareable.outline or "")
    check(outlines.write([shown], id=f"{ORIGIN}/actor/outlines", author=f"{ORIGIN}/actor"), OUTLINES)


@pytest.mark.parametrize("kind", list(ActorKind))
def test_an_attribute_more_in_an_actor_changes_no_profile(kind: ActorKind) -> None:
    if kind.value not in schemas.ACTOR["properties"]["type"]["enum"]:
        pytest.skip("a kind that we read and never are")
    actor = OwnActor(
        username="saint_julien",
        kind=kind.value,
        name="Saint Julien",
        summary="Ville",
        url=f"{ORIGIN}/@saint_julien",
        published=NOW,
        public_pem="-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    )
    before = codec.write(identity.describe(actor, origin=ORIGIN))
    check(before)
    for name in ("private_note", "icon", "followers", "movedTo", "email"):
        setattr(actor, name, SECRET)
    assert codec.write(identity.describe(actor, origin=ORIGIN)) == before
