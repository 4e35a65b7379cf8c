"""The courier: verifies letters, runs errands and delivers. It knows the federation store and no other."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from federation import (
    absences,
    catching,
    doubts,
    inbox,
    ledger,
    lookups,
    patience,
    peers,
    pictures,
    reconciling,
    sending,
)
from federation.http import Client
from web import VERSION, stores
from web.processes import brokers, jobs
from web.settings import SideSettings

# One for each that is named here, and one for the round of sending; what they do side by side, they do with hands of
# their own.
CARRIERS = 7
SETTLING = "settling letters"
ERRANDS = "errands"
LOOKING = "looking somebody up"
CATCHING = "catching up"
BEATING = "outboxes to be read"
DRAWING = "pictures"
SENDING = "sending"
TIDYING = "tidying"
TIDY_EVERY = timedelta(hours=1)

log = logging.getLogger(__name__)


class Courier:
    """Carries on several rounds at once, so that one slow host keeps nobody waiting but itself."""

    def __init__(self, federation: stores.Store, *, client: Client, origin: str) -> None:
        self._federation = federation
        self._client = client
        self._origin = origin
        self._pool = ThreadPoolExecutor(CARRIERS, thread_name_prefix="carrier")
        self._hands = ThreadPoolExecutor(sending.HANDS, thread_name_prefix="hand")
        self._round: sending.Round | None = None
        self._under_way: set[str] = set()
        self._tidy_at = self._beat_at = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def sweep(self) -> None:
        """Begin every round that has something to do and is not under way."""
        sessions = self._federation.write
        client, origin = self._client, self._origin
        self._begin(SETTLING, lambda: inbox.settle(sessions, client=client, origin=origin, now=_now()))
        self._begin(ERRANDS, self._run_errands)
        if _now() >= self._beat_at:
            self._beat_at = _now() + absences.BEAT_EVERY
            self._begin(BEATING, self._beat)
        self._begin(CATCHING, self._catch_up)
        self._begin(DRAWING, lambda: pictures.run(sessions, client=client, now=_now()))
        self._begin(LOOKING, lambda: lookups.run(sessions, client=client, origin=origin, now=_now()))
        if _now() >= self._tidy_at:
            self._tidy_at = _now() + TIDY_EVERY
            self._begin(TIDYING, self._tidy)
        self._send()

    def _run_errands(self) -> int:
        sessions, client, origin = self._federation.write, self._client, self._origin
        done = peers.run_errands(sessions, client=client, origin=origin, now=_now())
        return done + reconciling.run(sessions, client=client, origin=origin, now=_now())

    def _beat(self) -> int:
        """Note that the courier lives, on a carrier of its own: a slow round is no absence."""
        with self._federation.write.begin() as session:
            return absences.beat(session, now=_now())

    def _catch_up(self) -> int:
        """Read what was missed, and ask who is gone."""
        sessions, client = self._federation.write, self._client
        return catching.run(sessions, client=client, now=_now()) + doubts.run(sessions, client=client, now=_now())

    def _tidy(self) -> int:
        """Give up and forget what has waited too long, a part at a time."""
        with self._federation.write.begin() as session:
            done = patience.give_up(session, now=_now()) + patience.forget(session, now=_now())
            return done + ledger.forget(session, now=_now())

    def _send(self) -> None:
        """Begin sending, or tell the round under way to look again."""
        going = self._round
        if going is not None:
            going.wake()
            return
        with self._federation.read() as session:
            is_idle = sending.is_idle(session, now=_now())
        if not is_idle:
            self._begin(SENDING, self._go_round)

    def _go_round(self) -> int:
        self._round = sending.Round(federation=self._federation.write, client=self._client, pool=self._hands, now=_now)
        try:
            return self._round.run()
        finally:
            self._round = None

    def wait(self) -> None:
        """Wait for the rounds under way and begin no other."""
        if self._round is not None:
            self._round.stop()
        self._pool.shutdown(wait=True)
        self._hands.shutdown(wait=True)

    def _begin(self, name: str, work: Callable[[], int]) -> None:
        with self._lock:
            if name in self._under_way:
                return
            self._under_way.add(name)
        self._pool.submit(self._carry, name, work)

    def _carry(self, name: str, work: Callable[[], int]) -> None:
        try:
            done = work()
            if done:
                log.info("%s: %d", name, done)
        except Exception:
            # The row still says what is to do; the next round tries again.
            log.exception("%s stopped half-way", name)
        finally:
            with self._lock:
                self._under_way.discard(name)


def run(settings: SideSettings) -> None:
    """Work until told to stop."""
    federation = stores.open_store(settings.federation_database_url)
    client = Client(origin=settings.origin, user_agent=_user_agent(settings), development=settings.development)
    courier = Courier(federation, client=client, origin=settings.origin)
    url = brokers.address(settings.federation_broker_url, folder=settings.federation_data)
    jobs.work(url=url, queue="federation", table={"sweep": courier.sweep})


def _user_agent(settings: SideSettings) -> str:
    return f"Palier/{VERSION} (+{settings.origin}/)"


def _now() -> datetime:
    return datetime.now(UTC)
