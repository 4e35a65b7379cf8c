"""Writing for a neighbour: their consent is noted, and their name nowhere."""

from datetime import date, timedelta

import pytest

from instance import notices, relays
from instance.audience import Audience
from instance.base import Refused
from instance.relays import Relay
from tests.instance.neighbourhood import Neighbourhood

YESTERDAY = date(2027, 5, 10)
HOW = "dit à l’accueil"


def test_a_consent_is_noted_corrected_and_taken_back(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    listing, other = (town.offer(ines, Audience.BUILDING) for _ in range(2))
    given = {"listing": listing, "by": ines, "now": town.now}
    relays.speak_for(town.session, agreed_on=YESTERDAY, how=f"  {HOW} ", **given)  # type: ignore[arg-type]
    assert relays.among(town.session, ids=[listing.id, other.id]) == {listing.id}
    corrected = YESTERDAY - timedelta(days=1)
    relay = relays.speak_for(town.session, agreed_on=corrected, how=HOW, **given)  # type: ignore[arg-type]
    assert (relay.agreed_on, relay.how, relay.by_id) == (corrected, HOW, ines.id)
    assert town.session.query(Relay).count() == 1
    relays.end(town.session, listing=listing, by=ines)
    assert relays.among(town.session, ids=[listing.id]) == frozenset()
    assert relays.among(town.session, ids=[]) == frozenset()


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"how": " "}, "missing", "how"),
        ({"how": "x" * 201}, "too_long", "how"),
        ({"agreed_on": None}, "missing", "agreed_on"),
        ({"agreed_on": date(2027, 5, 12)}, "day_future", "agreed_on"),
    ],
)
def test_what_is_no_consent(town: Neighbourhood, given: dict[str, object], code: str, field: str) -> None:
    ines = town.resident(town.lilas)
    listing = town.offer(ines, Audience.BUILDING)
    with pytest.raises(Refused, match=code) as refused:
        relays.speak_for(
            town.session,
            listing=listing,
            by=ines,
            now=town.now,
            **{"agreed_on": YESTERDAY, "how": HOW, **given},  # type: ignore[arg-type]
        )
    assert refused.value.field == field
    assert relays.of(town.session, listing=listing) is None


def test_nobody_notes_it_on_somebody_elses_notice_or_on_one_that_is_down(town: Neighbourhood) -> None:
    ines, amir = town.resident(town.lilas), town.resident(town.lilas)
    listing = town.offer(ines, Audience.BUILDING)
    given = {"listing": listing, "agreed_on": YESTERDAY, "how": HOW, "now": town.now}
    with pytest.raises(Refused, match="not_yours"):
        relays.speak_for(town.session, by=amir, **given)  # type: ignore[arg-type]
    notices.withdraw(town.session, notice=listing, by=ines, now=town.now)
    with pytest.raises(Refused, match="not_live"):
        relays.speak_for(town.session, by=ines, **given)  # type: ignore[arg-type]


def test_a_record_has_no_room_for_the_neighbour() -> None:
    columns = {one.name for one in Relay.__table__.columns}
    assert columns == {"id", "public_id", "created_at", "listing_id", "by_id", "agreed_on", "how"}
