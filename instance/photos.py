"""Photographs of offers and requests: up to three, for residents who may see the notice, and for nobody elsewhere."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Delete, ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import notices, storage
from instance.audience import Reader
from instance.base import Refused, Row
from instance.listings import Listing
from instance.notices import Notice, State
from instance.pictures import Picture
from instance.residents import Resident

MOST = 3
LONGEST_ALT = 200
BIG, SMALL = "jpg", "small.jpg"
# Below the data folder of the home side.
FOLDER = "photos"
# After a notice came down its author may still look at it; moderators may hang up again what they hid.
KEPT = timedelta(days=30)
HIDDEN_KEPT = timedelta(days=183)


class Photo(Row):
    """One photograph of a listing; its two files have its public id. Width and height are those of the big one."""

    __tablename__ = "photo"
    # Two uploads at once cannot become a fourth photograph.
    __table_args__ = (UniqueConstraint("listing_id", "position"),)

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    position: Mapped[int] = mapped_column()
    # What there is to see, for whoever does not see it; without one, the title of the notice stands in.
    alt: Mapped[str | None] = mapped_column(String(LONGEST_ALT))
    width: Mapped[int] = mapped_column()
    height: Mapped[int] = mapped_column()
    listing: Mapped[Listing] = relationship()


def add(
    session: Session, *, root: Path, listing: Listing, by: Resident, picture: Picture, alt: str, now: datetime
) -> Photo:
    """Put a photograph to one's own listing; its files are written first: the row never names what is not there.

    Raises Refused (not_yours, not_live, photos_many at "file", too_long at "alt").
    """
    words = read_alt(alt)
    notices.hold_own(session, notice=listing, by=by)
    free = sorted(set(range(1, MOST + 1)) - {one.position for one in of(session, listing=listing)})
    if not free:
        raise Refused("photos_many", field="file")
    name = uuid.uuid4()
    keep_files(root, name=name, picture=picture)
    size = {"width": picture.width, "height": picture.height}
    photo = Photo(public_id=name, listing=listing, position=free[0], alt=words, created_at=now, **size)
    try:
        with session.begin_nested():
            session.add(photo)
    except IntegrityError:
        raise Refused("photos_many", field="file") from None
    return photo


def read_alt(value: str) -> str | None:
    """What there is to see, as it is kept; None for nothing. Raises Refused("too_long", field="alt")."""
    words = " ".join(value.split())
    if len(words) > LONGEST_ALT:
        raise Refused("too_long", field="alt")
    return words or None


def reword(session: Session, *, photo: Photo, by: Resident, alt: str) -> None:
    """Say otherwise what there is to see. Raises Refused (not_yours, not_live, too_long at "alt")."""
    words = read_alt(alt)
    notices.hold_own(session, notice=photo.listing, by=by)
    photo.alt = words
    session.flush()


def of(session: Session, *, listing: Listing) -> Sequence[Photo]:
    """The photographs of a listing, in their order."""
    return session.scalars(select(Photo).where(Photo.listing_id == listing.id).order_by(Photo.position)).all()


def first(session: Session, *, listings: Iterable[Listing]) -> Mapping[int, Photo]:
    """The first photograph of each of these that has any, by the id of the listing: one question for a whole board."""
    ids = [one.id for one in listings]
    if not ids:
        return {}
    wanted = select(Photo).where(Photo.listing_id.in_(ids)).order_by(Photo.position.desc())
    return {one.listing_id: one for one in session.scalars(wanted)}


def find(session: Session, *, public_id: uuid.UUID, reader: Reader) -> Photo:
    """A photograph of a notice that this resident may see. Raises Refused("not_found") for any other, as for none.

    Who is not signed in sees none, not even of what is public: photographs stay in town.
    """
    photo = by_public_id(session, public_id=public_id)
    if photo is None or not reader.signed_in:
        raise Refused("not_found")
    notices.find(session, public_id=photo.listing.public_id, reader=reader)
    return photo


def by_public_id(session: Session, *, public_id: uuid.UUID) -> Photo | None:
    """A photograph by its public id, whoever asks: for the moderators' desk."""
    return session.scalar(select(Photo).where(Photo.public_id == public_id))


def find_own(session: Session, *, public_id: uuid.UUID, by: Resident, reader: Reader) -> Photo:
    """A photograph of one's own live listing. Raises Refused("not_found") for any other."""
    photo = find(session, public_id=public_id, reader=reader)
    if not photo.listing.is_live or not notices.may_change(session, notice=photo.listing, by=by):
        raise Refused("not_found")
    return photo


def remove(session: Session, *, photo: Photo, by: Resident) -> None:
    """Take a photograph away; its files go once that is committed. Raises Refused("not_yours"|"not_live")."""
    notices.hold_own(session, notice=photo.listing, by=by)
    session.delete(photo)
    session.flush()


def keep_files(root: Path, *, name: uuid.UUID, picture: Picture) -> None:
    """Write the two files of a photograph. Raises OSError."""
    for kind, data in ((BIG, picture.big), (SMALL, picture.small)):
        storage.keep(root, name=name, kind=kind, data=data)


def forget_files(root: Path, *, name: uuid.UUID) -> None:
    """Take the files of a photograph away whose row is gone for good."""
    storage.remove(root, name=name, kinds=(BIG, SMALL))


def sweep_files(session: Session, *, root: Path, now: datetime) -> int:
    """Take away all files that no photograph names; returns how many."""

    def known(names: set[uuid.UUID]) -> set[uuid.UUID]:
        return set(session.scalars(select(Photo.public_id).where(Photo.public_id.in_(names))))

    return storage.sweep(root, known=known, now=now)


def spent(now: datetime) -> tuple[Delete, ...]:
    """What to delete of photographs: those of notices that came down long enough ago."""
    down = select(Notice.id).where(
        Notice.state.in_([State.WITHDRAWN.value, State.EXPIRED.value]), Notice.updated_at <= now - KEPT
    )
    hidden = select(Notice.id).where(Notice.state == State.HIDDEN.value, Notice.updated_at <= now - HIDDEN_KEPT)
    return tuple(delete(Photo).where(Photo.listing_id.in_(one)) for one in (down, hidden))
