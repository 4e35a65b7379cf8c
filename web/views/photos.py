"""Photographs as a page shows them: where they are, what is on them in words, and who may take them away."""

from collections.abc import Iterable, Mapping

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from instance import clippings, notices, photos
from instance.audience import Reader
from instance.clippings import Clipping
from instance.evidence import Target
from instance.listings import Listing
from instance.notices import Notice
from instance.photos import Photo
from instance.reports import Report
from web.frame import media
from web.frame.slips import Photograph


def gallery(session: Session, *, notice: Notice, reader: Reader) -> tuple[Photograph, ...]:
    """All photographs of a notice, for a resident who sees it; none for a visitor, but for what came from elsewhere."""
    if notice.is_remote:
        return tuple(_clipped(one, title=notice.title) for one in clippings.of(session, notice=notice))
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
    hanging = [one for one in shown if one.is_live]
    far = {one.id: one for one in hanging if one.is_remote}
    clipped = clippings.first(session, notices=far.values())
    covers = {key: _clipped(one, title=far[key].title) for key, one in clipped.items()}
    if not reader.signed_in:
        return covers
    listings = {one.id: one for one in hanging if isinstance(one, Listing) and not one.is_remote}
    found = photos.first(session, listings=listings.values())
    return covers | {key: _shown(one, notice=listings[key]) for key, one in found.items()}


def _clipped(clipping: Clipping, *, title: str) -> Photograph:
    return Photograph(
        url=media.address(clipping.public_id),
        small_url=media.address(clipping.public_id, size="small"),
        alt=clipping.alt or gettext("Photograph of: %(title)s", title=title),
        width=clipping.width,
        height=clipping.height,
    )


def _shown(photo: Photo, *, notice: Listing) -> Photograph:
    return Photograph(
        url=url_for("photos.photo", public_id=photo.public_id),
        small_url=url_for("photos.photo", public_id=photo.public_id, size="small"),
        alt=photo.alt or gettext("Photograph of: %(title)s", title=notice.title),
        width=photo.width,
        height=photo.height,
        remove_url=url_for("photos.remove", public_id=photo.public_id),
    )
