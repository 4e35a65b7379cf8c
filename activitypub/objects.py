"""Texts, listings and what is left of them, as other software writes them."""

from __future__ import annotations

from activitypub.details import Picture
from activitypub.listing_terms import read_listing_terms
from activitypub.parts import (
    read_html,
    read_link,
    read_options,
    read_page_url,
    read_pictures,
    read_place,
    read_quotable_by,
    read_tags,
)
from activitypub.vocabulary import Article, Note, Proposal, QuoteAuthorization, Tombstone
from activitypub.wire import Doc, Malformed, address, demand_uri, kinds, language, moment, sole, text, uri


def read_article(doc: Doc, where: str, _depth: int) -> Article:
    """The text with a title in ``doc``. Raises Malformed without id or author."""
    return Article(
        id=demand_uri(doc, "id", where=where),
        attributed_to=demand_uri(doc, "attributedTo", where=where),
        name=text(doc, "name") or "",
        content=read_html(doc),
        summary=text(doc, "summary"),
        url=read_page_url(doc),
        published=moment(doc.get("published")),
        updated=moment(doc.get("updated")),
        to=address(doc.get("to")),
        cc=address(doc.get("cc")),
        audience=uri(doc.get("audience")),
        context=uri(doc.get("context")),
        replies=uri(doc.get("replies")),
        in_reply_to=uri(doc.get("inReplyTo")),
        language=language(doc),
        tags=read_tags(doc),
        attachments=read_pictures(doc.get("attachment")),
        image=_first_picture(doc),
        link=read_link(doc),
        quotable_by=read_quotable_by(doc),
    )


def _first_picture(doc: Doc) -> Picture | None:
    """The image of a text; a video's is its icon."""
    keys = ("image", "icon") if {"Video", "Audio"} & set(kinds(doc)) else ("image",)
    return next((picture for key in keys for picture in read_pictures(doc.get(key))), None)


def read_note(doc: Doc, where: str, _depth: int) -> Note:
    """The short text or question in ``doc``. Raises Malformed without id or author."""
    return Note(
        id=demand_uri(doc, "id", where=where),
        attributed_to=demand_uri(doc, "attributedTo", where=where),
        content=read_html(doc),
        name=text(doc, "name"),
        summary=text(doc, "summary"),
        url=read_page_url(doc),
        published=moment(doc.get("published")),
        updated=moment(doc.get("updated")),
        to=address(doc.get("to")),
        cc=address(doc.get("cc")),
        audience=uri(doc.get("audience")),
        context=uri(doc.get("context")),
        replies=uri(doc.get("replies")),
        in_reply_to=uri(doc.get("inReplyTo")),
        language=language(doc),
        tags=read_tags(doc),
        attachments=read_pictures(doc.get("attachment")),
        location=read_place(doc.get("location")),
        proposal=read_listing_terms(doc),
        options=read_options(doc),
        quotable_by=read_quotable_by(doc),
    )


def read_proposal(doc: Doc, where: str, _depth: int) -> Proposal:
    """The pure listing in ``doc``. Raises Malformed without id, author or purpose."""
    terms = read_listing_terms(doc)
    if terms is None:
        raise Malformed("neither offer nor request", where=f"{where}.purpose")
    return Proposal(
        id=demand_uri(doc, "id", where=where),
        attributed_to=demand_uri(doc, "attributedTo", where=where),
        terms=terms,
        name=text(doc, "name"),
        content=text(doc, "content"),
        url=read_page_url(doc),
        published=moment(doc.get("published")),
        updated=moment(doc.get("updated")),
        to=address(doc.get("to")),
        cc=address(doc.get("cc")),
        location=read_place(doc.get("location")),
    )


def read_quote_authorization(doc: Doc, where: str, _depth: int) -> QuoteAuthorization:
    """What ``doc`` lets somebody quote, and where. Raises Malformed without any of its addresses."""
    return QuoteAuthorization(
        id=demand_uri(doc, "id", where=where),
        attributed_to=demand_uri(doc, "attributedTo", where=where),
        interacting=demand_uri(doc, "interactingObject", where=where),
        target=demand_uri(doc, "interactionTarget", where=where),
    )


def read_tombstone(doc: Doc, where: str, _depth: int) -> Tombstone:
    """What ``doc`` says that is gone. Raises Malformed without its id."""
    former = sole(doc.get("formerType"))
    return Tombstone(
        id=demand_uri(doc, "id", where=where),
        former_type=former if isinstance(former, str) else None,
        deleted=moment(doc.get("deleted")),
    )
