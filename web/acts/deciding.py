"""What a moderator may decide about an open report, by the word of the step."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from instance import comments, moderation, notices
from instance.base import Refused
from instance.moderation import Report, Step, Target
from instance.notices import Notice
from instance.residents import Resident


def open_report(session: Session, *, public_id: uuid.UUID) -> Report:
    """A report nobody has dealt with. Raises Refused("not_found"), also for one that is closed."""
    entry = moderation.find_report(session, public_id=public_id)
    if entry.closed_at is not None:
        raise Refused("not_found")
    return entry


def hidden_notice(session: Session, *, public_id: uuid.UUID) -> Notice:
    """A notice that moderators took down. Raises Refused("not_found") for any other."""
    notice = notices.by_public_id(session, public_id=public_id)
    if notice is None or notice.state != notices.State.HIDDEN:
        raise Refused("not_found")
    return notice


def hide(session: Session, *, entry: Report, reason: str, by: Resident, now: datetime) -> None:
    """Take down what was reported. Raises Refused (not_found for a letter, party, …)."""
    match Target(entry.target):
        case Target.NOTICE if (notice := notices.by_public_id(session, public_id=entry.target_id)) is not None:
            moderation.hide(session, notice=notice, reason=reason, by=by, now=now)
        case Target.COMMENT if (comment := comments.by_public_id(session, public_id=entry.target_id)) is not None:
            moderation.hide_comment(session, comment=comment, reason=reason, by=by, now=now)
        case _:
            raise Refused("not_found")


def suspend(session: Session, *, entry: Report, reason: str, by: Resident, now: datetime) -> None:
    """Lock the account of whoever wrote what was reported. Raises Refused (not_found, is_staff, party, …)."""
    author = moderation.author_of(session, target=Target(entry.target), public_id=entry.target_id)
    if author is None:
        raise Refused("not_found")
    moderation.suspend(session, resident=author, reason=reason, by=by, now=now, entry=entry)


def dismiss(session: Session, *, entry: Report, reason: str, by: Resident, now: datetime) -> None:
    """Close a report without a measure. Raises Refused("party"|…)."""
    moderation.dismiss(session, entry=entry, reason=reason, by=by, now=now)


Decision = Callable[..., None]
DECISIONS: Final[dict[Step, Decision]] = {Step.HIDE: hide, Step.SUSPEND: suspend, Step.DISMISS: dismiss}
