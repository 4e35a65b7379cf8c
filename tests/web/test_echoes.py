"""Echoes: after a commit, and only then, the circles that changed are told on the broker."""

import time
from collections.abc import Collection
from functools import partial

import pytest

from instance import halls, news, notices, organisations
from instance.audience import Audience
from tests import waiting
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, Neighbourhood
from web import echoes, stores


@pytest.fixture
def told(home_store: stores.Store) -> list[set[str]]:
    found: list[set[str]] = []
    echoes.watch(home_store, lambda keys: found.append(set(keys)))
    return found


def build(home_store: stores.Store, told: list[set[str]]) -> tuple[Neighbourhood, dict[str, str]]:
    town = neighbourhood.build(home_store.write())
    ines = town.resident(town.lilas)
    town.lilas.installer_id = town.organisation(ines, name="Bâtisseurs").id
    town.session.commit()
    told.clear()
    circles = {"home": f"building:{town.lilas.id}", "north": f"quarter:{town.north.id}", "city": "instance"}
    return town, circles


def test_each_commit_names_the_circles_it_touched(home_store: stores.Store, told: list[set[str]]) -> None:
    town, circle = build(home_store, told)
    session, ines = town.session, town.session.merge(town.resident(town.lilas))
    session.commit()
    assert told == [], "a resident hangs on no wall"
    offer = town.offer(ines, Audience.QUARTER)
    town.post(ines, town.organisation(ines), Audience.INSTANCE)
    assert told == [], "nothing is told before the commit"
    session.commit()
    assert told.pop() == {circle["north"], circle["city"], echoes.EVERYTHING}
    notices.edit(session, notice=offer, by=ines, title="Autre", body="x", now=NOW)
    session.commit()
    assert told.pop() == {circle["north"]}
    notices.narrow(
        session, notice=offer, by=ines, audience=Audience.BUILDING, building=town.lilas, quarter=None, now=NOW
    )
    session.commit()
    assert told.pop() == {circle["north"], circle["home"]}, "where it hung, and where it hangs"
    notices.withdraw(session, notice=offer, by=ines, now=NOW)
    session.commit()
    assert told.pop() == {circle["home"]}
    screen, _ = halls.install(session, building=town.lilas, now=NOW)
    session.commit()
    assert told.pop() == {echoes.SCREENS}
    halls.remove(session, public_id=screen.public_id, now=NOW)
    organisations.answer_for(session, building=town.lilas, organisation=None)
    session.commit()
    assert told.pop() == {echoes.SCREENS, circle["home"]}
    session.close()


def test_what_is_taken_back_is_not_told(home_store: stores.Store, told: list[set[str]]) -> None:
    town, circle = build(home_store, told)
    ines = town.resident(town.lilas)
    town.session.commit()
    town.offer(ines, Audience.INSTANCE)
    town.session.rollback()
    town.session.commit()
    assert told == []
    with town.session.begin_nested():
        town.offer(ines, Audience.QUARTER)
    assert told == [], "a savepoint is no commit"
    town.session.commit()
    assert told == [{circle["north"]}]
    town.session.close()


def test_a_news_summary_alone_is_told(home_store: stores.Store, told: list[set[str]]) -> None:
    town, circle = build(home_store, told)
    ines = town.resident(town.lilas)
    item = town.post(ines, town.organisation(ines), Audience.INSTANCE)
    town.session.commit()
    told.clear()
    news.edit(
        town.session, item=item, by=ines, title=item.title, summary="Autre", body=item.body, happening=None, now=NOW
    )
    town.session.commit()
    assert told == [{circle["city"]}]
    town.session.close()


def test_a_voice_without_broker_keeps_quiet_and_quick() -> None:
    began = time.monotonic()
    echoes.Voice("unix:///nowhere/at-all.sock")(["instance"])
    assert time.monotonic() - began < 3


until = partial(waiting.until, seconds=60, every=0.02)


def test_an_ear_hears_what_a_voice_says(valkey_url: str) -> None:
    heard: list[Collection[str]] = []
    lost: list[bool] = []
    ear = echoes.Ear(valkey_url, hear=heard.append, lost=lambda: lost.append(True))
    ear.start()
    until(lambda: lost)  # it listens now, and asks for a look at what it may have missed
    voice = echoes.Voice(valkey_url)
    voice(["instance", "building:7"])
    voice([f"building:{n}" for n in range(echoes.MOST_KEYS + 1)])
    until(lambda: len(heard) == 2)
    assert heard == [["building:7", "instance"], [echoes.EVERYTHING]]
    ear.stop()


def test_an_ear_survives_nonsense_and_a_cut(valkey_url: str) -> None:
    heard: list[Collection[str]] = []
    lost: list[bool] = []
    ear = echoes.Ear(valkey_url, hear=heard.append, lost=lambda: lost.append(True))
    ear.start()
    until(lambda: lost)
    voice = echoes.Voice(valkey_url)
    for nonsense in (b"\xff\xfe", "not json", "7"):
        voice._broker.publish(echoes.CHANNEL, nonsense)
    for client in voice._broker.client_list():
        if client["sub"] != "0":
            voice._broker.client_kill_filter(_id=client["id"])
    until(lambda: len(lost) == 2)
    voice(["instance"])
    until(lambda: heard)
    assert heard == [["instance"]]
    ear.stop()
