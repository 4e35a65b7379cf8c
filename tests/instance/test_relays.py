"""Relay people: consent first, a name for one's own eyes only, and letting go takes everything back."""

from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from instance import notices, relays
from instance.audience import Audience
from instance.base import Refused
from instance.listings import Listing
from instance.notices import State
from instance.relays import Consent, Relayed, RelayedNotice
from instance.residents import Resident
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, Neighbourhood

TODAY = date(2027, 5, 11)


def agree(session: Session, by: Resident, called: str = "Mme B.", **more: object) -> Relayed:
    given = {"consent": Consent.SPOKEN, "consented_on": TODAY, "today": TODAY, "now": NOW} | more
    return relays.take_on(session, by=by, called=called, **given)


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"called": "  "}, "missing", "called"),
        ({"called": "x" * 61}, "too_long", "called"),
        ({"consented_on": TODAY + timedelta(days=1)}, "day_to_come", "consented_on"),
    ],
)
def test_what_is_wrong_is_refused_at_its_field(
    town: Neighbourhood, wrong: dict[str, object], code: str, field: str
) -> None:
    by = town.resident(town.lilas)
    with pytest.raises(Refused) as refused:
        agree(town.session, by, **wrong)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert relays.of_resident(town.session, resident=by) == []


def test_twenty_are_enough(town: Neighbourhood) -> None:
    by, other = town.resident(town.lilas), town.resident(town.lilas)
    for n in range(relays.MOST):
        agree(town.session, by, f"Voisin {n}")
    with pytest.raises(Refused, match="relayed_too_many"):
        agree(town.session, by)
    agree(town.session, other)


def test_only_ones_own_is_found_and_only_ones_own_notice_is_marked(town: Neighbourhood) -> None:
    by, other = town.resident(town.lilas), town.resident(town.lilas)
    taken = agree(town.session, by)
    assert relays.find(town.session, public_id=taken.public_id, by=by) is taken
    with pytest.raises(Refused, match="not_found"):
        relays.find(town.session, public_id=taken.public_id, by=other)
    with pytest.raises(Refused, match="not_found"):
        relays.mark(town.session, notice=town.offer(other, Audience.BUILDING), relayed=taken)


def test_letting_go_takes_down_theirs_and_nobody_elses(town: Neighbourhood) -> None:
    by = town.resident(town.lilas)
    first, second = agree(town.session, by, "Mme B."), agree(town.session, by, "M. C.")
    for_first, for_second, own = (town.offer(by, Audience.QUARTER) for _ in range(3))
    relays.mark(town.session, notice=for_first, relayed=first)
    relays.mark(town.session, notice=for_second, relayed=second)
    everything = [for_first.id, for_second.id, own.id]
    assert relays.among(town.session, notice_ids=everything) == {for_first.id, for_second.id}
    assert relays.let_go(town.session, relayed=first, by=by, now=NOW) == 1
    assert [one.state for one in (for_first, for_second, own)] == [State.WITHDRAWN, State.LIVE, State.LIVE]
    assert relays.among(town.session, notice_ids=everything) == {for_second.id}
    assert relays.of_resident(town.session, resident=by) == [second]


class Relaying(RuleBasedStateMachine):
    """Agreeing, writing, taking down and letting go in any order."""

    @initialize()
    def begin(self) -> None:
        self.opened = neighbourhood.fresh_session()
        self.session = self.opened.__enter__()
        self.town = neighbourhood.build(self.session)
        self.people = [self.town.resident(self.town.lilas) for _ in range(2)]
        self.gone: list[Listing] = []

    @rule(who=st.integers(0, 1))
    def agrees(self, who: int) -> None:
        agree(self.session, self.people[who])

    @rule(who=st.integers(0, 1), which=st.integers(0), whose=st.integers(0, 1), wide=st.booleans())
    def writes(self, who: int, which: int, whose: int, wide: bool) -> None:
        held = relays.of_resident(self.session, resident=self.people[whose])
        if held:
            notice = self.town.offer(self.people[who], Audience.QUARTER if wide else Audience.BUILDING)
            chosen = held[which % len(held)]
            try:
                relays.mark(self.session, notice=notice, relayed=chosen)
            except Refused:
                assert who != whose

    @rule(which=st.integers(0))
    def takes_down(self, which: int) -> None:
        hanging = self.session.scalars(select(Listing).where(Listing.state == State.LIVE.value)).all()
        if hanging:
            one = hanging[which % len(hanging)]
            notices.withdraw(self.session, notice=one, by=one.author, now=NOW)

    @rule(who=st.integers(0, 1), which=st.integers(0))
    def lets_go(self, who: int, which: int) -> None:
        held = relays.of_resident(self.session, resident=self.people[who])
        if held:
            chosen = held[which % len(held)]
            wanted = select(RelayedNotice.notice_id).where(RelayedNotice.relayed_id == chosen.id)
            theirs = list(self.session.scalars(wanted))
            relays.let_go(self.session, relayed=chosen, by=self.people[who], now=NOW)
            self.gone += [self.session.get_one(Listing, one) for one in theirs]

    @invariant()
    def nothing_hangs_without_consent_and_marks_are_the_authors(self) -> None:
        assert all(one.state != State.LIVE for one in self.gone)
        pairs = self.session.execute(
            select(Listing.author_id, Relayed.resident_id)
            .join(RelayedNotice, RelayedNotice.notice_id == Listing.id)
            .join(Relayed, Relayed.id == RelayedNotice.relayed_id)
        )
        assert all(author == relay for author, relay in pairs)
        orphans = select(func.count()).where(RelayedNotice.relayed_id.not_in(select(Relayed.id)))
        assert self.session.scalar(orphans) == 0

    def teardown(self) -> None:
        self.opened.__exit__(None, None, None)


TestRelaying = Relaying.TestCase
TestRelaying.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
