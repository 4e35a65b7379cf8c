"""`palier followers`: who follows us from elsewhere."""

from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.printing import Rows
from web.views import towns

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
