"""`palier letters`: what came in from elsewhere, and why some of it was not let in."""

import click

from federation.models import LetterState
from web.terminal import kinds, options
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument, option
from web.terminal.printing import Coded, One, Rows, Values
from web.views import traffic
from web.views.traffic import Arrival

command = Noun("letters", help=say_later("What came in from elsewhere."))
COLUMNS = ("received", "host", "type", "state", "why", "id")


def _values(letter: Arrival) -> Values:
    return {
        "id": letter.key,
        "received": letter.at,
        "host": letter.host,
        "actor": letter.actor,
        "activity": letter.activity,
        "type": letter.type,
        "state": Coded(code=letter.state.value, word=letter.state_word),
        "why": letter.why,
    }


@command.command("list", help=say_later("What was refused or waits, newest first; with --state, what stands so."))
@option("--state", type=click.Choice([one.value for one in LetterState]), help=say_later("Only what stands so."))
@option("--host", type=kinds.LINE, help=say_later("Only those from this town."))
@options.limit
@options.after(kinds.LINE)
def _list(desk: Desk, *, state: str | None, host: str | None, limit: int, after: str | None) -> Rows:
    states = (LetterState(state),) if state else (LetterState.REFUSED, LetterState.WAITING)
    found = traffic.arrivals(desk.outside, states=states, host=host, after=after, limit=limit + 1)
    shown, further = options.cut(found, limit=limit, key=lambda one: one.key)
    return Rows(name="letters", rows=[_values(one) for one in shown], columns=COLUMNS, after=further)


@command.command("show", help=say_later("Who sent a letter and why it was refused; what it says is not shown."))
@argument("letter", say_later("The letter's id, as in the list."), type=kinds.LINE, metavar="ID")
def _show(desk: Desk, *, letter: str) -> One:
    return One(values=_values(traffic.arrival(desk.outside, key=letter)))
