"""The process of live hall screens: in production alone, in the embedded default beside pages and door."""

import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask

from web.echoes import Ear
from web.live import application
from web.processes import brokers, server
from web.settings import Settings

# Beyond the streams: for those that are told to come again, and those that go while others come.
SPARE_THREADS = 16
# Each thread that waits to run looks up so often. Two thousand that look up every 5 ms, as by default, are in each
# other's way; ours let go by themselves as soon as they have written.
SWITCH_SECONDS = 0.1


@dataclass(slots=True, kw_only=True)
class Streams:
    """The application once it is made, and how to end its streams."""

    stop: Callable[[], None] | None = None

    def end(self) -> None:
        """End them, so that the process can stop."""
        if self.stop is not None:
            self.stop()


def run(settings: Settings) -> None:
    """Serve the streams of hall screens alone until told to stop."""
    raise_open_files(settings.live_screens)
    sys.setswitchinterval(SWITCH_SECONDS)
    streams = Streams()
    threads = settings.live_screens + SPARE_THREADS
    server.serve(lambda: server.Served(make(settings, streams)), settings=settings, threads=threads, stop=streams.end)


def make(settings: Settings, streams: Streams) -> Flask:
    """The application with its hub at work and its ear at the home broker."""
    app = application.create_app(settings, now=utc_now)
    hub = application.hub_of(app)
    ear = Ear(brokers.address(settings.home_broker_url, folder=settings.home_data), hear=hub.hear, lost=hub.look)

    def stop() -> None:
        ear.stop()
        hub.stop()

    streams.stop = stop
    hub.start()
    ear.start()
    return app


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def raise_open_files(screens: int) -> None:
    """Ask the system for as many open files as there are screens, and some; as far as it lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * screens + 512
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )
