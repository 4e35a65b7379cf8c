"""The pages' own words where there is no page: for commands that tell a refusal in the same sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask_babel import Babel

from web import tongue
from web.frame.locale import TIMEZONE


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Inside, `flask_babel.gettext` and lazy sentences speak this language."""
    app = Flask("web", instance_path=str(tongue.FOLDER), static_folder=None)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(tongue.FOLDER)
    app.config["BABEL_DEFAULT_LOCALE"] = locale
    app.config["BABEL_DEFAULT_TIMEZONE"] = TIMEZONE
    Babel(app)
    with app.app_context():
        yield
