"""Several towns: open, with approval, blocked, limited; and charters that both sides keep to."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from activitypub import codec
from activitypub.vocabulary import PUBLIC, Create, Note
from federation import approvals, charters, delivery, documents, peers, quarters
from federation.exchange import Offers
from federation.models import Delivery, DeliveryState, Direction, Document, Follow, FollowState, Letter
from federation.neighbours import Admission, TheirCharter
from instance import comments, moderation, notices
from instance.audience import Audience
from instance.listings import Listing
from instance.notices import Notice
from instance.organisations import Organisation
from instance.places import Quarter
from instance.residents import Resident
from tests.town.houses import House, Town


def promise(house: House, other: House, **said: object) -> None:
    how = {"news": True, "offers": Offers.ALL, "reports": True} | said
    with house.federation.write.begin() as session:
        charters.promise(session, host=other.host, now=house.town.now, **how)  # type: ignore[arg-type]


def look(house: House, other: House) -> None:
    """An administrator asks for another look."""
    house.add_peer(other)
    house.town.settle()


def state_of(house: House, direction: Direction) -> list[str]:
    with house.federation.read() as session:
        return list(session.scalars(select(Follow.state).where(Follow.direction == direction).order_by(Follow.id)))


def sentences(house: House) -> list[tuple[str, str, str]]:
    return [(one.type, one.state, one.sentence) for one in house.letters()]


def last(house: House, kind: str) -> Letter:
    return [one for one in house.letters() if one.type == kind][-1]


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


# --- open, approval, limited, blocked


@pytest.fixture
def four(town: Town) -> dict[str, House]:
    """A writes news; B, C and D know nothing of A yet."""
    houses = {name: town.build(name) for name in "abcd"}
    for house in houses.values():
        writer = house.resident("Ana", building=house.building(house.quarter("Le Port")))
        house.organisation("ciq", writer=writer)
    town.settle()
    return houses


def approve_first(house: House) -> None:
    with house.federation.write.begin() as session:
        approvals.admit(session, admission=Admission.APPROVAL, now=house.town.now)


def test_with_approval_a_follow_waits_until_somebody_decides(four: dict[str, House], town: Town) -> None:
    a, b = four["a"], four["b"]
    approve_first(b)
    a.follow(f"{b.origin}/users/ciq")
    follow_desk(a, b)
    town.settle()
    assert state_of(b, Direction.IN) == [FollowState.PENDING, FollowState.PENDING]
    assert state_of(a, Direction.OUT) == [FollowState.PENDING, FollowState.PENDING]
    assert last(b, "Follow").sentence == "asks to follow instance and waits for an administrator"
    with b.federation.write.begin() as session:
        first, second = approvals.waiting(session)
        approvals.accept(session, activity_uri=first.activity_uri, now=town.now)
        approvals.refuse(session, activity_uri=second.activity_uri, now=town.now)
    town.settle()
    assert state_of(a, Direction.OUT) == [FollowState.ACCEPTED, FollowState.REFUSED]
    with b.federation.read() as session:
        assert not approvals.waiting(session)


def test_letters_of_unknown_towns_are_refused_politely(four: dict[str, House], town: Town) -> None:
    a, b = four["a"], four["b"]
    approve_first(b)
    a.follow(f"{b.origin}/users/ciq")
    town.settle()
    with b.federation.read() as session:
        assert approvals.is_stranger(session, a.host)
    with b.federation.write.begin() as session:
        assert approvals.approve(session, host=a.host, now=town.now) == 1
        assert not approvals.is_stranger(session, a.host)
    town.settle()
    assert state_of(a, Direction.OUT) == [FollowState.ACCEPTED]
    # Known from now on: the next one does not wait.
    follow_desk(a, b)
    town.settle()
    assert state_of(b, Direction.IN) == [FollowState.ACCEPTED, FollowState.ACCEPTED]


def _say(house: House, note: Note, *, to: House) -> None:
    """The committee of a town says something in public, straight into another town's inbox."""
    activity = Create(
        id=f"{note.id}/activity", actor=note.attributed_to, object=note, to=note.to, published=note.published
    )
    with house.federation.write.begin() as session:
        row = delivery.write(session, word=activity, actor_username="ciq", now=house.town.now)
        delivery.post(session, activity=row, inboxes=[f"{to.origin}/inbox"], object_uri=note.id, now=house.town.now)
    house.town.settle()


def _news(house: House, title: str, **more: object) -> Notice:
    with house.home.read() as session:
        writer = session.scalars(select(Resident)).one()
        organisation = session.scalars(select(Organisation)).one()
    made = house.publish(organisation, writer, title, audience=Audience.NETWORK, **more)
    house.town.settle()
    return made


def _answer(house: House, notice: Notice, *, on: House, name: str) -> Note:
    me = f"{house.origin}/users/ciq"
    return Note(
        id=f"{me}/notes/{name}",
        attributed_to=me,
        content="<p>Bravo.</p>",
        in_reply_to=f"{on.origin}/users/ciq/articles/{notice.public_id}",
        to=(PUBLIC,),
        published=house.town.now,
    )


def test_a_comment_from_a_limited_town_is_held_for_a_moderator(four: dict[str, House], town: Town) -> None:
    a, d = four["a"], four["d"]
    hung = _news(d, "Fête")
    with d.federation.write.begin() as session:
        peers.limit(session, host=a.host, note="Trop bruyant", now=town.now)
    _say(a, _answer(a, hung, on=d, name="1"), to=d)
    assert last(d, "Create").sentence == "held for a moderator: its town is limited"
    with d.home.read() as session:
        (held,) = moderation.hidden_comments(session, by=None)
        assert not comments.under(session, notice=held.notice)
    with d.federation.write.begin() as session:
        peers.unlimit(session, host=a.host, now=town.now)
    _say(a, _answer(a, hung, on=d, name="2"), to=d)
    assert last(d, "Create").sentence == "pinned under the news it answers"


def test_of_an_unknown_town_nothing_is_read_where_approval_is_needed(four: dict[str, House], town: Town) -> None:
    a, b = four["a"], four["b"]
    hung = _news(b, "Fête")
    approve_first(b)
    _say(a, _answer(a, hung, on=b, name="1"), to=b)
    letter = last(b, "Create")
    assert (letter.state, letter.raw) == ("refused", b"")
    assert letter.sentence == "from an instance that nobody here approved yet"
    assert {one.status for one in town.sent if one.method == "POST"} == {202}
    with b.federation.write.begin() as session:
        peers.add(session, host=a.host, now=town.now)
    _say(a, _answer(a, hung, on=b, name="2"), to=b)
    assert last(b, "Create").sentence == "pinned under the news it answers"


@pytest.mark.parametrize("limited", [False, True])
def test_what_a_limited_town_passes_on_hangs_nowhere(four: dict[str, House], town: Town, limited: bool) -> None:
    a, d = four["a"], four["d"]
    d.add_peer(a)
    d.follow(f"{a.origin}/users/le_port")
    town.settle()
    if limited:
        with d.federation.write.begin() as session:
            peers.limit(session, host=a.host, note="Trop bruyant", now=town.now)
    with a.home.read() as session:
        quarter = session.scalars(select(Quarter)).one()
    _news(a, "Marché", quarter=quarter)
    assert ("Marché" in d.titles()) is not limited


def test_a_limited_town_waits_and_is_not_passed_on(four: dict[str, House], town: Town) -> None:
    a, d = four["a"], four["d"]
    d.add_peer(a)
    d.follow(f"{a.origin}/users/ciq")
    town.settle()
    with d.federation.write.begin() as session:
        peers.limit(session, host=a.host, note="Trop bruyant", now=town.now)
    a.follow(f"{d.origin}/users/ciq")
    town.settle()
    assert state_of(d, Direction.IN) == [FollowState.PENDING]
    assert state_of(d, Direction.OUT) == [FollowState.ACCEPTED]


def test_a_blocked_town_is_answered_like_any_other(four: dict[str, House], town: Town) -> None:
    a, c = four["a"], four["c"]
    c.add_peer(a)
    c.follow(f"{a.origin}/users/ciq")
    a.follow(f"{c.origin}/users/ciq")
    town.settle()
    with c.federation.write.begin() as session:
        peers.block(session, host=a.host, note="Injures", now=town.now)
    follow_desk(a, c)
    town.settle()
    posts = [
        one for one in town.sent if one.sender == a.origin and one.url.startswith(c.origin) and one.method == "POST"
    ]
    assert {one.status for one in posts} == {202}
    assert state_of(c, Direction.IN) == [FollowState.ENDED]
    assert state_of(c, Direction.OUT) == [FollowState.ENDED]
    # Somebody there is looked up again, as for any letter: the block stays.
    documents.actor(
        c.federation.write, client=c.wire, uri=f"{a.origin}/users/ciq", now=town.now, fresh_for=timedelta(0)
    )
    town.pass_time(days=2)
    town.settle()
    with c.federation.read() as session:
        assert peers.is_blocked(session, a.host)
