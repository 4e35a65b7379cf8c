"""Answers about our actors and documents to other servers, kept ready as long as what they were made from is the same.

Whoever gets a letter from an actor asks for it, and many ask for what was just published. Where the store says that
nothing was committed since, an answer is given as it is; else its row is read again, a small part of making it.
"""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from federation.identity import APPLICATION
from federation.models import Document, OwnActor
from web import commits, request_heads, stores

ACTOR: Final = re.compile(r"/(?:actor|users/([A-Za-z0-9_]{1,64}))")
# Collections have one name below the actor, and depend on more than a row.
DOCUMENT: Final = re.compile(r"/users/[A-Za-z0-9_]{1,64}/[A-Za-z0-9_-]{1,64}/[A-Za-z0-9_-]{1,64}")
MANY: Final = 500
LARGEST: Final = 32_768
# Everything that an actor's document, its tombstone or its redirect is made from.
_ACTOR_ROW: Final[Any] = select(
    OwnActor.kind,
    OwnActor.name,
    OwnActor.summary,
    OwnActor.url,
    OwnActor.published,
    OwnActor.state,
    OwnActor.key_id,
    OwnActor.public_pem,
    OwnActor.prover_pem,
).where(OwnActor.username == bindparam("name"))
_DOCUMENT_ROW: Final[Any] = select(Document.state, Document.url, Document.body).where(Document.uri == bindparam("name"))


@dataclass(slots=True)
class _Kept:
    """An answer, the row it was made from, and when the store was last seen to still have that row."""

    row: tuple[Any, ...]
    status: str
    headers: list[tuple[str, str]]
    body: bytes
    seen: commits.Mark | None

    def whole(self) -> bytes:
        """The answer as the web server would send it now, to a reader that keeps its connection (RFC 9112)."""
        said = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        return f"HTTP/1.1 {self.status}\r\n{_standing(int(time.time()))}{said}\r\n".encode("latin-1") + self.body


@lru_cache(maxsize=1)
def _standing(moment: int) -> str:
    """What gunicorn says in every answer of that second."""
    return f"Server: gunicorn\r\nDate: {formatdate(moment, usegmt=True)}\r\nConnection: keep-alive\r\n"


class Shelf:
    """Stands before the door's application and answers what it has answered before, as long as it is still so."""

    def __init__(self, app: WSGIApplication, store: stores.Store, *, origin: str) -> None:
        """Nothing is kept yet."""
        self._app = app
        # A connection and no session: for one row that is a third of the time.
        self._reading = store.engine.execution_options(**{stores.READING: True})
        self._look = commits.watch(store.engine)
        self._origin = origin
        self._kept: dict[tuple[str, str], _Kept] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer from the shelf, or let the application answer and keep that."""
        path, accept = environ.get("PATH_INFO", ""), environ.get("HTTP_ACCEPT", "")
        if environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING") or not _is_plain(accept):
            return self._app(environ, start_response)
        kept = self._kept.get((path, accept))
        # Looked at before the row is read: what is committed after this look is noticed by the next one.
        mark = self._look()
        if kept is None or mark is None or kept.seen != mark:
            wanted = self._wanted(path)
            if wanted is None:
                return self._app(environ, start_response)
            row = self._read(*wanted)
            if row is None or kept is None or kept.row != row:
                return self._make((path, accept), row, mark, environ, start_response)
            kept.seen = mark
        start_response(kept.status, kept.headers[:])
        return [kept.body]

    def at_once(self, came: bytes) -> bytes | None:
        """The whole answer to a request, both as on the wire, if nothing was committed since it was made; else None.

        No row is read here, and nothing waited for.
        """
        asked = request_heads.read(came)
        kept = self._kept.get(asked) if asked is not None else None
        if kept is None or kept.seen is None or self._look() != kept.seen:
            return None
        return kept.whole()

    def _wanted(self, path: str) -> tuple[Any, str] | None:
        """The query for what an answer is made from, and for which; None if this is nothing that is kept."""
        if found := ACTOR.fullmatch(path):
            return _ACTOR_ROW, found.group(1) or APPLICATION
        if DOCUMENT.fullmatch(path):
            return _DOCUMENT_ROW, self._origin + path
        return None

    def _read(self, query: Any, name: str) -> tuple[Any, ...] | None:
        try:
            with self._reading.connect() as connection:
                row = connection.execute(query, {"name": name}).one_or_none()
        except SQLAlchemyError:
            return None  # the application will meet it as well, and says it as other servers want to hear it
        return None if row is None else tuple(row)

    def _make(
        self,
        name: tuple[str, str],
        row: tuple[Any, ...] | None,
        mark: commits.Mark | None,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def note(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:
            said.append((status, headers))
            return start_response(status, headers, *rest)

        answer = self._app(environ, note)
        try:
            body = b"".join(answer)
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()
        status, headers = said[-1]
        # What was committed while the answer was made may be in the answer and not in the row.
        if row is not None and status.startswith("200") and len(body) <= LARGEST and self._look() == mark:
            self._keep(name, _Kept(row, status, list(headers), body, mark))
        return [body]

    def _keep(self, name: tuple[str, str], kept: _Kept) -> None:
        if name in self._kept or len(self._kept) < MANY:
            self._kept[name] = kept
        else:
            self._kept = {name: kept}  # what is asked for is soon kept again


def _is_plain(accept: str) -> bool:
    """Whether a machine asks in a spelling that many use: others are few, and keeping each would fill the shelf."""
    return len(accept) < 200 and "application/activity+json" in accept and "html" not in accept
