"""Whoever may have something is asked to forget it, whatever became of its letters: purged, forgotten or blocked."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from federation import block_plans, delivery, patience, peers
from federation.block_plans import Plan
from federation.blocklists import Row, Severity
from federation.ledger import Standing
from federation.models import Activity, Delivery, DeliveryState
from instance.audience import Audience
from instance.notices import Notice
from tests.town.houses import House, Town
from tests.town.test_crossing import Neighbours, two
from tests.town.test_erasures import block, entry, give, standings, withdraw

__all__ = ["two"]


def silent(house: House, town: Town, two: Neighbours) -> Notice:
    """An offer that was tried at a town that does not answer: nobody knows whether it arrived."""
    two.barnabe.is_up = False
    drill = house.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    assert standings(house, drill) == {two.barnabe.host: Standing.WAITING}
    return drill


def purge(house: House, town: Town, host: str) -> None:
    with house.federation.write.begin() as session:
        assert patience.purge(session, host=host) == 1


def forget(house: House, town: Town, _host: str) -> None:
    for days in (15, 91):
        town.pass_time(days=days)
        with house.federation.write.begin() as session:
            patience.give_up(session, now=town.now)
            patience.forget(session, now=town.now)
    with house.federation.read() as session:
        left = select(Delivery.state).where(Delivery.state != DeliveryState.SENT)
        assert set(session.scalars(left)) <= {DeliveryState.SHELVED}


def replay(house: House, town: Town, host: str) -> None:
    with house.federation.write.begin() as session:
        waiting = session.scalars(select(Delivery).where(Delivery.state == DeliveryState.DUE)).all()
        delivery.abandon(session, deliveries=waiting, why=patience.GIVEN_UP)
        assert delivery.replay_all(session, host=host, now=town.now) == 1


@pytest.mark.parametrize("lose", [purge, forget, replay])
def test_whoever_may_have_it_is_asked_whatever_became_of_the_letters(
    town: Town, two: Neighbours, lose: Callable[[House, Town, str], None]
) -> None:
    drill = silent(two.marseille, town, two)
    lose(two.marseille, town, two.barnabe.host)
    withdraw(two.marseille, drill, by=two.odile)
    town.settle()
    assert standings(two.marseille, drill) == {two.barnabe.host: Standing.ASKED}
    two.barnabe.is_up = True
    town.pass_time(days=8)  # a host that was silent for months is asked once a week
    town.settle()
    assert entry(two.marseille, drill).is_settled
    assert any(b'"Delete"' in one.body for one in town.sent if one.status == 202)


def test_whoever_was_never_tried_is_not_asked(town: Town, two: Neighbours) -> None:
    silent(two.marseille, town, two)
    # That town is not asked again for a while, so of this one it hears nothing before it is withdrawn.
    ladder = two.marseille.offer(two.odile, "Escabeau", audience=Audience.NETWORK)
    town.settle()
    withdraw(two.marseille, ladder, by=two.odile)
    town.settle()
    assert entry(two.marseille, ladder).receivers == ()
    two.barnabe.is_up = True
    town.pass_time(days=1)
    town.settle()
    assert not [one for one in town.sent if str(ladder.public_id).encode() in one.body]


# --- what was withdrawn under a block


def lift(house: House, town: Town, host: str) -> None:
    with house.federation.write.begin() as session:
        peers.unblock(session, host=host, now=town.now)


def loosen(house: House, town: Town, host: str) -> None:
    """A list says that it is to be limited only."""
    with house.federation.write.begin() as session:
        row = Row(line=1, host=host, severity=Severity.SILENCE, comment="")
        block_plans.carry_out(session, plan=replace(NO_PLAN, changed=[row]), now=town.now)


NO_PLAN = Plan(new=[], changed=[], same=0, kept=[], nothing=0, follows_ending=0, unread=[], mark="")


@pytest.mark.parametrize("end", [lift, loosen])
@pytest.mark.parametrize("blocked", ["before", "while it is under way", "for long"])
def test_what_was_withdrawn_while_a_town_was_blocked_is_asked_for_once_it_is_not(
    town: Town, two: Neighbours, end: Callable[[House, Town, str], None], blocked: str
) -> None:
    here, there = two.marseille, two.barnabe.host
    drill = here.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    ladder = here.offer(two.odile, "Escabeau", audience=Audience.NETWORK)
    town.settle()
    withdraw(here, ladder, by=two.odile)
    town.settle()
    if blocked == "before":
        block(here, town, there)
        withdraw(here, drill, by=two.odile)
        town.settle()
    else:
        two.barnabe.is_up = False
        withdraw(here, drill, by=two.odile)
        town.settle()
        block(here, town, there)
        two.barnabe.is_up = True
    if blocked == "for long":
        forget(here, town, there)
    assert standings(here, drill)[there] in {Standing.NOT_ASKED, Standing.GIVEN_UP}
    assert two.barnabe.titles() == {"Perceuse"}
    end(here, town, there)
    assert standings(here, drill) == {there: Standing.ASKED}
    town.pass_time(days=8)
    town.settle()
    assert two.barnabe.titles() == set()
    assert entry(here, drill).is_settled
    told = [one for one in town.sent if one.status == 202 and str(ladder.public_id).encode() in one.body]
    assert len([one for one in told if json.loads(one.body)["type"] == "Delete"]) == 1  # who confirmed is left alone


def test_a_town_below_another_that_is_blocked_is_asked_when_neither_is(town: Town, two: Neighbours) -> None:
    drill = two.marseille.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    give(two.marseille, town, drill, "https://sub.dead.example/inbox", "https://living.example/inbox")
    for host in ("dead.example", "sub.dead.example"):
        block(two.marseille, town, host)
    withdraw(two.marseille, drill, by=two.odile)
    town.settle()
    for host, standing in (("dead.example", Standing.NOT_ASKED), ("sub.dead.example", Standing.ASKED)):
        lift(two.marseille, town, host)
        assert standings(two.marseille, drill)["sub.dead.example"] is standing
    # Whoever was asked meanwhile is not asked twice.
    with two.marseille.federation.read() as session:
        asked = session.scalars(select(Delivery.inbox).join(Activity).where(Activity.type == "Delete")).all()
        assert sorted(asked) == sorted(set(asked))
