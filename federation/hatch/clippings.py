"""Pictures of what came from elsewhere, inward through the hatch: which are wanted, then the drawn ones, one by one."""

import uuid
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from activitypub.vocabulary import Article, Event, Note
from federation import pictures, policy
from federation.hatch import shown as words
from federation.pictures import PictureState, RemotePicture, Shown
from imaging.drawing import Picture
from instance import clippings

BATCH: Final = 20


def shown(thing: Article | Event | Note) -> list[Shown]:
    """The pictures of a text, each once, the one that stands for it first."""
    image = (thing.image,) if isinstance(thing, Article) and thing.image is not None else ()
    found: dict[str, Shown] = {}
    for one in (*image, *thing.attachments):
        # Twice the same picture: whichever says what there is to see is right.
        if policy.fit([one.url]) and not (one.url in found and found[one.url].alt):
            found[one.url] = Shown(url=one.url, alt=policy.visible(one.alt or ""))
    return list(found.values())


def sweep(home: sessionmaker[Session], federation: sessionmaker[Session], *, root: Path, now: datetime) -> int:
    """Take home what is drawn, and take down what was dropped; returns how many pictures were looked at."""
    with federation() as session:
        ready = RemotePicture.state.in_((PictureState.DRAWN, PictureState.DROPPED))
        names = session.scalars(select(RemotePicture.uuid).where(ready).limit(BATCH)).all()
    for name in names:
        _carry(home, federation, name=name, root=root, now=now)
    return len(names)


def _carry(
    home: sessionmaker[Session], federation: sessionmaker[Session], *, name: uuid.UUID, root: Path, now: datetime
) -> None:
    """Carry one over: home commits first, and doing it again changes nothing."""
    with federation() as session:
        row = session.get_one(RemotePicture, name)
    is_dropped = row.state == PictureState.DROPPED
    with home.begin() as session:
        if row.big is None or row.small is None:
            clippings.take_down(session, name=name)
        else:
            clippings.hang(
                session,
                root=root,
                uri=row.object_uri,
                name=name,
                picture=Picture(big=row.big, small=row.small, width=row.width, height=row.height),
                position=row.position,
                alt=row.alt,
                now=now,
            )
    with federation.begin() as session:
        found = session.get_one(RemotePicture, name)
        if found.state != row.state:
            return
        if is_dropped:
            session.delete(found)
        else:
            found.state, found.big, found.small = PictureState.HANDED, None, None


def follow_up(session: Session, *, thing: Article | Event | Note, received_at: datetime, now: datetime) -> None:
    """Want the pictures of a text that hangs now."""
    told_at = words.moment(thing, received_at=received_at)
    pictures.want(session, object_uri=thing.id, shown=shown(thing), told_at=told_at, now=now)
