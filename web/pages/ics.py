"""A file for a calendar as an answer (RFC 5545): the same for a meeting, a booking and what news announces."""

from flask import make_response
from werkzeug.wrappers import Response

from web.views import calendar
from web.views.calendar import Event


def answer(event: Event) -> Response:
    """The file, to be kept or opened."""
    made = make_response(calendar.written(event))
    made.headers["Content-Type"] = f"{calendar.MIMETYPE}; charset=utf-8"
    made.headers["Content-Disposition"] = 'attachment; filename="palier.ics"'
    return made
