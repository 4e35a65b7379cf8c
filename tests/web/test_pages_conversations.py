"""Answers and the private letters that follow."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from instance import correspondence, journal, listings, residents
from instance.audience import Audience
from instance.conversations import Conversation, Message
from instance.correspondence import Letter
from instance.listings import Direction, Listing
from instance.notices import Notice, Origin
from tests.web import pages_town
from tests.web.pages_town import NOW, Town

pytestmark = pytest.mark.sqlite


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def remote_offer(town: Town) -> Notice:
    """An offer that hangs here for another town."""
    with town.home() as session:
        return listings.welcome(
            session,
            origin=Origin(
                uri="https://voisine.example/users/instance/items/1",
                actor_uri="https://voisine.example/users/instance",
                name="Bourse de Voisine",
                host="voisine.example",
                url="https://voisine.example/notices/1",
                updated=NOW,
            ),
            direction=Direction.OFFER,
            title="Un appareil à raclette",
            html="<p>À prêter.</p>",
            language="fr",
            now=NOW,
        )


def messages(town: Town) -> int:
    with town.store.read() as session:
        return session.scalar(select(func.count()).select_from(Message)) or 0


def test_an_answer_opens_a_conversation_for_two(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    ben, ana = town.browser(town.ben), town.browser(town.ana)
    page = ben.post(f"/notices/{listing.public_id}/answer", data={"body": "J'en ai **une**."}, follow_redirects=True)
    assert "<strong>une</strong>" in page.text
    assert "Letters with Ana Inventée" in page.text
    held = ana.get("/conversations").text
    assert "Ben Fictif" in held
    path = held.split('href="/conversations/')[1].split('"')[0]
    reply = ana.post(f"/conversations/{path}", data={"body": "Merci, à samedi."}, follow_redirects=True)
    assert "Merci, à samedi." in reply.text
    assert "About your notice:" in reply.text
    assert "Merci, à samedi." in ben.get(f"/conversations/{path}").text


def test_a_second_answer_goes_on_in_the_same_conversation(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    ben = town.browser(town.ben)
    for words in ("Un", "Deux"):
        ben.post(f"/notices/{listing.public_id}/answer", data={"body": words})
    with town.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Conversation)) == 1
    assert "Write again" in ben.get(f"/notices/{listing.public_id}").text


def test_the_author_gets_no_answer_form_and_cannot_answer(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    browser = town.browser(town.ana)
    assert "Send the answer" not in browser.get(f"/notices/{listing.public_id}").text
    browser.post(f"/notices/{listing.public_id}/answer", data={"body": "Moi"})
    assert messages(town) == 0


def test_an_answer_to_a_taken_down_notice_is_refused_with_a_reason(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    town.browser(town.ana).post(f"/notices/{listing.public_id}/withdraw")
    answer = town.browser(town.ben).post(f"/notices/{listing.public_id}/answer", data={"body": "Moi"})
    assert answer.status_code == 404
    assert messages(town) == 0


def test_an_empty_answer_is_refused_and_a_long_one_kept(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    browser = town.browser(town.ben)
    assert "Fill in this field." in browser.post(f"/notices/{listing.public_id}/answer", data={"body": " "}).text
    long = "y" * 4001
    page = browser.post(f"/notices/{listing.public_id}/answer", data={"body": long}).text
    assert "This is too long." in page
    assert long in page
    assert messages(town) == 0


def test_an_answer_to_another_town_is_signed_with_a_byline(town: Town) -> None:
    offer = remote_offer(town)
    browser = town.browser(town.ana)
    page = browser.get(f"/notices/{offer.public_id}").text
    assert "Comes from Bourse de Voisine, voisine.example." in page
    assert 'href="https://voisine.example/notices/1" rel="nofollow noopener noreferrer external"' in page
    refused = browser.post(f"/notices/{offer.public_id}/answer", data={"body": "Volontiers"})
    assert "Say how you sign outside the town" in refused.text
    assert "Volontiers" in refused.text
    kept = browser.post(
        f"/notices/{offer.public_id}/answer", data={"body": "Volontiers", "byline": "Ana"}, follow_redirects=True
    )
    assert "signed Ana." in kept.text
    with town.store.read() as session:
        assert session.scalars(select(Conversation)).one().byline == "Ana"
        assert [one.subject for one in journal.unjudged(session)][-1] == "message"


def test_two_letters_of_one_town_are_two_conversations(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.NETWORK)
    with town.home() as session:
        found = session.get(Listing, listing.id)
        for number in (1, 2):
            correspondence.receive(
                session,
                letter=Letter(
                    uri=f"https://voisine.example/l/{number}",
                    sender="https://voisine.example/users/instance",
                    sender_name=f"Voisin {number}",
                    host="voisine.example",
                    html=f"<p>Lettre {number}<script>alert(1)</script></p>",
                    listing=listing.public_id,
                ),
                listing=found,
                now=NOW,
            )
    page = town.browser(town.ana).get("/conversations").text
    assert "Voisin 1" in page
    assert "Voisin 2" in page
    assert "<script>" not in page
    assert page.count('class="entry"') == 2


def test_a_suspended_neighbour_can_no_longer_be_written_to(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    town.browser(town.ben).post(f"/notices/{listing.public_id}/answer", data={"body": "Moi"})
    with town.home() as session:
        ben = session.get(residents.Resident, town.ben.id)
        assert ben is not None
        ben.state = residents.State.SUSPENDED.value
    ana = town.browser(town.ana)
    path = ana.get("/conversations").text.split('href="/conversations/')[1].split('"')[0]
    assert "no longer reads letters" in ana.get(f"/conversations/{path}").text
    ana.post(f"/conversations/{path}", data={"body": "Allô ?"})
    assert messages(town) == 1


def test_nothing_counts_or_names_readers(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    town.browser(town.ben).get(f"/notices/{listing.public_id}")
    page = town.browser(town.ana).get(f"/notices/{listing.public_id}").text.split("<main")[1].split("</main")[0]
    assert "Ben" not in page
    assert "seen" not in page.lower().replace("who sees this", "")


def test_an_empty_letterbox_teaches(town: Town) -> None:
    assert "No letters yet" in town.browser(town.ana).get("/conversations").text
