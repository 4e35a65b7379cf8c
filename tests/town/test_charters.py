"""Charters between two towns: shown with a proof, kept to in both directions, wider and narrower."""

import pytest
from sqlalchemy import select

from activitypub import codec
from activitypub.vocabulary import Flag
from federation import charters, delivery, quarters
from federation.exchange import Offers
from federation.models import Delivery, DeliveryState, Document
from federation.neighbours import TheirCharter
from instance import notices
from instance.audience import Audience
from instance.listings import Listing
from tests.town.houses import House, Town


def promise(house: House, other: House, **said: object) -> None:
    how = {"news": True, "offers": Offers.ALL, "reports": True} | said
    with house.federation.write.begin() as session:
        charters.promise(session, host=other.host, now=house.town.now, **how)  # type: ignore[arg-type]


def look(house: House, other: House) -> None:
    """An administrator asks for another look."""
    house.add_peer(other)
    house.town.settle()


def sentences(house: House) -> list[tuple[str, str, str]]:
    return [(one.type, one.state, one.sentence) for one in house.letters()]


def follow_desk(house: House, other: House) -> None:
    house.follow(f"{other.origin}/users/instance")


class Two:
    """Two towns that know and follow each other, each with a quarter, a committee and a resident."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.here, self.there = town.build("ici"), town.build("labas")
        self.quarters = {
            one.host: one.quarter(name) for one, name in ((self.here, "Le Port"), (self.there, "Le Moulin"))
        }
        self.far = self.here.quarter("Les Collines")
        self.people = {
            one.host: one.resident("Ana", building=one.building(self.quarters[one.host]))
            for one in (self.here, self.there)
        }
        self.hill = self.here.resident("Zoe", building=self.here.building(self.far, name="Le Belvédère"))
        self.committees = {
            one.host: one.organisation(slug, writer=self.people[one.host])
            for one, slug in ((self.here, "ciq_ici"), (self.there, "ciq_labas"))
        }
        town.settle()
        for one, other, slug in ((self.here, self.there, "ciq_labas"), (self.there, self.here, "ciq_ici")):
            one.add_peer(other)
            follow_desk(one, other)
            one.follow(f"{other.origin}/users/{slug}")
        town.settle()

    def declare(self) -> None:
        """Our port and their mill are neighbours, as we see it."""
        with self.here.federation.write.begin() as session:
            quarters.declare(
                session,
                host=self.there.host,
                own_username=self.quarters[self.here.host].slug,
                their_uri=f"{self.there.origin}/users/{self.quarters[self.there.host].slug}",
                now=self.town.now,
            )
            charters.touch(session, host=self.there.host, now=self.town.now)

    def offer(self, house: House, title: str) -> Listing:
        made = house.offer(self.people[house.host], title, audience=Audience.NETWORK)
        self.town.settle()
        return made

    def news(self, house: House, title: str) -> object:
        made = house.publish(self.committees[house.host], self.people[house.host], title, audience=Audience.NETWORK)
        self.town.settle()
        return made


@pytest.fixture
def two(town: Town) -> Two:
    return Two(town)


def test_without_charters_everything_is_exchanged(two: Two) -> None:
    two.offer(two.here, "Échelle")
    two.news(two.there, "Fête")
    assert "Échelle" in two.there.titles()
    assert "Fête" in two.here.titles()


def test_a_charter_is_shown_to_the_other_side_with_a_proof(two: Two) -> None:
    promise(two.here, two.there, news=False, offers=Offers.NEIGHBOURS)
    two.declare()
    look(two.there, two.here)
    with two.there.federation.read() as session:
        found = charters.theirs(session, host=two.here.host)
        assert found is not None
        assert (found.version, found.news, found.offers, found.reports) == (2, False, "neighbours", True)
        assert [one["name"] for one in found.pairs] == ["Le Moulin"]
        assert found.last_error is None
    address = charters.address(by=two.here.origin, partner=two.there.origin)
    with two.here.door.test_client() as client:
        answer = client.get(address, headers={"Accept": "application/activity+json"})
    assert answer.status_code == 200
    assert codec.load(answer.data)["target"] == two.there.origin


def test_a_charter_that_was_tampered_with_is_not_believed(two: Two) -> None:
    promise(two.here, two.there)
    look(two.there, two.here)
    with two.here.federation.write.begin() as session:
        document = session.scalars(select(Document).where(Document.type == "Charter")).one()
        document.body = document.body.replace(b'"news":true', b'"news":false')
    look(two.there, two.here)
    with two.there.federation.read() as session:
        row = session.get_one(TheirCharter, two.here.host)
        assert row.news is True
        assert row.last_error is not None
        assert "the proof does not match" in row.last_error


def test_an_older_charter_does_not_come_back(two: Two) -> None:
    promise(two.here, two.there, offers=Offers.ALL)
    with two.here.federation.read() as session:
        old = session.scalars(select(Document.body).where(Document.type == "Charter")).one()
    two.town.pass_time(hours=1)
    promise(two.here, two.there, offers=Offers.NONE)
    look(two.there, two.here)
    with two.here.federation.write.begin() as session:
        session.scalars(select(Document).where(Document.type == "Charter")).one().body = old
    look(two.there, two.here)
    with two.there.federation.read() as session:
        row = session.get_one(TheirCharter, two.here.host)
        assert (row.offers, row.last_error) == ("none", "an older charter than the one known")


def test_a_charter_stays_fresh_for_ever(two: Two) -> None:
    promise(two.here, two.there, news=False)
    two.town.pass_time(days=200)
    two.town.settle()
    look(two.there, two.here)
    with two.there.federation.read() as session:
        row = session.get_one(TheirCharter, two.here.host)
        assert (row.news, row.last_error) == (False, None)


def test_offers_of_neighbouring_quarters_only(two: Two) -> None:
    promise(two.here, two.there, offers=Offers.NEIGHBOURS)
    two.offer(two.here, "Trop tôt")
    two.declare()
    two.offer(two.here, "Échelle du port")
    two.here.offer(two.hill, "Échelle des collines", audience=Audience.NETWORK)
    two.town.settle()
    assert two.there.titles() & {"Trop tôt", "Échelle du port", "Échelle des collines"} == {"Échelle du port"}
    # In: only the mill is a neighbour, so what comes from elsewhere there is refused with a sentence.
    two.offer(two.there, "Brouette du moulin")
    other = two.there.quarter("La Gare")
    stranger = two.there.resident("Luc", building=two.there.building(other, name="La Rotonde"))
    two.there.offer(stranger, "Brouette de la gare", audience=Audience.NETWORK)
    two.town.settle()
    assert two.here.titles() & {"Brouette du moulin", "Brouette de la gare"} == {"Brouette du moulin"}
    assert sentences(two.here)[-1] == ("Create", "refused", "our charter with its town does not take this offer")


def test_their_charter_binds_us_too(two: Two) -> None:
    promise(two.there, two.here, news=False, offers=Offers.NONE)
    look(two.here, two.there)
    before = len(two.there.letters())
    two.offer(two.here, "Échelle")
    two.news(two.here, "Fête")
    assert len(two.there.letters()) == before
    two.news(two.there, "Conseil")
    assert "Conseil" not in two.here.titles()


def test_what_comes_against_our_charter_is_refused(two: Two) -> None:
    promise(two.here, two.there, news=False)
    two.news(two.there, "Fête")
    assert "Fête" not in two.here.titles()
    assert sentences(two.here)[-1] == ("Create", "refused", "our charter with its town takes no news")


@pytest.mark.parametrize("wanted", [True, False])
def test_reports_are_taken_or_refused(two: Two, wanted: bool) -> None:
    made = two.offer(two.here, "Échelle")
    promise(two.here, two.there, reports=wanted)
    flag = Flag(
        id=f"{two.there.origin}/actor/flags/1",
        actor=f"{two.there.origin}/actor",
        object=(f"{two.here.origin}/users/instance/items/{made.public_id}",),
        content="Ce n'est pas une annonce.",
    )
    with two.there.federation.write.begin() as session:
        row = delivery.write(session, word=flag, actor_username="palier", now=two.town.now)
        delivery.post(session, activity=row, inboxes=[f"{two.here.origin}/inbox"], object_uri=flag.id, now=two.town.now)
    two.town.settle()
    ended = ("handled", "1 reports filed") if wanted else ("refused", "our charter with its town takes no reports")
    assert sentences(two.here)[-1] == ("Flag", *ended)


def test_a_widened_charter_lets_out_nothing_old(two: Two) -> None:
    promise(two.here, two.there, offers=Offers.NONE)
    two.offer(two.here, "Ancienne")
    two.town.pass_time(hours=1)
    promise(two.here, two.there, offers=Offers.ALL)
    two.town.settle()
    assert "Ancienne" not in two.there.titles()
    two.offer(two.here, "Nouvelle")
    assert "Nouvelle" in two.there.titles()


def test_a_narrowed_charter_stops_what_is_new_and_still_withdraws(two: Two) -> None:
    made = two.offer(two.here, "Échelle")
    two.town.pass_time(hours=1)
    promise(two.here, two.there, offers=Offers.NONE)
    two.offer(two.here, "Scie")
    assert two.there.titles() >= {"Échelle"}
    assert "Scie" not in two.there.titles()
    two.here.do(notices.withdraw, notice=made, by=two.people[two.here.host])
    two.town.settle()
    assert "Échelle" not in two.there.titles()


def test_a_narrowed_charter_empties_the_bag(two: Two) -> None:
    two.there.is_up = False
    two.offer(two.here, "Échelle")
    with two.here.federation.read() as session:
        waiting = session.scalars(select(Delivery).where(Delivery.state == DeliveryState.DUE)).all()
    assert waiting
    promise(two.here, two.there, offers=Offers.NONE)
    with two.here.federation.read() as session:
        rows = session.scalars(select(Delivery).where(Delivery.id.in_([one.id for one in waiting]))).all()
        assert {(one.state, one.last_error) for one in rows} == {(DeliveryState.ABANDONED, delivery.AGAINST_CHARTER)}
        replayed = rows[0]
    two.there.is_up = True
    with two.here.federation.write.begin() as session:
        # Somebody tries it again by hand: the charter still holds.
        assert not delivery.replay(session, delivery=session.get_one(Delivery, replayed.id), now=two.town.now)


def test_a_charter_that_ended_is_gone_for_both(two: Two) -> None:
    promise(two.here, two.there, news=False)
    look(two.there, two.here)
    with two.here.federation.write.begin() as session:
        charters.end(session, host=two.there.host, now=two.town.now)
    look(two.there, two.here)
    with two.there.federation.read() as session:
        assert charters.theirs(session, host=two.here.host) is None
    two.news(two.there, "Fête")
    assert "Fête" in two.here.titles()
    # It begins again with a newer version than any that was shown.
    promise(two.here, two.there, news=True)
    with two.here.federation.read() as session:
        row = charters.ours(session, host=two.there.host)
        assert row is not None
        assert row.version == 2
