"""Pages, door and live hall screens in one web process: three applications, told apart by the path."""

import re
from collections.abc import Iterable
from functools import partial
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask

from web import echoes, home, stores
from web.processes import brokers, jobs, server
from web.processes import door as door_process
from web.processes import live as live_process
from web.settings import Settings

# What other servers ask for. Everything else is a page for people.
DOOR = re.compile(r"/(?:inbox|actor|users|nodeinfo|\.well-known)(?:/|$)")
LIVE = re.compile(r"/live(?:/|$)")


def run(settings: Settings) -> None:
    """Serve all until told to stop. Streams have threads of their own, so that they never starve a page."""
    streams = live_process.Streams()
    threads = settings.threads + settings.live_screens
    server.serve(partial(compose, settings, streams), settings=settings, threads=threads, stop=streams.end)


def compose(settings: Settings, streams: live_process.Streams) -> server.Served:
    """One application that hands each request to the pages, to the door or to the streams of hall screens.

    The door's application has only the federation store, here as in a process of its own.
    """
    people = pages(settings)
    others, at_once = door_process.load(settings.for_federation())
    screens = live_process.make(settings, streams)
    media = settings.media_authority

    def choose(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # The second host has pictures and no actors, whatever is asked for.
        path = "" if media and environ.get("HTTP_HOST") == media else environ.get("PATH_INFO", "")
        app = others if DOOR.match(path) else screens if LIVE.match(path) else people
        return app(environ, start_response)

    # What lies ready is found by its path alone.
    return server.Served(choose, None if media else at_once)


def pages(settings: Settings) -> Flask:
    """The pages' application with its nudge to the home worker and its echoes for hall screens."""
    app = home.create_app(settings)
    url = brokers.address(settings.home_broker_url, folder=settings.home_data)
    app.extensions["palier_nudge"] = jobs.Nudge(url, queue="home")
    echoes.watch(stores.of(app)[stores.HOME], echoes.Voice(url))
    return app
