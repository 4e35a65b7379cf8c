"""Events as Mobilizon, Gancio and calendars of WordPress write them, with the terms of FEP-8a8e."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from activitypub.details import EventStatus, JoinMode
from activitypub.parts import read_html, read_page_url, read_pictures, read_place, read_quotable_by, read_tags
from activitypub.vocabulary import Event
from activitypub.wire import (
    Doc,
    Malformed,
    address,
    choice,
    demand_uri,
    language,
    moment,
    references,
    text,
    uri,
)

Choice = TypeVar("Choice", bound=StrEnum)


def read_event(doc: Doc, where: str, _depth: int) -> Event:
    """The event in ``doc``. Raises Malformed without id, author, title or a beginning that can be read."""
    start = moment(doc.get("startTime"))
    name = text(doc, "name")
    if start is None or not name:
        raise Malformed("missing", where=f"{where}.{'name' if start else 'startTime'}")
    author = "attributedTo" if doc.get("attributedTo") is not None else "actor"
    return Event(
        id=demand_uri(doc, "id", where=where),
        attributed_to=demand_uri(doc, author, where=where),
        name=name,
        start=start,
        # FEP-8a8e: an end that is not to be shown is a guess.
        end=None if doc.get("displayEndTime") is False else moment(doc.get("endTime")),
        timezone=text(doc, "timezone"),
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
        language=language(doc),
        tags=read_tags(doc),
        attachments=read_pictures(doc.get("attachment")) or read_pictures(doc.get("image")),
        location=read_place(doc.get("location")),
        organizers=references(doc.get("organizers")),
        join_mode=_one_of(JoinMode, doc.get("joinMode")),
        participation_url=uri(doc.get("externalParticipationUrl")),
        status=_one_of(EventStatus, doc.get("ical:status", doc.get("status"))),
        category=text(doc, "category"),
        is_online=choice(doc, "isOnline"),
        has_comments=choice(doc, "commentsEnabled"),
        quotable_by=read_quotable_by(doc),
    )


def _one_of(kind: type[Choice], value: object) -> Choice | None:
    """The choice that ``value`` names, or None when it is none of them."""
    return next((one for one in kind if one.value == value), None)
