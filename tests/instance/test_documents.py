"""A document is looked at once, by an administrator of another building, and then says yes, or why not."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from instance import (
    assurance,
    checking,
    documents,
    forgetting,
    mailboxes,
    moderation,
    moving,
    residents,
    suspensions,
    vouching,
)
from instance.assurance import Kind, Level
from instance.base import Refused
from instance.decisions import Rule
from instance.documents import Document, State, Why
from instance.moderation import Measure, Step
from instance.outgoing import OutgoingMail
from instance.residents import Resident, Role
from tests.instance.neighbourhood import NOW, Neighbourhood
from tests.instance.papers import paper


@dataclass(slots=True)
class Desk:
    """A newcomer without a letter, and administrators of other buildings and of hers."""

    town: Neighbourhood
    root: Path
    nour: Resident
    adele: Resident
    basil: Resident

    def send(self, mark: str = "a", *, lot: int = 0) -> Document:
        return documents.send(
            self.town.session,
            root=self.root,
            by=self.nour,
            lot=self.town.lilas.lots[lot],
            picture=paper(mark),
            now=self.town.now,
        )

    def look(self, document: Document, *, by: Resident | None = None) -> bytes | None:
        given = {"public_id": document.public_id, "by": by or self.adele, "now": self.town.now}
        return checking.look(self.town.session, root=self.root, **given).picture  # type: ignore[arg-type]

    def accept(self, document: Document, *, by: Resident | None = None) -> None:
        given = {"public_id": document.public_id, "by": by or self.adele, "now": self.town.now}
        checking.accept(self.town.session, said="Vu.", **given)  # type: ignore[arg-type]

    def refuse(self, document: Document, *, why: Why = Why.OLD, words: str = "") -> None:
        given = {"public_id": document.public_id, "by": self.adele, "now": self.town.now}
        checking.refuse(self.town.session, why=why, words=words, said="Non.", **given)  # type: ignore[arg-type]

    def queue(self, by: Resident) -> list[Document]:
        return list(checking.queue(self.town.session, by=by, now=self.town.now))

    def files(self) -> list[Path]:
        return [one for one in self.root.rglob("*") if one.is_file()]

    def level(self) -> list[Level]:
        return [one.level for one in residents.dwellings(self.town.session, resident=self.nour)]


@pytest.fixture
def desk(stored_town: Neighbourhood, tmp_path: Path) -> Desk:
    town = stored_town
    adele, basil = (town.resident(town.far, role=Role.ADMINISTRATOR) for _ in range(2))
    return Desk(town=town, root=tmp_path / documents.FOLDER, nour=town.resident(), adele=adele, basil=basil)


def test_a_look_opens_and_a_yes_opens_the_building(desk: Desk) -> None:
    sent = desk.send("une facture")
    (file,) = desk.files()
    assert b"une facture" not in file.read_bytes(), "no picture lies about in the clear"
    assert desk.level() == [], "by itself it opens nothing"
    assert desk.queue(desk.adele) == [sent]
    assert desk.look(sent) == paper("une facture").big
    assert sent.key is None
    assert desk.queue(desk.adele) == [sent], "decides still"
    assert desk.queue(desk.basil) == [], "nobody else does"
    desk.accept(sent)
    assert desk.level() == [Level.BUILDING]
    (proof,) = assurance.of_resident(desk.town.session, resident_id=desk.nour.id)
    assert (proof.kind, proof.by_id) == (Kind.CHECKED, desk.adele.id)
    (entry,) = desk.town.session.scalars(select(Measure))
    assert (entry.step, entry.by_id) == (Step.CHECK, desk.adele.id)
    assert entry.target == f"building {desk.town.lilas.public_id}", "the book does not say who lives where"
    with pytest.raises(Refused, match="known_already"):
        desk.send()


def test_nobody_looks_twice(desk: Desk) -> None:
    sent = desk.send()
    desk.look(sent)
    for by in (desk.adele, desk.basil):
        with pytest.raises(Refused, match="not_found"):
            desk.look(sent, by=by)
    with pytest.raises(Refused, match="not_found"):
        desk.accept(sent, by=desk.basil)


def test_nothing_is_decided_unseen(desk: Desk) -> None:
    sent = desk.send()
    with pytest.raises(Refused, match="not_found"):
        desk.accept(sent)
    with pytest.raises(Refused, match="not_found"):
        desk.refuse(sent)


def test_no_administrator_of_the_building_sees_it_nor_one_for_themselves(desk: Desk) -> None:
    sent, town = desk.send(), desk.town
    inside = town.resident(town.lilas, role=Role.ADMINISTRATOR)
    # Who only says that they live there is a party, too; and so is who asks for the same building.
    says = town.resident(role=Role.ADMINISTRATOR)
    residents.settle(town.session, resident=says, lot=town.lilas.lots[1], now=town.now)
    asks = town.resident(role=Role.ADMINISTRATOR)
    given = {"root": desk.root, "picture": paper(), "now": town.now}
    documents.send(town.session, by=asks, lot=town.lilas.lots[1], **given)  # type: ignore[arg-type]
    for by in (inside, says, asks):
        assert desk.queue(by) == []
        with pytest.raises(Refused, match="not_found"):
            desk.look(sent, by=by)
    with pytest.raises(Refused, match="not_administrator"):
        desk.look(sent, by=town.resident(town.far, role=Role.MODERATOR))


def test_a_no_says_why_and_another_picture_may_come(desk: Desk) -> None:
    sent = desk.send("a")
    with pytest.raises(Refused, match="document_waits"):
        desk.send("b")
    desk.look(sent)
    with pytest.raises(Refused, match="missing"):
        desk.refuse(sent, why=Why.OTHER)
    with pytest.raises(Refused, match="too_long"):
        desk.refuse(sent, words="x" * (checking.LONGEST + 1))
    desk.refuse(sent, words="  De 2019. ")
    assert (sent.state, sent.why, sent.words) == (State.REFUSED, Why.OLD, "De 2019.")
    assert desk.level() == []
    again = desk.send("b")
    assert desk.look(again) == paper("b").big


def test_one_picture_for_each_home_and_three_in_all(desk: Desk) -> None:
    town = desk.town
    for building, lot in ((town.lilas, 0), (town.lilas, 1), (town.tilleuls, 0)):
        given = {"by": desk.nour, "picture": paper(), "now": town.now}
        documents.send(town.session, root=desk.root, lot=building.lots[lot], **given)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="documents_many"):
        documents.send(town.session, root=desk.root, lot=town.far.lots[1], **given)  # type: ignore[arg-type]


def test_after_seven_days_it_is_gone(desk: Desk) -> None:
    sent, session = desk.send(), desk.town.session
    name = sent.public_id
    desk.town.later(days=7)
    assert desk.queue(desk.adele) == [], "before anybody tidied up"
    with pytest.raises(Refused, match="not_found"):
        desk.look(sent)
    checking.end_due(session, now=desk.town.now)
    session.refresh(sent)
    assert (sent.state, sent.key) == (State.EXPIRED, None)
    assert desk.send("again").state == State.WAITING, "and may be sent again"
    documents.sweep_files(session, root=desk.root, now=desk.town.now + timedelta(days=300))
    assert [one.name for one in desk.files()] != []
    assert not [one for one in desk.files() if one.name.startswith(str(name))]


def test_what_waits_too_long_for_a_decision_ends_as_well(desk: Desk) -> None:
    sent = desk.send()
    desk.look(sent)
    desk.town.later(days=7)
    with pytest.raises(Refused, match="not_found"):
        desk.accept(sent)
    checking.end_due(desk.town.session, now=desk.town.now)
    desk.town.session.refresh(sent)
    assert sent.state == State.EXPIRED


@pytest.mark.parametrize("ends", ["yes", "no", "lost", "too late", "taken back"])
def test_whoever_sent_it_is_written_to_when_there_is_an_answer(desk: Desk, ends: str) -> None:
    session = desk.town.session
    mailboxes.prove(session, resident=desk.nour, address="nour@voisins.example", now=desk.town.now)
    sent = desk.send()
    match ends:
        case "too late":
            desk.town.later(days=7)
            checking.end_due(session, now=desk.town.now)
            checking.end_due(session, now=desk.town.now)
        case "taken back":
            documents.withdraw(session, public_id=sent.public_id, by=desk.nour, now=desk.town.now)
        case "lost":
            documents.forget_file(desk.root, name=sent.public_id)
            desk.look(sent)
        case _:
            desk.look(sent)
            (desk.accept if ends == "yes" else desk.refuse)(sent)
    mails = session.scalars(select(OutgoingMail.kind).where(OutgoingMail.resident_id == desk.nour.id)).all()
    assert mails == ([] if ends == "taken back" else ["document"])


def test_taken_back_it_is_gone(desk: Desk) -> None:
    sent, town = desk.send(), desk.town
    with pytest.raises(Refused, match="not_found"):
        documents.withdraw(town.session, public_id=sent.public_id, by=desk.adele, now=town.now)
    documents.withdraw(town.session, public_id=sent.public_id, by=desk.nour, now=town.now)
    documents.forget_file(desk.root, name=sent.public_id)
    assert (sent.key, desk.files(), desk.queue(desk.adele)) == (None, [], [])
    with pytest.raises(Refused, match="not_found"):
        documents.withdraw(town.session, public_id=sent.public_id, by=desk.nour, now=town.now)


def test_a_lost_answer_is_no_dead_end(desk: Desk) -> None:
    sent, town = desk.send(), desk.town
    desk.look(sent)
    documents.withdraw(town.session, public_id=sent.public_id, by=desk.nour, now=town.now)
    with pytest.raises(Refused, match="not_found"):
        desk.accept(sent)
    assert desk.look(desk.send("b"), by=desk.basil) == paper("b").big


def test_a_file_that_is_not_what_was_written_is_told(desk: Desk) -> None:
    gone, swapped = desk.send("a"), desk.send("b", lot=1)
    first, second = (next(one for one in desk.files() if str(it.public_id) in one.name) for it in (gone, swapped))
    second.write_bytes(first.read_bytes())
    first.unlink()
    for one in (gone, swapped):
        assert desk.look(one) is None
        assert (one.state, one.key) == (State.LOST, None)


def test_whoever_is_locked_or_moves_out_leaves_no_paper(desk: Desk) -> None:
    town = desk.town
    residents.settle(town.session, resident=desk.nour, lot=town.lilas.lots[0], now=town.now)
    here, there = desk.send("a"), desk.send("b", lot=1)
    moving.move_out(town.session, resident=desk.nour, lot=town.lilas.lots[0], now=town.now)
    town.session.refresh(here)
    assert (here.state, here.key, there.state) == (State.WITHDRAWN, None, State.WAITING)
    given = {"reason": "Pour l’essai.", "rule": Rule.LAW, "by": desk.adele, "now": town.now}
    suspensions.suspend(town.session, resident=desk.nour, **given)  # type: ignore[arg-type]
    town.session.refresh(there)
    assert (there.state, there.key) == (State.WITHDRAWN, None)
    with pytest.raises(Refused, match="suspended"):
        desk.send("c")


def test_what_came_of_it_is_read_for_thirty_days(desk: Desk) -> None:
    sent, town = desk.send(), desk.town
    desk.look(sent)
    desk.refuse(sent)
    forgetting.forget_spent(town.session, now=NOW + timedelta(days=29))
    assert documents.of_resident(town.session, resident=desk.nour) == [sent]
    forgetting.forget_spent(town.session, now=NOW + timedelta(days=30))
    assert documents.of_resident(town.session, resident=desk.nour) == []


def test_a_check_is_ended_like_a_word_with_a_reason(desk: Desk) -> None:
    sent, town = desk.send(), desk.town
    desk.look(sent)
    desk.accept(sent)
    given = {"reader": desk.basil}
    (link,) = vouching.chain(town.session, **given)  # type: ignore[arg-type]
    assert (link.newcomer, link.voucher, link.building) == (desk.nour, desk.adele, town.lilas)
    assert vouching.given(town.session, by=desk.adele) == [], "no word of hers, to be taken back without a reason"
    with pytest.raises(Refused, match="not_found"):
        vouching.take_back(town.session, public_id=link.proof.public_id, by=desk.adele, now=town.now)
    vouching.end(town.session, public_id=link.proof.public_id, reason="Un faux.", by=desk.basil, now=town.now)
    assert desk.level() == [Level.ACCOUNT]
    assert link.proof.reason == "Un faux."
    assert moderation.measures(town.session, by=None)[0].step == Step.UNVOUCH
