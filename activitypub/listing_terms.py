"""The terms of a listing (FEP-0837) in the dialects in use: inline in a Note, attached to it, bare, with prefixes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from activitypub.details import Action, Intent, Measure, Place, ProposalTerms, Purpose
from activitypub.wire import Doc, each, kinds, number, sole, text, uri

PREFIXES: Final = ("", "vf:", "om2:")  # FEP-0837 and Fedify write om2:hasUnit, Mitra vf:hasUnit


def read_listing_terms(doc: Doc) -> ProposalTerms | None:
    """The terms that ``doc`` carries, or None when it is no listing or its purpose is neither offer nor request."""
    attached = [part for part in each(doc.get("attachment")) if isinstance(part, Mapping) and "Proposal" in kinds(part)]
    return next((terms for part in (doc, *attached) if (terms := _terms(part)) is not None), None)


def read_place(value: object) -> Place | None:
    """The named place in ``value``, or None."""
    part = sole(value)
    name = text(part, "name") if isinstance(part, Mapping) else None
    if not isinstance(part, Mapping) or not name:
        return None
    return Place(name=name, latitude=number(part.get("latitude")), longitude=number(part.get("longitude")))


def _term(doc: Doc, name: str) -> object:
    return next((sole(doc[prefix + name]) for prefix in PREFIXES if prefix + name in doc), None)


def _terms(doc: Doc) -> ProposalTerms | None:
    purpose = _term(doc, "purpose")
    if not isinstance(purpose, str) or purpose not in {known.value for known in Purpose}:
        return None
    unit_based = _term(doc, "unitBased")
    return ProposalTerms(
        purpose=Purpose(purpose),
        primary=_intent(_term(doc, "publishes")),
        reciprocal=_intent(_term(doc, "reciprocal")),
        unit_based=unit_based if isinstance(unit_based, bool) else None,
    )


def _intent(value: object) -> Intent | None:
    if not isinstance(value, Mapping):
        return None
    action = _term(value, "action")
    return Intent(
        id=uri(value.get("id")),
        action=Action(action) if isinstance(action, str) and action in {known.value for known in Action} else None,
        conforms_to=uri(_term(value, "resourceConformsTo")),
        quantity=_measure(_term(value, "resourceQuantity")),
        available=_measure(_term(value, "availableQuantity")),
        minimum=_measure(_term(value, "minimumQuantity")),
    )


def _measure(value: object) -> Measure | None:
    if not isinstance(value, Mapping):
        return None
    unit, amount = _term(value, "hasUnit"), _term(value, "hasNumericalValue")
    if isinstance(amount, int | float) and not isinstance(amount, bool):
        amount = str(amount)
    return Measure(unit=unit, value=amount) if isinstance(unit, str) and isinstance(amount, str) else None
