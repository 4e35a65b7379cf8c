"""The application of live hall screens: it reads the home store, writes nothing, and answers with endless streams."""

import json
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Final

from flask import Blueprint, Flask, Response, current_app, request

from instance import halls
from instance.base import Refused
from web import stores, tables
from web.frame import context, drawings, headers, kiosk, locale, moments, words
from web.live.drawing import Draw
from web.live.hub import Full, Hub
from web.live.mailbox import Delivery, Encode, Line, Mailbox
from web.settings import Settings
from web.views import walls

HUB: Final = "palier_hub"
BEAT_SECONDS: Final = 15.0
FULL_AGAIN_SECONDS: Final = 60
# A screen that was unplugged says nothing any more: the kernel ends its line when nothing was acknowledged for so long.
DEAD_AFTER_MS: Final = 45_000
# When a line is cut the browser comes back by itself; at a moment of its own, so that not all come at once.
COMES_BACK_MS: Final = (1_000, 5_000)

ExceptionInfo = tuple[type, BaseException, TracebackType | None] | tuple[None, None, None]

streams = Blueprint("live", __name__, url_prefix="/live")


class Live(Flask):
    """A Flask application whose log names the endpoint and never the address, which may be a screen's key."""

    def log_exception(self, exc_info: ExceptionInfo) -> None:
        """Log a failure."""
        self.logger.error("failure in %s", request.endpoint, exc_info=exc_info)


def create_app(settings: Settings, *, now: Callable[[], datetime]) -> Live:
    """The application with its hub, which the caller starts."""
    app = Live(
        "web",
        # Given, because the default folder is called instance/, which is our domain package.
        instance_path=str(settings.home_data.absolute()),
        static_folder=None,
        template_folder="templates",
    )
    bind = stores.Bind(url=settings.home_database_url, metadata=tables.HOME)
    store = stores.attach(app, {stores.HOME: bind})[stores.HOME]
    stores.forbid_writing(store.engine)
    context.install(app, settings=settings, now=now)
    locale.install(app, settings=settings)
    drawings.install(app)
    app.jinja_env.globals.update(KINDS=words.KINDS, REACHES=words.REACHES, language=locale.current)
    app.jinja_env.filters.update(spoken=moments.spoken, day=moments.day, hour=moments.hour, machine=moments.machine)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.register_blueprint(streams)
    app.register_error_handler(Refused, _refused)
    headers.install(app, settings=settings)
    app.extensions[HUB] = Hub(store.read, draw=Draw(app, settings=settings), now=now, most=settings.live_screens)
    return app


def hub_of(app: Flask) -> Hub:
    """The hub of an application made here."""
    found: Hub = app.extensions[HUB]
    return found


@streams.get("/hall", defaults={"key": None})
@streams.get("/hall/<key>")
def hall(key: str | None) -> Response:
    """The stream of one screen, by its cookie or by its key in the address."""
    given = key or kiosk.key(request, settings=context.settings())
    if given is None:
        raise Refused("not_found")
    screen = halls.screen(context.home(), key=given)
    hub = hub_of(current_app)
    try:
        box = hub.join(screen_id=screen.id, building_id=screen.building_id, have=_have())
    except Full:
        return _plain(503, "as many screens as may be are connected", retry_after=FULL_AGAIN_SECONDS)
    encode = partial(_encoded, hub=hub, page=walls.shell(), now=current_app.extensions[context.CLOCK])
    answer = Response(_events(hub, box, encode=encode, line=_line()), mimetype="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    # A proxy that gathers the stream before it hands it on makes a wall late.
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _have() -> str:
    """The versions a screen shows: those of its last event after a cut, those of its page at first."""
    return request.headers.get("Last-Event-ID") or request.args.get("have", "")


def _events(hub: Hub, box: Mailbox, *, encode: Encode, line: Line | None) -> Iterator[bytes]:
    # The request's session is closed by now: a stream that lasts for months holds no connection to the store.
    try:
        yield f"retry: {random.randint(*COMES_BACK_MS)}\n\n".encode()  # noqa: S311 - a spread, no secret
        if line is not None:  # asked for the next bytes, the server has sent the head and the first ones
            box.connect(line, encode=encode)
        while (delivery := box.take(seconds=BEAT_SECONDS)) is not None:
            if line is None:
                yield encode(delivery)
            else:
                line.send(line.framed(encode(delivery)))
        if box.gone:
            yield b"event: gone\ndata:\n\n"
    except OSError:
        return  # a screen that was unplugged, or whose network went away
    finally:
        hub.leave(box)


def _encoded(delivery: Delivery, *, hub: Hub, page: str, now: Callable[[], datetime]) -> bytes:
    """New parts first, then a beat with the versions: a line cut in between has not claimed what it did not bring."""
    if not hub.fresh and not delivery.frames:
        return b": the home store does not answer\n\n"  # keeps the line; the wall will say from when it is
    beat = json.dumps({"now": int(now().timestamp() * 1000), "shell": page}, separators=(",", ":"))
    return b"".join(
        (*(one.data for one in delivery.frames), f"id: {delivery.versions}\nevent: beat\ndata: {beat}\n\n".encode())
    )


def _line() -> Line | None:
    """The connection under this request, where the server lends it; elsewhere its own thread writes everything."""
    found = request.environ.get("gunicorn.socket")
    if type(found) is not socket.socket:
        return None
    with suppress(OSError):  # not on every kind of socket
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_AFTER_MS)
    return Line(socket=found, chunked=request.environ.get("SERVER_PROTOCOL") == "HTTP/1.1")


def _refused(_error: Exception) -> Response:
    """The same for a key that never was and for one of a screen that was switched off."""
    return _plain(404, "no such screen")


def _plain(status: int, said: str, *, retry_after: int | None = None) -> Response:
    answer = Response(f"{said}\n", status=status, mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    if retry_after is not None:
        answer.headers["Retry-After"] = str(retry_after)
    return answer
