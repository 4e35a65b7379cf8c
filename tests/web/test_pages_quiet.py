"""Quiet on the pages: one's own switches, and pages of the other that stay byte for byte what they would be."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from instance.audience import Audience
from instance.listings import Listing
from tests.town.proofs.oracle import Told, told
from tests.web import pages_town
from tests.web.pages_town import Town

pytestmark = pytest.mark.sqlite

UUIDS = re.compile(rb"[0-9a-f]{8}-[0-9a-f-]{27}")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def begun(town: Town) -> str:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    return str(town.browser(town.ben).post(f"/notices/{listing.public_id}/answer", data={"body": "Bonjour"}).location)


def say(client: FlaskClient, path: str, **data: str) -> str:
    return client.post(path, data=data, follow_redirects=True).text


def test_leaving_takes_it_from_one_list_only(town: Town) -> None:
    talk = begun(town)
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    assert "Ben Fictif is told nothing" in ana.get(f"{talk}/quiet").text
    assert "No letters yet" in say(ana, f"{talk}/leave")
    assert ana.get(talk).status_code == 404
    assert "Encore un mot" in say(ben, talk, body="Encore un mot")
    assert "No letters yet" in ana.get("/conversations").text
    assert ana.post(talk, data={"body": "Moi"}).status_code == 404


def test_muting_and_hearing_again(town: Town) -> None:
    talk = begun(town)
    ana = town.browser(town.ana)
    assert "Muted: you get no mail" in say(ana, f"{talk}/mute")
    assert "Get mail again" in ana.get(f"{talk}/quiet").text
    assert "Mute, leave, block or report" in say(ana, f"{talk}/mute", wanted="no")


def test_blocking_and_unblocking_from_the_account(town: Town) -> None:
    talk = begun(town)
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    assert "Whom you block" not in ana.get("/account").text
    assert "You will hear nothing more" in say(ana, f"{talk}/block")
    page = ana.get("/account").text
    assert "Unblock Ben Fictif" in page
    assert "Whom you block" not in ben.get("/account").text
    (path,) = re.findall(r'action="(/account/blocked/[^"]+)"', page)
    for other in (ben, town.browser(town.moderator)):
        assert other.post(path).status_code == 404
    mine = town.listing(by=town.ben, audience=Audience.BUILDING, title="Une perceuse")
    assert "You block this person" in say(ana, f"/notices/{mine.public_id}/answer", body="Bonjour")
    assert "can write to you again" in say(ana, path)
    assert "Whom you block" not in ana.get("/account").text
    assert "Bonjour" in say(ana, talk, body="Bonjour")


def test_hours_and_how_many(town: Town) -> None:
    ana = town.browser(town.ana)
    assert "Your settings are kept." in say(ana, "/account/hours", begins="22", ends="7", most_new="3")
    for begins, most_new in (("24", "3"), ("x", "3"), ("", "3"), ("22", "99"), ("22", "-1")):
        assert "Your settings are kept." not in say(
            ana, "/account/hours", begins=begins, ends="7", most_new=most_new
        ), begins


def _as_told(town: Town, listing: Listing, wish: Callable[[Town, str], None]) -> list[Told]:
    """Everything that Ben is answered, whatever Ana did."""
    ben, found = town.browser(town.ben), []
    answer = f"/notices/{listing.public_id}/answer"
    talk = str(ben.post(answer, data={"body": "Bonjour"}).location)
    wish(town, talk)
    moments = {"day_1": "2027-05-12", "hour_1": "18:30", "place": "Ici", "hall": ""}
    for method, path, data in (
        ("GET", talk, {}),
        ("POST", talk, {"body": "Vous êtes là ?"}),
        ("POST", f"{talk}/meeting", moments),
        ("GET", talk, {}),
        ("GET", f"{talk}/quiet", {}),
        ("GET", f"/notices/{listing.public_id}", {}),
        ("POST", answer, {"body": "Et ici ?"}),
        ("GET", "/conversations", {}),
        ("GET", "/account", {}),
    ):
        status, head, body = told(ben.open(path, method=method, data=data), asked=str(listing.public_id))
        head = [(name, UUIDS.sub(b"ID", value.encode()).decode()) for name, value in head]
        found.append((status, head, UUIDS.sub(b"ID", body)))
    return found


def _never(_town: Town, _talk: str) -> None:
    """Ana does nothing at all."""


def _does(way: str) -> Callable[[Town, str], None]:
    def act(town: Town, talk: str) -> None:
        assert say(town.browser(town.ana), f"{talk}/{way}")

    return act


@pytest.mark.parametrize("way", ["leave", "block", "mute"])
def test_to_the_byte_the_other_sees_what_they_would_see_anyway(tmp_path: Path, way: str) -> None:
    answers = []
    for name, wish in (("without", _never), ("with", _does(way))):
        for town in pages_town.build(tmp_path / name):
            listing = town.listing(by=town.ana, audience=Audience.QUARTER, title="Une échelle")
            answers.append(_as_told(town, listing, wish))
            held = town.browser(town.ana).get("/conversations").text
            assert ("Et ici ?" in held) is (wish is _never or way == "mute")
    assert answers[0] == answers[1]


def test_a_first_answer_to_who_blocks_is_to_the_byte_one_to_who_does_not(tmp_path: Path) -> None:
    answers = []
    for name in ("without", "with"):
        for town in pages_town.build(tmp_path / name):
            talk = begun(town)
            if name == "with":
                say(town.browser(town.ana), f"{talk}/block")
            listing = town.listing(by=town.ana, audience=Audience.QUARTER, title="Une échelle")
            answers.append(_as_told(town, listing, _never))
            assert ("Une échelle" in town.browser(town.ana).get("/conversations").text) is (name == "without")
    assert answers[0] == answers[1]
