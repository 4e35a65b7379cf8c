"""Marketplaces get offers in their own form, those only that somebody chose it for, and withdrawals like everybody."""

from collections.abc import Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from activitypub import codec
from activitypub.dialects import Dialect
from activitypub.outlines import Point
from federation import markets, translate
from instance import listings, notices
from instance import outlines as maps
from instance.audience import Audience
from tests.house.samples import HERE, LISTING
from tests.town import schemas
from tests.town.houses import House, Town


def said(town: Town, house: House) -> list[Mapping[str, Any]]:
    """What was sent to a town about listings, oldest first."""
    sent = [codec.load(one.body) for one in town.sent if one.url.startswith(house.origin) and one.body]
    return [one for one in sent if one["type"] in {"Create", "Update", "Delete"}]


def test_a_marketplace_gets_offers_in_its_form_and_nobody_else_does(town: Town) -> None:
    here, market, other = (town.build(name) for name in ("marseille", "brocante", "barnabe"))
    odile = here.resident("Odile", building=here.building(here.quarter("Saint Julien")))
    town.settle()
    for house in (market, other):
        here.add_peer(house)
        house.follow(f"{here.origin}/users/instance")
    town.settle()
    with here.federation.write.begin() as session:
        markets.choose(session, host=market.host, dialect=Dialect.FLOHMARKT)
    drill = here.offer(odile, "Perceuse", audience=Audience.NETWORK)
    words = {"title": "Une échelle", "body": "Pour samedi.", "audience": Audience.NETWORK, "byline": "Odile"}
    here.do(listings.request, by=odile, **words)
    town.settle()
    [sold] = said(town, market)
    assert sold["object"]["name"] == "Perceuse"
    assert sold["object"]["flohmarkt:data"] == {
        "name": "Perceuse",
        "description": "Perceuse, à prêter.",
        "price": "0",
        "currency": "EUR",
        "original_id": str(drill.public_id),
    }
    assert sold["id"] == f"{sold['object']['id']}/activity#flohmarkt"
    usual = said(town, other)
    assert len(usual) == 2
    assert not [one for one in usual if "name" in one["object"] or "#" in one["id"]]
    here.do(notices.withdraw, notice=drill, by=odile)
    town.settle()
    assert [said(town, house)[-1]["type"] for house in (market, other)] == ["Delete", "Delete"]
    with here.federation.write.begin() as session:
        markets.choose(session, host=market.host, dialect=None)
        assert markets.among(session, inboxes=[f"{market.origin}/inbox"]) == {}


def test_an_offer_lies_in_the_middle_of_its_quarter_as_far_as_that_is_public(town: Town) -> None:
    """A market with a perimeter asks where an offer is; it is told no more than the quarter's public outline tells."""
    here, market = town.build("marseille"), town.build("brocante")
    quarter = here.quarter("Saint Julien")
    odile = here.resident("Odile", building=here.building(quarter))
    town.settle()
    here.add_peer(market)
    market.follow(f"{here.origin}/users/instance")
    town.settle()
    with here.federation.write.begin() as session:
        markets.choose(session, host=market.host, dialect=Dialect.FLOHMARKT)
    here.offer(odile, "Échelle", audience=Audience.NETWORK)
    town.settle()
    here.do(maps.keep, quarter=quarter, wkt="MULTIPOLYGON(((5 43,5.0109 43,5.0109 43.02,5 43.02,5 43)))")
    town.settle()
    here.offer(odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    ladder, drill = said(town, market)
    assert drill["object"]["flohmarkt:data"]["coordinates"] == {"lat": 43.01, "lng": 5.005}
    assert "coordinates" not in ladder["object"]["flohmarkt:data"]


@pytest.mark.parametrize("place", [None, (5.005, 43.01)])
@pytest.mark.parametrize("dialect", list(Dialect))
def test_what_a_marketplace_gets_is_a_closed_shape(dialect: Dialect, place: Point | None) -> None:
    note = translate.listing(LISTING, origin=HERE)
    for deed in (translate.create(note), translate.update(note, version=2)):
        doc = translate.in_dialect(LISTING, codec.write(deed), dialect=dialect, place=place, origin=HERE)
        Draft202012Validator(schemas.MARKET[dialect]).validate(codec.load(codec.encode(doc)) | {"@context": []})
        assert doc["object"]["id"] == note.id
        # It is still read as what it is, by whoever reads it leniently.
        assert codec.read_activity(codec.load(codec.encode(doc))).id == f"{deed.id}#{dialect.value}"
