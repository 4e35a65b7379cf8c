"""After each commit at home, tells on the home broker which boards changed, so that hall screens need not ask.

The row is the truth and an echo a nudge: it carries keys of circles and nothing else, and may be lost. Whoever
opens the home store to write may `watch` it; `live` hears, and looks by itself for what it was not told.
"""

import json
import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import redis
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, SessionTransaction

from instance import audience
from instance.clippings import Clipping
from instance.halls import Screen
from instance.notices import Notice
from instance.organisations import Organisation
from instance.places import Building, Quarter
from web import stores
from web.processes import brokers

CHANNEL: Final = "palier:boards"
# An organisation's name may stand on any wall.
EVERYTHING: Final = "*"
SCREENS: Final = "screens"
# Beyond this many circles in one commit, everything is looked at.
MOST_KEYS: Final = 200
AGAIN_SECONDS: Final = 2.0
LISTEN_SECONDS: Final = 5.0

# What comes from another town, pictures too, hangs on the town's board.
_ALWAYS: Final[Mapping[type, Sequence[str]]] = {
    Organisation: (EVERYTHING,),
    Screen: (SCREENS,),
    Clipping: (audience.CITY_CIRCLE,),
}

_HEARD: Final = "palier_echoes"

Tell = Callable[[Collection[str]], None]

log = logging.getLogger(__name__)


class Voice:
    """Tells a broker; never fails."""

    def __init__(self, url: str) -> None:
        self._broker = brokers.connect(url)

    def __call__(self, keys: Collection[str]) -> None:
        """Say which boards changed."""
        said = sorted(keys) if len(keys) <= MOST_KEYS else [EVERYTHING]
        try:
            self._broker.publish(CHANNEL, json.dumps(said))
        except (redis.RedisError, OSError) as error:
            log.warning("hall screens are not told of a change, they will find it: %s", error)


def watch(store: stores.Store, tell: Tell) -> None:
    """Call `tell` after each commit of a writing session of this store, with the keys of what changed."""
    event.listen(store.write, "after_flush", _gather)
    event.listen(store.write, "after_commit", _after_commit(tell))
    event.listen(store.write, "after_transaction_end", _forget)


def _gather(session: Session, _context: object) -> None:
    touched = {key for row in (*session.new, *session.dirty, *session.deleted) for key in keys(row)}
    if touched:
        session.info.setdefault(_HEARD, set()).update(touched)


def _after_commit(tell: Tell) -> Callable[[Session], None]:
    def after_commit(session: Session) -> None:
        # A savepoint is no commit: what it kept is told with the rest.
        if not session.in_nested_transaction() and (touched := session.info.pop(_HEARD, None)):
            tell(touched)

    return after_commit


def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_HEARD, None)


def keys(row: object) -> Iterable[str]:
    """The boards on which a row stands or stood."""
    match row:
        case Notice():
            return _was_and_is(row, "circle")
        case Building():
            return [audience.building_circle(row.id)]
        case Quarter():
            return [audience.quarter_circle(row.id)]
        case _:
            return _ALWAYS.get(type(row), ())


def _was_and_is(row: Any, name: str) -> set[str]:
    history = inspect(row).attrs[name].history
    return {*history.unchanged, *history.added, *history.deleted} - {None}


class Ear:
    """Listens to a broker in a thread of its own, and comes back to it whenever it went away."""

    def __init__(self, url: str, *, hear: Callable[[Collection[str]], None], lost: Callable[[], None]) -> None:
        self._url = url
        self._hear = hear
        self._lost = lost
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin listening."""
        threading.Thread(target=self._run, name="echoes", daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self._stop.set()

    def _run(self) -> None:
        complained = False
        while not self._stop.is_set():
            try:
                self._listen()
            except (redis.RedisError, OSError) as error:
                if not complained:
                    log.warning(
                        "the home broker does not answer; hall screens are looked after by themselves: %s", error
                    )
                complained = True
                self._stop.wait(AGAIN_SECONDS)
            else:
                complained = False

    def _listen(self) -> None:
        broker = brokers.connect(self._url, patient=True)
        with broker.pubsub(ignore_subscribe_messages=True) as heard:  # type: ignore[no-untyped-call]
            heard.subscribe(CHANNEL)
            # Whatever was said while nobody listened is lost.
            self._lost()
            while not self._stop.is_set():
                message = heard.get_message(timeout=LISTEN_SECONDS)
                if message is not None:
                    self._take(message["data"])
        broker.close()

    def _take(self, said: bytes) -> None:
        with suppress(ValueError, TypeError):  # not one of ours: a broker may be shared
            found = json.loads(said)
            self._hear([one for one in found if isinstance(one, str)])
