"""`palier charters`: what is exchanged with each neighbouring town, and which quarters are neighbours."""

import click
from flask_babel import gettext

from federation import charters, identity, outlines, quarters
from federation.base import PeerRefused
from federation.exchange import Offers
from web.terminal import kinds, options
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument, option
from web.terminal.printing import One, Rows, Values
from web.views import accords, towns
from web.views.accords import Side

command = Noun("charters", help=say_later("What is exchanged with neighbouring towns."))
COLUMNS = ("host", "ours", "theirs", "trouble")
YES_NO = click.BOOL


def _host(function: options.Function) -> options.Function:
    return argument("host", say_later("The town's address, for example town.example."), type=kinds.LINE)(function)


def _pair(function: options.Function) -> options.Function:
    function = argument("their", say_later("The address of their quarter."), type=kinds.LINE)(function)
    function = argument("own", say_later("Our quarter's short name."), type=kinds.LINE)(function)
    return _host(function)


def _side(side: Side | None) -> Values | None:
    if side is None:
        return None
    return {"news": side.news, "offers": side.offers, "reports": side.reports, "since": side.since}


def _line(side: Side | None) -> str:
    if side is None:
        return gettext("nothing said")
    return gettext(
        "news: %(news)s, offers: %(offers)s, reports: %(reports)s",
        news=side.news,
        offers=side.offers,
        reports=side.reports,
    )


@command.command("list", help=say_later("What each town that is known here and we have said to exchange."))
def _list(desk: Desk) -> Rows:
    rows = []
    for one in towns.towns(desk.outside, own_username=identity.APPLICATION):
        accord = accords.accord(desk.outside, desk.home, host=one.host)
        rows.append(
            {
                "host": one.host,
                "ours": _line(accord.ours),
                "theirs": _line(accord.theirs),
                "trouble": accord.trouble,
            }
        )
    return Rows(name="charters", rows=rows, columns=COLUMNS)


@command.command(
    "show", help=say_later("Both charters with one town, the neighbouring quarters, and what they suggest.")
)
@_host
def _show(desk: Desk, *, host: str) -> One:
    return One(values=_values(desk, host))


def _values(desk: Desk, host: str) -> Values:
    if towns.town(desk.outside, host=host, own_username=identity.APPLICATION) is None:
        raise PeerRefused("peer_unknown", field="host")
    accord = accords.accord(desk.outside, desk.home, host=host)
    return {
        "host": host,
        "ours": _side(accord.ours),
        "theirs": _side(accord.theirs),
        "trouble": accord.trouble,
        "quarters": [{"own": one.own, "their": one.their_uri, "name": one.their_name} for one in accord.declared],
        "suggested": [{"own": one.own, "their": one.their_uri, "name": one.their_name} for one in accord.suggested],
        "beside": [{"own": one.own, "their": one.their_uri, "name": one.their_name} for one in accord.beside],
        "outlines": accord.map_trouble,
    }


@command.command("sign", help=say_later("Say what we exchange with a town, both ways."), writes=True)
@_host
@option("--news", type=YES_NO, required=True, help=say_later("Whether news are exchanged."))
@option(
    "--offers",
    type=click.Choice([one.value for one in Offers]),
    required=True,
    help=say_later("Which offers and requests are exchanged."),
)
@option("--reports", type=YES_NO, required=True, help=say_later("Whether reports are exchanged."))
def _sign(desk: Desk, *, host: str, news: bool, offers: str, reports: bool) -> One:
    charters.promise(desk.outside, host=host, news=news, offers=Offers(offers), reports=reports, now=desk.now)
    values = _values(desk, host)
    desk.commit_outside()
    return One(values=values, sentence=gettext("The charter stands. It holds from now on."))


@command.command(
    "end", help=say_later("Have no charter with a town any more: everything public is exchanged."), writes=True
)
@_host
def _end(desk: Desk, *, host: str) -> One:
    charters.end(desk.outside, host=host, now=desk.now)
    values = _values(desk, host)
    desk.commit_outside()
    return One(values=values, sentence=gettext("There is no charter with this town any more."))


@command.command("declare", help=say_later("Declare two quarters neighbours."), writes=True)
@_pair
def _declare(desk: Desk, *, host: str, own: str, their: str) -> One:
    quarters.declare(desk.outside, host=host, own_username=own, their_uri=their, now=desk.now)
    charters.touch(desk.outside, host=host, now=desk.now)
    values = _values(desk, host)
    desk.commit_outside()
    return One(values=values, sentence=gettext("Kept."))


@command.command(
    "declare-suggested",
    help=say_later("Declare all quarters neighbours that lie side by side on the map."),
    writes=True,
)
@_host
def _declare_suggested(desk: Desk, *, host: str) -> One:
    if outlines.declare_all(desk.outside, host=host, now=desk.now):
        charters.touch(desk.outside, host=host, now=desk.now)
    values = _values(desk, host)
    desk.commit_outside()
    return One(values=values, sentence=gettext("Kept."))


@command.command("undeclare", help=say_later("Two quarters are no longer neighbours."), writes=True)
@_pair
def _undeclare(desk: Desk, *, host: str, own: str, their: str) -> One:
    quarters.undeclare(desk.outside, own_username=own, their_uri=their)
    charters.touch(desk.outside, host=host, now=desk.now)
    values = _values(desk, host)
    desk.commit_outside()
    return One(values=values, sentence=gettext("Removed."))
