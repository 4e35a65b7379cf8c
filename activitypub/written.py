"""The small things that stand inside documents, written: keys, tags, pictures, places, terms, standards."""

from __future__ import annotations

from typing import assert_never

from activitypub.details import (
    Commitment,
    Generator,
    Hashtag,
    Intent,
    Measure,
    Mention,
    Multikey,
    ObjectLink,
    Picture,
    Place,
    PostalAddress,
    ProposalTerms,
    PublicKey,
    Standard,
    Tag,
)
from activitypub.wire import stamp

Fields = dict[str, object]


def without_empty(fields: Fields) -> Fields:
    """What is said of ``fields``: what is None is left out."""
    return {key: value for key, value in fields.items() if value is not None}


def key(one: PublicKey) -> Fields:
    """An RSA key."""
    return {"id": one.id, "owner": one.owner, "publicKeyPem": one.pem}


def multikey(one: Multikey) -> Fields:
    """An Ed25519 key (FEP-521a)."""
    return {"id": one.id, "type": "Multikey", "controller": one.controller, "publicKeyMultibase": one.multibase}


def tag(one: Tag) -> Fields:
    """A mention, a hashtag or a link."""
    match one:
        case Mention():
            return without_empty({"type": "Mention", "href": one.href, "name": one.name})
        case Hashtag():
            return without_empty({"type": "Hashtag", "href": one.href, "name": one.name})
        case ObjectLink():
            rel = list(one.rel) or None
            fields: Fields = {
                "type": "Link",
                "mediaType": one.media_type,
                "href": one.href,
                "rel": rel,
                "name": one.name,
            }
            return without_empty(fields)
        case _:
            assert_never(one)


def picture(one: Picture, *, kind: str) -> Fields:
    """An image, as ``kind`` (Image or Document); a Document that says not what it is would be taken for none."""
    kind = kind if (one.media_type or "").startswith("image/") else "Image"
    return without_empty(
        {
            "type": kind,
            "mediaType": one.media_type,
            "url": one.url,
            "name": one.alt,
            "width": one.width,
            "height": one.height,
        }
    )


def place(one: Place) -> Fields:
    """A place, as coarse as it was given."""
    return without_empty(
        {
            "type": "Place",
            "id": one.id,
            "name": one.name,
            "latitude": one.latitude,
            "longitude": one.longitude,
            "address": _postal_address(one.address) if one.address else None,
        }
    )


def terms(one: ProposalTerms) -> Fields:
    """The terms of a listing, as properties of the document they stand in (FEP-0837)."""
    return {
        "purpose": one.purpose.value,
        "publishes": _intent(one.primary) if one.primary else None,
        "reciprocal": _intent(one.reciprocal) if one.reciprocal else None,
        "unitBased": one.unit_based,
    }


def _intent(intent: Intent) -> Fields:
    return without_empty(
        {
            "type": "Intent",
            "id": intent.id,
            "action": intent.action.value if intent.action else None,
            "resourceQuantity": _measure(intent.quantity) if intent.quantity else None,
            "resourceConformsTo": intent.conforms_to,
            "availableQuantity": _measure(intent.available) if intent.available else None,
            "minimumQuantity": _measure(intent.minimum) if intent.minimum else None,
        }
    )


def _measure(measure: Measure) -> Fields:
    return {"hasUnit": measure.unit, "hasNumericalValue": measure.value}


def commitment(one: Commitment) -> Fields:
    """One half of an agreement (FEP-0837)."""
    quantity = _measure(one.quantity) if one.quantity else None
    return without_empty(
        {
            "id": one.id,
            "type": "Commitment",
            "satisfies": one.satisfies,
            "resourceQuantity": quantity,
            "hasBeginning": stamp(one.begins) if one.begins else None,
            "hasEnd": stamp(one.ends) if one.ends else None,
        }
    )


def standards(many: tuple[Standard, ...]) -> list[Fields] | None:
    """What a server keeps to (FEP-844e); None when it says nothing of it."""
    return [without_empty({"href": one.href, "name": one.name}) for one in many] or None


def generator(one: Generator) -> Fields:
    """The server behind an actor (FEP-844e)."""
    return without_empty({"type": "Application", "id": one.id, "implements": standards(one.implements)})


def _postal_address(one: PostalAddress) -> Fields:
    return without_empty(
        {
            "type": "PostalAddress",
            "streetAddress": one.street,
            "postalCode": one.postal_code,
            "addressLocality": one.locality,
            "addressRegion": one.region,
            "addressCountry": one.country,
        }
    )
