"""The mail process: opens the home store and speaks to the operator's own relay, and to nobody else."""

import logging
import signal
import threading
from datetime import UTC, datetime

from web import stores
from web.mail import envelope, relay
from web.mail.relay import Unreachable
from web.mail.rounds import Round
from web.settings import BadSetting, Settings

TICK_SECONDS = 1.0
LONGEST_REST = 300.0

log = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Work until told to stop.

    Raises BadSetting when no relay is named: then there is nothing to do, and saying so is better than waiting.
    """
    found = relay.of(settings)
    if found is None:
        raise BadSetting("PALIER_SMTP_URL", None, "the address of a mail relay; without one this process has no work")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    home = stores.open_store(settings.home_database_url)
    work = Round(home, settings=settings, relay=found, app=envelope.make_app(settings), now=lambda: datetime.now(UTC))
    keep_going(work, stop=stop)
    home.close()


def keep_going(work: Round, *, stop: threading.Event) -> None:
    """Look every second; while the relay is of no use, more and more seldom, up to five minutes."""
    rest = TICK_SECONDS
    while not stop.wait(rest):
        rest = _look(work, rest=rest)


def _look(work: Round, *, rest: float) -> float:
    """One look, and how long to rest after it."""
    try:
        taken = work()
    except Unreachable as error:
        log.warning("the mail relay is of no use now: %s; %s", error.said, error.way_out)
        return min(rest * 2, LONGEST_REST)
    except Exception:
        # The rows still say what is to do; the next look tries again.
        log.exception("the mail round stopped half-way")
        return min(rest * 2, LONGEST_REST)
    if taken:
        log.info("sent %d mails", taken)
    return TICK_SECONDS
