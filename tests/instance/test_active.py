"""Whoever is suspended does nothing: every act of the domain asks first, by construction."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from instance import comments, conversations, hours, loans, meetings, moderation, partings, roles, waiting
from instance.audience import Audience
from instance.base import Refused
from instance.meetings import Place
from instance.residents import Role, State
from tests.instance.neighbourhood import NOW, Neighbourhood

INSTANCE = Path(__file__).parents[2] / "instance"
ASKS = "residents.check_active"
# Functions that say who acts and need not ask, each with its reason.
QUIET = {
    "bookings.choices": "looks",
    "bookings.excuse": "part of leaving and blocking, which asked",
    "bookings.heard_at": "looks",
    "checking.find": "looks",
    "checking.queue": "looks",
    "conditions.check": "looks; `conditions.put` asks",
    "documents.withdraw": "takes one's own picture back, and that only destroys",
    "openings.find_own": "looks",
    "photos.find_own": "looks",
    "referrals.latest": "looks",
    "relays.find": "looks",
    "vouching.given": "looks",
    "vouching.introduced": "looks",
    "vouching.meet": "looks; `vouching.vouch` asks",
    "conversations.ring": "tells the other one of what was let through",
    "conversations.wrote_last": "looks",
    "conversations.reachable": "looks",
    "halls.may_install": "looks",
    "meetings.excuse": "part of leaving and blocking, which asked",
    "notices.may_change": "looks",
    "parties.is_party": "looks",
    "parties.looks_after": "looks",
    "quiet.block": "part of `partings.block`, which asks",
    "quiet.blocks": "looks",
    "quiet.find_block": "looks",
    "listings.home": "looks",
    "moderation.hidden": "looks",
    "moderation.hidden_beside": "looks",
    "nearby.put": "part of what skills and recommendations do, which ask",
    "recommendations.own": "looks",
    "skills.own": "looks",
    "moderation.hidden_comments": "looks",
    "moderation.measures": "looks",
    "reports.find_report": "looks",
    "reports.handles": "looks",
    "reports.is_party": "looks",
    "reports.open_reports": "looks",
    "suspensions.suspended": "looks",
    "loan_calendar.stop_waiting": "letting go, and done for an account that is just being locked",
    "lending.step": "a table: who acts is a side, not a person",
    "thanks.said": "looks",
    "news.written": "looks",
    "listings.narrow": "part of `notices.narrow`, which asks",
}


def _functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for file in sorted(INSTANCE.glob("*.py")):
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                yield f"{file.stem}.{node.name}", node


def _calls(name: str, node: ast.FunctionDef) -> set[str]:
    """What a function calls, a name without a dot being one of its own module."""
    found = {ast.unparse(one.func) for one in ast.walk(node) if isinstance(one, ast.Call)}
    return {one if "." in one else f"{name.split('.', maxsplit=1)[0]}.{one}" for one in found}


def test_every_act_asks_whether_whoever_acts_may() -> None:
    calls = {name: _calls(name, node) for name, node in _functions()}
    asking = {ASKS}
    while more := {name for name, called in calls.items() if called & asking} - asking:
        asking |= more
    acts = {
        name
        for name, node in _functions()
        if not node.name.startswith("_") and "by" in {one.arg for one in node.args.kwonlyargs}
    }
    forgotten = acts - asking - set(QUIET)
    assert sorted(forgotten) == [], "ask `residents.check_active`, or say in QUIET why not"
    assert set(QUIET) <= acts, "gone, or no longer an act"


def test_a_suspended_account_does_nothing(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas, role=Role.ADMINISTRATOR)
    slip, hers = town.offer(zoe, Audience.BUILDING), town.offer(ines, Audience.BUILDING)
    item = town.post(zoe, town.organisation(zoe, ines), Audience.INSTANCE)
    talk = conversations.answer(town.session, listing=slip, by=ines, body="Bonjour", now=NOW)
    tomorrow = NOW + timedelta(days=1)
    terms = {"pickup_at": tomorrow, "due_on": hours.town_day(tomorrow), "place": ""}
    loan = loans.ask(town.session, conversation=talk, by=zoe, now=NOW, **terms)
    given = {"by": ines, "now": NOW}
    ines.state = State.SUSPENDED.value
    session = town.session
    for act in (
        lambda: town.offer(ines, Audience.BUILDING),
        lambda: town.post(ines, town.organisation(ines), Audience.INSTANCE),
        lambda: comments.add(session, notice=item, body="x", **given),
        lambda: conversations.answer(session, listing=slip, body="x", **given),
        lambda: conversations.reply(session, conversation=talk, body="x", **given),
        lambda: loans.ask(session, conversation=talk, **given, **terms),
        lambda: loans.agree(session, loan=loan, terms=1, **given),
        lambda: loans.lend_outside(session, listing=hers, due_on=None, **given),
        lambda: meetings.propose(session, conversation=talk, moments=[tomorrow], place=Place(words="Ici"), **given),
        lambda: partings.leave(session, conversation=talk, **given),
        lambda: partings.block(session, whom=zoe, **given),
        lambda: waiting.put_down(session, listing=slip, resident=ines, now=NOW),
    ):
        with pytest.raises(Refused, match="suspended"):
            act()
    zoe.state = State.SUSPENDED.value
    with pytest.raises(Refused, match="suspended"):
        moderation.hide(session, notice=hers, reason="x", by=zoe, now=NOW)
    with pytest.raises(Refused, match="suspended"):
        roles.give(session, resident=ines, role=Role.MODERATOR, by=zoe)
