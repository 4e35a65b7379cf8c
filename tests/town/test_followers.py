"""Who follows whom, compared between towns: a drift is mended, and each town is told of its own people only."""

import json

import pytest
from sqlalchemy import delete, select, update

from activitypub import follower_lists, senders
from activitypub.senders import Scheme
from federation import identity
from federation.models import Direction, Follow, FollowState, OwnActor, RemoteActor, StrangeKey
from instance.audience import Audience
from tests import keys
from tests.town.houses import House, Town
from tests.town.wires import Sent

ADDRESS = "/users/ciq/followers_synchronization"


class Three:
    """A committee with readers in two towns; in one of them an association follows as well."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.here, self.near, self.far = town.build("ici"), town.build("pres"), town.build("loin")
        self.writer = self.here.resident("Ana", building=self.here.building(self.here.quarter("Le Port")))
        self.committee = self.here.organisation("ciq", writer=self.writer)
        reader = self.near.resident("Ben", building=self.near.building(self.near.quarter("Le Moulin")))
        self.near.organisation("amis", writer=reader)
        town.settle()
        self.uri = f"{self.here.origin}/users/ciq"
        for house in (self.near, self.far):
            house.follow(self.uri)
        self.near.follow(self.uri, own_username="amis")
        town.settle()

    def news(self, title: str) -> list[Sent]:
        """The committee publishes; what was sent for it, until all rest."""
        self.town.sent.clear()
        self.here.publish(self.committee, self.writer, title, audience=Audience.NETWORK)
        self.town.settle()
        return list(self.town.sent)

    def ask(
        self, house: House, *, as_: str = identity.APPLICATION, scheme: Scheme = Scheme.CAVAGE
    ) -> tuple[int, list[str]]:
        """A town asks which of its people follow the committee."""
        with house.federation.read() as session:
            key = identity.key(session.scalars(select(OwnActor).where(OwnActor.username == as_)).one())
        headers = senders.sign(
            scheme=scheme,
            method="GET",
            url=self.here.origin + ADDRESS,
            body=None,
            key_pem=key.private_pem,
            key_id=key.key_id,
            now=self.town.now,
        )
        answer = self.here.door.test_client().get(ADDRESS, headers=headers, base_url=self.here.origin)
        if answer.status_code == 200:
            assert answer.headers["Cache-Control"] == "private, no-store"
        return answer.status_code, json.loads(answer.data).get("orderedItems", [])

    def follows(self, house: House) -> dict[str, str]:
        """How each follow of a town's stands that is not over."""
        with house.federation.read() as session:
            wanted = select(Follow).where(Follow.direction == Direction.OUT, Follow.state != FollowState.ENDED)
            return {row.own_username: row.state for row in session.scalars(wanted)}

    def followers(self) -> set[str]:
        """Who follows the committee, as its own town knows it."""
        with self.here.federation.read() as session:
            wanted = select(Follow.remote_uri).where(
                Follow.direction == Direction.IN, Follow.state == FollowState.ACCEPTED
            )
            return set(session.scalars(wanted))


@pytest.fixture
def three(town: Town, monkeypatch: pytest.MonkeyPatch) -> Three:
    keys.install(monkeypatch)
    return Three(town)


def test_letters_to_followers_carry_the_digest_of_their_own_town(three: Three) -> None:
    sent = {one.url: one for one in three.news("Fête") if one.method == "POST"}
    for house, people in ((three.near, ("/actor", "/users/amis")), (three.far, ("/actor",))):
        found = sent[f"{house.origin}/inbox"]
        said = follower_lists.read(found.headers)
        assert said is not None
        assert said.url == three.here.origin + ADDRESS
        assert said.digest == follower_lists.digest(house.origin + one for one in people)
        assert "collection-synchronization" in found.headers["Signature-Input"]
    # They agree, so nobody asks; and what is for one reader says nothing of followers.
    assert [one.url for one in three.town.sent if one.method == "GET" and ADDRESS in one.url] == []
    three.near.follow(f"{three.here.origin}/users/instance")
    three.town.sent.clear()
    three.town.settle()
    assert {one.method for one in three.town.sent} == {"GET", "POST"}
    assert all(follower_lists.read(one.headers) is None for one in three.town.sent)


@pytest.mark.parametrize("scheme", list(Scheme))
def test_a_town_is_told_of_its_own_people(three: Three, scheme: Scheme) -> None:
    assert three.ask(three.far, scheme=scheme) == (200, [f"{three.far.origin}/actor"])
    mine = [f"{three.near.origin}/actor", f"{three.near.origin}/users/amis"]
    assert three.ask(three.near, scheme=scheme) == (200, mine)
    assert three.ask(three.near, as_="amis", scheme=scheme) == (200, mine)


def test_nobody_else_is_told_anything(three: Three) -> None:
    client = three.here.door.test_client()
    assert client.get(ADDRESS, base_url=three.here.origin).status_code == 401
    stranger = three.town.build("ailleurs")
    assert three.ask(stranger) == (401, [])
    with three.here.federation.write.begin() as session:
        assert session.scalars(select(StrangeKey)).all() == []  # nobody there follows us: nothing is fetched
        session.execute(update(RemoteActor).where(RemoteActor.host == three.far.host).values(public_pem=None))
    assert three.ask(three.far) == (401, [])


def test_a_key_not_known_yet_is_fetched_for_a_town_with_followers(three: Three) -> None:
    assert three.ask(three.far, as_="instance") == (401, [])
    three.town.sent.clear()
    three.here.work_courier()
    assert [one.url for one in three.town.sent] == [f"{three.far.origin}/users/instance"]
    assert three.ask(three.far, as_="instance") == (200, [f"{three.far.origin}/actor"])


def test_a_follow_that_they_forgot_ends_here(three: Three) -> None:
    with three.here.federation.write.begin() as session:
        session.execute(
            delete(Follow).where(Follow.direction == Direction.IN, Follow.remote_uri.endswith("/users/amis"))
        )
    three.news("Fête")
    assert three.follows(three.near) == {"palier": "accepted", "amis": "refused"}
    with three.near.federation.read() as session:
        said = session.scalars(select(Follow.last_error).where(Follow.own_username == "amis")).one()
        assert said == "no longer on their list of followers"
    three.news("Bal")
    assert [one.url for one in three.town.sent if ADDRESS in one.url] == []


def test_a_follow_that_we_forgot_is_undone_there(three: Three) -> None:
    with three.near.federation.write.begin() as session:
        session.execute(delete(Follow).where(Follow.own_username == "amis"))
    three.news("Fête")
    assert three.followers() == {f"{three.near.origin}/actor", f"{three.far.origin}/actor"}


def test_an_answer_that_was_lost_is_read_from_their_list(three: Three) -> None:
    with three.near.federation.write.begin() as session:
        session.execute(update(Follow).where(Follow.own_username == "amis").values(state=FollowState.PENDING))
    three.news("Fête")
    assert three.follows(three.near) == {"palier": "accepted", "amis": "accepted"}


def test_what_cannot_be_mended_is_asked_again_hours_later_only(three: Three) -> None:
    with three.here.federation.write.begin() as session:
        # Somebody on their list who never was one of theirs: nobody can undo it.
        known = session.scalars(select(RemoteActor).where(RemoteActor.uri.endswith("/users/amis"))).one()
        row = session.scalars(select(Follow).where(Follow.remote_uri == known.uri)).one()
        row.remote_uri = known.uri = f"{three.near.origin}/users/nobody"
    for title, hours, asked in (("Fête", 0, 1), ("Bal", 1, 0), ("Foire", 6, 1)):
        three.town.pass_time(hours=hours)
        assert len([one for one in three.news(title) if ADDRESS in one.url]) == asked
