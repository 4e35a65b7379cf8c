"""Two towns that entered where their quarters lie: each is told which of the other's lie beside its own."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from federation import nearness, outlines, quarters
from federation.base import Unreachable
from federation.models import Delivery, Peer
from federation.neighbours import TheirOutlines
from instance import outlines as maps
from instance import places
from instance.places import Quarter
from tests.town.houses import House, Town


def square(x: float) -> str:
    """An invented square of a hundredth of a degree."""
    east = x + 0.01
    return f"MULTIPOLYGON((({x} 43,{east} 43,{east} 43.01,{x} 43.01,{x} 43)))"


def draw(house: House, quarter: Quarter, wkt: str) -> None:
    house.do(maps.keep, quarter=quarter, wkt=wkt)


@dataclass
class Two:
    """Two towns that know each other, and their quarters."""

    town: Town
    here: House
    there: House
    port: Quarter
    hill: Quarter
    mill: Quarter

    def pairs(self, house: House, other: House) -> list[tuple[str, str]]:
        with house.federation.read() as session:
            return [(one.own_name, one.their_name) for one in outlines.suggested(session, host=other.host)]

    def looked(self) -> TheirOutlines | None:
        with self.here.federation.read() as session:
            return session.get(TheirOutlines, self.there.host)

    def look(self) -> None:
        self.here.add_peer(self.there)
        self.town.settle()


@pytest.fixture
def two(town: Town) -> Two:
    here, there = town.build("ici"), town.build("labas")
    made = Two(town, here, there, here.quarter("Le Port"), here.quarter("Les Collines"), there.quarter("Le Moulin"))
    town.settle()
    here.add_peer(there)
    there.add_peer(here)
    town.settle()
    return made


def test_quarters_that_meet_are_suggested_to_both_and_declared(two: Two) -> None:
    draw(two.here, two.port, square(5.0))
    draw(two.here, two.hill, square(5.3))
    two.town.settle()
    assert two.pairs(two.here, two.there) == []
    draw(two.there, two.mill, square(5.0101))
    two.town.settle()
    assert two.pairs(two.there, two.here) == [("Le Moulin", "Le Port")]
    two.look()
    assert two.pairs(two.here, two.there) == [("Le Port", "Le Moulin")]
    with two.here.federation.write.begin() as session:
        assert outlines.declare_all(session, host=two.there.host, now=two.town.now) == 1
        assert [one.their_name for one in quarters.declared(session, host=two.there.host)] == ["Le Moulin"]
    assert two.pairs(two.here, two.there) == []
    with two.here.federation.read() as session:
        # Nobody who follows a quarter is told about a line on a map.
        assert session.scalars(select(Delivery)).all() == []


def test_what_changes_on_the_map_changes_what_is_suggested(two: Two) -> None:
    draw(two.here, two.port, square(5.0))
    draw(two.there, two.mill, square(5.01))
    two.town.settle()
    two.look()
    draw(two.here, two.hill, square(5.02))
    two.town.settle()
    assert two.pairs(two.here, two.there) == [("Le Port", "Le Moulin"), ("Les Collines", "Le Moulin")]
    draw(two.here, two.port, square(5.3))
    two.town.settle()
    assert two.pairs(two.here, two.there) == [("Les Collines", "Le Moulin")]
    draw(two.there, two.mill, "")
    two.town.settle()
    two.look()
    assert two.pairs(two.here, two.there) == []
    with pytest.raises(Unreachable):
        two.here.wire.fetch_json(f"{two.there.origin}/actor/outlines")


def test_a_quarter_that_is_not_open_is_shown_by_no_map(two: Two) -> None:
    with two.there.home.write.begin() as session:
        city = session.get_one(Quarter, two.mill.id).city
        shut = places.add_quarter(session, city=city, name="Le Bief", postcode="13012", district=12, now=two.town.now)
        maps.keep(session, quarter=shut, wkt=square(5.01), now=two.town.now)
        maps.keep(session, quarter=session.get_one(Quarter, two.mill.id), wkt=square(5.5), now=two.town.now)
    two.town.settle()
    shown = json.dumps(two.here.wire.fetch_json(f"{two.there.origin}/actor/outlines").doc)
    assert "Le Moulin" in shown
    assert "Bief" not in shown
    two.there.do(places.open_quarter, quarter=shut)
    two.town.settle()
    assert "Le Bief" in json.dumps(two.here.wire.fetch_json(f"{two.there.origin}/actor/outlines").doc)


def answering(two: Two, monkeypatch: pytest.MonkeyPatch, **more: Any) -> TheirOutlines:
    """What is kept after the other town answered with its own document, changed so."""
    fetch = type(two.here.wire).fetch_json

    def changed(wire: Any, url: str, **how: Any) -> Any:
        fetched = fetch(wire, url, **how)
        if url.endswith("/outlines"):
            fetched.doc.update(more)
        return fetched

    with monkeypatch.context() as patch:
        patch.setattr(type(two.here.wire), "fetch_json", changed)
        two.look()
    found = two.looked()
    assert found is not None
    return found


def place(quarter: str, wkt: str, name: str = "X") -> dict[str, Any]:
    return {"type": "Place", "name": name, "attributedTo": quarter, "hasGeometry": {"asWKT": wkt}}


def test_what_a_town_says_wrongly_is_a_sentence_and_what_was_known_stays(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(two.here, two.port, square(5.0))
    draw(two.there, two.mill, square(5.01))
    two.town.settle()
    two.look()
    here, mill = two.here.origin, f"{two.there.origin}/users/{two.mill.slug}"
    for wrong in (
        {"id": f"{here}/actor/outlines"},
        {"type": "Note"},
        {"items": [{}] * 501},
    ):
        found = answering(two, monkeypatch, **wrong)
        assert found.last_error is not None
        assert found.last_error.startswith("its outlines are not believed: ")
        assert len(found.near) == 1
    found = answering(
        two, monkeypatch, items=[place(mill, "POLYGON((5 NaN))", "Le Bief"), place(mill, square(5.01)), 7]
    )
    assert (found.last_error, len(found.near)) == ("outlines not read: Le Bief, 3", 1)
    # A quarter of somebody else, one of ours among them, and one that its town does not show.
    strangers = (f"{here}/users/{two.port.slug}", "https://autre.example/users/x", f"{two.there.origin}/users/absent")
    answering(two, monkeypatch, items=[place(one, square(5.01)) for one in strangers])
    assert two.pairs(two.here, two.there) == []
    monkeypatch.setattr(nearness.pairs, "__kwdefaults__", {"within": nearness.NEAR, "most": 3})
    assert answering(two, monkeypatch).last_error == "its outlines are too tangled to compare"


def test_a_town_without_a_map_of_its_own_asks_nobody(two: Two) -> None:
    draw(two.there, two.mill, square(5.01))
    two.town.settle()
    two.look()
    assert two.looked() is None
    with two.here.federation.read() as session:
        assert session.scalars(select(Peer)).one().last_error is None
