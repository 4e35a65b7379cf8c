"""Answers about our actors to other servers, kept ready: before each use the row they were made from is read again.

Whoever gets a letter from an actor asks for it. Reading the row takes a small part of what making the answer does.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from federation.identity import APPLICATION
from federation.models import OwnActor

ACTOR: Final = re.compile(r"/(?:actor|users/([A-Za-z0-9_]{1,64}))")
MANY: Final = 500
# Everything that an actor's document, its tombstone or its redirect is made from.
_ROW: Final[Any] = select(
    OwnActor.kind,
    OwnActor.name,
    OwnActor.summary,
    OwnActor.url,
    OwnActor.published,
    OwnActor.state,
    OwnActor.key_id,
    OwnActor.public_pem,
    OwnActor.prover_pem,
)


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer, and the row it was made from."""

    row: object
    status: str
    headers: list[tuple[str, str]]
    body: bytes


class Shelf:
    """Stands before the door's application and answers what it has answered before, as long as it is still so."""

    def __init__(self, app: WSGIApplication, reading: sessionmaker[Session]) -> None:
        """Nothing is kept yet."""
        self._app = app
        self._reading = reading
        self._kept: dict[tuple[str, str], _Kept] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer from the shelf, or let the application answer and keep that."""
        accept = environ.get("HTTP_ACCEPT", "")
        found = ACTOR.fullmatch(environ.get("PATH_INFO", ""))
        if found is None or environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING") or not _is_plain(accept):
            return self._app(environ, start_response)
        name = (environ["PATH_INFO"], accept)
        with self._reading() as session:
            row = session.execute(_ROW.where(OwnActor.username == (found.group(1) or APPLICATION))).one_or_none()
        kept = self._kept.get(name)
        if row is None or kept is None or kept.row != tuple(row):
            return self._make(name, None if row is None else tuple(row), environ, start_response)
        start_response(kept.status, kept.headers)
        return [kept.body]

    def _make(
        self, name: tuple[str, str], row: object, environ: WSGIEnvironment, start_response: StartResponse
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
        if row is not None and status.startswith("200") and len(self._kept) < MANY:
            self._kept[name] = _Kept(row, status, list(headers), body)
        return [body]


def _is_plain(accept: str) -> bool:
    """Whether a machine asks in a spelling that many use: others are few, and keeping each would fill the shelf."""
    return len(accept) < 200 and "application/activity+json" in accept and "html" not in accept
