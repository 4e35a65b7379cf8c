"""What one request may use: a session per store, who reads, what time it is; all closed when the answer is given.

Views call these and nothing else of the application: `context.home()`, `context.commit()`,
`context.resident()`, `context.reader()`, `context.now()`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from flask import Flask, abort, current_app, g, request
from flask_login import current_user
from sqlalchemy.orm import Session

from instance import reading
from instance.audience import Reader
from instance.residents import Resident
from web import secret, stores
from web.settings import Settings

SETTINGS: Final = "palier_settings"
CLOCK: Final = "palier_now"
# Wakes the home worker. Whoever composes the processes puts a callable here; losing a nudge costs a second.
NUDGE: Final = "palier_nudge"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def install(app: Flask, *, settings: Settings, now: Callable[[], datetime]) -> None:
    """Give an application its settings and clock, and close what its requests open."""
    app.extensions[SETTINGS] = settings
    app.extensions[CLOCK] = now
    app.extensions.setdefault(NUDGE, _no_nudge)
    app.teardown_appcontext(_close)


def _no_nudge() -> None:
    """Nobody to wake: the worker looks by itself every second."""


def settings() -> Settings:
    """The settings of this instance."""
    found: Settings = current_app.extensions[SETTINGS]
    return found


def now() -> datetime:
    """The moment of this request, aware, in UTC."""
    moment: datetime = current_app.extensions[CLOCK]()
    return moment


def _session(name: str, *, writing: bool) -> Session:
    held: dict[tuple[str, bool], Session] = g.setdefault("palier_sessions", {})
    if (name, writing) not in held:
        store = stores.of(current_app)[name]
        held[name, writing] = store.write() if writing else store.read()
    return held[name, writing]


def before() -> int | None:
    """The key of the stretch of notices asked for; anything that is no key is the first stretch."""
    wish = request.args.get("before", "")
    # An id of ours has 63 bits; a greater one no store could compare.
    return int(wish) if wish.isascii() and wish.isdecimal() and int(wish[:20]) < 2**63 else None


def home() -> Session:
    """The home store for this request: reading for GET and HEAD, writing for the rest."""
    return _session(stores.HOME, writing=request.method not in SAFE)


def federation() -> Session:
    """The federation store, for administrative acts (peers, follows, blocks) through `federation.peers` only."""
    return _session(stores.FEDERATION, writing=request.method not in SAFE)


def outside() -> Session:
    """The federation store, only to look at, whatever kind of request this is.

    Whoever looks must not hold the lock of that store while waiting for the one of home: two who look at once would
    wait for each other.
    """
    return _session(stores.FEDERATION, writing=False)


def commit() -> None:
    """Commit the home store, then nudge the worker that carries public notices out."""
    home().commit()
    current_app.extensions[NUDGE]()


def commit_federation() -> None:
    """Commit an administrative act. A second commit, named as such: two stores never commit as one."""
    federation().commit()


def rollback() -> None:
    """Forget what this request did so far, in both stores."""
    held: dict[tuple[str, bool], Session] = g.get("palier_sessions", {})
    for session in held.values():
        session.rollback()


def _close(_error: BaseException | None) -> None:
    held: dict[tuple[str, bool], Session] = g.pop("palier_sessions", {})
    for session in held.values():
        session.close()


def resident() -> Resident | None:
    """Who is signed in, or None."""
    return current_user.resident if current_user.is_authenticated else None


def require_resident() -> Resident:
    """Who is signed in; answers 401 (which leads to the sign-in page) when nobody is."""
    found = resident()
    if found is None:
        abort(401)
    return found


def reader() -> Reader:
    """Who is looking, with the places that are theirs; a visitor when nobody is signed in."""
    if "palier_reader" not in g:
        found = resident()
        g.palier_reader = Reader() if found is None else reading.reader(home(), resident=found, now=now())
    answer: Reader = g.palier_reader
    return answer


def letterbox_pepper(of: Settings | None = None) -> bytes:
    """The key under which letterbox codes are hashed, outside the database; `of` serves commands without a request."""
    where = (of or settings()).secret_key_file
    return secret.derive(secret.read(where), purpose="letterbox codes")


def hall_key(of: Settings | None = None) -> bytes:
    """The key of the codes on the walls of halls, outside the database."""
    where = (of or settings()).secret_key_file
    return secret.derive(secret.read(where), purpose="hall codes")


def absolute(path: str) -> str:
    """A full address of this instance. Never made from the request's Host header, which anybody can write."""
    return settings().origin + path


def template_data() -> dict[str, Any]:
    """What every template may read beside its own data."""
    return {"place": settings().name, "resident": resident(), "contact_email": settings().contact_email}
