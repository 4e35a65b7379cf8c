"""Mail and recovery in the domain, on both engines: what is written, leased, ended and forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from instance import (
    addresses,
    doorbell,
    forgetting,
    logins,
    mailboxes,
    moderation,
    outgoing,
    passes,
    recovery,
    residents,
)
from instance.base import Refused
from instance.outgoing import Kind, OutgoingMail
from instance.passes import Pass, Purpose
from instance.recovery import Dead, Good, RecoveryCard, RecoveryRequest, Wrong
from instance.residents import Resident, Role
from tests.instance.neighbourhood import NOW, PEPPER, Neighbourhood

KEY = b"the key of links, in this test only"
NEW = "une toute nouvelle phrase"


@pytest.fixture
def ines(stored_town: Neighbourhood) -> Resident:
    somebody = stored_town.resident(name="Ines")
    mailboxes.prove(stored_town.session, resident=somebody, address="ines@courriel.example", now=NOW)
    return somebody


def count(town: Neighbourhood, kind: type) -> int:
    return town.session.scalar(select(func.count()).select_from(kind)) or 0


def test_a_mail_is_leased_once_and_comes_back_when_nobody_answers_for_it(
    stored_town: Neighbourhood, ines: Resident
) -> None:
    session = stored_town.session
    outgoing.warn(session, kind=Kind.PASSWORD, to=ines, now=NOW)
    assert outgoing.is_due(session, now=NOW)
    mail = outgoing.lease(session, now=NOW)
    assert mail is not None
    assert outgoing.lease(session, now=NOW + timedelta(minutes=9)) is None
    again = outgoing.lease(session, now=NOW + outgoing.LEASE)
    assert again is mail
    assert mail.tries == 2
    outgoing.sent(session, mail=mail, now=NOW)
    assert outgoing.lease(session, now=NOW + timedelta(days=30)) is None
    with pytest.raises(Refused, match="not_failed"):
        outgoing.retry(session, mail=mail, now=NOW)


def test_the_same_cause_is_one_mail(stored_town: Neighbourhood, ines: Resident) -> None:
    session = stored_town.session
    first, second = (outgoing.post(session, kind=Kind.CARD, cause="x", to=ines, now=NOW) for _ in range(2))
    assert first is second
    session.add(
        OutgoingMail(kind="card", cause="x", resident=ines, state="waiting", due_at=NOW, tries=0, created_at=NOW)
    )
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_the_oldest_goes_first(stored_town: Neighbourhood, ines: Resident) -> None:
    session = stored_town.session
    for cause, ago in (("b", 1), ("a", 2), ("c", 0)):
        outgoing.post(session, kind=Kind.CARD, cause=cause, to=ines, now=NOW - timedelta(minutes=ago))
    order = [outgoing.lease(session, now=NOW) for _ in range(3)]
    assert [one.cause for one in order if one] == ["a", "b", "c"]


def test_a_proof_is_void_as_soon_as_the_address_is_another(stored_town: Neighbourhood, ines: Resident) -> None:
    session = stored_town.session
    assert mailboxes.address(session, resident=ines) == "ines@courriel.example"
    residents.set_email(session, resident=ines, email="other@courriel.example")
    assert mailboxes.address(session, resident=ines) is None
    assert not doorbell.wanted(session, to=ines)


def test_an_address_is_proved_once_by_its_link(stored_town: Neighbourhood, ines: Resident) -> None:
    session = stored_town.session
    with pytest.raises(Refused, match="email_shape"):
        addresses.ask(session, resident=ines, address="ines@", now=NOW)
    one = addresses.ask(session, resident=ines, address="neuve@courriel.example", now=NOW)
    assert one is not None
    token = passes.token(one, key=KEY)
    assert str(one.public_id) not in token.replace(one.public_id.hex, "")
    with pytest.raises(Refused, match="link_dead"):
        addresses.confirm(session, token=passes.token(one, key=b"another key"), key=KEY, now=NOW)
    assert addresses.confirm(session, token=token, key=KEY, now=NOW) is ines
    assert ines.email == "neuve@courriel.example"
    with pytest.raises(Refused, match="link_dead"):
        addresses.confirm(session, token=token, key=KEY, now=NOW)
    assert addresses.ask(session, resident=ines, address="neuve@courriel.example", now=NOW) is None


def test_two_people_cannot_prove_one_address(stored_town: Neighbourhood, ines: Resident) -> None:
    session, other = stored_town.session, stored_town.resident(name="Omar")
    one = addresses.ask(session, resident=other, address="INES@courriel.example", now=NOW)
    assert one is not None
    with pytest.raises(Refused, match="email_taken"):
        addresses.confirm(session, token=passes.token(one, key=KEY), key=KEY, now=NOW)
    assert other.email is None


def test_a_reset_ends_every_session_and_every_other_link(stored_town: Neighbourhood, ines: Resident) -> None:
    session = stored_town.session
    token = logins.open_login(session, resident=ines, now=NOW)
    pending = addresses.ask(session, resident=ines, address="planted@courriel.example", now=NOW)
    recovery.ask(session, name=" Ines ", now=NOW)
    assert recovery.answer_requests(session, now=NOW) == 1
    one = session.scalars(select(Pass).where(Pass.purpose == Purpose.RESET.value)).one()
    with pytest.raises(Refused, match="password_short"):
        recovery.reset(session, token=passes.token(one, key=KEY), key=KEY, new="court", now=NOW)
    assert logins.signed_in(session, token=token, now=NOW).resident is ines
    recovery.reset(session, token=passes.token(one, key=KEY), key=KEY, new=NEW, now=NOW)
    assert logins.signed_in(session, token=token, now=NOW) is None
    assert logins.check_password(session, name="ines", password=NEW) is ines
    assert pending is not None
    session.refresh(pending)
    assert not pending.is_good(now=NOW)


def test_a_card_is_good_once_and_counts_wrong_tries(stored_town: Neighbourhood, ines: Resident) -> None:
    session = stored_town.session

    def tried(code: str, pepper: bytes = PEPPER) -> Good | Wrong | Dead:
        return recovery.check(session, code=code, pepper=pepper, now=NOW)

    code = recovery.issue(session, resident=ines, pepper=PEPPER, now=NOW)
    assert recovery.card_since(session, resident=ines, now=NOW) == NOW
    assert tried(code, b"a stolen table without its key") == Wrong(left=4)
    found = tried(code.lower().replace("-", ""))
    assert isinstance(found, Good)
    following = recovery.redeem(session, card=found.card, new=NEW, pepper=PEPPER, now=NOW)
    assert tried(code) == Dead()
    assert isinstance(tried(following), Good)
    assert logins.check_password(session, name="ines", password=NEW) is ines
    wrong = following[:-1] + ("0" if following[-1] != "0" else "1")
    assert [tried(wrong) for _ in range(6)] == [
        Wrong(left=4),
        Wrong(left=3),
        Wrong(left=2),
        Wrong(left=1),
        Dead(),
        Dead(),
    ]
    assert tried(following) == Dead()


def test_only_an_administrator_prints_for_others_and_says_why(stored_town: Neighbourhood, ines: Resident) -> None:
    session = stored_town.session
    boss, modo = (stored_town.resident(name=name) for name in ("Boss", "Modo"))
    boss.role, modo.role = Role.ADMINISTRATOR.value, Role.MODERATOR.value

    def printed(by: Resident, reason: str = "At the counter.", to: Resident = ines) -> str:
        return recovery.issue_for(session, resident=to, by=by, reason=reason, pepper=PEPPER, now=NOW)

    for by, reason, to, code in (
        (modo, "x", ines, "not_administrator"),
        (boss, "x", boss, "not_yourself"),
        (boss, "  ", ines, "missing"),
    ):
        with pytest.raises(Refused, match=code):
            printed(by, reason, to)
    assert count(stored_town, RecoveryCard) == 0
    code = printed(boss)
    assert [one.step for one in moderation.measures(session, by=boss)] == ["card"]
    late = recovery.check(session, code=code, pepper=PEPPER, now=NOW + recovery.STAFF_CARD_FOR)
    assert late == Dead()
    ines.state = residents.State.SUSPENDED.value
    with pytest.raises(Refused, match="suspended"):
        printed(boss)
    assert recovery.check(session, code=code, pepper=PEPPER, now=NOW) == Dead()


def test_what_has_had_its_time_is_really_deleted(stored_town: Neighbourhood, ines: Resident) -> None:
    session = stored_town.session
    addresses.ask(session, resident=ines, address="neuve@courriel.example", now=NOW)
    recovery.ask(session, name="what somebody typed", now=NOW)
    recovery.issue(session, resident=ines, pepper=PEPPER, now=NOW)
    recovery.issue(session, resident=ines, pepper=PEPPER, now=NOW)
    mails = [outgoing.post(session, kind=Kind.ADDRESS, cause=c, to=ines, address="x@y.example", now=NOW) for c in "abc"]
    outgoing.sent(session, mail=mails[0], now=NOW)
    outgoing.fail(session, mail=mails[1], said="550 no", now=NOW)
    assert (mails[0].address, mails[1].address) == (None, "x@y.example")
    left = {}
    for days in (1, 4, 8, 12, 31):
        forgetting.forget_spent(session, now=NOW + timedelta(days=days))
        kinds = (RecoveryRequest, Pass, OutgoingMail, RecoveryCard)
        left[days] = tuple(count(stored_town, kind) for kind in kinds)
    # Typed words a day, links a day after they end; sent mails a week, unsent ones eleven days, failed ones a month.
    assert left == {1: (0, 1, 4, 2), 4: (0, 0, 4, 2), 8: (0, 0, 3, 2), 12: (0, 0, 1, 2), 31: (0, 0, 0, 1)}
