"""What can be reported, as it is when somebody reports it: its words, who wrote it, where it hangs, who took part."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from instance import comments, conversations, loans, notices, prose, recommendations, skills, thanks
from instance.audience import Audience, Reader
from instance.base import Refused
from instance.comments import Comment
from instance.conversations import Conversation, Message
from instance.loans import Loan
from instance.nearby import Nearby
from instance.notices import Notice
from instance.organisations import Membership, Organisation
from instance.residents import Resident
from instance.skills import Skill
from instance.thanks import Thanks


class Target(StrEnum):
    """What can be reported. A person is somebody one met in a conversation; a loan has photographs to look at.

    Only other towns report an organisation, or this town as it appears to them.
    """

    NOTICE = "notice"
    COMMENT = "comment"
    MESSAGE = "message"
    PERSON = "person"
    LOAN = "loan"
    THANKS = "thanks"
    SKILL = "skill"
    RECOMMENDATION = "recommendation"
    ORGANISATION = "organisation"
    TOWN = "town"


# There is one: what is reported of it has to have a name as everything else has.
THIS_TOWN: Final = uuid.UUID("7c1f5a52-0d8e-4f3b-9a60-3e0d6c1b2a94")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """Something reportable. `target_id` is its own public id; `author_name` is how it is signed further away.

    `stays` says that its words belong to a building or to two people: they go into no mail.
    """

    target: Target
    target_id: uuid.UUID
    words: str
    author: Resident | None
    author_name: str
    host: str | None
    building_id: int | None
    quarter_id: int | None
    stays: bool
    part_ids: frozenset[int]


def shown(session: Session, *, target: Target, public_id: uuid.UUID, reader: Reader, now: datetime) -> Exhibit:
    """What the reader sees of a target; a person is named by a conversation they are met in.

    Raises Refused("not_found") when the reader cannot see it, as for what never was.
    """
    match target:
        case Target.NOTICE:
            return _notice(session, notices.find(session, public_id=public_id, reader=reader))
        case Target.COMMENT:
            return _comment(session, comments.find(session, public_id=public_id, reader=reader))
        case Target.MESSAGE:
            return _letter(session, public_id=public_id, reader=reader)
        case Target.PERSON:
            return _met(session, public_id=public_id, reader=reader)
        case Target.LOAN | Target.THANKS:
            return _lent(session, target=target, public_id=public_id, reader=reader)
        case Target.SKILL | Target.RECOMMENDATION:
            return _nearby(session, target=target, public_id=public_id, reader=reader, now=now)
        case Target.ORGANISATION | Target.TOWN:
            raise Refused("not_found")


def kept(session: Session, *, target: Target, target_id: uuid.UUID) -> Exhibit | None:
    """What is stored of it now, whoever asks: for the moderators' desk. None when it is gone."""
    match target:
        case Target.NOTICE:
            notice = notices.by_public_id(session, public_id=target_id)
            return _notice(session, notice) if notice is not None else None
        case Target.COMMENT:
            comment = comments.by_public_id(session, public_id=target_id)
            return _comment(session, comment) if comment is not None else None
        case Target.PERSON:
            person = session.scalar(select(Resident).where(Resident.public_id == target_id))
            return _person(session, person) if person is not None else None
        case Target.MESSAGE | Target.LOAN | Target.THANKS:
            return _kept_between(session, target=target, target_id=target_id)
        case Target.SKILL | Target.RECOMMENDATION:
            row = beside(session, target=target, target_id=target_id)
            return _beside(session, row) if row is not None else None
        case Target.ORGANISATION | Target.TOWN:
            return _kept_publisher(session, target_id=target_id)


def _kept_between(session: Session, *, target: Target, target_id: uuid.UUID) -> Exhibit | None:
    """What two people have between them. Of a loan as such nobody is the author: a report says whom it concerns."""
    if target is Target.MESSAGE:
        message = conversations.message_by_public_id(session, public_id=target_id)
        return _message(message) if message is not None else None
    if target is Target.THANKS:
        said = thanks.by_public_id(session, public_id=target_id)
        return _thanks(said) if said is not None else None
    loan = loans.by_public_id(session, public_id=target_id)
    return _loan(loan, target=target, author=None, words=loan.listing.title) if loan is not None else None


def _kept_publisher(session: Session, *, target_id: uuid.UUID) -> Exhibit | None:
    """Who speaks to other towns: an organisation, or this town, which is nobody's in particular."""
    if target_id == THIS_TOWN:
        return _publisher(Target.TOWN, target_id=THIS_TOWN)
    found = session.scalar(select(Organisation).where(Organisation.public_id == target_id))
    if found is None:
        return None
    writers = select(Membership.resident_id).where(Membership.organisation_id == found.id)
    return _publisher(
        Target.ORGANISATION,
        target_id=found.public_id,
        words=f"{found.name} — {found.summary}",
        author_name=found.name,
        quarter_id=found.quarter_id,
        part_ids=frozenset(session.scalars(writers)),
    )


def _publisher(
    target: Target,
    *,
    target_id: uuid.UUID,
    words: str = "",
    author_name: str = "",
    quarter_id: int | None = None,
    part_ids: frozenset[int] = frozenset(),
) -> Exhibit:
    return Exhibit(
        target=target,
        target_id=target_id,
        words=words,
        author=None,
        author_name=author_name,
        host=None,
        building_id=None,
        quarter_id=quarter_id,
        stays=False,
        part_ids=part_ids,
    )


def beside(session: Session, *, target: Target, target_id: uuid.UUID) -> Nearby | None:
    """The skill or the recommendation of a public id, whoever asks; None for a target of another kind, too."""
    match target:
        case Target.SKILL:
            return skills.by_public_id(session, public_id=target_id)
        case Target.RECOMMENDATION:
            return recommendations.by_public_id(session, public_id=target_id)
        case _:
            return None


# --- each kind


def _notice(session: Session, notice: Notice) -> Exhibit:
    if notice.organisation is not None:
        name = notice.organisation.name
    else:
        name = notice.author.short_name if notice.author is not None else notice.origin_name or ""
    return Exhibit(
        target=Target.NOTICE,
        target_id=notice.public_id,
        words=f"{notice.title} — {prose.plain(notice.html)}",
        author=notice.author,
        author_name=name,
        host=notice.origin_host,
        building_id=notice.building_id,
        quarter_id=notice.quarter_id,
        stays=notice.audience is Audience.BUILDING,
        part_ids=_around(session, notice),
    )


def _around(session: Session, notice: Notice) -> frozenset[int]:
    """Who wrote a notice, may change it, answered it, lends or borrows by it, or commented on it."""
    answered = select(Conversation.owner_id, Conversation.opener_id).where(Conversation.listing_id == notice.id)
    lent = select(Loan.lender_id, Loan.borrower_id).where(Loan.listing_id == notice.id)
    found = {notice.author_id, *_pairs(session, answered), *_pairs(session, lent)}
    found.update(session.scalars(select(Comment.author_id).where(Comment.notice_id == notice.id)))
    if notice.organisation_id is not None:
        writers = select(Membership.resident_id).where(Membership.organisation_id == notice.organisation_id)
        found.update(session.scalars(writers))
    return frozenset(one for one in found if one is not None)


def _pairs(session: Session, wanted: object) -> set[int | None]:
    return {one for pair in session.execute(wanted) for one in pair}  # type: ignore[call-overload]


def _comment(session: Session, comment: Comment) -> Exhibit:
    around = _notice(session, comment.notice)
    return Exhibit(
        target=Target.COMMENT,
        target_id=comment.public_id,
        words=prose.plain(comment.html),
        author=comment.author,
        author_name=comment.author.short_name if comment.author is not None else comment.origin_name or "",
        host=comment.origin_host,
        building_id=around.building_id,
        quarter_id=around.quarter_id,
        stays=around.stays,
        part_ids=around.part_ids,
    )


def _nearby(session: Session, *, target: Target, public_id: uuid.UUID, reader: Reader, now: datetime) -> Exhibit:
    if target is Target.SKILL:
        return _beside(session, skills.find(session, public_id=public_id, reader=reader))
    return _beside(session, recommendations.find(session, public_id=public_id, reader=reader, now=now))


def _beside(session: Session, row: Nearby) -> Exhibit:
    spoken: set[int | None] = set()
    target = Target.RECOMMENDATION
    if isinstance(row, Skill):
        target = Target.SKILL
        asked = select(Conversation.owner_id, Conversation.opener_id).where(Conversation.skill_id == row.id)
        spoken = _pairs(session, asked)
    return Exhibit(
        target=target,
        target_id=row.public_id,
        words=row.wording,
        author=row.author,
        author_name=row.author.short_name,
        host=None,
        building_id=row.building_id,
        quarter_id=row.quarter_id,
        # Neither leaves town in any form: their words go into no mail.
        stays=True,
        part_ids=frozenset({row.author_id, *(one for one in spoken if one is not None)}),
    )


def _letter(session: Session, *, public_id: uuid.UUID, reader: Reader) -> Exhibit:
    message = conversations.message_by_public_id(session, public_id=public_id)
    if message is None or reader.resident_id is None or not message.conversation.takes_part(reader.resident_id):
        raise Refused("not_found")
    held = conversations.letters_for(session, conversation=message.conversation, reader_id=reader.resident_id)
    if message not in held:
        raise Refused("not_found")
    return _message(message)


def _message(message: Message) -> Exhibit:
    talk = message.conversation
    remote = message.author_id is None and talk.is_remote
    return Exhibit(
        target=Target.MESSAGE,
        target_id=message.public_id,
        words=prose.plain(message.html),
        author=message.author,
        author_name=message.author.short_name if message.author is not None else talk.remote_name or "",
        host=talk.remote_host if remote else None,
        building_id=talk.subject.building_id,
        quarter_id=talk.subject.quarter_id,
        stays=True,
        part_ids=frozenset(one for one in (talk.owner_id, talk.opener_id) if one is not None),
    )


def _met(session: Session, *, public_id: uuid.UUID, reader: Reader) -> Exhibit:
    """The other one of a conversation the reader has a part in."""
    talk = conversations.by_public_id(session, public_id=public_id)
    if talk is None or reader.resident_id is None or not talk.takes_part(reader.resident_id):
        raise Refused("not_found")
    other = talk.other(reader.resident_id)
    if other is None:
        raise Refused("not_found")
    return _person(session, other, talk=talk)


def _lent(session: Session, *, target: Target, public_id: uuid.UUID, reader: Reader) -> Exhibit:
    if target is Target.THANKS:
        return _thanks(thanks.find(session, public_id=public_id, reader=reader))
    return _shared(session, public_id=public_id, reader=reader)


def _shared(session: Session, *, public_id: uuid.UUID, reader: Reader) -> Exhibit:
    """A loan the reader has a part in; it concerns the other one."""
    loan = loans.find(session, public_id=public_id, reader=reader)
    side = loan.side(reader.resident_id) if reader.resident_id is not None else None
    other = loan.person(side.other) if side is not None else None
    if other is None:
        raise Refused("not_found")
    return _loan(loan, target=Target.LOAN, author=other, words=f"{other.short_name} — {loan.listing.title}")


def _thanks(said: Thanks) -> Exhibit:
    return _loan(said.loan, target=Target.THANKS, author=said.author, words=said.words, public_id=said.public_id)


def _loan(
    loan: Loan, *, target: Target, author: Resident | None, words: str, public_id: uuid.UUID | None = None
) -> Exhibit:
    """What belongs to the two of a loan."""
    return Exhibit(
        target=target,
        target_id=public_id or loan.public_id,
        words=words,
        author=author,
        author_name=author.short_name if author is not None else "",
        host=None,
        building_id=loan.listing.building_id,
        quarter_id=loan.listing.quarter_id,
        stays=True,
        part_ids=frozenset(one for one in (loan.lender_id, loan.borrower_id) if one is not None),
    )


def _person(session: Session, person: Resident, *, talk: Conversation | None = None) -> Exhibit:
    both = select(Conversation.owner_id, Conversation.opener_id).where(
        or_(Conversation.owner_id == person.id, Conversation.opener_id == person.id)
    )
    spoken = {one for one in _pairs(session, both) if one is not None}
    subject = talk.subject if talk is not None else None
    about = f"{person.short_name} — {subject.title}" if subject is not None else person.short_name
    return Exhibit(
        target=Target.PERSON,
        target_id=person.public_id,
        words=about,
        author=person,
        author_name=person.short_name,
        host=None,
        building_id=subject.building_id if subject is not None else None,
        quarter_id=subject.quarter_id if subject is not None else None,
        stays=True,
        part_ids=frozenset(spoken | {person.id}),
    )
