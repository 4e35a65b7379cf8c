"""Changing a notice whatever its family: its words, and how far it reaches."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from instance import happenings, listings, news, notices
from instance.audience import Audience, Reader
from instance.base import Refused
from instance.listings import Listing
from instance.news import NewsItem
from instance.notices import Notice
from instance.places import Building
from instance.residents import Resident


def own(session: Session, *, public_id: uuid.UUID, by: Resident, reader: Reader) -> Notice:
    """A live notice this resident may change. Raises Refused("not_found") for any other, whatever it is."""
    found = notices.find(session, public_id=public_id, reader=reader)
    if not found.is_live or not notices.may_change(session, notice=found, by=by):
        raise Refused("not_found")
    return found


def as_typed(notice: Notice) -> dict[str, str]:
    """The words of a notice as `change` takes them, as they are now."""
    words = {"title": notice.title, "body": notice.body}
    if isinstance(notice, NewsItem):
        words |= {"summary": notice.summary, **happenings.typed(notice.happening)}
    return words


def change(session: Session, *, notice: Notice, by: Resident, words: Mapping[str, str], now: datetime) -> None:
    """Change the words: title, body, and for news the summary, when and where.

    Raises Refused (not_yours, missing, too_long, date_stays, those of `happenings.read`).
    """
    if isinstance(notice, NewsItem):
        said = {name: words[name] for name in ("begins", "ends", "place")}
        news.edit(
            session,
            item=notice,
            by=by,
            title=words["title"],
            summary=words["summary"],
            body=words["body"],
            happening=happenings.read(**said, now=now, before=notice.happening),
            now=now,
        )
    else:
        notices.edit(session, notice=notice, by=by, now=now, **words)


def narrow(
    session: Session, *, notice: Notice, by: Resident, audience: Audience, building: Building | None, now: datetime
) -> None:
    """Let fewer people see it. Raises Refused (not_narrower, place_missing, not_your_building, …)."""
    if building is None and audience is Audience.BUILDING:
        raise Refused("place_missing", field="building")
    if isinstance(notice, NewsItem):
        inside = building if audience is Audience.BUILDING else None
        news.narrow(session, item=notice, by=by, audience=audience, now=now, building=inside)
    elif isinstance(notice, Listing):
        listings.narrow(session, listing=notice, by=by, audience=audience, now=now, building=building)
