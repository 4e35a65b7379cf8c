"""Nothing is tried for ever, and nothing disappears unseen."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from federation import delivery, patience
from federation.models import Activity, Delivery, DeliveryState
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


@pytest.mark.parametrize("under_way", [DeliveryState.SENT, DeliveryState.LEASED])
def test_what_is_older_than_what_was_sent_is_not_replayed(
    town: stores.Store, clock: datetime, under_way: DeliveryState
) -> None:
    owe(town, objects=2, hosts=HOSTS[:2], now=clock)
    states = {
        # Of one object at one inbox: a failed Create, an Update that is there, a Delete that failed.
        ("articles/0", HOSTS[0]): [DeliveryState.FAILED, under_way, DeliveryState.FAILED],
        # Of another, and at another inbox, nothing newer is there.
        ("articles/1", HOSTS[0]): [DeliveryState.FAILED, DeliveryState.FAILED, DeliveryState.DUE],
        ("articles/0", HOSTS[1]): [DeliveryState.FAILED, DeliveryState.ABANDONED, DeliveryState.FAILED],
        ("articles/1", HOSTS[1]): [DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.ABANDONED],
    }
    with town.write.begin() as session:
        for (name, host), wanted in states.items():
            mine = select(Delivery).where(Delivery.object_uri.endswith(name), Delivery.host == host)
            for row, state in zip(session.scalars(mine.order_by(Delivery.id)), wanted, strict=True):
                row.state = state
    with town.write.begin() as session:
        assert [delivery.replay_all(session, host=host, now=clock) for host in HOSTS[:2]] == [3, 5]
    old = [row for row in rows(town) if row.host == HOSTS[0] and row.object_uri.endswith("articles/0")]
    assert [row.state for row in old] == [DeliveryState.FAILED, under_way, DeliveryState.DUE]


def test_a_letter_is_replayed_although_a_later_one_of_its_thread_came(town: stores.Store, clock: datetime) -> None:
    owe(town, objects=1, hosts=HOSTS[:1], now=clock, steps=("Create", "Update"))
    with town.write.begin() as session:
        first, second = session.scalars(select(Delivery).order_by(Delivery.id))
        first.state, second.state = DeliveryState.FAILED, DeliveryState.SENT
        activity = session.get_one(Activity, first.activity_id)
        activity.document_uri = activity.uri
        session.flush()
        assert delivery.replay(session, delivery=first, now=clock)
