"""What a conversation is about, in the words of the one of the two who reads: the one place for it."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from instance import skills
from instance.audience import Reader
from instance.base import Refused
from instance.conversations import Conversation
from instance.listings import Listing
from instance.notices import State
from instance.skills import Skill
from web.views import slips


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What stands at the head of a conversation. `kind` is a key of `words.KINDS`, None where it is no notice."""

    lead: str
    words: str
    url: str | None
    kind: str | None


def of(session: Session, *, conversation: Conversation, reader: Reader) -> Subject:
    """What a conversation is about; `url` only where this reader finds something."""
    match conversation.subject:
        case Skill() as skill:
            return _skill(session, skill, reader=reader)
        case listing:
            return _listing(listing, conversation=conversation, reader=reader)


def _listing(listing: Listing, *, conversation: Conversation, reader: Reader) -> Subject:
    # Gone notices have no page for the other one any more; a link there would lead to nothing.
    readable = listing.state == State.LIVE or listing.author_id == reader.resident_id
    mine = conversation.owner_id == reader.resident_id
    return Subject(
        lead=gettext("About your notice:") if mine else gettext("About:"),
        words=listing.title or gettext("a notice that was taken down"),
        url=url_for("notices.notice", public_id=listing.public_id) if readable else None,
        kind=slips.kind(listing),
    )


def _skill(session: Session, skill: Skill, *, reader: Reader) -> Subject:
    mine = skill.author_id == reader.resident_id
    return Subject(
        lead=gettext("You may be asked for:") if mine else gettext("You asked for:"),
        words=skill.title,
        url=_way(session, skill, reader=reader),
        kind=None,
    )


def _way(session: Session, skill: Skill, *, reader: Reader) -> str | None:
    try:
        found = skills.find(session, public_id=skill.public_id, reader=reader)
    except Refused:
        return None
    return url_for("skills.skill", public_id=found.public_id)
