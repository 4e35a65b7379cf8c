"""Taking back everything somebody let go beyond the town: an act on both stores, in an order that survives a crash."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from federation.hatch import farewell
from instance import moderation, recalls
from instance.base import Refused
from instance.moderation import Step
from instance.residents import Resident


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How many notices are taken down everywhere, and how many letters were stopped on their way."""

    notices: int
    letters: int


def take_back(home: Session, *, outside: Session, author: Resident, now: datetime) -> Done:
    """Take down what somebody let go beyond the town, everywhere, and stop their letters that have not arrived.

    Commits `outside` and leaves `home` to its door: if the rest is lost, doing it again completes it, and meanwhile no
    letter leaves. The withdrawals leave as any other, and stand in the ledger.
    """
    stopped = farewell.stop(outside, changes=recalls.letters(home, author=author), now=now)
    taken = recalls.take_down(home, author=author, now=now)
    outside.commit()
    return Done(notices=taken, letters=stopped)


def take_back_for(
    home: Session, *, outside: Session, author: Resident, reason: str, by: Resident, now: datetime
) -> Done:
    """The same for somebody who asked for it and cannot do it by themselves; entered in the moderators' book.

    Raises Refused (not_administrator, suspended, missing, too_long).
    """
    if not by.is_administrator:
        raise Refused("not_administrator")
    moderation.note(home, step=Step.RECALL, target=f"resident {author.public_id}", reason=reason, by=by, now=now)
    return take_back(home, outside=outside, author=author, now=now)
