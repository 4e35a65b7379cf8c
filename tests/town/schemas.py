"""What may leave, as JSON Schema: every kind of document with every property it may have, and nothing beside.

One schema per kind, by its `type`; what has none is not ours to send. A new property is added here on purpose, or the
story that sends it fails.
"""

from typing import Any, Final

from activitypub.dialects import Dialect

Schema = dict[str, Any]
LONGEST_HTML: Final = 60_000
PUBLIC: Final = "https://www.w3.org/ns/activitystreams#Public"
PROFILE: Final = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'

URI: Schema = {"type": "string", "format": "uri", "pattern": r"^https?://[^\s<>]+$", "maxLength": 1000}
MULTIBASE: Schema = {"type": "string", "pattern": r"^z[1-9A-HJ-NP-Za-km-z]{40,120}$"}
MOMENT: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
WORDS: Schema = {"type": "string", "minLength": 1, "maxLength": 2000}
NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 200}
HTML: Schema = {"type": "string", "maxLength": LONGEST_HTML}
LANGUAGE: Schema = {"type": "string", "pattern": r"^[a-z]{2}(-[A-Z]{2})?$"}
RECEIVERS: Schema = {"type": "array", "items": URI, "maxItems": 3, "uniqueItems": True}


def closed(required: Schema, optional: Schema | None = None) -> Schema:
    """An object of these properties and no other."""
    known = {**required, **(optional or {})}
    return {"type": "object", "properties": known, "required": list(required), "additionalProperties": False}


def one_of(*values: object) -> Schema:
    """One of these values."""
    return {"enum": list(values)}


NO: Schema = {"const": False}
YES: Schema = {"const": True}
MEASURE = closed({"hasUnit": one_of("one"), "hasNumericalValue": {"type": "string", "pattern": r"^\d{1,6}$"}})
INTENT = closed(
    {"type": one_of("Intent"), "id": URI, "action": one_of("deliverService", "transfer")},
    {"resourceQuantity": MEASURE, "availableQuantity": MEASURE},
)
# A quarter's name, and never coordinates: those of an offer would be somebody's.
PLACE = closed({"type": one_of("Place"), "name": NAME})
MENTION = closed({"type": one_of("Mention"), "href": URI, "name": {"type": "string", "pattern": r"^@[^\s@]+@[^\s@]+$"}})
LINK = closed(
    {
        "type": one_of("Link"),
        "mediaType": one_of(PROFILE),
        "href": URI,
        "rel": {"type": "array", "items": one_of("payment", "https://w3id.org/valueflows/ont/vf#Proposal")},
        "name": NAME,
    }
)
QUOTES = closed({"canQuote": closed({"automaticApproval": RECEIVERS})})
TEXT_MAP: Schema = {"type": "object", "propertyNames": LANGUAGE, "additionalProperties": HTML, "maxProperties": 1}
TERMS: Schema = {"purpose": one_of("offer", "request"), "publishes": INTENT}
TIMES: Schema = {"published": MOMENT, "to": RECEIVERS, "cc": RECEIVERS}

ARTICLE = closed(
    {
        "id": URI,
        "type": one_of("Article"),
        "actor": URI,
        "attributedTo": URI,
        "name": NAME,
        "summary": WORDS,
        "content": HTML,
        "mediaType": one_of("text/html"),
        "contentMap": TEXT_MAP,
        "url": URI,
        "updated": MOMENT,
        "context": URI,
        "sensitive": NO,
        "tag": {"type": "array", "maxItems": 0},
        "interactionPolicy": QUOTES,
        **TIMES,
    },
    {"audience": URI},
)
_EVENT: dict[str, Schema] = {
    "id": URI,
    "type": one_of("Event"),
    "actor": URI,
    "attributedTo": URI,
    "organizers": {"type": "array", "items": URI, "minItems": 1, "maxItems": 1},
    "name": NAME,
    "summary": WORDS,
    "content": HTML,
    "mediaType": one_of("text/html"),
    "contentMap": TEXT_MAP,
    "inLanguage": LANGUAGE,
    "startTime": MOMENT,
    "timezone": one_of("Europe/Paris"),
    "status": one_of("CONFIRMED", "CANCELLED"),
    "ical:status": one_of("CONFIRMED", "CANCELLED"),
    "eventStatus": one_of("https://w3id.org/fep/8a8e/EventScheduled", "https://w3id.org/fep/8a8e/EventCancelled"),
    # Nobody takes part by a letter, and nobody is counted.
    "joinMode": one_of("external"),
    "externalParticipationUrl": URI,
    "category": one_of("COMMUNITY"),
    "isOnline": NO,
    "commentsEnabled": YES,
    "url": URI,
    "updated": MOMENT,
    "context": URI,
    "sensitive": NO,
    "attachment": {"type": "array", "maxItems": 0},
    "tag": {"type": "array", "maxItems": 0},
    "interactionPolicy": QUOTES,
    **TIMES,
}
EVENT = closed(_EVENT, {"audience": URI, "endTime": MOMENT, "location": PLACE})
NOTE_OF_LISTING = closed(
    {
        "id": URI,
        "type": one_of("Note"),
        "attributedTo": URI,
        "content": HTML,
        "contentMap": TEXT_MAP,
        "url": URI,
        "updated": MOMENT,
        "sensitive": NO,
        "location": PLACE,
        "attachment": {"type": "array", "maxItems": 0},
        "tag": {"type": "array", "items": LINK, "minItems": 1, "maxItems": 1},
        "interactionPolicy": QUOTES,
        **TERMS,
        **TIMES,
    }
)
_COMMON: dict[str, Schema] = {
    key: value for key, value in NOTE_OF_LISTING["properties"].items() if key not in {"purpose", "publishes"}
}
_NOTHING = closed({"hasUnit": one_of("EUR"), "hasNumericalValue": one_of("0")})
_IN_RETURN = closed({"type": one_of("Intent"), "id": URI, "action": one_of("transfer"), "resourceQuantity": _NOTHING})
_WARES: dict[str, Schema] = {
    "name": NAME,
    "description": HTML,
    "price": one_of("0"),
    "currency": one_of("EUR"),
    "original_id": {"type": "string", "format": "uuid"},
}
_DEGREES: Schema = {"type": "number", "minimum": -180, "maximum": 180}
_SPOT = closed({"lat": _DEGREES, "lng": _DEGREES})
_SOLD = closed(_WARES, {"coordinates": _SPOT})
NOTE_OF_LETTER = closed(
    {
        "id": URI,
        "type": one_of("Note"),
        "attributedTo": URI,
        "content": HTML,
        "published": MOMENT,
        # To exactly one, and copies to nobody.
        "to": {"type": "array", "items": {**URI, "not": one_of(PUBLIC)}, "minItems": 1, "maxItems": 1},
        "cc": {"type": "array", "maxItems": 0},
        "context": URI,
        "sensitive": NO,
        "attachment": {"type": "array", "maxItems": 0},
        "tag": {"type": "array", "items": MENTION, "minItems": 1, "maxItems": 1},
    },
    {"inReplyTo": URI},
)
PROPOSAL = closed(
    {
        "id": URI,
        "type": one_of("Proposal"),
        "attributedTo": URI,
        "name": NAME,
        "content": HTML,
        "url": URI,
        "updated": MOMENT,
        "location": PLACE,
        **TERMS,
        **TIMES,
    }
)
TOMBSTONE = closed(
    {
        "id": URI,
        "type": one_of("Tombstone"),
        "formerType": one_of("Article", "Event", "Note", "Proposal", "QuoteAuthorization", "Group", "Organization"),
    },
    {"deleted": MOMENT},
)
_QUOTED = dict.fromkeys(("attributedTo", "interactingObject", "interactionTarget"), URI)
QUOTE_AUTHORIZATION = closed({"id": URI, "type": one_of("QuoteAuthorization"), **_QUOTED})
MULTIKEY = closed({"id": URI, "type": one_of("Multikey"), "controller": URI, "publicKeyMultibase": MULTIBASE})
STANDARDS: Schema = {
    "type": "array",
    "minItems": 2,
    "maxItems": 2,
    "items": closed(
        {"href": one_of("https://datatracker.ietf.org/doc/html/rfc9421", "urn:palier:loans"), "name": NAME}
    ),
}
GENERATOR = closed({"type": one_of("Application"), "id": URI, "implements": STANDARDS})
ACTOR = closed(
    {
        "id": URI,
        "type": one_of("Application", "Service", "Group", "Organization"),
        "preferredUsername": {"type": "string", "pattern": r"^[a-z0-9_]{1,30}$"},
        "name": NAME,
        "url": URI,
        "inbox": URI,
        "outbox": URI,
        "endpoints": closed({"sharedInbox": URI}),
        "manuallyApprovesFollowers": {"type": "boolean"},
        "discoverable": {"type": "boolean"},
        "indexable": {"type": "boolean"},
        "generator": GENERATOR,
        "published": MOMENT,
        "publicKey": closed(
            {
                "id": URI,
                "owner": URI,
                "publicKeyPem": {"type": "string", "pattern": "^-----BEGIN PUBLIC KEY-----\n", "maxLength": 1000},
            }
        ),
    },
    {
        "summary": WORDS,
        "assertionMethod": {
            "type": "array",
            "maxItems": 1,
            "items": MULTIKEY,
        },
        "followers": URI,
        "featured": URI,
        "following": URI,
        "postingRestrictedToMods": YES,
        "sensitive": NO,
        "streams": {"type": "array", "items": URI, "maxItems": 2},
        "implements": STANDARDS,
        # An organisation's only: our own host.
        "attributionDomains": {
            "type": "array",
            "items": {"type": "string", "pattern": r"^[a-z0-9.:-]+$"},
            "maxItems": 1,
        },
    },
)


PROOF = closed(
    {
        "@context": {"type": "array", "maxItems": 8},
        "type": one_of("DataIntegrityProof"),
        "cryptosuite": one_of("eddsa-jcs-2022"),
        "verificationMethod": URI,
        "proofPurpose": one_of("assertionMethod"),
        "created": MOMENT,
        "proofValue": MULTIBASE,
    }
)


def deed(kind: str, inside: Schema, **more: Schema) -> Schema:
    """An activity about what is inside."""
    required = {"id": URI, "type": one_of(kind), "actor": URI, "object": inside, **more}
    return closed(required, {"published": MOMENT, "to": RECEIVERS, "cc": RECEIVERS, "audience": URI, "proof": PROOF})


# Only to marketplaces that somebody chose.
_FOR_FLOHMARKT = closed({**_COMMON, "name": NAME, "tag": {"type": "array", "maxItems": 0}, "flohmarkt:data": _SOLD})
_WITH_PROPOSAL = closed(
    {
        **_COMMON,
        **TERMS,
        "name": NAME,
        "attachment": {
            "type": "array",
            "items": closed({**PROPOSAL["properties"], "reciprocal": _IN_RETURN}),
            "minItems": 1,
            "maxItems": 1,
        },
    }
)
_MARKETS = {Dialect.FLOHMARKT: _FOR_FLOHMARKT, Dialect.PROPOSAL: _WITH_PROPOSAL}
MARKET: Final[dict[Dialect, Schema]] = {
    dialect: {"anyOf": [deed(kind, one, **{"@context": {}}) for kind in ("Create", "Update")]}
    for dialect, one in _MARKETS.items()
}
CREATE: Schema = {"anyOf": [deed("Create", one) for one in (ARTICLE, EVENT, NOTE_OF_LISTING, NOTE_OF_LETTER)]}
# What two desks say of a loan: no name, no home, and no hour but that of the picking up.
DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
NUMBER: Schema = {"type": "integer", "minimum": 1}
SIDE = one_of("lender", "borrower")
WISH = one_of("ask", "agree", "call-off", "hand-over", "give-back", "longer", "end")
STANDS = one_of("asked", "agreed", "lent", "given_back", "returned", "called_off", "lapsed", "ended")
WHEN: dict[str, Schema] = {
    "pickUp": MOMENT,
    "due": DAY,
    "place": {"type": "string", "maxLength": 120},
    "longerUntil": DAY,
}
COMMITMENT = closed(
    {
        "type": one_of("Commitment"),
        "satisfies": URI,
        "resourceQuantity": closed({"hasUnit": NAME, "hasNumericalValue": NAME}),
    },
    {"id": URI, "hasBeginning": MOMENT, "hasEnd": MOMENT},
)
WISHED = closed({"act": WISH, "sequence": NUMBER}, {"terms": NUMBER, **WHEN})
STANDING = closed({"state": STANDS, "version": NUMBER, "asker": SIDE, "terms": NUMBER}, {"heard": NUMBER, **WHEN})
_AGREED: dict[str, Schema] = {
    "type": one_of("Agreement"),
    "attributedTo": URI,
    "stipulates": COMMITMENT,
    "context": URI,
}
OFFERED = closed({**_AGREED, "loan": WISHED})
AGREED = closed({"id": URI, **_AGREED}, {"loan": STANDING})
UPDATE: Schema = {"anyOf": [deed("Update", one) for one in (ARTICLE, EVENT, NOTE_OF_LISTING, ACTOR, AGREED)]}
DELETE = deed("Delete", TOMBSTONE)
ANNOUNCE: Schema = {"anyOf": [deed("Announce", one) for one in (URI, CREATE, UPDATE, DELETE)]}
FOLLOW = deed("Follow", URI)
# The same words twice: others read them in one place or the other.
_MEANT: Schema = {"anyOf": [URI, {"type": "array", "items": URI, "minItems": 2, "maxItems": 2}]}
FLAG = deed("Flag", _MEANT, content=WORDS, summary=WORDS)
COLLECTION = closed(
    {"id": URI, "type": one_of("OrderedCollection"), "totalItems": {"type": "integer", "minimum": 0}},
    {
        "attributedTo": URI,
        "first": URI,
        "orderedItems": {"type": "array", "items": {"anyOf": [URI, ACTOR]}, "maxItems": 200},
    },
)
PAGE = closed(
    {
        "id": URI,
        "type": one_of("OrderedCollectionPage"),
        "partOf": URI,
        "orderedItems": {"type": "array", "items": {"anyOf": [CREATE, UPDATE, ANNOUNCE]}, "maxItems": 20},
    },
    {"next": URI, "prev": URI},
)

# --- what is no ActivityStreams

JRD_LINK = closed({"rel": WORDS}, {"type": WORDS, "href": URI, "template": WORDS})
JRD = closed(
    {"subject": WORDS, "links": {"type": "array", "items": JRD_LINK, "maxItems": 5}},
    {"aliases": {"type": "array", "items": URI, "maxItems": 3}, "properties": {"type": "object", "maxProperties": 1}},
)
NODEINFO_LINKS = closed({"links": {"type": "array", "items": closed({"rel": URI, "href": URI}), "maxItems": 3}})
NODEINFO = closed(
    {
        "version": one_of("2.0", "2.1"),
        "software": closed({"name": one_of("palier"), "version": NAME}, {"repository": URI}),
        "protocols": one_of(["activitypub"]),
        "services": one_of({"inbound": [], "outbound": []}),
        "openRegistrations": NO,
        "usage": one_of({"users": {}}),  # no count of anybody
        "metadata": closed(
            {
                "nodeName": NAME,
                "nodeDescription": {"type": "string", "maxLength": 500},
                "staffAccounts": {"type": "array", "maxItems": 0},
                "federation": one_of({"enabled": True}),
            }
        ),
    }
)
ERROR = closed({"error": one_of("not found", "method not allowed", "bad resource", "not accepted")})

BY_TYPE: Final[dict[str, Schema]] = {
    "Article": ARTICLE,
    "Event": EVENT,
    "Note": NOTE_OF_LISTING,
    "Proposal": PROPOSAL,
    "QuoteAuthorization": QUOTE_AUTHORIZATION,
    "Tombstone": TOMBSTONE,
    "Create": CREATE,
    "Update": UPDATE,
    "Delete": DELETE,
    "Announce": ANNOUNCE,
    "Follow": FOLLOW,
    "Flag": FLAG,
    "Offer": deed("Offer", OFFERED),
    "Accept": {"anyOf": [deed("Accept", FOLLOW), deed("Accept", URI, result=AGREED), deed("Accept", URI, result=URI)]},
    "Reject": {"anyOf": [deed("Reject", FOLLOW), deed("Reject", URI, content=NAME)]},
    "Undo": deed("Undo", FOLLOW),
    "Ignore": deed("Ignore", URI),
    "Application": ACTOR,
    "Service": ACTOR,
    "Group": ACTOR,
    "Organization": ACTOR,
    "OrderedCollection": COLLECTION,
    "OrderedCollectionPage": PAGE,
}
BY_PATH: Final[dict[str, Schema]] = {
    "/.well-known/webfinger": JRD,
    "/.well-known/nodeinfo": NODEINFO_LINKS,
    "/nodeinfo/2.0": NODEINFO,
    "/nodeinfo/2.1": NODEINFO,
}
