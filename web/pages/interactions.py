"""Where other software sends somebody from here who wants to follow what they saw there (OStatus subscribe)."""

from flask import Blueprint, render_template, request, url_for

from instance import organisations
from web.frame import context

pages = Blueprint("interactions", __name__)

LONGEST = 1000


@pages.get("/authorize_interaction")
def choose() -> str:
    """Choose in whose name to look at somebody elsewhere; nothing is asked or followed yet."""
    resident = context.require_resident()
    mine = organisations.of_resident(context.home(), resident=resident)
    ways = [(one.name, url_for("follows.look", slug=one.slug)) for one in mine]
    if resident.is_administrator:
        ways.append((context.settings().name, url_for("peers.look")))
    target = request.args.get("uri", "")[:LONGEST].removeprefix("acct:")
    return render_template("follows/choose.html", target=target, ways=ways)
