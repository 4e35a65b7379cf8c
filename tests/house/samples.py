"""The example documents of docs/federation/: made by the code that makes the real ones, from fixed fictional data."""

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from activitypub import codec, httpsig_parts, nodeinfo, signatures, vocabulary, webfinger
from activitypub.details import Purpose
from activitypub.vocabulary import ActorKind, Word
from federation import collections, identity, translate
from federation.models import ActorState, OwnActor
from federation.shareables import DeskLetter, PublicEvent, PublicListing, PublicNews
from web import VERSION
from web.commands.init import ABOUT_DESKS, DESKS

HERE = "https://voisins.example"
THERE = "https://comite.example"
WRITTEN = datetime(2026, 11, 16, 17, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 17, 9, 5, tzinfo=UTC)
DAY = datetime(2026, 11, 16, tzinfo=UTC)

NEWS_ID = uuid.UUID("6f1c2c1e-6d0f-4c1b-9a53-0d6f6a1b2c3d")
EVENT_ID = uuid.UUID("2f0d0d3e-4a55-4a8e-8d60-3d0e5f6f9a77")
LISTING_ID = uuid.UUID("b7a2a0f4-2f6e-4a8e-8b1d-5e0c9d7f3a21")
QUESTION_ID = uuid.UUID("1d9d4f0a-93c4-4d0e-a1f7-3c5b7e9a2b64")
REPLY_ID = uuid.UUID("e2b8c7d6-51a9-4f3e-b0c2-7a6d5e4f3b18")
CHANGE_ID = uuid.UUID("0f3e5a7c-8b1d-4c2e-9f40-a1b2c3d4e5f6")
FOLLOW_ID = uuid.UUID("3a5c7e91-2b4d-4f60-8a1c-9e7d5b3f1a20")
ANSWER_ID = uuid.UUID("c4d6e8f0-1a3b-4c5d-8e7f-90a1b2c3d4e5")

NEWS = PublicNews(
    notice_id=NEWS_ID,
    version=1,
    organisation="ciq_exemple",
    quarter="saint_exemple",
    title="Le marché change de place samedi",
    summary="Pendant les travaux de la place, le marché se tient rue des Essais, de 8 h à 13 h.",
    html="<p>Les travaux de la place commencent lundi.</p>\n",
    language="fr",
    published=WRITTEN,
    updated=WRITTEN,
)
EVENT = PublicEvent(
    notice_id=EVENT_ID,
    version=1,
    organisation="ciq_exemple",
    quarter="saint_exemple",
    title="Fête de Saint-Exemple",
    summary="Musique, grande table, prêt d’outils. Entrée libre.",
    html="<p>Chacun apporte un plat.</p>\n",
    begins=datetime(2027, 6, 5, 8, 0, tzinfo=UTC),
    ends=datetime(2027, 6, 5, 21, 0, tzinfo=UTC),
    zone="Europe/Paris",
    place="Place des Essais",
    called_off=False,
    language="fr",
    published=WRITTEN,
    updated=WRITTEN,
)
LISTING = PublicListing(
    notice_id=LISTING_ID,
    version=1,
    purpose=Purpose.OFFER,
    title="Perceuse à prêter",
    html="<p>Avec ses mèches, pour un week-end.</p>\n",
    byline="Odile",
    quarter_name="Saint-Exemple",
    quarter="saint_exemple",
    language="fr",
    published=DAY,
    updated=DAY,
)
QUESTION = DeskLetter(
    letter_id=QUESTION_ID,
    to_actor=f"{HERE}/users/instance",
    byline="Camille",
    html="<p>Est-elle libre samedi ?</p>\n",
    reply_to_theirs=f"{HERE}/users/instance/items/{LISTING_ID}",
    reply_to_ours=None,
    thread_of_theirs=None,
    root_id=QUESTION_ID,
    written=LATER,
)
REPLY = DeskLetter(
    letter_id=REPLY_ID,
    to_actor=f"{THERE}/users/instance",
    byline="Odile",
    html="<p>Oui, à partir de dix heures.</p>\n",
    reply_to_theirs=f"{THERE}/users/instance/letters/{QUESTION_ID}",
    reply_to_ours=None,
    thread_of_theirs=f"{THERE}/users/instance/letters/{QUESTION_ID}/thread",
    root_id=QUESTION_ID,
    written=LATER,
)


def _own(username: str, kind: ActorKind, name: str, summary: str = "") -> OwnActor:
    person_page = f"{HERE}/" if username in {identity.APPLICATION, identity.DESK} else f"{HERE}/@{username}"
    return OwnActor(
        username=username,
        kind=kind.value,
        name=name,
        summary=summary,
        url=person_page,
        published=WRITTEN,
        state=ActorState.ACTIVE,
        key_id=f"{identity.uri(HERE, username)}#main-key",
        # Shortened: a real one has some four hundred characters.
        public_pem="-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq…\n-----END PUBLIC KEY-----\n",
    )


def _actor(username: str, kind: ActorKind, name: str, summary: str = "") -> Word:
    return identity.describe(_own(username, kind, name, summary), origin=HERE)


def _news_announce(inner: str) -> Word:
    article = translate.news(NEWS, origin=HERE)
    passed_on = translate.create(article) if inner == "activity" else article.id
    part = 1 if inner == "activity" else 2
    return translate.announce(passed_on, origin=HERE, quarter="saint_exemple", seed=CHANGE_ID, part=part, now=WRITTEN)


def _event_announce() -> Word:
    made = translate.create(translate.event(EVENT, origin=HERE))
    return translate.announce(made, origin=HERE, quarter="saint_exemple", seed=CHANGE_ID, part=1, now=WRITTEN)


def _join() -> vocabulary.Join:
    me = "https://agenda.example/@camille"
    return vocabulary.Join(
        id="https://agenda.example/participation/1", actor=me, object=translate.event(EVENT, origin=HERE).id
    )


def _ignore() -> Word:
    me, asked = f"{HERE}/users/ciq_exemple", _join()
    return vocabulary.Ignore(id=f"{me}/answers/{ANSWER_ID}", actor=me, object=asked.id, to=(asked.actor,))


def _quote_request() -> vocabulary.QuoteRequest:
    me = "https://social.example/users/camille"
    return vocabulary.QuoteRequest(
        id=f"{me}/quote_requests/1",
        actor=me,
        object=translate.news(NEWS, origin=HERE).id,
        instrument=f"{me}/statuses/1",
    )


def _quote_authorization() -> vocabulary.QuoteAuthorization:
    asked = _quote_request()
    return vocabulary.QuoteAuthorization(
        id=f"{asked.object}/quotes/{ANSWER_ID}",
        attributed_to=f"{HERE}/users/ciq_exemple",
        interacting=asked.instrument,
        target=asked.object,
    )


def _quote_accept() -> Word:
    me, asked = f"{HERE}/users/ciq_exemple", _quote_request()
    return vocabulary.Accept(
        id=f"{me}/answers/{ANSWER_ID}",
        actor=me,
        object=asked.id,
        result=_quote_authorization().id,
        to=(asked.actor,),
    )


def _delete() -> Word:
    uri = translate.listing(LISTING, origin=HERE).id
    return translate.delete(uri, actor=f"{HERE}/users/instance", former_type="Note", version=2, now=LATER)


def _follow() -> vocabulary.Follow:
    me, them = f"{THERE}/actor", f"{HERE}/users/saint_exemple"
    return vocabulary.Follow(id=f"{me}/follows/{FOLLOW_ID}", actor=me, object=them, to=(them,), published=LATER)


def _accept() -> Word:
    me, asked = f"{HERE}/users/saint_exemple", _follow()
    return vocabulary.Accept(id=f"{me}/answers/{ANSWER_ID}", actor=me, object=asked, to=(asked.actor,))


def _undo() -> Word:
    asked = _follow()
    bare = vocabulary.Follow(id=asked.id, actor=asked.actor, object=asked.object)
    return vocabulary.Undo(id=f"{asked.id}/undo", actor=asked.actor, object=bare, to=(asked.object,))


def _followers() -> Word:
    quarter = _own("saint_exemple", ActorKind.GROUP, "Saint-Exemple")
    return collections.hidden(actor=quarter, origin=HERE, name="followers")


WORDS: Mapping[str, Callable[[], Word]] = {
    "application": lambda: _actor("palier", ActorKind.APPLICATION, "Voisins d’Exemple"),
    "desk": lambda: _actor("instance", ActorKind.SERVICE, DESKS["fr"].format(place="Exemple"), ABOUT_DESKS["fr"]),
    "quarter": lambda: _actor("saint_exemple", ActorKind.GROUP, "Saint-Exemple", "Exemple-sur-Mer"),
    "organisation": lambda: _actor("ciq_exemple", ActorKind.ORGANIZATION, "CIQ de Saint-Exemple", "Le comité."),
    "followers": _followers,
    "news-create": lambda: translate.create(translate.news(NEWS, origin=HERE)),
    "news-announce-activity": lambda: _news_announce("activity"),
    "news-announce-object": lambda: _news_announce("object"),
    "event-create": lambda: translate.create(translate.event(EVENT, origin=HERE)),
    "event-announce": _event_announce,
    "join": _join,
    "ignore": _ignore,
    "quote-request": _quote_request,
    "quote-accept": _quote_accept,
    "quote-authorization": _quote_authorization,
    "listing-create": lambda: translate.create(translate.listing(LISTING, origin=HERE)),
    "listing-proposal": lambda: translate.proposal(LISTING, origin=HERE),
    "listing-delete": _delete,
    "letter-question": lambda: translate.letter(QUESTION, origin=THERE, mention="@instance@voisins.example"),
    "letter-reply": lambda: translate.letter(REPLY, origin=HERE, mention="@instance@comite.example"),
    "follow": _follow,
    "accept": _accept,
    "undo": _undo,
}
PLAIN: Mapping[str, Callable[[], Mapping[str, object]]] = {
    "webfinger": lambda: webfinger.answer(
        username="saint_exemple",
        origin=HERE,
        actor_uri=f"{HERE}/users/saint_exemple",
        profile_url=f"{HERE}/@saint_exemple",
    ),
    "webfinger-host": lambda: webfinger.answer_host(
        origin=HERE, desk_uri=f"{HERE}/users/instance", actor_uri=f"{HERE}/actor"
    ),
    "nodeinfo-links": lambda: nodeinfo.well_known(origin=HERE),
    "nodeinfo": lambda: nodeinfo.document(version="2.1", software_version=VERSION, name="Voisins d’Exemple"),
}


def _fence(doc: Mapping[str, object]) -> str:
    """The document as JSON, its long @context on one line."""
    rest = json.dumps({key: value for key, value in doc.items() if key != "@context"}, ensure_ascii=False, indent=2)
    if "@context" not in doc:
        return f"```json\n{rest}\n```"
    context = json.dumps(doc["@context"], ensure_ascii=False)
    return f'```json\n{{\n  "@context": {context},{rest[1:]}\n```'


def _signed_text() -> str:
    """What the sender of the Follow signs, line by line."""
    body = codec.encode(codec.write(_follow()))
    host, target = signatures.address(f"{HERE}/users/saint_exemple/inbox")
    headers = {
        "host": host,
        "date": "Tue, 17 Nov 2026 09:05:00 GMT",
        "digest": signatures.digest(body),
        "content-type": codec.MEDIA_TYPE,
    }
    text = httpsig_parts.signing_string(names=signatures.ON_POST, headers=headers, method="POST", target=target)
    return f"```text\n{text.decode()}\n```"


def blocks() -> dict[str, str]:
    """Every example by the name it has in the documents."""
    return {
        **{name: _fence(codec.write(make())) for name, make in WORDS.items()},
        **{name: _fence(make()) for name, make in PLAIN.items()},
        "signed-text": _signed_text(),
    }
