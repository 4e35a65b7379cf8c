"""The web server of a process: gunicorn with one worker of many threads, and no access log."""

import os
import signal
import threading
from collections.abc import Callable
from typing import Any, NamedTuple
from wsgiref.types import WSGIApplication

from gunicorn import glogging
from gunicorn.app.base import BaseApplication

from web import logs
from web.processes import supervisor
from web.processes.worker import AtOnce, Worker
from web.settings import Settings, SideSettings

GRACE_SECONDS = 5


class Log(glogging.Logger):  # type: ignore[misc]  # gunicorn ships no types
    """Gunicorn's own log without what it would quote: the address asked for, and what an exception says."""

    def setup(self, cfg: Any) -> None:
        """Write failures as discreetly as the rest of the process does; called by gunicorn."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(logs.Discreet(self.error_fmt, self.datefmt))

    def exception(self, msg: object, *_: object, **__: object) -> None:
        """Say that a request failed; its words up to the first placeholder name no address."""
        words = msg.partition(" %")[0] if isinstance(msg, str) else type(msg).__name__
        self.error_log.exception(words)


class Served(NamedTuple):
    """An application, and what it answers without being asked as one (see `Worker`)."""

    app: WSGIApplication
    at_once: AtOnce | None = None


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """Gunicorn configured in code: no file, no command line, no environment."""

    def __init__(
        self,
        load: Callable[[], Served],
        *,
        settings: Settings | SideSettings,
        threads: int,
        stop: Callable[[], None],
    ) -> None:
        self._load = load
        self._settings = settings
        self._threads = threads
        self._stop = stop
        self.at_once: AtOnce | None = None
        super().__init__()

    def load_config(self) -> None:
        """Say how to serve; called by gunicorn."""
        wanted = {
            "bind": self._settings.bind,
            "workers": 1,
            "worker_class": Worker,
            "threads": self._threads,
            # Gunicorn accepts no more than this many at once, kept-alive ones included.
            "worker_connections": max(1000, 2 * self._threads),
            "timeout": 60,
            "graceful_timeout": GRACE_SECONDS,
            "keepalive": 5,
            "proc_name": "palier",
            # The path of a listing in a log tells who looked at it: no request line is written anywhere.
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "logger_class": Log,
            "control_socket_disable": True,
            "post_fork": _die_with_arbiter,
            "post_worker_init": self._end_streams_at_term,
            # How many proxies to believe is the application's decision (PALIER_TRUSTED_PROXIES).
            "forwarded_allow_ips": "",
        }
        for name, value in wanted.items():
            self.cfg.set(name, value)

    def _end_streams_at_term(self, worker: Any) -> None:
        def leave(number: int, frame: Any) -> None:
            # In a thread: a signal may come in while this one holds the very lock that `stop` wants.
            threading.Thread(target=self._stop, daemon=True).start()
            worker.handle_exit(number, frame)

        signal.signal(signal.SIGTERM, leave)

    def load(self) -> WSGIApplication:
        """The application, made after the fork; called by gunicorn."""
        app, self.at_once = self._load()
        return app


def serve(
    load: Callable[[], Served],
    *,
    settings: Settings | SideSettings,
    threads: int | None = None,
    stop: Callable[[], None] = lambda: None,
) -> None:
    """Serve until told to stop; `stop` then ends what would go on answering for ever."""
    Server(load, settings=settings, threads=threads or settings.threads, stop=stop).run()


def _die_with_arbiter(_arbiter: object, _worker: object) -> None:
    supervisor.die_with_parent(os.getppid())
