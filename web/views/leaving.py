"""What leaves town when a notice is for everybody: the boundary's own record, and where it goes first."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from federation import addresses, identity, translate
from federation.hatch import boundary
from federation.shareables import PublicEvent, PublicListing, PublicNews
from instance.audience import Audience
from instance.base import Refused
from instance.notices import Notice
from web.views import reach, slips


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """Exactly what other towns receive. There is nothing in it that the boundary would not let out."""

    kind: str
    title: str
    summary: str | None
    body: Markup
    signed: str
    quarter: str | None
    day: datetime
    hosts: tuple[str, ...]
    when: str | None = None


def of_notice(federation: Session, *, notice: Notice, origin: str) -> Leaving:
    """Ask the boundary what it would let out of a notice as it is now.

    Raises Refused("would_stay") when it would let nothing out.
    """
    match boundary.judge_notice(notice, version=notice.version):
        case boundary.Announce(shareable=shareable):
            return _show(federation, notice=notice, shareable=shareable, origin=origin)
        case _:
            raise Refused("would_stay", field="audience")


def _show(
    federation: Session, *, notice: Notice, shareable: PublicListing | PublicNews | PublicEvent, origin: str
) -> Leaving:
    summary: str | None = None
    quarter: str | None = None
    match shareable:
        case PublicListing():
            signed, quarter = shareable.byline, shareable.quarter_name
            usernames = {identity.DESK}
            body = translate.listing_html(shareable)
            object_uri = addresses.listing(origin, shareable.notice_id)
        case PublicNews() | PublicEvent():
            signed = notice.organisation.name if notice.organisation else shareable.organisation
            quarter = notice.quarter.name if notice.quarter and shareable.quarter else None
            summary = shareable.summary
            body, object_uri = _of_organisation(shareable, origin=origin)
            usernames = {shareable.organisation, *([shareable.quarter] if shareable.quarter else [])}
        case _:
            assert_never(shareable)
    return Leaving(
        kind=slips.kind(notice),
        title=shareable.title,
        when=translate.when(shareable) if isinstance(shareable, PublicEvent) else None,
        summary=summary,
        body=Markup(body),  # noqa: S704 - cleaned by instance.prose, and the very bytes that leave
        signed=signed,
        quarter=quarter,
        day=shareable.published,
        hosts=reach.first_hosts(federation, usernames=usernames, object_uri=object_uri),
    )


def _of_organisation(shareable: PublicNews | PublicEvent, *, origin: str) -> tuple[str, str]:
    """The text as it leaves, and the address it will have."""
    if isinstance(shareable, PublicEvent):
        address = addresses.event(origin, shareable.organisation, shareable.notice_id)
        return translate.event_html(shareable), address
    return shareable.html, addresses.news(origin, shareable.organisation, shareable.notice_id)


def hung(federation: Session, *, notice: Notice, origin: str) -> str:
    """The sentence after publishing: where it hangs now, and whether anybody gets it elsewhere."""
    where = slips.place(notice)
    match notice.audience:
        case Audience.NETWORK:
            if of_notice(federation, notice=notice, origin=origin).hosts:
                return gettext("It hangs on the town's board, and leaves for the neighbouring towns.")
            return gettext("It hangs on the town's board. No other town follows yet; one that does later can read it.")
        case Audience.INSTANCE:
            return gettext("It hangs on the board of the whole town.")
        case Audience.BUILDING | Audience.QUARTER:
            return gettext("It hangs on the board of %(where)s.", where=where or "")
