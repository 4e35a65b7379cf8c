"""`palier follows`: what is followed in neighbouring towns, for everybody here or by one organisation."""

from flask_babel import gettext, lazy_gettext

from federation import identity, lookups, peers
from federation.models import LookupState
from instance.organisations import Organisation
from web.pages import refusals
from web.terminal import kinds, options
from web.terminal.desk import Desk
from web.terminal.errors import Refusal
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument, option
from web.terminal.printing import Coded, One, Rows, Values
from web.views import lookups as views
from web.views import towns
from web.views.towns import FollowLine

command = Noun("follows", help=say_later("What is followed in neighbouring towns."))
LOOKS = {
    LookupState.WANTED: lazy_gettext("Looking it up"),
    LookupState.FOUND: lazy_gettext("Found"),
    LookupState.FAILED: lazy_gettext("Not found"),
}
COLUMNS = ("name", "handle", "host", "state", "why", "since")


def _for(function: options.Function) -> options.Function:
    help_text = say_later("In this organisation's name; without it, for everybody here.")
    return option("--organisation", type=kinds.ORGANISATION, help=help_text)(function)


def _target(function: options.Function) -> options.Function:
    help_text = say_later("An address that begins with https:// or a name like @news@town.example.")
    return argument("target", help_text, type=kinds.LINE)(function)


def _own(organisation: Organisation | None) -> str:
    return organisation.slug if organisation is not None else identity.APPLICATION


def _values(line: FollowLine) -> Values:
    return {
        "name": line.name,
        "handle": line.handle,
        "uri": line.uri or None,
        "host": line.host,
        "state": Coded(code=line.standing.state, word=line.standing.word),
        "why": line.standing.why,
        "since": line.since,
        "moved_from": line.moved_from or None,
        "moved_on": line.moved_on,
    }


@command.command("list", help=say_later("What is followed, and what came of it, newest first."))
@_for
def _list(desk: Desk, *, organisation: Organisation | None) -> Rows:
    rows = [_values(one) for one in towns.follows(desk.outside, own_username=_own(organisation))]
    return Rows(name="follows", rows=rows, columns=COLUMNS)


@command.command("add", help=say_later("Ask to follow somebody; the answer shows in the list."), writes=True)
@_target
@_for
def _add(desk: Desk, *, target: str, organisation: Organisation | None) -> One:
    wish = peers.follow(desk.outside, own_username=_own(organisation), target=target, now=desk.now)
    found = towns.follows(desk.outside, own_username=_own(organisation))
    values = next(_values(one) for one in found if one.follow_id == wish.id)
    desk.commit_outside()
    return One(
        values=values, sentence=gettext("The request is on its way. `palier follows list` says what came of it.")
    )


@command.command(
    "look",
    help=say_later("Who somebody is and what they wrote last; call it again a moment later to see what was found."),
    writes=True,
)
@_target
@_for
def _look(desk: Desk, *, target: str, organisation: Organisation | None) -> One:
    row = lookups.ask(desk.outside, own_username=_own(organisation), target=target, now=desk.now)
    found = views.look(desk.outside, row=row)
    desk.commit_outside()
    values: Values = {"target": found.typed, "state": Coded(code=found.state, word=str(LOOKS[found.state]))}
    if found.is_waiting:
        return One(values=values, sentence=gettext("It is being looked up. Call this again in a moment."))
    one = found.somebody
    if one is None:
        return One(values={**values, "why": found.why}, sentence=found.why)
    pieces = [piece.title or piece.excerpt for piece in one.pieces]
    about = {"name": one.name, "kind": one.sort, "handle": one.handle, "actor": one.uri, "summary": one.summary}
    return One(values={**values, **about, "newest": pieces})


@command.command("end", help=say_later("Stop following; the other side is told."), writes=True)
@_target
@_for
def _end(desk: Desk, *, target: str, organisation: Organisation | None) -> One:
    held = [one for one in towns.follows(desk.outside, own_username=_own(organisation)) if one.active]
    line = next((one for one in held if target.strip().casefold() in _names(one)), None)
    if line is None:
        names = tuple(one.handle or one.uri for one in held)
        sentence = f"{target}: {refusals.sentence('not_found')}"
        raise Refusal("not_found", sentence=sentence, field="target", hints=kinds.near(target, names))
    peers.unfollow(desk.outside, follow_id=line.follow_id, now=desk.now)
    desk.commit_outside()
    return One(values={**_values(line), "state": "ended"}, sentence=gettext("No longer followed."))


def _names(line: FollowLine) -> set[str]:
    return {one.casefold() for one in (line.handle, line.uri) if one}
