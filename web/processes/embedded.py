"""Pages and door in one web process: two applications, told apart by the path."""

import re
from collections.abc import Iterable
from functools import partial
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask

from web import home
from web.processes import brokers, jobs, server
from web.processes import door as door_process
from web.settings import Settings

# What other servers ask for. Everything else is a page for people.
DOOR = re.compile(r"/(?:inbox|actor|users|nodeinfo|\.well-known)(?:/|$)")


def run(settings: Settings) -> None:
    """Serve both until told to stop."""
    server.serve(partial(compose, settings), settings=settings)


def compose(settings: Settings) -> WSGIApplication:
    """One application that hands each request to the pages or to the door.

    The door's application has only the federation store, here as in a process of its own.
    """
    people = pages(settings)
    others = door_process.make(settings.for_federation())

    def choose(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        app = others if DOOR.match(environ.get("PATH_INFO", "")) else people
        return app(environ, start_response)

    return choose


def pages(settings: Settings) -> Flask:
    """The pages' application with its nudge to the home worker."""
    app = home.create_app(settings)
    url = brokers.address(settings.home_broker_url, folder=settings.home_data)
    app.extensions["palier_nudge"] = jobs.Nudge(url, queue="home")
    return app
