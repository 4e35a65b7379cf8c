"""The process of the door, when the two sides are served apart: it knows the federation store only."""

from functools import partial

from flask import Flask

from web import door
from web.processes import brokers, jobs, server
from web.settings import SideSettings


def run(settings: SideSettings) -> None:
    """Serve the door alone until told to stop."""
    server.serve(partial(load, settings), settings=settings)


def load(settings: SideSettings) -> server.Served:
    """The door, and what lies ready there."""
    app = make(settings)
    return server.Served(app, app.extensions[door.SHELF].at_once)


def make(settings: SideSettings) -> Flask:
    """The door's application with its nudge to the courier."""
    app = door.create_app(settings)
    url = brokers.address(settings.federation_broker_url, folder=settings.federation_data)
    app.extensions["palier_nudge"] = jobs.Nudge(url, queue="federation")
    return app
