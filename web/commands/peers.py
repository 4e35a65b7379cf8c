"""`palier peers`: neighbouring towns: adding them, looking them up again, blocking them."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import click
from flask_babel import gettext

from activitypub.dialects import Dialect
from federation import approvals, block_plans, blocklists, identity, markets, peers, policy
from federation.base import PeerRefused
from federation.models import PeerState
from federation.neighbours import Admission
from instance.base import Refused
from instance.residents import Resident
from web.acts import blocking
from web.terminal import files, kinds, nouns, options, printing
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument, option
from web.terminal.printing import Coded, One, Rows, Sheet, Values
from web.views import accords, arriving, catching, towns
from web.views.towns import Town

command = Noun("peers", help=say_later("Neighbouring towns."))
COLUMNS = ("host", "name", "state", "why", "checked")
LOOK_EVERY_SECONDS = 0.5
NO_MARKET = "none"


def _host(function: options.Function) -> options.Function:
    return argument("host", say_later("The town's address, for example town.example."), type=kinds.LINE)(function)


def _values(town: Town) -> Values:
    return {
        "host": town.host,
        "name": town.name,
        "state": Coded(code=town.standing.state, word=town.standing.word),
        "why": town.standing.why,
        "checked": town.checked,
        "note": town.note,
    }


def _town(desk: Desk, host: str) -> Town:
    found = towns.town(desk.outside, host=host, own_username=identity.APPLICATION)
    if found is None:
        raise PeerRefused("peer_unknown", field="host")
    return found


@command.command("list", help=say_later("All towns that are known here, by name."))
def _list(desk: Desk) -> Rows:
    found = towns.towns(desk.outside, own_username=identity.APPLICATION)
    return Rows(name="peers", rows=[_values(one) for one in found], columns=COLUMNS)


@command.command("show", help=say_later("One town: its quarters, its organisations, its desk."))
@_host
def _show(desk: Desk, *, host: str) -> One:
    town = _town(desk, host)
    directory = [
        {
            "name": one.name,
            "handle": one.handle,
            "kind": one.sort,
            "uri": one.uri,
            "followed": one.follow is not None,
        }
        for one in town.entries
    ]
    return One(values={**_values(town), **_arriving(desk, host=host), "directory": directory, **_missed(desk, host)})


def _arriving(desk: Desk, *, host: str) -> Values:
    """How what is sent there arrives; seconds from when a letter was owed to when it was taken, of the last hundred."""
    found = arriving.health(desk.outside, host=host)
    return {
        "health": Coded(code=found.state.value if found.state else "never", word=found.word),
        "arrived": found.arrived,
        "waiting": found.waiting,
        "failed": found.failed,
        "usual": round(found.usual.total_seconds(), 1) if found.usual is not None else None,
        "worst": round(found.worst.total_seconds(), 1) if found.worst is not None else None,
    }


def _missed(desk: Desk, host: str) -> Values:
    """What was read there after an absence, and who there is said to be gone."""
    found = catching.missed(desk.outside, host=host)
    looks = [
        {"uri": one.uri, "name": one.name, "read": one.read, "since": one.since, "found": one.found, "why": one.why}
        for one in found.looks
    ]
    departures = [{"uri": one.uri, "name": one.name, "at": one.at, "why": one.word} for one in found.departures]
    return {"outboxes": looks, "departures": departures}


@command.command("add", help=say_later("Add a town by its address; it is looked up a moment later."), writes=True)
@_host
def _add(desk: Desk, *, host: str) -> One:
    peer = peers.add(desk.outside, host=host, now=desk.now)
    values = _values(_town(desk, peer.host))
    desk.commit_outside()
    return One(values=values, sentence=gettext("%(host)s is being looked up.", host=peer.host))


@command.command("check", help=say_later("Have towns looked up again now."), writes=True)
@argument("hosts", say_later("The towns' addresses."), type=kinds.LINE, nargs=-1, metavar="[HOST]...")
@option("--all", "every", is_flag=True, help=say_later("All towns that are not blocked."))
@option(
    "--wait",
    type=click.IntRange(1, 3600),
    metavar=say_later("SECONDS"),
    help=say_later("Wait so long for the answers; the instance has to run."),
)
def _check(desk: Desk, *, hosts: Sequence[str], wait: int | None, every: bool) -> Rows:
    if every == bool(hosts):
        raise click.UsageError(gettext("Name towns, or say --all."))
    wanted = list(hosts)
    if every:
        known = towns.towns(desk.outside, own_username=identity.APPLICATION)
        wanted = [one.host for one in known if not one.blocked]
    before = {one: _town(desk, one).checked for one in wanted}
    asked = [peers.add(desk.outside, host=one, now=desk.now).host for one in wanted]
    desk.commit_outside()
    if wait is not None:
        _wait(desk, before, seconds=wait)
    return Rows(name="peers", rows=[_values(_town(desk, one)) for one in asked], columns=COLUMNS)


def _wait(desk: Desk, before: Mapping[str, datetime | None], *, seconds: int) -> None:
    """Look until every town was looked up once more, or the time is over."""
    waiting, deadline = set(before), time.monotonic() + seconds
    with printing.progress(len(before), what=gettext("Looking up")) as each:
        while waiting and time.monotonic() < deadline:
            desk.begin(writing=False)
            done = {one for one in waiting if _town(desk, one).checked != before[one]}
            each(len(done))
            waiting -= done
            if waiting:
                time.sleep(LOOK_EVERY_SECONDS)


@command.command(
    "block",
    help=say_later("Have nothing more to do with a town: follows end, what hangs here of it is taken down."),
    writes=True,
)
@_host
@options.acting()
@options.reason
@options.yes
def _block(desk: Desk, *, host: str, acting: Resident, reason: str, yes: bool) -> One:
    nouns.sure(
        desk,
        gettext("Nothing more is exchanged with it, and what hangs here of it is taken down."),
        yes=yes,
    )
    stored = blocking.impose(desk.home, outside=desk.outside, host=host, reason=reason, by=acting, now=desk.now)
    desk.commit()
    sentence = gettext("%(host)s is blocked. What hung here of it is taken down.", host=stored)
    return One(values={"host": stored, "state": PeerState.BLOCKED.value}, sentence=sentence)


@command.command(
    "unblock",
    help=say_later("Lift a block. What was taken down stays down, and nothing is followed again by itself."),
    writes=True,
)
@_host
@options.acting()
@options.reason
def _unblock(desk: Desk, *, host: str, acting: Resident, reason: str) -> One:
    stored = blocking.lift(desk.home, outside=desk.outside, host=host, reason=reason, by=acting, now=desk.now)
    desk.commit()
    values = {"host": stored, "state": _town(desk, stored).standing.state}
    return One(values=values, sentence=gettext("%(host)s is no longer blocked.", host=stored))


# --- kept at a distance, and unknown ones


@command.command(
    "limit",
    help=say_later("Keep a town at a distance: what is followed there goes on, follows from there wait."),
    writes=True,
)
@_host
@options.acting()
@options.reason
def _limit(desk: Desk, *, host: str, acting: Resident, reason: str) -> One:
    stored = blocking.limit(desk.home, outside=desk.outside, host=host, reason=reason, by=acting, now=desk.now)
    desk.commit()
    return One(values={"host": stored, "state": towns.LIMITED}, sentence=gettext("%(host)s is limited.", host=stored))


@command.command("unlimit", help=say_later("Meet a limited town as any other again."), writes=True)
@_host
@options.acting()
@options.reason
def _unlimit(desk: Desk, *, host: str, acting: Resident, reason: str) -> One:
    stored = blocking.unlimit(desk.home, outside=desk.outside, host=host, reason=reason, by=acting, now=desk.now)
    desk.commit()
    values = {"host": stored, "state": _town(desk, stored).standing.state}
    return One(values=values, sentence=gettext("%(host)s is no longer limited.", host=stored))


@command.command(
    "approve", help=say_later("Speak to a town from now on; whoever waits there is accepted."), writes=True
)
@_host
def _approve(desk: Desk, *, host: str) -> One:
    accepted = approvals.approve(desk.outside, host=host, now=desk.now)
    desk.commit_outside()
    return One(values={"host": host, "accepted": accepted}, sentence=gettext("%(host)s is approved.", host=host))


@command.command(
    "market",
    help=say_later("Send offers to a marketplace in its own form; without a form, how it stands."),
    writes=True,
)
@_host
@argument(
    "form",
    say_later("flohmarkt, proposal, or none for no marketplace."),
    type=click.Choice([*(one.value for one in Dialect), NO_MARKET]),
    required=False,
)
def _market(desk: Desk, *, host: str, form: str | None) -> One:
    if form is not None:
        markets.choose(desk.outside, host=host, dialect=None if form == NO_MARKET else Dialect(form))
        desk.commit_outside()
    found = markets.chosen(desk.outside, host=_town(desk, host).host)
    return One(values={"host": host, "market": found.value if found is not None else NO_MARKET})


@command.command(
    "admission", help=say_later("How towns are met that nobody here knows: open, or approval."), writes=True
)
@argument(
    "admission",
    say_later("Everybody may follow, or unknown towns wait; without it, how it stands."),
    type=click.Choice([one.value for one in Admission]),
    required=False,
)
def _admission(desk: Desk, *, admission: str | None) -> One:
    if admission is not None:
        approvals.admit(desk.outside, admission=Admission(admission), now=desk.now)
        desk.commit_outside()
    return One(values={"admission": approvals.admission(desk.outside).value})


# --- lists of blocks


def _plan_values(plan: block_plans.Plan, *, applied: bool) -> Values:
    return {
        "new": [one.host for one in plan.new],
        "changed": [one.host for one in plan.changed],
        "same": plan.same,
        "kept": [one.host for one in plan.kept],
        "follows": plan.follows_ending,
        "problems": [
            {"line": one.line, "text": one.text, "code": one.code, "sentence": one.sentence}
            for one in accords.problems(plan)
        ],
        "applied": applied,
    }


@command.command(
    "import-blocklist",
    help=say_later("Read a list: Mastodon's table, or one town a line. Without --apply nothing is changed."),
    writes=True,
)
@argument("file", say_later("The file in UTF-8, or - for standard input."), type=click.Path(path_type=Path))
@option("--apply", is_flag=True, help=say_later("Apply it: all of it, or nothing."))
@option("--loosen", is_flag=True, help=say_later("It may loosen what somebody here blocked by hand."))
@options.acting(required=False)
@option("--reason", default="", help=say_later("Why. It stays in the moderators' book."))
def _import_blocklist(
    desk: Desk, *, file: Path, apply: bool, loosen: bool, acting: Resident | None, reason: str
) -> One:
    with files.opened(file) as source:
        try:
            data = source.read(blocklists.LARGEST + 1)
        except OSError:
            raise Refused("not_found", field="file") from None
    own_host = policy.authority(desk.settings.origin)
    if apply and acting is None:
        raise click.UsageError(gettext("Say who applies it, with --as and --reason."))
    plan = block_plans.plan(desk.outside, data=data, own_host=own_host, loosen=loosen)
    counts = {"new": len(plan.new), "changed": len(plan.changed), "ending": plan.follows_ending}
    if not apply or acting is None:
        return One(
            values=_plan_values(plan, applied=False),
            sentence=gettext(
                "Nothing is changed yet. New: %(new)d. Changed: %(changed)d. Follows that would end: %(ending)d.",
                **counts,
            ),
        )
    draft = block_plans.keep(desk.outside, data=data, loosen=loosen, now=desk.now)
    done = blocking.apply_list(
        desk.home,
        outside=desk.outside,
        draft=draft,
        mark=plan.mark,
        own_host=own_host,
        reason=reason,
        by=acting,
        now=desk.now,
    )
    desk.commit()
    return One(
        values=_plan_values(done, applied=True),
        sentence=gettext("Applied. New: %(new)d. Changed: %(changed)d. Follows ended: %(ending)d.", **counts),
    )


@command.command("export-blocklist", help=say_later("What is blocked and limited here, as Mastodon's table."))
def _export_blocklist(desk: Desk) -> Sheet:
    text = block_plans.export(desk.outside)
    return Sheet(text=text, values={"csv": text})
