"""A letter that our own programs fail at: put aside, tried again a few times, and refused in the end.

Whatever nobody foresaw in one letter is that letter's: it never keeps those behind it waiting, and it stays in sight.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from federation import letters
from federation.models import Letter, LetterState

# Long enough for a store that is away for a night, or for whoever reads the log.
WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 60, 6 * 60, 24 * 60))
FAILS: Final = "our own programs fail at it"
PENDING: Final = (LetterState.WAITING, LetterState.VERIFIED)

log = logging.getLogger(__name__)


def put_aside(session: Session, *, letter_id: int, error: Exception, now: datetime) -> None:
    """Let a letter wait for its next try, or refuse it after the last; what went wrong is in the log, in whole."""
    log.error("a letter that our own programs fail at: %d", letter_id, exc_info=error)
    letter = session.get_one(Letter, letter_id)
    if letter.state not in PENDING:
        return
    # The kind of the error and no more: its text may have come with the letter.
    sentence = f"{FAILS} ({type(error).__name__})"
    # Tries that another host's silence took are none of ours.
    if letter.attempts >= len(WAITS) and letter.sentence.startswith(f"waits: {FAILS}"):
        letters.finish(session, letter=letter, sentence=sentence, now=now, refused=True)
        return
    letter.due_at = now + WAITS[min(letter.attempts, len(WAITS) - 1)]
    letter.sentence = f"waits: {sentence}"
    letter.attempts += 1
    session.flush()
