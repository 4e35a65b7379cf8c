"""Skills: what neighbours may ask somebody for, said by themselves, line by line, each in a circle of its own.

Nothing here says how often somebody was asked or when they were last here; the list is in the order of the alphabet.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Delete, String, Text, and_, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column

from instance import nearby, residents, stems
from instance.audience import Audience, Reader
from instance.base import Refused
from instance.nearby import Nearby
from instance.notices import State
from instance.places import Building
from instance.residents import Resident

LONGEST: Final = 80
MOST: Final = 10
# A skill is for neighbours who can ring at the door.
CIRCLES: Final = (Audience.BUILDING, Audience.QUARTER)
LONGEST_TYPED: Final = 200


class Skill(Nearby):
    """One thing a neighbour may be asked for. `title` is its words, as of a notice."""

    __tablename__ = "skill"

    title: Mapped[str] = mapped_column(String(LONGEST))
    # How the list is in order, and what it is found by: both follow from the words.
    sorted_by: Mapped[str] = mapped_column(String(LONGEST * 4))
    found_by: Mapped[str] = mapped_column(Text)

    @property
    def wording(self) -> str:
        """Its words."""
        return self.title


def read(value: str) -> str:
    """A few words on one line. Raises Refused("missing"|"too_long", field="title")."""
    text = " ".join(value.split())
    if not stems.fold(text).strip():
        raise Refused("missing", field="title")
    if len(text) > LONGEST:
        raise Refused("too_long", field="title")
    return text


def _spell(skill: Skill, *, title: str) -> None:
    skill.title = title
    skill.sorted_by = stems.fold(title)[: LONGEST * 4]
    # Spaces around, so that a word is looked for from its beginning.
    skill.found_by = f" {' '.join(sorted(stems.terms(title)))} "


def _check(audience: Audience) -> None:
    if audience not in CIRCLES:
        raise Refused("not_so_far", field="audience")


def offer(
    session: Session, *, by: Resident, title: str, audience: Audience, building: Building | None, now: datetime
) -> Skill:
    """Say one thing more that one may be asked for; `building` says where, for somebody who lives in several.

    Raises Refused (suspended, skills_many, and with their fields missing, too_long, not_so_far, no_home,
    place_missing).
    """
    residents.check_active(session, resident=by)
    _check(audience)
    # Two that are said at once share the row of the resident, so that neither counts past the other.
    residents.hold(session, resident=by)
    held = select(func.count(Skill.id)).where(Skill.author_id == by.id, Skill.state != State.WITHDRAWN.value)
    if (session.scalar(held) or 0) >= MOST:
        raise Refused("skills_many")
    skill = Skill(author=by, state=State.LIVE.value, created_at=now, updated_at=now)
    _spell(skill, title=read(title))
    nearby.put(session, row=skill, by=by, audience=audience, building=building)
    session.add(skill)
    session.flush()
    return skill


def change(
    session: Session,
    *,
    skill: Skill,
    by: Resident,
    title: str,
    audience: Audience,
    building: Building | None,
    now: datetime,
) -> None:
    """Change the words or the circle of one's own. Raises Refused as `offer`, not_yours, not_live."""
    nearby.hold_own(session, row=skill, by=by)
    if not skill.is_live:
        raise Refused("not_live")
    _check(audience)
    words = read(title)
    nearby.put(session, row=skill, by=by, audience=audience, building=building)
    _spell(skill, title=words)
    skill.updated_at = now
    session.flush()


def take_away(session: Session, *, skill: Skill, by: Resident, now: datetime) -> None:
    """Be asked for it no longer, at once; again changes nothing. Conversations about it stay for both.

    Raises Refused (suspended, not_yours).
    """
    nearby.hold_own(session, row=skill, by=by)
    end(skill, now=now)
    session.flush()


def end(skill: Skill, *, now: datetime) -> None:
    """It stands no longer: its words are for those who wrote about it, and go where nobody did."""
    skill.state, skill.updated_at = State.WITHDRAWN.value, now


def of_resident(session: Session, *, resident: Resident) -> Sequence[Skill]:
    """What somebody says they may be asked for, hidden ones too, in the order of the alphabet: for themselves alone."""
    wanted = select(Skill).where(Skill.author_id == resident.id, Skill.state != State.WITHDRAWN.value)
    return session.scalars(wanted.order_by(Skill.sorted_by, Skill.id)).all()


def own(session: Session, *, public_id: uuid.UUID, by: Resident) -> Skill:
    """One's own, as long as it was not taken away. Raises Refused("not_found") for any other, as for none."""
    found = by_public_id(session, public_id=public_id)
    if found is None or found.author_id != by.id or found.state == State.WITHDRAWN:
        raise Refused("not_found")
    return found


def find(session: Session, *, public_id: uuid.UUID, reader: Reader) -> Skill:
    """What the reader may see in the directory. Raises Refused("not_found") for any other, as for none."""
    found = session.scalar(select(Skill).where(Skill.public_id == public_id, nearby.seen(Skill, reader=reader)))
    if found is None:
        raise Refused("not_found")
    return found


def by_public_id(session: Session, *, public_id: uuid.UUID) -> Skill | None:
    """A skill by its public id, whoever asks: for the moderators' desk."""
    return session.scalar(select(Skill).where(Skill.public_id == public_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A stretch of the directory; `after` is the last one of it when there are more."""

    skills: Sequence[Skill]
    after: uuid.UUID | None


def directory(
    session: Session,
    *,
    reader: Reader,
    typed: str = "",
    hung: Audience | None = None,
    after: uuid.UUID | None = None,
    limit: int = 30,
) -> Page:
    """What the reader's neighbours may be asked for, in the order of the alphabet, with all the words typed.

    `hung` narrows it to what stands in the building or in the quarter; `after` is the last one of the stretch
    before; one that is not theirs to see, or gone, is the beginning. Words that are all too small find nothing.
    """
    words = list(stems.split(typed[:LONGEST_TYPED]))
    if not reader.circles or (typed.strip() and not words):
        return Page(skills=(), after=None)
    seen = nearby.seen(Skill, reader=reader)
    last = session.scalar(select(Skill).where(Skill.public_id == after, seen)) if after is not None else None
    wanted = select(Skill).where(seen, *(_has(word) for word in words)).options(joinedload(Skill.author))
    if hung is not None:
        wanted = wanted.where(Skill.reach == hung.value)
    if last is not None:
        further = and_(Skill.sorted_by == last.sorted_by, Skill.id > last.id)
        wanted = wanted.where(or_(Skill.sorted_by > last.sorted_by, further))
    found = session.scalars(wanted.order_by(Skill.sorted_by, Skill.id).limit(limit + 1)).all()
    shown = found[:limit]
    return Page(skills=shown, after=shown[-1].public_id if len(found) > limit else None)


def _has(word: str) -> ColumnElement[bool]:
    """Whether a word stands among the words, by its stem or its beginning. Letters and digits only: none is a sign."""
    sought = {f" {one} " for one in stems.stems(word)} | {f" {one}" for one in stems.beginnings(word)}
    return or_(*(Skill.found_by.contains(one, autoescape=True) for one in sorted(sought)))


def forgotten(*, kept: ColumnElement[bool]) -> Delete:
    """Delete what was taken away, but for what `kept` says is still spoken of."""
    return delete(Skill).where(Skill.state == State.WITHDRAWN.value, ~kept)
