"""The way to what neighbours know and can: whom one may ask, and whom they recommend."""

from flask import Blueprint, render_template

pages = Blueprint("neighbours", __name__, url_prefix="/neighbours")


@pages.get("")
def index() -> str:
    """Two ways, each with a line on what it is for and who sees it."""
    return render_template("neighbours/index.html")
