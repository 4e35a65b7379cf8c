"""First moderation: reporting what one sees, measures with reasons, and nobody judges their own case."""

import uuid

import pytest
from sqlalchemy import func, select

from instance import (
    comments,
    conversations,
    decisions,
    listings,
    logins,
    moderation,
    notices,
    reports,
    residents,
    suspensions,
)
from instance.audience import Audience, Reader
from instance.base import Refused
from instance.evidence import Target
from instance.journal import Change
from instance.listings import Direction
from instance.moderation import Measure, Step
from instance.notices import State
from instance.reports import Report
from instance.residents import Resident, Role
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, PASSWORD, Neighbourhood

WHY = {"reason": "Une raison inventée.", "now": NOW}


def report(town: Neighbourhood, by: Resident, notice: notices.Notice, **more: object) -> Report:
    given = {"target": Target.NOTICE, "public_id": notice.public_id, "reason": "Ce n’est pas juste."}
    return reports.report(town.session, by=by, reader=town.reader(by), now=NOW, **{**given, **more})


def moderator(town: Neighbourhood, role: Role = Role.MODERATOR) -> Resident:
    return town.resident(town.far, role=role)


def test_a_report_keeps_what_was_seen(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    offer = town.offer(ines, Audience.BUILDING)
    entry = report(town, zoe, offer)
    assert entry.excerpt == "Une échelle — À prêter le samedi."
    notices.edit(town.session, notice=offer, by=ines, title="x", body="y", now=NOW)
    assert reports.open_reports(town.session, by=None) == [entry]
    assert "échelle" in entry.excerpt
    assert reports.find_report(town.session, public_id=entry.public_id, by=moderator(town)) is entry


def test_nobody_reports_what_they_cannot_see(town: Neighbourhood) -> None:
    ines, zoe, far = town.resident(town.lilas), town.resident(town.lilas), town.resident(town.far)
    offer = town.offer(ines, Audience.BUILDING)
    talk = conversations.answer(town.session, listing=offer, by=zoe, body="Bonjour", now=NOW)
    item = town.post(ines, town.organisation(ines, quarter=town.north), Audience.QUARTER)
    comment = comments.add(town.session, notice=item, by=ines, body="x", now=NOW)
    for target, public_id in (
        (Target.NOTICE, offer.public_id),
        (Target.COMMENT, comment.public_id),
        (Target.MESSAGE, talk.messages[0].public_id),
        *((target, uuid.uuid4()) for target in Target),
    ):
        for act in (
            lambda target=target, public_id=public_id: report(town, far, offer, target=target, public_id=public_id),
            lambda target=target, public_id=public_id: reports.preview(
                town.session, target=target, public_id=public_id, reader=Reader(), now=NOW
            ),
        ):
            with pytest.raises(Refused, match="not_found"):
                act()
    entry = report(town, ines, offer, target=Target.MESSAGE, public_id=talk.messages[0].public_id)
    assert entry.excerpt == "Bonjour"


@pytest.mark.parametrize(("reason", "code"), [(" ", "missing"), ("x" * 1001, "too_long")])
def test_a_report_needs_a_reason(town: Neighbourhood, reason: str, code: str) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    with pytest.raises(Refused) as refused:
        report(town, zoe, town.offer(ines, Audience.BUILDING), reason=reason)
    assert (refused.value.code, refused.value.field) == (code, "reason")
    assert reports.open_reports(town.session, by=None) == []


def test_a_city_s_second_report_of_the_same_adds_nothing_while_the_first_is_open(stored_town: Neighbourhood) -> None:
    town = stored_town
    notice = town.offer(town.resident(town.lilas), Audience.NETWORK)

    def flag(host: str) -> Report | None:
        return reports.report_from_elsewhere(
            town.session,
            target=Target.NOTICE,
            target_id=notice.public_id,
            reason="<p>" + "mot " * 999,
            host=host,
            now=NOW,
        )

    entry = flag("a.example")
    assert entry is not None
    assert len(entry.reason) <= decisions.LONGEST_REASON
    assert entry.reporter is None
    assert flag("a.example") is None
    assert flag("b.example") is not None
    moderation.dismiss(town.session, entry=entry, by=moderator(town), **WHY)
    assert flag("a.example") is not None


def test_only_moderators_take_measures(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    item = town.post(ines, town.organisation(ines), Audience.INSTANCE)
    comment = comments.add(town.session, notice=item, by=ines, body="x", now=NOW)
    entry = report(town, ines, item)
    for act in (
        lambda: moderation.hide(town.session, notice=item, by=zoe, **WHY),
        lambda: moderation.restore(town.session, notice=item, by=zoe, **WHY),
        lambda: moderation.hide_comment(town.session, comment=comment, by=zoe, **WHY),
        lambda: moderation.dismiss(town.session, entry=entry, by=zoe, **WHY),
        lambda: suspensions.suspend(town.session, resident=ines, by=zoe, **WHY),
        lambda: suspensions.reinstate(town.session, resident=ines, by=zoe, **WHY),
        lambda: moderation.note(town.session, step=Step.BLOCK, target="a.example", by=zoe, **WHY),
    ):
        with pytest.raises(Refused, match="not_moderator"):
            act()
    assert (item.state, comment.state, entry.closed_at, ines.state) == ("live", "live", None, "active")
    assert town.session.scalar(select(func.count()).select_from(Measure)) == 0


def test_hiding_and_restoring_are_journaled_and_booked(town: Neighbourhood) -> None:
    ines, zoe, mo = town.resident(town.lilas), town.resident(town.lilas), moderator(town)
    offer = town.offer(ines, Audience.NETWORK)
    entry = report(town, zoe, offer)
    moderation.hide(town.session, notice=offer, by=mo, **WHY)
    assert (offer.state, offer.version, entry.closed_at) == (State.HIDDEN, 2, NOW)
    assert town.feed(town.reader(ines)) == []
    moderation.hide(town.session, notice=offer, by=mo, **WHY)
    assert offer.version == 2
    moderation.restore(town.session, notice=offer, by=mo, **WHY)
    assert (offer.state, offer.version) == (State.LIVE, 3)
    assert [one.step for one in moderation.measures(town.session, by=None)] == ["restore", "hide", "hide"]
    wanted = select(Change.version).where(Change.subject_id == offer.public_id).order_by(Change.id)
    assert list(town.session.scalars(wanted)) == [1, 2, 3]
    with pytest.raises(Refused, match="missing"):
        moderation.hide(town.session, notice=offer, by=mo, reason=" ", now=NOW)
    assert offer.state == State.LIVE


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.EXPIRED])
def test_hiding_and_restoring_hangs_nothing_that_was_taken_down(town: Neighbourhood, state: State) -> None:
    offer, mo = town.offer(town.resident(town.lilas), Audience.NETWORK), moderator(town)
    offer.state = state.value
    moderation.hide(town.session, notice=offer, by=mo, **WHY)
    moderation.restore(town.session, notice=offer, by=mo, **WHY)
    assert (offer.state, offer.version) == (state, 1)


def test_suspending_signs_out_and_hides_everything(town: Neighbourhood) -> None:
    ines, mo = town.resident(town.lilas), moderator(town)
    token = logins.open_login(town.session, resident=ines, now=NOW)
    committee = town.organisation(ines)
    item = town.post(ines, committee, Audience.INSTANCE)
    offers = [town.offer(ines, Audience.BUILDING) for _ in range(60)]
    notices.withdraw(town.session, notice=offers[0], by=ines, now=NOW)
    suspensions.suspend(town.session, resident=ines, by=mo, **WHY)
    assert logins.signed_in(town.session, token=token, now=NOW) is None
    assert offers[0].state == State.WITHDRAWN
    assert {one.state for one in offers[1:]} == {State.HIDDEN}
    assert {one.version for one in offers[1:]} == {2}
    assert item.state == State.LIVE, "the organisation's, not hers"
    suspensions.reinstate(town.session, resident=ines, by=mo, **WHY)
    assert logins.check_password(town.session, name=ines.login, password=PASSWORD) is ines
    assert offers[1].state == State.HIDDEN


def test_staff_are_suspended_by_administrators_only_and_nobody_by_themselves(town: Neighbourhood) -> None:
    mo, other = moderator(town), town.resident(town.lilas, role=Role.MODERATOR)
    boss = town.resident(town.tilleuls, role=Role.ADMINISTRATOR)
    for resident, by, code in ((mo, mo, "not_yourself"), (other, mo, "is_staff"), (boss, mo, "is_staff")):
        with pytest.raises(Refused, match=code):
            suspensions.suspend(town.session, resident=resident, by=by, **WHY)
    suspensions.suspend(town.session, resident=mo, by=boss, **WHY)
    assert mo.state == residents.State.SUSPENDED


def test_nobody_judges_their_own_words_or_complaint(town: Neighbourhood) -> None:
    ines, mo = town.resident(town.lilas), town.resident(town.lilas, role=Role.MODERATOR)
    own, reported = town.offer(mo, Audience.BUILDING), town.offer(ines, Audience.BUILDING)
    mine, about_me = report(town, mo, reported), report(town, ines, own)
    for act in (
        lambda: moderation.hide(town.session, notice=reported, by=mo, **WHY),
        lambda: moderation.hide(town.session, notice=own, by=mo, **WHY),
        lambda: moderation.restore(town.session, notice=own, by=mo, **WHY),
        lambda: moderation.dismiss(town.session, entry=mine, by=mo, **WHY),
        lambda: moderation.dismiss(town.session, entry=about_me, by=mo, **WHY),
        lambda: suspensions.suspend(town.session, resident=ines, entry=mine, by=mo, **WHY),
    ):
        with pytest.raises(Refused, match="party"):
            act()
    assert reports.open_reports(town.session, by=None) == [mine, about_me]
    other = moderator(town)
    moderation.hide(town.session, notice=reported, by=other, **WHY)
    moderation.dismiss(town.session, entry=about_me, by=other, **WHY)
    assert reports.open_reports(town.session, by=None) == []


def test_a_blocked_city_is_forgotten_and_no_other(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    item = town.post(ines, town.organisation(ines), Audience.NETWORK)

    def theirs(n: int, host: str) -> tuple[notices.Notice, comments.Comment]:
        origin = neighbourhood.origin(n, host=host)
        notice = listings.welcome(
            town.session, origin=origin, direction=Direction.OFFER, title="x", html="x", language="fr", now=NOW
        )
        return notice, comments.welcome(town.session, notice=item, origin=origin, html="x", now=NOW)

    gone, kept = theirs(1, "a.example"), theirs(2, "b.example")
    assert moderation.forget_host(town.session, host="a.example", now=NOW) == 1
    assert moderation.forget_host(town.session, host="a.example", now=NOW) == 0
    assert {one.state for one in gone} == {State.HIDDEN}
    assert {one.state for one in kept} == {State.LIVE}
    assert item.state == State.LIVE
