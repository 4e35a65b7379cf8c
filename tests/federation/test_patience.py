"""Nothing is tried for ever, and nothing disappears unseen."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from federation import delivery, patience
from federation.models import Delivery, DeliveryState
from tests.federation.test_sending import HOSTS, owe, rows
from web import stores


def test_a_delete_is_tried_longest(town: stores.Store, clock: datetime) -> None:
    owe(town, objects=1, hosts=HOSTS[:1], now=clock)
    for days, expected in ((13, ["due"] * 3), (15, ["abandoned", "abandoned", "due"]), (91, ["abandoned"] * 3)):
        with town.write.begin() as session:
            patience.give_up(session, now=clock + timedelta(days=days))
        assert [row.state for row in rows(town)] == expected
    assert {row.last_error for row in rows(town)} == {patience.GIVEN_UP}


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.ABANDONED])
def test_what_failed_is_kept_ninety_days_and_can_be_replayed(
    town: stores.Store, clock: datetime, state: DeliveryState
) -> None:
    owe(town, objects=2, hosts=HOSTS[:1], now=clock, steps=("Create",))
    with town.write.begin() as session:
        for row in session.scalars(select(Delivery)):
            row.state = state
    late = clock + timedelta(days=89)
    with town.write.begin() as session:
        assert patience.forget(session, now=late) == 0
        assert delivery.replay(session, delivery=session.scalars(select(Delivery)).first(), now=late)  # type: ignore[arg-type]
    with town.write.begin() as session:
        assert patience.forget(session, now=clock + timedelta(days=91)) == 1
    assert [row.state for row in rows(town)] == [DeliveryState.DUE]


def test_a_purge_leaves_withdrawals_and_other_hosts_alone(town: stores.Store, clock: datetime) -> None:
    owe(town, objects=2, hosts=HOSTS[:2], now=clock)
    with town.write.begin() as session:
        assert patience.purge(session, host=HOSTS[0]) == 4
    left = rows(town)
    assert len([one for one in left if one.host == HOSTS[1]]) == 6
    assert [one.state for one in left if one.host == HOSTS[0]] == ["due"] * 2
    with town.write.begin() as session:
        assert patience.purge(session, host=HOSTS[0]) == 0


def test_a_withdrawal_that_nobody_took_is_kept_for_the_record(town: stores.Store, clock: datetime) -> None:
    owe(town, objects=1, hosts=HOSTS[:1], now=clock)
    for days in (91, 182):
        with town.write.begin() as session:
            patience.give_up(session, now=clock + timedelta(days=days))
            patience.forget(session, now=clock + timedelta(days=days))
    assert [row.state for row in rows(town)] == [DeliveryState.SHELVED]
    with town.write.begin() as session:
        assert not delivery.replay(session, delivery=rows(town)[0], now=clock)
        assert patience.forget(session, now=clock + timedelta(days=999)) == 0
