"""Turns what hangs into frames for the line, in the town's language."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

from flask import Flask
from flask_babel import force_locale

from instance.halls import Hall, Wall
from instance.slides import Slide
from web.frame import context
from web.live.mailbox import Frame
from web.settings import Settings
from web.views import walls
from web.views.walls import Part


class Draw:
    """Draws parts of walls; only inside `speaking`."""

    def __init__(self, app: Flask, *, settings: Settings) -> None:
        self._app = app
        self._locale = settings.default_locale
        self._origin = settings.origin
        self._key = context.hall_key(settings)

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """The application and language that templates stand in, for as long as the thread that draws lives."""
        with self._app.app_context(), force_locale(self._locale):
            yield

    def inside(self, wall: Wall) -> Sequence[Frame]:
        """The parts that belong to one building."""
        now = context.now()
        drawn = (
            walls.head(wall, origin=self._origin, key=self._key, now=now),
            walls.installer(wall, origin=self._origin, now=now),
            walls.home(wall, origin=self._origin, now=now),
        )
        return [frame(one) for one in drawn]

    def head(self, hall: Hall) -> Frame:
        """The head of a building's wall, whose code changes every ten minutes."""
        return frame(walls.head(hall, origin=self._origin, key=self._key, now=context.now()))

    def around(self, slides: Iterable[Slide], *, hall: Hall) -> Frame:
        """The part of a quarter and the town."""
        return frame(walls.around(slides, quarter=hall.quarter, origin=self._origin, now=context.now()))

    def urgent(self, slides: Iterable[Slide]) -> Frame:
        """What takes the whole wall, or nothing."""
        return frame(walls.urgent(slides, origin=self._origin, now=context.now()))


@lru_cache(maxsize=128)
def frame(part: Part) -> Frame:
    """A part as an event of the stream (WHATWG HTML, server-sent events): one line of JSON."""
    data = json.dumps({"name": part.name, "html": part.html}, ensure_ascii=False, separators=(",", ":"))
    return Frame(name=part.name, version=part.version, data=f"event: part\ndata: {data}\n\n".encode())
