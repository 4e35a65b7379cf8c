"""Where the door puts letters: those that come in together are stored together, in one transaction, before any answer.

A commit waits for the disk, and SQLite has one writer: whoever holds the pen writes for all who wait for it. Nobody is
told 202 before the commit that holds their letter.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from federation import inbox
from federation.base import passing
from federation.inbox import Arrival, Receipt

TOGETHER: Final = 64
# For letters that are about to come: look-ups and a commit cost as much for one as for many.
LINGER_SECONDS: Final = 0.004


@dataclass(slots=True)
class _Waiting:
    """A letter whose sender waits for the answer."""

    arrival: Arrival
    receipt: Receipt | None = None
    error: Exception | None = None

    @property
    def is_done(self) -> bool:
        """Whether it is stored, or will not be."""
        return self.receipt is not None or self.error is not None


class Postbox:
    """Takes letters in from many threads at once."""

    def __init__(self, federation: sessionmaker[Session], *, origin: str, now: Callable[[], datetime]) -> None:
        """Nothing is opened before the first letter."""
        self._federation = federation
        self._origin = origin
        self._now = now
        self._queue: list[_Waiting] = []
        self._lock = threading.Lock()
        self._pen = threading.Lock()

    def take(self, arrival: Arrival, *, nudge: Callable[[], object]) -> Receipt:
        """Store a letter, with whichever others wait; `nudge` is called once for all that one thread wrote.

        Raises whatever the store raised about this letter, when it is not stored.
        """
        mine = _Waiting(arrival)
        with self._lock:
            self._queue.append(mine)
        written: list[_Waiting] = []
        with self._pen:
            while not mine.is_done:
                time.sleep(LINGER_SECONDS)
                with self._lock:
                    batch, self._queue = self._queue[:TOGETHER], self._queue[TOGETHER:]
                self._write(batch)
                written += batch
        if any(one.receipt is not None and one.receipt.letter_id is not None for one in written):
            nudge()
        if mine.error is not None:
            raise mine.error
        assert mine.receipt is not None
        return mine.receipt

    def _write(self, batch: list[_Waiting]) -> None:
        try:
            receipts = self._commit([one.arrival for one in batch])
        except Exception as error:  # noqa: BLE001 — one letter must not cost the others their place
            if len(batch) > 1:
                for one in batch:
                    self._write([one])
            elif isinstance(error, IntegrityError):
                # The same letter twice in the same instant: the other one is stored.
                batch[0].receipt = Receipt(status=202)
            else:
                batch[0].error = error
        else:
            for one, receipt in zip(batch, receipts, strict=True):
                one.receipt = receipt

    def _commit(self, arrivals: list[Arrival]) -> list[Receipt]:
        with self._federation() as session:
            receipts = inbox.receive_all(session, arrivals=arrivals, origin=self._origin, now=self._now())
            passing("in: before storing commits")
            session.commit()
            passing("in: stored")
        return receipts
