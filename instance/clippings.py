"""Pictures of notices from other towns: drawn anew before they came here, shown to whoever sees the notice."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Delete, ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from imaging.drawing import Picture
from instance import notices, photos, storage
from instance.audience import Reader
from instance.base import Refused, Row
from instance.notices import Notice, State

# As long as others write them at most.
LONGEST_ALT = 1500
# Below the data folder of the home side.
FOLDER = "clippings"


class Clipping(Row):
    """One picture of a notice from elsewhere; its two files have its public id, which was drawn by lot."""

    __tablename__ = "clipping"

    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    position: Mapped[int] = mapped_column()
    alt: Mapped[str | None] = mapped_column(String(LONGEST_ALT))
    width: Mapped[int] = mapped_column()
    height: Mapped[int] = mapped_column()
    notice: Mapped[Notice] = relationship()


def hang(
    session: Session,
    *,
    root: Path,
    uri: str,
    name: uuid.UUID,
    picture: Picture,
    position: int,
    alt: str,
    now: datetime,
) -> bool:
    """Put a picture to the notice that hangs here for an address; False when none does. Raises OSError.

    Again under the same name, it changes place and words only: the points are the same.
    """
    notice = notices.by_origin(session, uri=uri)
    if notice is None or not notice.is_live:
        take_down(session, name=name)
        return False
    clipping = by_public_id(session, public_id=name)
    if clipping is None:
        # What a crash left of the first try is written anew.
        photos.forget_files(root, name=name)
        photos.keep_files(root, name=name, picture=picture)
        clipping = Clipping(public_id=name, notice=notice, width=picture.width, height=picture.height, created_at=now)
        session.add(clipping)
    clipping.position, clipping.alt = position, alt[:LONGEST_ALT] or None
    session.flush()
    return True


def take_down(session: Session, *, name: uuid.UUID) -> None:
    """Take a picture away that its notice no longer shows; its files go with the next sweep."""
    session.execute(delete(Clipping).where(Clipping.public_id == name))


def by_public_id(session: Session, *, public_id: uuid.UUID) -> Clipping | None:
    """A picture by its public id, whoever asks."""
    return session.scalar(select(Clipping).where(Clipping.public_id == public_id))


def find(session: Session, *, public_id: uuid.UUID, reader: Reader) -> Clipping:
    """A picture of a notice that this reader may see. Raises Refused("not_found") for any other, as for none."""
    clipping = by_public_id(session, public_id=public_id)
    if clipping is None:
        raise Refused("not_found")
    notices.find(session, public_id=clipping.notice.public_id, reader=reader)
    return clipping


def hanging(session: Session, *, public_id: uuid.UUID) -> Clipping:
    """A picture whose notice hangs, for whoever knows its name. Raises Refused("not_found") for any other."""
    clipping = by_public_id(session, public_id=public_id)
    if clipping is None or not clipping.notice.is_live:
        raise Refused("not_found")
    return clipping


def of(session: Session, *, notice: Notice) -> Sequence[Clipping]:
    """The pictures of a notice, in their order."""
    wanted = select(Clipping).where(Clipping.notice_id == notice.id).order_by(Clipping.position, Clipping.id)
    return session.scalars(wanted).all()


def first(session: Session, *, notices: Iterable[Notice]) -> Mapping[int, Clipping]:
    """The first picture of each of these that has any, by the id of the notice: one question for a whole board."""
    ids = [one.id for one in notices]
    if not ids:
        return {}
    wanted = select(Clipping).where(Clipping.notice_id.in_(ids)).order_by(Clipping.position.desc(), Clipping.id.desc())
    return {one.notice_id: one for one in session.scalars(wanted)}


def sweep_files(session: Session, *, root: Path, now: datetime) -> int:
    """Take away all files that no picture names; returns how many."""

    def known(names: set[uuid.UUID]) -> set[uuid.UUID]:
        return set(session.scalars(select(Clipping.public_id).where(Clipping.public_id.in_(names))))

    return storage.sweep(root, known=known, now=now)


def spent(now: datetime) -> tuple[Delete, ...]:
    """What to delete of them: those of notices that came down, and of hidden ones after half a year."""
    down = select(Notice.id).where(Notice.state.in_([State.WITHDRAWN.value, State.EXPIRED.value]))
    hidden = select(Notice.id).where(Notice.state == State.HIDDEN.value, Notice.updated_at <= now - photos.HIDDEN_KEPT)
    return tuple(delete(Clipping).where(Clipping.notice_id.in_(one)) for one in (down, hidden))
