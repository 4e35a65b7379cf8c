"""What a request is about, its pace, and its three acts from the terminal, on each engine."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from instance.audience import Audience
from instance.listings import Listing
from instance.rings import Widening
from tests.web.commands.offices import Office
from web.terminal import desk

ASK = ("listings", "request", "--title", "Un œuf", "--body", "-", "--as", "ana")


def _kept(office: Office) -> tuple[list[Listing], list[Widening]]:
    with office.home() as session:
        return list(session.scalars(select(Listing).order_by(Listing.id))), list(session.scalars(select(Widening)))


def test_a_request_says_what_for_and_until_when(office: Office) -> None:
    asked = office.json(*ASK, "--audience", "building", "--need", "tool", stdin="Pour samedi.")
    assert asked["need"] == "tool"
    left = datetime.fromisoformat(asked["until"]) - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < left < timedelta(days=7)
    assert office.json(*ASK, "--audience", "building", stdin="x")["need"] == "other"
    assert office.refused(*ASK, "--audience", "building", "--need", "castle", stdin="x", status=2)["code"] == "usage"


def test_it_widens_at_a_pace_stays_is_renewed_and_ends(office: Office) -> None:
    asked = office.json(*ASK, "--audience", "instance", "--need", "tool", "--pace", "tomorrow", stdin="x")
    assert asked["audience"] == "building"
    assert len(_kept(office)[1]) == 1
    one = asked["id"]
    assert office.refused("listings", "stay", one, "--as", "ben")["code"] == "not_found"
    assert office.json("listings", "stay", one, "--as", "ana")["state"] == "live"
    assert _kept(office)[1] == []
    assert office.refused("listings", "renew", one, "--as", "ana")["code"] == "not_longer"
    with office.home() as session:
        session.scalars(select(Listing)).one().expires_at = datetime.now(UTC) + timedelta(days=1)
        session.commit()
    renewed = office.json("listings", "renew", one, "--as", "ana")
    assert datetime.fromisoformat(renewed["until"]) > datetime.now(UTC) + timedelta(days=6)
    assert office.json("listings", "found", one, "--as", "ana")["state"] == "withdrawn"
    assert office.refused("listings", "found", one, "--as", "ana")["code"] == "not_found"


def test_what_ends_before_it_would_widen_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    noon = datetime.now(UTC).replace(hour=11)  # from 22:00 on "tonight" is tomorrow's
    monkeypatch.setattr(desk, "datetime", SimpleNamespace(now=lambda _zone: noon))
    late = (*ASK, "--audience", "quarter", "--need", "ingredient", "--pace", "tomorrow")
    assert office.refused(*late, stdin="x")["code"] == "pace_late"


def test_an_offer_is_not_found(office: Office) -> None:
    offer = office.json("listings", "offer", *ASK[2:], "--audience", "building", stdin="x")
    assert office.refused("listings", "found", offer["id"], "--as", "ana")["code"] == "not_request"


def test_what_leaves_later_is_shown_first_and_asked_about(office: Office) -> None:
    paced = (*ASK, "--audience", "network", "--byline", "Une voisine", "--need", "tool", "--pace", "hours")
    looked = office.json(*paced, "--dry-run", stdin="Pour samedi.")
    assert (looked["leaves"]["signed"], looked["audience"]) == ("Une voisine", "network")
    assert office.refused(*paced, stdin="x")["code"] == "not_confirmed"
    assert _kept(office) == ([], [])
    assert office.json(*paced, "--yes", stdin="x")["audience"] == "building"
    (listing,), (widening,) = _kept(office)
    assert (listing.reach, listing.byline, listing.reached_network) == (Audience.BUILDING, None, False)
    assert (widening.furthest, widening.byline) == (Audience.NETWORK, "Une voisine")
