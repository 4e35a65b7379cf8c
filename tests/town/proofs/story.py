"""A whole life between three places: what everybody may read, what some may, and what nobody else may."""

import io
import logging
import secrets
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from federation import peers
from federation.models import Delivery, DeliveryState
from instance import (
    comments,
    conversations,
    evidence,
    halls,
    hours,
    journal,
    listings,
    loans,
    moderation,
    notices,
    reports,
    residents,
    verification,
)
from instance.audience import Audience
from instance.conversations import Conversation
from instance.notices import Notice
from instance.places import Building, Lot
from instance.residents import Occupancy, Resident, Role
from tests.town import canaries
from tests.town.canaries import Canary
from tests.town.houses import Town
from tests.town.proofs import post, readers
from web import logs, secret

INSIDE = frozenset({readers.NEIGHBOUR, readers.WALL})
AROUND = INSIDE | {readers.QUARTER}
TOWN = AROUND | {readers.ELSEWHERE, readers.MODERATOR, readers.ADMINISTRATOR}
STAFF = frozenset({readers.MODERATOR, readers.ADMINISTRATOR})
SHARED = frozenset({"conversation.public_id"})


class Log:
    """Everything any logger says, as our processes would write it."""

    def __init__(self) -> None:
        self.text = io.StringIO()
        self._handler = logging.StreamHandler(self.text)
        self._handler.setFormatter(logs.Discreet("%(asctime)s %(name)s %(levelname)s %(message)s"))
        self._handler.setLevel(logging.DEBUG)
        # The relay of this test runs in the same process; what a relay logs is no word of ours.
        self._handler.addFilter(lambda record: not record.name.startswith("mail."))

    def begin(self) -> None:
        """Listen to everything from here on."""
        root = logging.getLogger()
        root.addHandler(self._handler)
        root.setLevel(logging.DEBUG)

    def end(self) -> None:
        """Listen no more."""
        logging.getLogger().removeHandler(self._handler)


class Story:
    """The places, who lives in them, and what they do. `here` is the one that is looked at from all sides."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.log = Log()
        self.log.begin()
        self.canaries: list[Canary] = []
        self.mailboxes = post.Mailboxes(self)
        self.here, self.there, self.far = town.build("marseille"), town.build("barnabe"), town.build("aix")
        self._settle_here()
        there = self.there.quarter("Saint Barnabé")
        self.camille = self.there.resident("Camille", building=self.there.building(there))
        self.asso = self.far.organisation("amis_du_parc", writer=self.far.resident("Flora"))
        town.settle()
        for house in town.houses.values():
            with house.home.write.begin() as session:
                self.canaries += canaries.mark_the_story(session)
                self.canaries += canaries.bystanders(session)
        self.canaries = [self._at_home(one) for one in self.canaries]

    def _at_home(self, canary: Canary) -> Canary:
        """Name those who live in the same building, who may read more of each other."""
        if canary.column in readers.OWN_LOT:
            return replace(canary, also=frozenset(who for who, lot in self._lots() if lot == canary.row))
        if canary.row is None or canary.column not in readers.AT_HOME:
            return canary
        also = {who for building, who, people in self._households() if canary.row in {building.id, *people}}
        if canary.row == self.building.id and canary.column in readers.ON_THE_WALL:
            also.add(readers.WALL)
        if canary.row == self.building.id and canary.column == "building.street":
            also.add(readers.MODERATOR)  # a report says on which board its notice hangs
        return replace(canary, also=frozenset(also))

    def _households(self) -> list[tuple[Building, str, set[int]]]:
        return [
            (self.building, readers.NEIGHBOUR, {self.odile.id, self.amir.id}),
            (self.beside, readers.QUARTER, {self.bea.id}),
            (self.far_off, readers.ELSEWHERE, {self.chloe.id, self.maud.id}),
            (self.far_off, readers.MODERATOR, {self.chloe.id, self.maud.id}),
        ]

    def _lots(self) -> list[tuple[str, int]]:
        """Who looks at the pages, and the lot they live in."""
        looking = {self.amir.id: readers.NEIGHBOUR, self.bea.id: readers.QUARTER}
        looking |= {self.chloe.id: readers.ELSEWHERE, self.maud.id: readers.MODERATOR}
        with self.here.home.read() as session:
            homes = session.execute(select(Occupancy.resident_id, Occupancy.lot_id)).all()
        return [(looking[somebody], lot) for somebody, lot in homes if somebody in looking]

    def _settle_here(self) -> None:
        here = self.here
        quarter, other = here.quarter("Saint Julien"), self._closed_quarter("Les Caillols")
        self.building = here.building(quarter)
        self.beside = here.building(quarter, name="Le Mûrier")
        self.far_off = here.building(other, name="La Rotonde")
        self.odile, self.amir = (here.resident(one, building=self.building) for one in ("Odile", "Amir"))
        self.bea = here.resident("Bea", building=self.beside)
        self.chloe = here.resident("Chloe", building=self.far_off)
        self.maud = here.resident("Maud", building=self.far_off)
        self.adele = here.resident("Adele")
        with here.home.write.begin() as session:
            session.get_one(Resident, self.maud.id).role = Role.MODERATOR.value
            session.get_one(Resident, self.adele.id).role = Role.ADMINISTRATOR.value
            building = session.get_one(Building, self.building.id)
            _, self.wall_key = halls.install(session, building=building, now=self.town.now)
        self.ciq = here.organisation("ciq_julien", writer=self.odile, quarter=quarter)

    def _closed_quarter(self, name: str) -> Any:
        made = self.here.quarter(name)
        with self.here.home.write.begin() as session:
            session.get_one(type(made), made.id).opened_at = None
        return made

    def secret(self, column: str, *, also: frozenset[str] = frozenset(), owner: Resident | None = None) -> str:
        """A private word of this story, and who may read it."""
        word = canaries.word(column)
        self.canaries.append(Canary(column=column, value=word, also=also, owner=owner.id if owner else None))
        return word

    def hide(self, notice: Notice, *, also: frozenset[str]) -> None:
        """The address of a private notice is for its readers only."""
        self.canaries.append(Canary(column="notice.public_id", value=notice.public_id, also=also))

    # --- what happens

    def live(self) -> None:
        """Follow, publish, sign up, answer, edit, report, moderate, take back; and let a town be down meanwhile."""
        here, there, far, town = self.here, self.there, self.far, self.town
        there.add_peer(here)
        there.follow(f"{here.origin}/users/saint_julien")
        there.follow(f"{here.origin}/users/instance")
        far.follow(f"@ciq_julien@{here.host}", own_username="amis_du_parc")
        town.settle()
        self.public = here.publish(self.ciq, self.odile, "Fête de la rue", audience=Audience.NETWORK)
        self.offer = here.offer(self.odile, "Perceuse", audience=Audience.NETWORK)
        self.mailboxes.open()
        self._sign_up()
        self._live_at_home()
        town.settle()
        self._write_across()
        self.mailboxes.fill()
        here.do(notices.edit, notice=self.public, by=self.odile, title="Fête reportée", body="En juin.")
        self._retry()
        self._moderate()
        here.do(listings.narrow, listing=self.offer, by=self.odile, audience=Audience.BUILDING)
        town.settle()
        self._end()

    def _sign_up(self) -> None:
        """Through the pages, with words nobody but the one who types them may read."""
        pepper = secret.derive(self._secret_key(), purpose="letterbox codes")
        with self.here.home.write.begin() as session:
            lot = session.get_one(Lot, session.get_one(Building, self.building.id).lots[-1].id)
            code = verification.issue(session, lot=lot, pepper=pepper, now=self.town.now)
        self.canaries += [Canary(column="typed.code", value=code), Canary(column="typed.code", value=code[-9:])]
        password, newer = self.secret("typed.password"), self.secret("typed.password")
        browser = self.here.browser(None)
        assert browser.post("/join", data={"code": code}).status_code == 302
        names = {name: canaries.word(name) for name in ("first_name", "last_name")}
        login, email = f"{secrets.token_hex(6)}cnrylogin", f"{canaries.word('email')}@canary.example"
        joined = browser.post("/join/details", data={**names, "login": login, "email": email, "password": password})
        assert joined.status_code == 302, joined.text
        with self.here.home.read() as session:
            self.nour = residents.by_login(session, login=login)
        typed = {"resident.login": login, "resident.email": email}
        typed |= {f"resident.{one}": value for one, value in names.items()}
        for one, value in typed.items():
            also = frozenset({readers.NEIGHBOUR} if one in readers.AT_HOME else ())
            self.canaries.append(Canary(column=one, value=value, also=also, owner=self.nour.id))
        changed = browser.post("/account/password", data={"old": password, "new": newer})
        assert changed.status_code == 302, changed.text
        for name in (login, self.secret("typed.login")):
            wrong = self.here.browser(None).post(
                "/sign-in", data={"name": name, "password": self.secret("typed.wrong")}
            )
            assert wrong.status_code == 200

    def _secret_key(self) -> bytes:
        assert self.here.pages.secret_key  # making the pages makes the file
        return secret.read(self.town.folder / "marseille" / "home" / "secret.key")

    def _live_at_home(self) -> None:
        here, told = self.here, STAFF  # a report shows the words to those who look after the board
        ladder, body = self.secret("notice.title", also=INSIDE | told), self.secret("notice.body", also=INSIDE | told)
        self.ladder = here.offer(self.amir, ladder, audience=Audience.BUILDING)
        self.hide(self.ladder, also=INSIDE | told)
        here.do(notices.edit, notice=self.ladder, by=self.amir, title=ladder, body=body)
        saw = here.offer(self.odile, self.secret("notice.title", also=INSIDE), audience=Audience.BUILDING)
        near = here.publish(self.ciq, self.odile, self.secret("notice.title", also=AROUND), audience=Audience.QUARTER)
        # Who is answered is told under which title.
        whole = TOWN | {post.reader(self.bea)}
        inside = here.offer(self.bea, self.secret("notice.title", also=whole), audience=Audience.INSTANCE)
        self.inside = inside
        for one, whom in ((saw, INSIDE), (near, AROUND), (inside, TOWN)):
            self.hide(one, also=whom)
        here.do(comments.add, notice=self.public, by=self.amir, body=self.secret("comment.html", also=TOWN))
        talk = here.do(conversations.answer, listing=saw, by=self.nour, body=self.secret("message.html"))
        assert isinstance(talk, Conversation)
        here.do(conversations.reply, conversation=talk, by=self.odile, body=self.secret("message.html"))
        pickup = self.town.now + timedelta(days=2)
        where = self.secret("loan.place")
        here.do(
            loans.ask, conversation=talk, by=self.nour, pickup_at=pickup, due_on=hours.town_day(pickup), place=where
        )
        self.report = self._report(self.ladder, reason=self.secret("report.reason", also=told))
        self.spam = here.offer(self.chloe, "Montre en or", audience=Audience.NETWORK)

    def _report(self, notice: Notice, *, reason: str) -> reports.Report:
        made = self.here.do(
            reports.report,
            target=evidence.Target.NOTICE,
            public_id=notice.public_id,
            reason=reason,
            by=self.odile,
            reader=self.here.reader(self.odile),
        )
        assert isinstance(made, reports.Report)
        return made

    def _write_across(self) -> None:
        """A private answer and a reply between two towns: each is for one host, and for the two who write."""
        here, there, town = self.here, self.there, self.town
        asked = self.secret("message.html", also=frozenset({f"host {here.host}"}))
        answered = self.secret("message.html", also=frozenset({f"host {there.host}"}))
        there.do(conversations.answer, listing=there.hung("Perceuse"), by=self.camille, body=asked, byline="C.")
        town.settle()
        here.do(conversations.reply, conversation=self.across(), by=self.odile, body=answered)
        town.settle()

    def _retry(self) -> None:
        """A town is down while something is for it, and up again a day later."""
        self.far.is_up = False
        self.town.settle()
        with self.here.federation.read() as session:
            waiting = session.scalars(select(Delivery).where(Delivery.state == DeliveryState.DUE)).all()
        assert {one.host for one in waiting} == {self.far.host}
        self.town.pass_time(days=1)
        self.far.is_up = True
        self.town.settle()

    def _moderate(self) -> None:
        # Whoever it concerns is told why; Maud, who lives where Chloe does, has a part in it.
        why = self.secret("measure.reason", also=STAFF | {readers.ELSEWHERE})
        self.here.do(moderation.hide, notice=self.spam, reason=why, by=self.adele)
        self.here.do(
            moderation.dismiss, entry=self.report, reason=self.secret("measure.reason", also=STAFF), by=self.maud
        )
        # Filed once more, so that the crawl finds it open.
        self.report = self._report(self.ladder, reason=self.secret("report.reason", also=STAFF))
        self.town.settle()

    def _end(self) -> None:
        """Stop following, and note what all that has left in the store."""
        with self.far.federation.write.begin() as session:
            follow = session.scalars(select(peers.Follow)).first()
            assert follow is not None
            peers.unfollow(session, follow_id=follow.id, now=self.town.now)
        self.town.settle()
        for house in self.town.houses.values():
            with house.home.read() as session:
                kept = canaries.note_the_story(session)
            self.canaries += [self._at_home(one) for one in kept]
        takers = self._takers()
        self.canaries = [
            replace(one, also=one.also | takers[one.value]) if one.column in SHARED and one.value in takers else one
            for one in self.canaries
        ]
        with self.here.home.read() as session:
            withheld = select(journal.Change.public_id).join(journal.Verdict)
            wanted = withheld.where(journal.Verdict.outcome == journal.Outcome.WITHHOLD.value)
            self.canaries += [Canary(column="change.public_id", value=one) for one in session.scalars(wanted)]
            local = (
                select(conversations.Message.public_id).join(Conversation).where(Conversation.remote_actor.is_(None))
            )
            self.canaries += [Canary(column="message.public_id", value=one) for one in session.scalars(local)]

    def _takers(self) -> dict[object, frozenset[str]]:
        """Who takes part in each conversation here, as readers of its address."""
        known = {self.amir.id: readers.NEIGHBOUR, self.bea.id: readers.QUARTER}
        return {
            one.public_id: frozenset(known[who] for who in (one.owner_id, one.opener_id) if who in known)
            for one in self.here.conversations()
        }

    def across(self) -> Conversation:
        """The conversation between Odile and Camille, seen from Odile's side."""
        return next(one for one in self.here.conversations() if one.remote_host == self.there.host)

    def private_ids(self) -> list[uuid.UUID]:
        """Addresses of things that are for some only."""
        return [self.ladder.public_id, self.report.public_id, self.amir.public_id, self.building.public_id]

    def close(self) -> None:
        """Stop listening."""
        self.log.end()
