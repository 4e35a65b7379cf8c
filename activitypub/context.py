"""The JSON-LD contexts we put on what we send; nothing here is ever fetched.

A term without a definition silently empties the property for readers that expand JSON-LD, so every term that
``writing`` may use beyond ActivityStreams stands in exactly one of these tables.
"""

from __future__ import annotations

from typing import Final

ACTIVITYSTREAMS: Final = "https://www.w3.org/ns/activitystreams"
SECURITY: Final = "https://w3id.org/security/v1"
MULTIKEY: Final = "https://w3id.org/security/multikey/v1"  # FEP-521a
PROVERS: Final[dict[str, object]] = {  # the key's own terms are Multikey's, that it is the actor's is not
    "assertionMethod": {"@id": "https://w3id.org/security#assertionMethod", "@type": "@id", "@container": "@set"},
}
WEBFINGER: Final = "https://purl.archive.org/socialweb/webfinger"  # FEP-2c59

TERMS: Final[dict[str, object]] = {
    "toot": "http://joinmastodon.org/ns#",
    "discoverable": "toot:discoverable",
    "indexable": "toot:indexable",
    "featured": {"@id": "toot:featured", "@type": "@id"},
    "Hashtag": "as:Hashtag",
    "sensitive": "as:sensitive",
    "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
    "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
    "movedTo": {"@id": "as:movedTo", "@type": "@id"},
}
GROUP: Final[dict[str, object]] = {
    "lemmy": "https://join-lemmy.org/ns#",
    "postingRestrictedToMods": "lemmy:postingRestrictedToMods",
}
QUOTES: Final[dict[str, object]] = {  # FEP-044f
    "gts": "https://gotosocial.org/ns#",
    "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
    "canQuote": {"@id": "gts:canQuote", "@type": "@id"},
    "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
}
QUOTED: Final[dict[str, object]] = {  # FEP-044f
    "gts": "https://gotosocial.org/ns#",
    "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
    "QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest",
    "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
    "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"},
}
LISTING: Final[dict[str, object]] = {  # FEP-0837
    "om2": "http://www.ontology-of-units-of-measure.org/resource/om-2/",
    "vf": "https://w3id.org/valueflows/ont/vf#",
    "Proposal": "vf:Proposal",
    "Intent": "vf:Intent",
    "action": "vf:action",
    "purpose": "vf:purpose",
    "unitBased": "vf:unitBased",
    "publishes": "vf:publishes",
    "reciprocal": "vf:reciprocal",
    "resourceConformsTo": "vf:resourceConformsTo",
    "resourceQuantity": "vf:resourceQuantity",
    "availableQuantity": "vf:availableQuantity",
    "minimumQuantity": "vf:minimumQuantity",
    "hasUnit": "om2:hasUnit",
    "hasNumericalValue": "om2:hasNumericalValue",
}
AGREEMENT: Final[dict[str, object]] = {  # FEP-0837
    "om2": "http://www.ontology-of-units-of-measure.org/resource/om-2/",
    "vf": "https://w3id.org/valueflows/ont/vf#",
    "Agreement": "vf:Agreement",
    "Commitment": "vf:Commitment",
    "stipulates": "vf:stipulates",
    "stipulatesReciprocal": "vf:stipulatesReciprocal",
    "satisfies": "vf:satisfies",
    "resourceQuantity": "vf:resourceQuantity",
    "hasUnit": "om2:hasUnit",
    "hasNumericalValue": "om2:hasNumericalValue",
}
EVENT: Final[dict[str, object]] = {  # Mobilizon, FEP-8a8e
    "ical": "http://www.w3.org/2002/12/cal/ical#",
    "status": "ical:status",
    "fep8a8e": "https://w3id.org/fep/8a8e/",
    "organizers": {"@id": "fep8a8e:organizers", "@type": "@id"},
    "eventStatus": {"@id": "fep8a8e:eventStatus", "@type": "@id"},
    "sc": "http://schema.org#",
    "PostalAddress": "sc:PostalAddress",
    "address": {"@id": "sc:address", "@type": "sc:PostalAddress"},
    "streetAddress": "sc:streetAddress",
    "postalCode": "sc:postalCode",
    "addressLocality": "sc:addressLocality",
    "addressRegion": "sc:addressRegion",
    "addressCountry": "sc:addressCountry",
    "category": "sc:category",
    "inLanguage": "sc:inLanguage",
    "mz": "https://joinmobilizon.org/ns#",
    "joinMode": {"@id": "mz:joinMode", "@type": "mz:joinModeType"},
    "externalParticipationUrl": {"@id": "mz:externalParticipationUrl", "@type": "sc:URL"},
    "timezone": {"@id": "mz:timezone", "@type": "sc:Text"},
    "repliesModerationOption": {"@id": "mz:repliesModerationOption", "@type": "mz:repliesModerationOptionType"},
    "isOnline": {"@id": "mz:isOnline", "@type": "sc:Boolean"},
    "pt": "https://joinpeertube.org/ns#",
    "commentsEnabled": {"@id": "pt:commentsEnabled", "@type": "sc:Boolean"},
}
FLOHMARKT: Final[dict[str, object]] = {  # only to those it was chosen for
    "flohmarkt": "https://codeberg.org/flohmarkt/ns#",
    "flohmarkt:data": {"@id": "https://codeberg.org/flohmarkt/ns#data", "@type": "@json"},
}
STANDARDS: Final[dict[str, object]] = {  # FEP-844e
    "implements": {"@id": "https://w3id.org/fep/844e/implements", "@type": "@id", "@container": "@list"},
}
AUTHORSHIP: Final[dict[str, object]] = {  # Mastodon: whose pages may name this actor as their author
    "attributionDomains": {"@id": "toot:attributionDomains", "@type": "@id"},
}
