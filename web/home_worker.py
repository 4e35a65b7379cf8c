"""The home worker: judges what may leave and pins up what came in. It opens both stores and no network socket."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rq.timeouts import BaseTimeoutException

from federation.hatch import clippings as pictures
from federation.hatch import handlers, outbox
from instance import (
    arrivals,
    bookings,
    checking,
    clippings,
    conditions,
    documents,
    endings,
    forgetting,
    loan_calendar,
    lookouts,
    photos,
    suspensions,
)
from web import echoes, stores
from web.processes import brokers, jobs
from web.settings import Settings

TIDY_EVERY = timedelta(hours=1)
# Of one rule in an hour at most: what is left waits for the next one.
BATCHES = 50

log = logging.getLogger(__name__)


class Sweep:
    """Does everything that is still to do between the two stores; nothing when nothing is."""

    def __init__(self, home: stores.Store, federation: stores.Store, *, origin: str, files: Path) -> None:
        self._home = home
        self._federation = federation
        self._origin = origin
        self._files = files
        self._tidy_at = datetime.min.replace(tzinfo=UTC)

    def __call__(self) -> None:
        """One look: changes out, then letters in; once an hour, what has had its time goes, and what will is told.

        A part that fails keeps none of the others from their turn. Raises ExceptionGroup with what failed.
        """
        now = datetime.now(UTC)
        parts = (self._let_out, self._take_in, self._keep_pictures, self._end_bookings, self._hold_against_searches)
        failures = [error for part in (*parts, self._tidy) if (error := _attempt(part, now)) is not None]
        if failures:
            raise ExceptionGroup("parts of the sweep failed", failures)

    def _let_out(self, now: datetime) -> None:
        out = outbox.sweep(self._home.write, self._federation.write, origin=self._origin, now=now)
        if out:
            # Counts only: what crossed is in the audit book, not in a log.
            log.info("judged %d changes", out)

    def _take_in(self, now: datetime) -> None:
        into = handlers.sweep(self._home.write, self._federation.write, origin=self._origin, now=now)
        if into:
            log.info("handled %d letters", into)

    def _keep_pictures(self, now: datetime) -> None:
        pictures.sweep(self._home.write, self._federation.write, root=self._files / clippings.FOLDER, now=now)

    def _end_bookings(self, now: datetime) -> None:
        """What is booked of an offer that came down ends now, not within the hour: somebody may be on their way."""
        with self._home.read() as session:
            if not bookings.has_gone(session, now=now):
                return
        with self._home.write.begin() as session:
            bookings.end_gone(session, now=now)

    def _hold_against_searches(self, now: datetime) -> None:
        """Find for kept searches what was hung, and have their keepers told; nothing is locked when nothing is new."""
        with self._home.read() as session:
            if not (arrivals.is_due(session) or lookouts.is_due(session, now=now)):
                return
        with self._home.write.begin() as session:
            lookouts.look(session, now=now)
            lookouts.tell(session, now=now)

    def _tidy(self, now: datetime) -> None:
        if now < self._tidy_at:
            return
        with self._home.write.begin() as session:
            suspensions.end_due(session, now=now)
            loan_calendar.keep_time(session, now=now)
            checking.end_due(session, now=now)
            endings.remind(session, now=now)
        self._forget(now)
        # Once what is forgotten is committed: a file is swept when no row names it any more.
        with self._home.read() as session:
            photos.sweep_files(session, root=self._files / photos.FOLDER, now=now)
            clippings.sweep_files(session, root=self._files / clippings.FOLDER, now=now)
            conditions.sweep_files(session, root=self._files / conditions.FOLDER, now=now)
            documents.sweep_files(session, root=self._files / documents.FOLDER, now=now)
        self._tidy_at = now + TIDY_EVERY

    def _forget(self, now: datetime) -> None:
        """Let go what had its time, a batch in a transaction: nobody waits long, and a stop loses nothing."""
        for rule in forgetting.RULES:
            for _ in range(BATCHES):
                with self._home.write.begin() as session:
                    gone = rule.forget(session, now, forgetting.BATCH)
                if gone < forgetting.BATCH:
                    break


def _attempt(part: Callable[[datetime], None], now: datetime) -> Exception | None:
    try:
        part(now)
    except BaseTimeoutException:
        raise  # the time of the whole sweep is over
    except Exception as error:  # noqa: BLE001 — raised with all that failed, once everybody had their turn
        return error
    return None


def run(settings: Settings) -> None:
    """Work until told to stop."""
    home = stores.open_store(settings.home_database_url)
    federation = stores.open_store(settings.federation_database_url)
    url = brokers.address(settings.home_broker_url, folder=settings.home_data)
    echoes.watch(home, echoes.Voice(url))
    jobs.work(
        url=url,
        queue="home",
        table={"sweep": Sweep(home, federation, origin=settings.origin, files=settings.home_data)},
    )
