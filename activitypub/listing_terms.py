"""The terms of listings and agreements (FEP-0837) in the dialects in use: inline, attached, bare, with prefixes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from activitypub import lendings
from activitypub.details import Action, Commitment, Intent, Measure, ProposalTerms, Purpose
from activitypub.parts import read_page_url
from activitypub.vocabulary import Agreement
from activitypub.wire import Doc, Malformed, each, kinds, moment, sole, uri

PREFIXES: Final = ("", "vf:", "om2:", "time:")  # FEP-0837 and Fedify write om2:hasUnit, Mitra vf:hasUnit


def read_listing_terms(doc: Doc) -> ProposalTerms | None:
    """The terms that ``doc`` carries, or None when it is no listing or its purpose is neither offer nor request."""
    attached = [part for part in each(doc.get("attachment")) if isinstance(part, Mapping) and "Proposal" in kinds(part)]
    return next((terms for part in (doc, *attached) if (terms := _terms(part)) is not None), None)


def read_agreement(doc: Doc, where: str, _depth: int) -> Agreement:
    """The agreement in ``doc``, offered or made. Raises Malformed when it commits nobody to anything."""
    stipulates = _commitment(_term(doc, "stipulates"))
    if stipulates is None:
        raise Malformed("missing", where=f"{where}.stipulates")
    return Agreement(
        id=uri(doc.get("id")),
        attributed_to=uri(doc.get("attributedTo")),
        stipulates=stipulates,
        reciprocal=_commitment(_term(doc, "stipulatesReciprocal")),
        url=read_page_url(doc),
        context=uri(doc.get("context")),
        lending=lendings.read(doc.get("loan"), where=f"{where}.loan"),
    )


def _commitment(value: object) -> Commitment | None:
    satisfies = uri(_term(value, "satisfies")) if isinstance(value, Mapping) else None
    if not isinstance(value, Mapping) or satisfies is None:
        return None
    return Commitment(
        id=uri(value.get("id")),
        satisfies=satisfies,
        quantity=_measure(_term(value, "resourceQuantity")),
        begins=moment(_term(value, "hasBeginning")),
        ends=moment(_term(value, "hasEnd") or _term(value, "due")),
    )


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
