"""The home worker: judges what may leave and pins up what came in. It opens both stores and no network socket."""

import logging
from datetime import UTC, datetime

from federation.hatch import handlers, outbox
from web import stores
from web.processes import brokers, jobs
from web.settings import Settings

log = logging.getLogger(__name__)


class Sweep:
    """Does everything that is still to do between the two stores; nothing when nothing is."""

    def __init__(self, home: stores.Store, federation: stores.Store, *, origin: str) -> None:
        self._home = home
        self._federation = federation
        self._origin = origin

    def __call__(self) -> None:
        """One look: changes out, then letters in."""
        out = outbox.sweep(self._home.write, self._federation.write, origin=self._origin, now=datetime.now(UTC))
        into = handlers.sweep(self._home.write, self._federation.write, origin=self._origin, now=datetime.now(UTC))
        if out or into:
            # Counts only: what crossed is in the audit book, not in a log.
            log.info("judged %d changes, handled %d letters", out, into)


def run(settings: Settings) -> None:
    """Work until told to stop."""
    home = stores.open_store(settings.home_database_url)
    federation = stores.open_store(settings.federation_database_url)
    url = brokers.address(settings.home_broker_url, folder=settings.home_data)
    jobs.work(url=url, queue="home", table={"sweep": Sweep(home, federation, origin=settings.origin)})
