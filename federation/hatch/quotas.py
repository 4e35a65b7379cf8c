"""How much others may write here: so many comments in a day from one host, and so many under one text (I3)."""

from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from activitypub.details import Mention
from activitypub.vocabulary import Note
from federation.hatch.incoming import Incoming
from instance import comments
from instance.base import Refused
from instance.notices import Notice

WITHIN: Final = timedelta(days=1)
# Whom somebody here follows is no stranger: of their hosts only the limit of the thing is asked.
FROM_A_STRANGERS_HOST: Final = 20
# Under one text, from all hosts together: names of hosts cost nothing.
UNDER_ONE_TEXT: Final = 100
MENTIONS: Final = 10


def check_comment(session: Session, incoming: Incoming, *, thing: Note, notice: Notice) -> None:
    """Raise Refused (host_wrote_enough, enough_written) for a new comment that is one too many."""
    since = incoming.received_at - WITHIN
    if comments.is_known(session, uri=thing.id):
        return
    came = comments.count_from(session, host=incoming.host, since=since)
    if not incoming.is_followed and came >= FROM_A_STRANGERS_HOST:
        raise Refused("host_wrote_enough")
    if comments.count_from_elsewhere(session, notice=notice, since=since) >= UNDER_ONE_TEXT:
        raise Refused("enough_written")


def mentions_many(thing: Note) -> bool:
    """Whether somebody calls so many people that a moderator should look first."""
    return sum(isinstance(tag, Mention) for tag in thing.tags) > MENTIONS
