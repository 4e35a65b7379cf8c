"""What crosses between instances and what stays: the first whole journeys."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from federation import addresses
from federation.models import Crossing, Document
from instance import conversations, journal, listings, logins, notices
from instance.audience import Audience
from instance.organisations import Organisation
from instance.places import Building, Quarter
from instance.residents import Resident
from tests.town.houses import House, Town
from web import home_worker


@dataclass(slots=True, kw_only=True)
class Neighbours:
    """Two instances that follow each other's quarter and desk, with somebody in each."""

    marseille: House
    barnabe: House
    quarter: Quarter
    building: Building
    odile: Resident
    ciq: Organisation
    camille: Resident
    denis: Resident


@pytest.fixture
def two(town: Town) -> Neighbours:
    marseille, barnabe = town.build("marseille"), town.build("barnabe")
    quarter, other = marseille.quarter("Saint Julien"), barnabe.quarter("Saint Barnabé")
    building = marseille.building(quarter)
    odile = marseille.resident("Odile", building=building)
    ciq = marseille.organisation("ciq_julien", writer=odile, quarter=quarter)
    there = barnabe.building(other, name="Les Platanes")
    camille, denis = barnabe.resident("Camille", building=there), barnabe.resident("Denis", building=there)
    town.settle()
    barnabe.follow(f"{marseille.origin}/users/saint_julien")
    barnabe.follow(f"{marseille.origin}/users/instance")
    town.settle()
    return Neighbours(
        marseille=marseille,
        barnabe=barnabe,
        quarter=quarter,
        building=building,
        odile=odile,
        ciq=ciq,
        camille=camille,
        denis=denis,
    )


def test_news_for_everybody_crosses_and_a_building_notice_stays(town: Town, two: Neighbours) -> None:
    two.marseille.publish(two.ciq, two.odile, "Fête de la rue", audience=Audience.NETWORK)
    two.marseille.publish(two.ciq, two.odile, "Réunion du quartier", audience=Audience.QUARTER)
    two.marseille.offer(two.odile, "Escabeau", audience=Audience.BUILDING)
    town.settle()
    assert two.barnabe.titles() == {"Fête de la rue"}
    assert not [one for one in town.sent if b"Escabeau" in one.body or "Réunion".encode() in one.body]


def test_every_change_has_exactly_one_verdict_and_what_stays_leaves_no_trace(town: Town, two: Neighbours) -> None:
    two.marseille.offer(two.odile, "Escabeau", audience=Audience.BUILDING)
    two.marseille.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    with two.marseille.home.read() as session:
        changes = session.scalars(select(journal.Change)).all()
        verdicts = {one.change_id: one.outcome for one in session.scalars(select(journal.Verdict))}
        assert {one.id for one in changes} == set(verdicts)
        stayed = [one for one in changes if verdicts[one.id] == journal.Outcome.WITHHOLD]
    assert len(stayed) == 1
    with two.marseille.federation.read() as session:
        assert session.get(Crossing, stayed[0].public_id) is None
        assert not session.scalars(select(Document).where(Document.subject_uuid == stayed[0].subject_id)).all()


def test_an_association_follows_news_from_its_own_page(town: Town, two: Neighbours) -> None:
    asso = two.barnabe.organisation("amis_du_parc", writer=two.camille)
    town.settle()
    two.barnabe.follow("@ciq_julien@marseille.localhost", own_username="amis_du_parc")
    town.settle()
    two.marseille.publish(two.ciq, two.odile, "Travaux rue Longue", audience=Audience.NETWORK)
    town.settle()
    hung = two.barnabe.hung("Travaux rue Longue")
    assert hung.origin_actor == f"{two.marseille.origin}/users/ciq_julien"
    assert asso.slug in {one.own_username for one in _follows(two.barnabe)}


def _follows(house: House) -> list:
    from federation.models import Follow

    with house.federation.read() as session:
        return list(session.scalars(select(Follow).where(Follow.state == "accepted", Follow.direction == "out")))


def _answer(town: Town, two: Neighbours, by: Resident, text: str) -> None:
    offer = two.barnabe.hung("Perceuse")
    two.barnabe.do(conversations.answer, listing=offer, by=by, body=text, byline=by.first_name)
    town.settle()


def test_two_residents_of_one_remote_instance_keep_two_conversations(town: Town, two: Neighbours) -> None:
    two.marseille.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    _answer(town, two, two.camille, "Libre samedi ?")
    _answer(town, two, two.denis, "Je peux passer jeudi.")
    first, second = two.marseille.conversations()
    assert (len(first.messages), len(second.messages)) == (1, 1)
    two.marseille.do(conversations.reply, conversation=second, by=two.odile, body="Jeudi, d’accord.")
    town.settle()
    two.marseille.do(conversations.reply, conversation=first, by=two.odile, body="Samedi, oui.")
    town.settle()
    camilles, deniss = two.barnabe.conversations()
    assert [one.html for one in camilles.messages][-1].startswith("<p>Samedi, oui.")
    assert [one.html for one in deniss.messages][-1].startswith("<p>Jeudi, d’accord.")
    two.barnabe.do(conversations.reply, conversation=camilles, by=two.camille, body="Merci bien.")
    town.settle()
    assert [len(one.messages) for one in two.marseille.conversations()] == [3, 2]
    assert not town.undelivered()


def test_a_letter_between_two_towns_is_blanked_and_never_dereferences(town: Town, two: Neighbours) -> None:
    two.marseille.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    _answer(town, two, two.camille, "Un secret bien gardé")
    for house in (two.marseille, two.barnabe):
        for table in type(two.marseille.letters()[0]).metadata.sorted_tables:
            with house.federation.read() as session:
                assert "secret bien" not in str(session.execute(select(table)).all())
    with two.barnabe.home.read() as session:
        letter = session.scalars(select(conversations.Message)).one()
    answer = two.barnabe.door.test_client().get(
        addresses.letter("", letter.public_id), headers={"Accept": "application/activity+json"}
    )
    nonsense = two.barnabe.door.test_client().get("/users/nobody", headers={"Accept": "application/activity+json"})
    assert (answer.status_code, answer.data) == (nonsense.status_code, nonsense.data) == (404, answer.data)


def _withdraw(house: House, notice: notices.Notice, by: Resident) -> None:
    house.do(notices.withdraw, notice=notice, by=by)


def _narrow(house: House, notice: notices.Notice, by: Resident) -> None:
    house.do(listings.narrow, listing=notice, by=by, audience=Audience.BUILDING)


@pytest.mark.parametrize("take_back", [_withdraw, _narrow])
def test_withdrawing_and_narrowing_leave_as_delete(
    town: Town, two: Neighbours, take_back: Callable[[House, notices.Notice, Resident], None]
) -> None:
    offer = two.marseille.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    assert two.barnabe.titles() == {"Perceuse"}
    uri = addresses.listing(two.marseille.origin, offer.public_id)
    take_back(two.marseille, offer, two.odile)
    town.settle()
    assert two.barnabe.titles() == set()
    with two.barnabe.home.read() as session:
        assert "perceuse" not in str(session.execute(select(notices.Notice.title, notices.Notice.html)).all()).lower()
    gone = two.marseille.door.test_client().get(
        uri.removeprefix(two.marseille.origin), headers={"Accept": "application/activity+json"}
    )
    assert gone.status_code == 410
    assert gone.get_json()["type"] == "Tombstone"


def test_what_was_narrowed_before_it_left_never_leaves(town: Town, two: Neighbours) -> None:
    before = len(town.sent)
    offer = two.marseille.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    _narrow(two.marseille, offer, two.odile)
    town.settle()
    assert not [one for one in town.sent[before:] if b"erceuse" in one.body]
    assert two.barnabe.titles() == set()


def test_what_waits_for_a_host_that_is_down_is_called_back(town: Town, two: Neighbours) -> None:
    two.barnabe.is_up = False
    offer = two.marseille.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    _withdraw(two.marseille, offer, two.odile)
    town.settle()
    two.barnabe.is_up = True
    town.pass_time(days=1)
    town.settle()
    stored = [one for one in two.barnabe.letters() if one.type == "Create"]
    assert stored == []
    assert two.barnabe.titles() == set()


def test_an_edited_notice_is_brought_up_to_date(town: Town, two: Neighbours) -> None:
    item = two.marseille.publish(two.ciq, two.odile, "Fête", audience=Audience.NETWORK)
    town.settle()
    town.pass_time(minutes=5)
    two.marseille.do(notices.edit, notice=item, by=two.odile, title="Fête reportée", body="En juin.")
    town.settle()
    assert two.barnabe.titles() == {"Fête reportée"}


def test_a_stranger_cannot_write_into_a_conversation(town: Town, two: Neighbours) -> None:
    two.marseille.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    _answer(town, two, two.camille, "Libre samedi ?")
    eve = town.build("eve")
    quarter = eve.quarter("Ailleurs")
    mallory = eve.resident("Mallory", building=eve.building(quarter))
    town.settle()
    eve.follow(f"{two.marseille.origin}/users/instance")
    town.settle()
    two.marseille.offer(two.odile, "Scie", audience=Audience.NETWORK)
    town.settle()
    talk = eve.do(conversations.answer, listing=eve.hung("Scie"), by=mallory, body="Bonjour.", byline="M.")
    with eve.home.write.begin() as session:
        # She names another's thread as the one she is in.
        known = session.get_one(conversations.Conversation, talk.id)
        known.listing.origin_uri = addresses.letter(
            two.barnabe.origin, two.barnabe.conversations()[0].messages[0].public_id
        )
    town.settle()
    assert [len(one.messages) for one in two.marseille.conversations()] == [1]
    assert "not the one" in [one.sentence for one in two.marseille.letters() if one.host == eve.host][-1]


def test_the_home_worker_lets_go_of_what_has_had_its_time(town: Town, two: Neighbours, tmp_path: Path) -> None:
    with two.marseille.home.write.begin() as session:
        odile = session.get_one(Resident, two.odile.id)
        logins.open_login(session, resident=odile, now=datetime(2020, 1, 1, tzinfo=UTC))
    home_worker.Sweep(two.marseille.home, two.marseille.federation, origin=two.marseille.origin, files=tmp_path)()
    with two.marseille.home.read() as session:
        assert session.scalars(select(logins.Login)).all() == []
