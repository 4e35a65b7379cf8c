"""Who may open the staff's pages: for everybody else they are not there at all."""

from flask import abort

from web.frame import context


def moderators_only() -> None:
    """Answer 404 to everybody who does not look after the board, as for an address that never was."""
    if not context.require_resident().is_moderator:
        abort(404)


def administrators_only() -> None:
    """Answer 404 to everybody who does not run the place."""
    if not context.require_resident().is_administrator:
        abort(404)
