"""Photographs as a page shows them: where they are, what is on them in words, and who may take them away."""

from collections.abc import Iterable, Mapping

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from instance import notices, photos
from instance.audience import Reader
from instance.evidence import Target
from instance.listings import Listing
from instance.notices import Notice
from instance.photos import Photo
from instance.reports import Report
from web.frame.slips import Photograph


def gallery(session: Session, *, notice: Notice, reader: Reader) -> tuple[Photograph, ...]:
    """All photographs of a notice, for a resident who sees it; none for a visitor."""
    if not isinstance(notice, Listing) or not reader.signed_in:
        return ()
    return tuple(_shown(one, notice=notice) for one in photos.of(session, listing=notice))


def reported(session: Session, *, entry: Report) -> tuple[Photograph, ...]:
    """The photographs of what was reported, for the moderators' desk."""
    notice = notices.by_public_id(session, public_id=entry.target_id) if entry.target == Target.NOTICE else None
    if not isinstance(notice, Listing):
        return ()
    return tuple(_shown(one, notice=notice) for one in photos.of(session, listing=notice))


def covers(session: Session, *, shown: Iterable[Notice], reader: Reader) -> Mapping[int, Photograph]:
    """The first photograph of each of these that hangs and has one, by the id of the notice."""
    if not reader.signed_in:
        return {}
    listings = {one.id: one for one in shown if isinstance(one, Listing) and one.is_live}
    found = photos.first(session, listings=listings.values())
    return {key: _shown(one, notice=listings[key]) for key, one in found.items()}


def _shown(photo: Photo, *, notice: Listing) -> Photograph:
    return Photograph(
        url=url_for("photos.photo", public_id=photo.public_id),
        small_url=url_for("photos.photo", public_id=photo.public_id, size="small"),
        alt=photo.alt or gettext("Photograph of: %(title)s", title=notice.title),
        width=photo.width,
        height=photo.height,
        remove_url=url_for("photos.remove", public_id=photo.public_id),
    )
