"""The wall in an entrance hall, and the code by which a display becomes one; both work with and without scripts."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from instance import halls
from instance.base import Refused
from instance.halls import Code, Wall
from web import stores
from web.frame import context, kiosk, locale
from web.views import walls

pages = Blueprint("hall", __name__)

# Without scripts: each message stays a minute, and somebody who types a code waits for seconds.
EACH_MINUTE: Final = 60
WHILE_WAITING: Final = 8
# Answered by the process `live`, or by the web process of the embedded default.
# With their quotes, which no words of a notice can hold: there they are escaped.
SLIDE: Final = ' data-slide=""'
COUNT: Final = ' data-count=""'
STALE_HOUR: Final = Markup("<time data-stale-hour></time>")
STREAM: Final = "/live/hall"


@pages.get("/hall")
def screen() -> AnyResponse:
    """What this browser is: a screen with its wall, a display with a code to type, or a new one."""
    secret = kiosk.key(request, settings=context.settings())
    if secret is None:
        return _nobody_yet()
    try:
        shown = halls.wall(context.home(), key=secret)
    except Refused:
        code = _code(secret)
        return redirect(url_for("hall.ask")) if code is None else _answer(_waiting(code), keep=secret)
    return _answer(_draw(shown, stream=STREAM), keep=secret)


def _nobody_yet() -> AnyResponse:
    if "asked" in request.args:
        return _answer(_waiting(None))
    return redirect(url_for("hall.ask"))


@pages.get("/hall/new")
def ask() -> AnyResponse:
    """Give this browser a secret and let it wait for somebody who types its code."""
    with _writing() as session:
        secret = halls.ask(session, now=context.now())
    answer = make_response(redirect(url_for("hall.screen", asked="")))
    kiosk.give(answer, key=secret, settings=context.settings())
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.get("/hall/<key>")
def wall(key: str) -> Response:
    """The wall of one screen. Its key is the only thing asked for; an unknown one is no page at all."""
    return _answer(_draw(halls.wall(context.home(), key=key), stream=f"{STREAM}/{key}"))


def _code(secret: str) -> Code | None:
    code = halls.waiting(context.home(), secret=secret, now=context.now())
    if code is not None:
        return code
    with _writing() as session:
        return halls.renew(session, secret=secret, now=context.now())


def _writing() -> AbstractContextManager[Session]:
    """A session that writes, in an answer to GET: a display has no keyboard to send a form with."""
    return stores.of(current_app)[stores.HOME].write.begin()


def _answer(page: str, *, keep: str | None = None) -> Response:
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    # The address may be the key, so it is told to nobody, not even to ourselves.
    answer.headers["Referrer-Policy"] = "no-referrer"
    if keep is not None:
        kiosk.give(answer, key=keep, settings=context.settings())
    return answer


def _draw(shown: Wall, *, stream: str) -> str:
    now = context.now()
    # A wall speaks the town's language, whatever the screen's browser was set to in its factory.
    with force_locale(context.settings().default_locale):
        drawn = walls.parts(shown, origin=context.settings().origin, key=context.hall_key(), now=now)
        return render_template(
            "hall/wall.html",
            title=shown.building,
            parts={one.name: _turned(one.html, now=now) for one in drawn},
            stream=stream,
            page_version=walls.shell(),
            turn_seconds=walls.TURN_SECONDS,
            refresh=EACH_MINUTE,
            **_moment(now),
        )


def _turned(html: Markup, *, now: datetime) -> Markup:
    """Mark the message of this minute: without scripts the page shows another one at each minute."""
    before, *slides = str(html).split(SLIDE)
    if not slides:
        return html
    turn = int(now.timestamp() // EACH_MINUTE) % len(slides)
    slides[turn] = f" data-now{slides[turn]}"
    turned = SLIDE.join([before, *slides])
    if len(slides) > 1:
        turned = turned.replace(f"{COUNT}>", f"{COUNT}>{turn + 1}/{len(slides)}", 1)
    return Markup(turned)  # noqa: S704 - escaped before; numbers were added


def _waiting(code: Code | None) -> str:
    with force_locale(context.settings().default_locale):
        return render_template(
            "hall/waiting.html",
            title=context.settings().name,
            letters=code.letters if code else None,
            refresh=WHILE_WAITING,
            **_moment(context.now()),
        )


def _moment(now: datetime) -> dict[str, object]:
    return {"stale_hour": STALE_HOUR, "now": now, "night": walls.is_night(now), "zone": locale.TIMEZONE}
