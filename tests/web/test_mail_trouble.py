"""When the relay or we ourselves are not well: nothing is lost, nothing is sent twice under two numbers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from instance import outgoing, recovery
from instance.audience import Audience
from instance.outgoing import Kind, State
from instance.residents import Resident
from tests.web import mail_town
from tests.web.mail_town import MailTown, one
from web.mail import rounds
from web.mail.relay import Unreachable

ANA = "ana@courriel.example"
BEN = "ben@courriel.example"


@pytest.fixture
def post(tmp_path: Path) -> Iterator[MailTown]:
    with mail_town.usual(tmp_path / "town") as made:
        yield made


def test_a_mail_that_is_put_off_arrives_later_and_once(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    post.answered(post.town.listing(by=post.town.ana, audience=Audience.INSTANCE), by=post.town.cleo)
    post.office.recipients += ["450 4.2.1 later", "450 4.2.1 later"]
    post.later(minutes=3)
    assert post.deliver() == []
    assert (one(post.mails()).tries, one(post.mails()).said) == (1, "450 4.2.1 later")
    assert post.deliver() == []  # not before its time
    assert one(post.mails()).tries == 1
    post.later(minutes=1)
    assert post.deliver() == []
    post.later(minutes=3)
    assert len(post.deliver()) == 1
    assert (one(post.mails()).state, one(post.mails()).said) == (State.SENT, None)
    post.later(days=1)
    assert post.deliver() == []


def test_a_mail_that_is_refused_for_good_is_shown_and_can_be_tried_again(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    post.answered(post.town.listing(by=post.town.ana, audience=Audience.INSTANCE), by=post.town.cleo)
    post.office.data.append("554 5.7.1 looks like advertising")
    post.later(minutes=3)
    assert post.deliver() == []
    with post.town.home() as session:
        (row,) = outgoing.troubled(session)
        assert (row.state, row.said) == (State.FAILED, "554 5.7.1 looks like advertising")
        outgoing.retry(session, mail=row, now=post.moment)
    assert len(post.deliver()) == 1


def test_a_dead_relay_loses_nothing_and_gives_up_after_four_days(post: MailTown) -> None:
    town = post.town
    post.prove(town.ana, ANA)
    post.prove(town.ben, BEN)
    for resident in (town.ana, town.ben):
        with town.home() as session:
            outgoing.warn(session, kind=Kind.PASSWORD, to=session.get_one(Resident, resident.id), now=post.moment)
    post.office.dies = True
    with pytest.raises(Unreachable):
        post.round()
    assert {row.state for row in post.mails()} == {State.WAITING}
    post.later(minutes=2)
    assert {parcel.to[0] for parcel in post.deliver()} == {ANA, BEN}
    with town.home() as session:
        outgoing.warn(session, kind=Kind.PASSWORD, to=session.get_one(Resident, town.ana.id), now=post.moment)
    tries = 0
    while post.mails()[-1].state == State.WAITING:
        post.office.dies = True
        with pytest.raises(Unreachable):
            post.round()
        tries += 1
        post.later(hours=3)
        assert tries < 100
    assert post.mails()[-1].state == State.FAILED
    assert 20 < tries < 40


def test_a_crash_between_sending_and_writing_it_down_sends_the_same_mail_again(
    post: MailTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.prove(post.town.ana, ANA)
    with post.town.home() as session:
        recovery.ask(session, name="ana", now=post.moment)
    with monkeypatch.context() as patch:
        patch.setattr(rounds.Round, "_record", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            post.round()
    assert len(post.office.received) == 1
    assert post.deliver() == []  # its lease still runs
    post.later(minutes=11)
    again = one(post.deliver())
    first = post.office.received[0]
    assert first.mail["Message-ID"] == again.mail["Message-ID"]
    assert post.link(first) == post.link(again)
    post.later(days=1)
    assert post.deliver() == []


def test_a_relay_that_dies_after_taking_a_mail_gets_it_again_under_the_same_number(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    with post.town.home() as session:
        outgoing.warn(session, kind=Kind.CARD, to=session.get_one(Resident, post.town.ana.id), now=post.moment)
    post.office.dies_after = True
    with pytest.raises(Unreachable):
        post.round()
    post.later(minutes=2)
    post.deliver()
    assert len({parcel.mail["Message-ID"] for parcel in post.office.received}) == 1
    assert len(post.office.received) == 2


def test_a_link_that_is_too_old_is_not_sent(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    with post.town.home() as session:
        recovery.ask(session, name="ana", now=post.moment)
    post.office.recipients.append("450 4.2.1 later")
    post.deliver()
    post.later(hours=1, minutes=1)
    assert post.deliver() == []
    assert one(post.mails()).state == State.DROPPED


def test_one_bad_address_does_not_hold_up_the_others(post: MailTown) -> None:
    town = post.town
    post.prove(town.ana, "ana@" + "x" * 64 + ".example")  # a label no name server takes
    post.prove(town.ben, BEN)
    for resident in (town.ana, town.ben):
        with town.home() as session:
            outgoing.warn(session, kind=Kind.PASSWORD, to=session.get_one(Resident, resident.id), now=post.moment)
    assert [parcel.to for parcel in post.deliver()] == [[BEN]]
    assert [row.state for row in post.mails()] == [State.FAILED, State.SENT]
