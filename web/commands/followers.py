"""`palier followers`: who follows us from elsewhere."""

from flask_babel import gettext

from federation import approvals
from web.terminal import kinds, options
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument
from web.terminal.printing import One, Rows
from web.views import accords, towns

command = Noun("followers", help=say_later("Who follows us from elsewhere."))


@command.command(
    "list", help=say_later("Who elsewhere follows which of our public profiles; this number never leaves.")
)
def _list(desk: Desk) -> Rows:
    rows = [
        {"name": one.name, "uri": one.uri, "host": one.host, "ours": one.own_username, "since": one.since}
        for one in towns.followers(desk.outside)
    ]
    return Rows(name="followers", rows=rows, columns=("name", "host", "ours", "since"))


def _activity(function: options.Function) -> options.Function:
    return argument("activity", say_later("The address of their wish, as in the list."), type=kinds.LINE)(function)


@command.command("waiting", help=say_later("Who asks to follow and waits for an answer, oldest first."))
def _waiting(desk: Desk) -> Rows:
    rows = [
        {"name": one.name, "host": one.host, "ours": one.own_username, "since": one.since, "activity": one.uri}
        for one in accords.requests(desk.outside)
    ]
    return Rows(name="waiting", rows=rows, columns=("name", "host", "ours", "since", "activity"))


@command.command("accept", help=say_later("Let somebody follow who waits."), writes=True)
@_activity
def _accept(desk: Desk, *, activity: str) -> One:
    approvals.accept(desk.outside, activity_uri=activity, now=desk.now)
    desk.commit_outside()
    return One(values={"activity": activity, "state": "accepted"}, sentence=gettext("They follow from now on."))


@command.command("refuse", help=say_later("Tell somebody who waits that they do not follow."), writes=True)
@_activity
def _refuse(desk: Desk, *, activity: str) -> One:
    approvals.refuse(desk.outside, activity_uri=activity, now=desk.now)
    desk.commit_outside()
    return One(values={"activity": activity, "state": "refused"}, sentence=gettext("They were told no."))
