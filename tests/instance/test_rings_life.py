"""Widening rings under any order of events: never past the choice, never reopened, and stopped means stopped."""

from contextlib import ExitStack
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy.orm import Session

from federation.hatch import boundary
from instance import (
    conversations,
    endings,
    halls,
    hours,
    listings,
    loans,
    meetings,
    moderation,
    needs,
    notices,
    rings,
    slides,
)
from instance.audience import Audience
from instance.base import Refused
from instance.conversations import Conversation
from instance.listings import Listing
from instance.needs import Need
from instance.notices import State
from instance.places import Building
from instance.residents import Role
from instance.rings import Pace
from tests.instance import neighbourhood
from tests.instance.asking import ask, tick


class Rings(RuleBasedStateMachine):
    """The author, neighbours, moderators and the clock, in any order."""

    asked = Bundle("asked")

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        self.session: Session = self.stack.enter_context(neighbourhood.fresh_session())
        self.town = neighbourhood.build(self.session)
        self.author = self.town.resident(self.town.lilas)
        self.neighbour = self.town.resident(self.town.lilas)
        self.around = self.town.resident(self.town.tilleuls)
        self.moderator = self.town.resident(self.town.far, role=Role.MODERATOR)
        self.chosen: dict[int, tuple[Listing, Audience, Pace]] = {}
        self.stopped: dict[int, Audience] = {}
        self.over: set[int] = set()
        self.talks: set[Conversation] = set()
        self.before: dict[int, Audience] = {}

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    @rule(target=asked, audience=st.sampled_from(Audience), pace=st.sampled_from(Pace), need=st.sampled_from(Need))
    def publish(self, audience: Audience, pace: Pace, need: Need) -> Listing | None:
        late = pace is not Pace.AT_ONCE and audience is not Audience.BUILDING
        late = late and rings.opens(pace, since=self.town.now) >= needs.until(need, now=self.town.now)
        if late:
            with pytest.raises(Refused, match="pace_late"):
                ask(self.town, self.author, audience, pace, need=need)
            return None
        listing = ask(self.town, self.author, audience, pace, need=need)
        self.chosen[listing.id] = (listing, audience, pace)
        return listing

    @rule(minutes=st.integers(1, 60 * 30))
    def wait(self, minutes: int) -> None:
        self.town.later(minutes=minutes)
        was = {id_: (one.audience, one.state) for id_, (one, _, _) in self.chosen.items()}
        tick(self.town)
        for id_, (one, _, _) in self.chosen.items():
            step = one.audience - was[id_][0]
            assert step in {0, 1}
            if step:
                assert hours.by_day(self.town.now) == self.town.now
                assert was[id_][1] == State.LIVE
            if one.state == State.EXPIRED:
                self.over.add(id_)

    def _author(self, listing: Listing | None, act: object) -> bool:
        """Whether the author's act was done; one about what is over is refused and changes nothing."""
        if listing is None:
            return False
        before, code = (listing.state, listing.version, listing.reach), None
        try:
            act(listing)  # type: ignore[operator]
        except Refused as refused:
            code = refused.code
        if before[0] != State.LIVE:
            assert code in {"not_live", "not_narrower"}
        if code is not None:
            assert code in {"not_live", "not_longer", "not_narrower"}
            assert (listing.state, listing.version, listing.reach) == before
        return code is None

    @rule(listing=asked)
    def answer(self, listing: Listing | None) -> None:
        if listing is not None and listing.is_live:
            given = {"listing": listing, "body": "Oui.", "now": self.town.now}
            self.talks.add(conversations.answer(self.session, by=self.neighbour, **given))

    @rule(listing=asked, lend=st.booleans())
    def yes(self, listing: Listing | None, lend: bool) -> None:
        """The neighbour proposes and the author agrees: nobody has to press anything else."""
        talk = next((one for one in self.talks if listing is not None and one.listing_id == listing.id), None)
        if talk is None:
            return
        try:
            with self.session.begin_nested():
                self._lend(talk) if lend else self._meet(talk)
        except Refused:
            return
        assert rings.of(self.session, listing=listing) is None
        self.stopped[listing.id] = listing.audience
        if listing.state != State.HIDDEN:
            assert not listing.is_live
            self.over.add(listing.id)

    def _lend(self, talk: Conversation) -> None:
        pickup = self.town.now + timedelta(hours=3)
        terms = {"pickup_at": pickup, "due_on": hours.town_day(pickup), "place": ""}
        loan = loans.ask(self.session, conversation=talk, by=self.neighbour, now=self.town.now, **terms)
        loans.agree(self.session, loan=loan, by=self.author, terms=loan.terms, now=self.town.now)

    def _meet(self, talk: Conversation) -> None:
        given = {"conversation": talk, "now": self.town.now}
        moments, place = [self.town.now + timedelta(hours=3)], meetings.Place(words="Sur la place")
        made = meetings.propose(self.session, by=self.neighbour, moments=moments, place=place, **given)
        meetings.pick(self.session, by=self.author, meeting_id=made.public_id, number=1, **given)

    @rule(listing=asked)
    def found(self, listing: Listing | None) -> None:
        if self._author(listing, lambda one: rings.found(self.session, listing=one, by=self.author, now=self.town.now)):
            self.over.add(listing.id)

    @rule(listing=asked)
    def stay(self, listing: Listing | None) -> None:
        if self._author(listing, lambda one: rings.stay(self.session, listing=one, by=self.author)):
            self.stopped[listing.id] = listing.audience

    @rule(listing=asked)
    def renew(self, listing: Listing | None) -> None:
        ended = listing.expires_at if listing is not None else None
        if self._author(
            listing, lambda one: endings.renew(self.session, listing=one, by=self.author, now=self.town.now)
        ):
            assert listing.expires_at > ended

    @rule(listing=asked)
    def close(self, listing: Listing | None) -> None:
        if self._author(
            listing, lambda one: notices.withdraw(self.session, notice=one, by=self.author, now=self.town.now)
        ):
            self.over.add(listing.id)

    @rule(listing=asked)
    def edit(self, listing: Listing | None) -> None:
        self._author(
            listing,
            lambda one: notices.edit(
                self.session, notice=one, by=self.author, title="Autre", body="mot", now=self.town.now
            ),
        )

    @rule(listing=asked, audience=st.sampled_from(Audience))
    def narrow(self, listing: Listing | None, audience: Audience) -> None:
        if self._author(
            listing,
            lambda one: listings.narrow(
                self.session, listing=one, by=self.author, audience=audience, now=self.town.now
            ),
        ):
            self.stopped[listing.id] = listing.audience
            self.before[listing.id] = listing.audience

    @rule(listing=asked, restore=st.booleans())
    def moderate(self, listing: Listing | None, restore: bool) -> None:
        if listing is not None:
            act = moderation.restore if restore else moderation.hide
            act(self.session, notice=listing, reason="parce que", by=self.moderator, now=self.town.now)

    @invariant()
    def never_past_the_choice_and_never_two_rings_at_once(self) -> None:
        for id_, (one, audience, pace) in getattr(self, "chosen", {}).items():
            first = Audience.BUILDING if pace is not Pace.AT_ONCE else audience
            before = self.before.get(id_, first)
            assert before <= one.audience <= audience
            assert one.audience - before <= 1
            self.before[id_] = one.audience

    @invariant()
    def stopped_means_stopped_and_over_means_over(self) -> None:
        for id_, audience in getattr(self, "stopped", {}).items():
            assert self.chosen[id_][0].audience <= audience
        for id_ in getattr(self, "over", ()):
            assert not self.chosen[id_][0].is_live

    @invariant()
    def what_does_not_hang_is_nowhere(self) -> None:
        if not hasattr(self, "chosen"):
            return
        everywhere = {one.id for reader in self._readers() for one in self.town.feed(reader)}
        walls = {slide.notice for building in self._buildings() for slide in self._slides(building)}
        for id_, (one, _, _) in self.chosen.items():
            verdict = boundary.judge_notice(one, version=one.version)
            leaves = isinstance(verdict, boundary.Announce)
            assert leaves is (one.is_live and one.audience is Audience.NETWORK)
            assert leaves or isinstance(verdict, boundary.Retract if one.reached_network else boundary.Withhold)
            if not one.is_live:
                assert id_ not in everywhere
                assert one.public_id not in walls

    @invariant()
    def a_ring_shows_it_to_its_own_and_to_nobody_beyond(self) -> None:
        if not hasattr(self, "chosen"):
            return
        around, far = (
            {one.id for one in self.town.feed(self.town.reader(who))} for who in (self.around, self.moderator)
        )
        for id_, (one, _, _) in self.chosen.items():
            assert (id_ in around) is (one.is_live and one.audience >= Audience.QUARTER)
            assert (id_ in far) is (one.is_live and one.audience >= Audience.INSTANCE)

    @invariant()
    def what_is_ahead_is_told_truly(self) -> None:
        for id_, (one, audience, _) in getattr(self, "chosen", {}).items():
            ahead = rings.ahead(self.session, listing=one)
            if ahead is not None:
                assert id_ not in self.stopped
                assert ahead.audience == one.audience + 1
                assert ahead.audience <= audience

    def _readers(self) -> list[object]:
        return [self.town.reader(one) for one in (self.author, self.neighbour, self.around, self.moderator)]

    def _buildings(self) -> tuple[Building, ...]:
        return (self.town.lilas, self.town.tilleuls, self.town.far)

    def _slides(self, building: Building) -> list[slides.Slide]:
        wall = halls.of_building(self.session, building=building)
        return [*wall.installer, *wall.at_home, *wall.around, *wall.urgent]


Rings.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestRings = Rings.TestCase
