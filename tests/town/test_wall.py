"""The wall, first proofs: what the door and the courier can reach, and a search for canaries in all that leaves."""

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from federation import addresses, identity
from federation.models import Federation
from instance import comments, conversations, listings, moderation, notices
from instance.audience import Audience
from instance.notices import Notice
from tests.town import canaries
from tests.town.canaries import Canary
from tests.town.houses import House, Town
from web import tables

MACHINE = {"Accept": "application/activity+json"}


def test_every_home_column_has_a_generator() -> None:
    for table in tables.HOME.sorted_tables:
        for column in table.columns:
            assert canaries.mark(column) is not None


def test_the_lists_of_exceptions_name_real_columns() -> None:
    known = {canaries.name_of(column) for table in tables.HOME.sorted_tables for column in table.columns}
    assert known >= canaries.WORDS_OF_THE_DOMAIN | canaries.PUBLIC_BY_DESIGN


@pytest.mark.parametrize("encoding", sorted(canaries.encodings("cnry0123456789abc")))
def test_the_search_finds_a_planted_leak(encoding: str) -> None:
    canary = Canary(column="resident.last_name", value="cnry0123456789abc")
    leak = b"<p>" + canaries.encodings(canary.value)[encoding] + b"</p>"
    assert canaries.search([("a page", leak)], [canary])
    assert not canaries.search([("a page", b"<p>nothing</p>")], [canary])


class Story:
    """A whole life between three places: what everybody may read, and what nobody else may."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.here, self.there, self.far = town.build("marseille"), town.build("barnabe"), town.build("aix")
        quarter, other = self.here.quarter("Saint Julien"), self.there.quarter("Saint Barnabé")
        building = self.here.building(quarter)
        self.odile = self.here.resident("Odile", building=building)
        self.amir = self.here.resident("Amir", building=building)
        self.ciq = self.here.organisation("ciq_julien", writer=self.odile, quarter=quarter)
        self.camille = self.there.resident("Camille", building=self.there.building(other))
        self.asso = self.far.organisation("amis_du_parc", writer=self.far.resident("Flora"))
        town.settle()
        self.canaries: list[Canary] = []
        for house in town.houses.values():
            with house.home.write.begin() as session:
                self.canaries += canaries.mark_the_story(session)
                self.canaries += canaries.bystanders(session)

    def live(self) -> None:
        """Follow, publish, answer, edit, report, withdraw."""
        here, there, far, town = self.here, self.there, self.far, self.town
        there.add_peer(here)
        there.follow(f"{here.origin}/users/saint_julien")
        there.follow(f"{here.origin}/users/instance")
        far.follow(f"@ciq_julien@{here.host}", own_username="amis_du_parc")
        town.settle()
        public = here.publish(self.ciq, self.odile, "Fête de la rue", audience=Audience.NETWORK)
        offer = here.offer(self.odile, "Perceuse", audience=Audience.NETWORK)
        self._live_at_home(public)
        town.settle()
        there.do(conversations.answer, listing=there.hung("Perceuse"), by=self.camille, body="Libre ?", byline="C.")
        town.settle()
        here.do(conversations.reply, conversation=self.across(), by=self.odile, body="Oui, samedi.")
        here.do(notices.edit, notice=public, by=self.odile, title="Fête reportée", body="En juin.")
        town.settle()
        here.do(listings.narrow, listing=offer, by=self.odile, audience=Audience.BUILDING)
        town.settle()

    def across(self) -> conversations.Conversation:
        """The conversation between Odile and Camille, seen from Odile's side."""
        return next(one for one in self.here.conversations() if one.remote_host == self.there.host)

    def _live_at_home(self, public: Notice) -> None:
        here = self.here
        secret = here.offer(self.amir, "cnryprivateladder00", audience=Audience.BUILDING)
        near = here.publish(self.ciq, self.odile, "cnryprivatemeeting0", audience=Audience.QUARTER)
        here.do(comments.add, notice=public, by=self.amir, body="cnryprivatecomment0")
        here.do(conversations.answer, listing=secret, by=self.odile, body="cnryprivateanswer00")
        here.do(
            moderation.report,
            target=moderation.Target.NOTICE,
            public_id=secret.public_id,
            reason="cnryprivatereason00",
            by=self.odile,
            reader=here.reader(self.odile),
        )
        here.do(notices.edit, notice=secret, by=self.amir, title="cnryprivateladder01", body="cnryprivateladder02")
        private = ("ladder00", "ladder01", "ladder02", "meeting0", "comment0", "answer00", "reason00")
        self.canaries += [Canary(column="the story", value=f"cnryprivate{one}") for one in private]
        self.canaries += [Canary(column="notice.public_id", value=str(one.public_id)) for one in (secret, near)]

    def everything_that_left(self, log: str) -> Iterator[tuple[str, bytes]]:
        """Requests, the door's answers to whoever asks, the whole federation store, and the logs."""
        for number, sent in enumerate(self.town.sent):
            place = f"request {number} {sent.method} {sent.url}"
            yield place, sent.body
            yield f"{place} head", f"{sent.url} {dict(sent.headers)}".encode()
        for house in self.town.houses.values():
            yield from _ask_the_door(house)
            with house.federation.read() as session:
                for table in Federation.metadata.sorted_tables:
                    for row in session.execute(select(table)):
                        yield f"{house.host} {table.name}", repr(tuple(row)).encode()
        yield "log", log.encode()


def _ask_the_door(house: House) -> Iterator[tuple[str, bytes]]:
    """Every route of the door, for the names and addresses there are and for some that there are not."""
    client = house.door.test_client()
    with house.federation.read() as session:
        paths = [address for (address,) in session.execute(select(Federation.metadata.tables["document"].c.uri))]
        paths += [address for (address,) in session.execute(select(Federation.metadata.tables["activity"].c.uri))]
        names = [identity.uri("", actor.username) for actor in identity.all_of(session, "Group", "Organization")]
    names += ["/users/instance", "/actor", "/users/nobody"]
    paths += [f"{name}{part}" for name in names for part in ("", "/inbox", "/outbox", "/outbox?page=1", "/followers")]
    paths += [f"/.well-known/webfinger?resource=acct:{name.rsplit('/')[-1]}@{house.host}" for name in names]
    paths += ["/.well-known/nodeinfo", "/nodeinfo/2.1", "/nodeinfo/2.0", "/.well-known/host-meta", "/actor/quarters"]
    with house.home.read() as session:
        for notice in session.scalars(select(Notice)):
            paths.append(addresses.listing("", notice.public_id))
    for path in paths:
        for headers in (MACHINE, {"Accept": "text/html"}):
            answer = client.get(path.removeprefix(house.origin), headers=headers)
            # The address asked for is the asker's own word, whoever repeats it.
            asked = path.removeprefix(house.origin).encode()
            yield f"{house.host} {path}", answer.data.replace(asked, b"")
            yield f"{house.host} {path} head", str(answer.headers).encode().replace(asked, b"")


def test_nothing_private_leaves_in_a_whole_story(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    story = Story(town)
    story.live()
    assert story.there.titles() == {"Fête reportée"}
    assert story.far.titles() == {"Fête reportée"}
    assert len(story.across().messages) == 2
    assert len(story.canaries) > 200
    assert canaries.search(story.everything_that_left(caplog.text), story.canaries) == []


def test_a_leak_of_one_name_in_the_story_is_found(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    story = Story(town)
    story.there.follow(f"{story.here.origin}/users/instance")
    town.settle()
    with story.here.home.read() as session:
        name = session.get_one(type(story.odile), story.odile.id).last_name
    story.here.offer(story.odile, "Perceuse", audience=Audience.NETWORK, byline=f"Odile {name}")
    town.settle()
    found = canaries.search(story.everything_that_left(caplog.text), story.canaries)
    assert any("resident.last_name" in one and "request" in one for one in found)
