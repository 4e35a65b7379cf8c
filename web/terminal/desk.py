"""What one command may use: settings, a session of each store once it is asked for, the time, the language."""

import os
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from types import TracebackType
from typing import Self

from sqlalchemy.orm import Session

from instance.base import Refused
from instance.residents import Resident, State
from web import echoes, stores
from web.frame import offstage
from web.processes import brokers, jobs
from web.settings import Settings
from web.terminal import language


class Desk:
    """Opens what a command touches and nothing else; closed with the command. Nothing is committed by itself."""

    def __init__(self) -> None:
        self.writing = False
        self.now = datetime.now(UTC)
        self._opened: dict[str, stores.Store] = {}
        self._sessions: dict[str, Session] = {}
        self._spoken = ExitStack()

    def __enter__(self) -> Self:
        self._spoken.enter_context(offstage.speaking(language.locale()))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in self._sessions.values():
            session.close()
        for store in self._opened.values():
            store.close()
        self._spoken.__exit__(kind, error, trace)

    @cached_property
    def settings(self) -> Settings:
        """The settings of this instance, read when first asked for: a help needs none."""
        return Settings.read(os.environ)

    @property
    def home(self) -> Session:
        """The home store: everything private."""
        return self._session(stores.HOME)

    @property
    def outside(self) -> Session:
        """The federation store: what is exchanged with other towns."""
        return self._session(stores.FEDERATION)

    def _session(self, name: str) -> Session:
        if name not in self._sessions:
            home = name == stores.HOME
            url = self.settings.home_database_url if home else self.settings.federation_database_url
            store = self._opened.get(name) or stores.open_store(url)
            if home and self.writing and name not in self._opened and brokers.answers(self._broker()):
                # Hall screens hear of what a command commits, as of what a page does.
                echoes.watch(store, echoes.Voice(self._broker()))
            self._opened[name] = store
            self._sessions[name] = store.write() if self.writing else store.read()
        return self._sessions[name]

    def begin(self, *, writing: bool) -> None:
        """Write, or only read, from here on: what takes long to read must not keep others from writing."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()
        self.writing = writing

    def commit(self) -> None:
        """Commit the home store, then nudge the worker that carries public notices out."""
        self.home.commit()
        url = self._broker()
        # Where nothing runs nobody is nudged: the worker looks by itself when it starts.
        if brokers.answers(url):
            jobs.Nudge(url, queue="home")()

    def _broker(self) -> str:
        return brokers.address(self.settings.home_broker_url, folder=self.settings.home_data)

    def commit_outside(self) -> None:
        """Commit the federation store: two stores never commit as one."""
        self.outside.commit()

    def rollback(self) -> None:
        """Forget what was not committed."""
        for session in self._sessions.values():
            session.rollback()


def able(somebody: Resident) -> Resident:
    """Somebody in whose name a command may act: as on the pages, not while the account is suspended.

    Raises Refused("suspended").
    """
    if somebody.state != State.ACTIVE:
        raise Refused("suspended", field="acting")
    return somebody


def administrator(somebody: Resident) -> Resident:
    """Somebody who runs the place. Raises Refused("not_administrator")."""
    if not somebody.is_administrator:
        raise Refused("not_administrator", field="acting")
    return somebody


def moderator(somebody: Resident) -> Resident:
    """Somebody who looks after the board. Raises Refused("not_moderator")."""
    if not somebody.is_moderator:
        raise Refused("not_moderator", field="acting")
    return somebody
