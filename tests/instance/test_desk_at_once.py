"""Two who decide the same at the same moment, on both engines: one wins, and the other is told that it was decided."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import evidence, mailboxes, moderation, reports, suspensions
from instance.audience import Audience
from instance.decisions import Decision, Rule
from instance.listings import Listing
from instance.moderation import Measure
from instance.outgoing import Kind, OutgoingMail
from instance.reports import Report
from instance.residents import Resident, Role
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW
from tests.instance.test_loans_at_once import both
from web import stores

WHY = {"reason": "Une raison inventée.", "now": NOW}
Act = Callable[[Session], object]


@pytest.fixture
def case(home_store: stores.Store) -> dict[str, int]:
    """Ines offers a ladder, Zoe and Ali have reported it; two moderators live elsewhere. The ids of everything."""
    with home_store.write.begin() as session:
        town = neighbourhood.build(session)
        people = {name: town.resident(town.lilas, name=name.title()) for name in ("ines", "zoe", "ali")}
        for name in ("mona", "maxime"):
            people[name] = town.resident(town.far, role=Role.MODERATOR, name=name.title())
        mailboxes.prove(session, resident=people["zoe"], address="zoe@voisins.example", now=NOW)
        ladder = town.offer(people["ines"], Audience.QUARTER)
        filed = {
            f"{name}'s": reports.report(
                session,
                target=evidence.Target.NOTICE,
                public_id=ladder.public_id,
                by=people[name],
                reader=town.reader(people[name]),
                **WHY,
            )
            for name in ("zoe", "ali")
        }
        return {name: one.id for name, one in {**people, **filed, "ladder": ladder}.items()}


def hiding(case: dict[str, int], who: str, whose: str = "zoe's") -> Act:
    def hide(session: Session) -> None:
        entry, by = session.get_one(Report, case[whose]), session.get_one(Resident, case[who])
        ladder = session.get_one(Listing, case["ladder"])
        moderation.hide(session, notice=ladder, entry=entry, rule=Rule.TRADE, by=by, **WHY)

    return hide


def dismissing(case: dict[str, int], who: str, whose: str = "zoe's") -> Act:
    def dismiss(session: Session) -> None:
        entry, by = session.get_one(Report, case[whose]), session.get_one(Resident, case[who])
        moderation.dismiss(session, entry=entry, by=by, **WHY)

    return dismiss


def warning(case: dict[str, int], who: str, whose: str = "zoe's") -> Act:
    def warn(session: Session) -> None:
        entry, by = session.get_one(Report, case[whose]), session.get_one(Resident, case[who])
        moderation.warn(session, entry=entry, rule=Rule.TRADE, by=by, **WHY)

    return warn


def suspending(case: dict[str, int], who: str, whose: str = "zoe's") -> Act:
    def suspend(session: Session) -> None:
        entry, by = session.get_one(Report, case[whose]), session.get_one(Resident, case[who])
        ines = session.get_one(Resident, case["ines"])
        suspensions.suspend(session, resident=ines, entry=entry, rule=Rule.LAW, by=by, **WHY)

    return suspend


ACTS = {"hide": hiding, "dismiss": dismissing, "warn": warning, "suspend": suspending}


@pytest.mark.parametrize(("first", "second"), [("hide", "dismiss"), ("dismiss", "hide"), ("warn", "suspend")])
def test_one_report_is_decided_once(home_store: stores.Store, case: dict[str, int], first: str, second: str) -> None:
    assert both(home_store, ACTS[first](case, "mona"), ACTS[second](case, "maxime")) == "decided"
    with home_store.read() as session:
        assert [one.step for one in session.scalars(select(Measure))] == [first]
        assert len(session.scalars(select(Decision)).all()) == (0 if first == "dismiss" else 1)


def test_two_reports_of_the_same_thing_are_decided_together(home_store: stores.Store, case: dict[str, int]) -> None:
    assert both(home_store, hiding(case, "mona", "zoe's"), hiding(case, "maxime", "ali's")) == "decided"
    with home_store.read() as session:
        assert all(one.closed_at == NOW for one in session.scalars(select(Report)))
        told = session.scalars(select(OutgoingMail).where(OutgoingMail.kind == Kind.LOOKED.value)).all()
        assert [one.resident_id for one in told] == [case["zoe"]], "who proved an address, once"


def test_a_report_closed_without_a_measure_leaves_the_other_open(
    home_store: stores.Store, case: dict[str, int]
) -> None:
    assert both(home_store, dismissing(case, "mona", "zoe's"), hiding(case, "maxime", "ali's")) == "done"
    with home_store.read() as session:
        assert session.get_one(Listing, case["ladder"]).state == "hidden"


def test_the_clock_and_a_moderator_give_an_account_back_once(home_store: stores.Store, case: dict[str, int]) -> None:
    def by_hand(session: Session) -> None:
        ines, mo = session.get_one(Resident, case["ines"]), session.get_one(Resident, case["mona"])
        suspensions.reinstate(session, resident=ines, by=mo, reason="x", now=later)

    later = NOW + timedelta(days=8)
    with home_store.write.begin() as session:
        ines, mo = session.get_one(Resident, case["ines"]), session.get_one(Resident, case["mona"])
        suspensions.suspend(session, resident=ines, until=NOW + timedelta(days=7), by=mo, **WHY)
    with home_store.write.begin() as session:
        by_hand(session)
        assert suspensions.end_due(session, now=later) == 0
    with home_store.read() as session:
        ines = session.get_one(Resident, case["ines"])
        assert (ines.state, ines.suspended_until) == ("active", None)
