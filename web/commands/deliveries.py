"""`palier deliveries`: what is still owed to other towns."""

from collections.abc import Collection

import click
from flask_babel import gettext

from federation import delivery, patience
from federation.models import Delivery, DeliveryState
from instance.base import Refused
from web.terminal import kinds, nouns, options
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument, option
from web.terminal.printing import Coded, One, Rows, Values
from web.views import traffic
from web.views.traffic import Parcel

command = Noun("deliveries", help=say_later("What is still owed to other towns."))
COLUMNS = ("host", "type", "state", "attempts", "why", "due", "activity")
STRETCH = 200


def _values(parcel: Parcel) -> Values:
    return {
        "activity": parcel.activity,
        "inbox": parcel.inbox,
        "host": parcel.host,
        "type": parcel.type,
        "state": Coded(code=parcel.state.value, word=parcel.state_word),
        "attempts": parcel.attempts,
        "why": parcel.why,
        "due": parcel.due,
        "since": parcel.since,
        "retry": parcel.may_replay,
    }


def _host(function: options.Function) -> options.Function:
    return option("--host", type=kinds.LINE, help=say_later("Only those to this town."))(function)


def _listed(desk: Desk, *, states: Collection[DeliveryState], host: str | None, limit: int, after: str | None) -> Rows:
    found = traffic.parcels(desk.outside, states=states, host=host, after=after, limit=limit + 1)
    shown, further = options.cut(found, limit=limit, key=lambda one: one.key)
    return Rows(name="deliveries", rows=[_values(one) for one in shown], columns=COLUMNS, after=further)


@command.command("list", help=say_later("What has not arrived, newest first; with --state, what stands so."))
@option("--state", type=click.Choice([one.value for one in DeliveryState]), help=say_later("Only what stands so."))
@_host
@options.limit
@options.after(kinds.LINE)
def _list(desk: Desk, *, state: str | None, host: str | None, limit: int, after: str | None) -> Rows:
    states = (DeliveryState(state),) if state else traffic.UNSENT
    return _listed(desk, states=states, host=host, limit=limit, after=after)


@command.command("failing", help=say_later("What was refused there or given up, newest first."))
@_host
@options.limit
@options.after(kinds.LINE)
def _failing(desk: Desk, *, host: str | None, limit: int, after: str | None) -> Rows:
    return _listed(desk, states=traffic.OVER, host=host, limit=limit, after=after)


@command.command("retry", help=say_later("Try again what was refused there or given up."), writes=True)
@argument("activity", say_later("The activity's address; without it, say --host or --all."), required=False)
@_host
@option("--all", "every", is_flag=True, help=say_later("Everything that was refused or given up."))
def _retry(desk: Desk, *, activity: str | None, host: str | None, every: bool) -> One:
    if every == (activity is not None or host is not None):
        raise click.UsageError(gettext("Name an activity or a town, or say --all."))
    wanted = [one for one in _over(desk, host=host) if activity is None or one.activity == activity]
    if not wanted and not every:
        raise Refused("not_found", field="activity" if activity else "host")
    again = [one for one in wanted if _owe(desk, one)]
    desk.commit_outside()
    sentence = gettext("%(count)d are tried again.", count=len(again))
    return One(values={"retried": [{"activity": one.activity, "inbox": one.inbox} for one in again]}, sentence=sentence)


@command.command(
    "purge",
    help=say_later("Have nothing wait for a town any more but withdrawals, and forget what failed there."),
    writes=True,
)
@argument("host", say_later("The town's address, for example town.example."), type=kinds.LINE)
@options.yes
def _purge(desk: Desk, *, host: str, yes: bool) -> One:
    nouns.sure(desk, gettext("What waits for %(host)s or failed there is given up.", host=host), yes=yes)
    gone = patience.purge(desk.outside, host=host)
    desk.commit_outside()
    return One(values={"host": host, "purged": gone}, sentence=gettext("%(count)d are given up.", count=gone))


def _over(desk: Desk, *, host: str | None) -> list[Parcel]:
    """All of them, a stretch at a time: a town that was down for a month leaves many."""
    found: list[Parcel] = []
    after = None
    while True:
        more = traffic.parcels(desk.outside, states=traffic.OVER, host=host, after=after, limit=STRETCH)
        found += more
        if len(more) < STRETCH:
            return found
        after = more[-1].key


def _owe(desk: Desk, parcel: Parcel) -> bool:
    row = desk.outside.get_one(Delivery, parcel.delivery_id)
    return delivery.replay(desk.outside, delivery=row, now=desk.now)
