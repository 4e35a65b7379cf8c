"""A request that widens beyond its town leaves once, at its hour; once somebody is found it is called back."""

import pytest

from instance import rings
from instance.audience import Audience
from instance.listings import Listing
from instance.needs import Need
from instance.rings import Pace
from tests.town.houses import Town

TITLE = "Remorque cherchée"


@pytest.mark.parametrize("end", ["found", "stay"])
def test_widening_leaves_once_and_found_calls_it_back(town: Town, end: str) -> None:
    marseille, barnabe = town.build("marseille"), town.build("barnabe")
    quarter = marseille.quarter("Saint Julien")
    odile = marseille.resident("Odile", building=marseille.building(quarter))
    town.settle()
    barnabe.follow(f"{marseille.origin}/users/instance")
    town.settle()
    before = len(town.sent)
    listing = marseille.do(
        rings.ask, by=odile, title=TITLE, body="Pour une armoire.", audience=Audience.NETWORK, need=Need.TOOL,
        pace=Pace.HOURS, byline="Une voisine",
    )  # fmt: skip
    assert isinstance(listing, Listing)
    for audience in (Audience.BUILDING, Audience.QUARTER, Audience.INSTANCE):
        town.settle()
        assert marseille.hung(TITLE).audience is audience
        assert not [one for one in town.sent[before:] if b"Remorque" in one.body or b"armoire" in one.body]
        town.pass_time(hours=2)
    town.settle()
    assert marseille.hung(TITLE).audience is Audience.NETWORK
    assert barnabe.titles() == {TITLE}
    created = [one for one in town.sent[before:] if b'"Create"' in one.body and b"Remorque" in one.body]
    assert len(created) == 1
    town.pass_time(hours=4)
    town.settle()
    assert len([one for one in town.sent[before:] if b"Remorque" in one.body]) == 1
    if end == "found":
        town.pass_time(minutes=1)
        marseille.do(rings.found, listing=listing, by=odile)
    else:
        marseille.do(lambda session, listing, by, now: now and rings.stay(session, listing=listing, by=by),
                     listing=listing, by=odile)  # fmt: skip
    town.settle()
    assert barnabe.titles() == (set() if end == "found" else {TITLE})
    assert not town.undelivered()


def test_found_before_its_hour_leaves_nothing(town: Town) -> None:
    marseille, barnabe = town.build("marseille"), town.build("barnabe")
    quarter = marseille.quarter("Saint Julien")
    odile = marseille.resident("Odile", building=marseille.building(quarter))
    town.settle()
    barnabe.follow(f"{marseille.origin}/users/instance")
    town.settle()
    before = len(town.sent)
    listing = marseille.do(
        rings.ask, by=odile, title=TITLE, body="Pour une armoire.", audience=Audience.NETWORK, need=Need.TOOL,
        pace=Pace.HOURS, byline="Une voisine",
    )  # fmt: skip
    for _ in range(2):
        town.pass_time(hours=2)
        town.settle()
    marseille.do(rings.found, listing=listing, by=odile)
    town.pass_time(days=3)
    town.settle()
    assert town.sent[before:] == []
    assert barnabe.titles() == set()
