"""Three towns, one thing to lend: the loan stands alike in both its towns, however the wire fails at every step."""

import json
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from federation.models import Activity, Letter
from instance import conversations, extensions, far_loans, hours, loans
from instance.audience import Audience
from instance.bonds import Bond, Wish
from instance.conversations import Conversation
from instance.lending import Act, State
from instance.loans import Loan
from instance.residents import Resident
from tests.town import wires
from tests.town.houses import House, Town

ALIKE = ("public_id", "state", "asker", "terms", "pickup_at", "due_on", "place", "wished_on")


@dataclass
class Lending:
    """Odile lends in Marseille; Camille in Barnabé and Denis in Endoume have both written to her."""

    town: Town
    marseille: House
    others: dict[str, House]
    people: dict[str, Resident]
    talks: dict[str, Conversation] = field(default_factory=dict)
    there: dict[str, Conversation] = field(default_factory=dict)

    def rest(self) -> None:
        """Everything arrives, sooner or later."""
        for _ in range(12):
            self.town.settle()
            if not self.town.undelivered():
                return
            self.town.pass_time(hours=3)
        raise AssertionError("something is owed for ever")

    def ask(self, name: str, *, place: str = "Devant la mairie") -> None:
        pickup = self.town.now + timedelta(days=20)
        terms = {"pickup_at": pickup, "due_on": hours.town_day(pickup) + timedelta(days=4), "place": place}
        self.others[name].do(far_loans.ask, conversation=self.talks[name], by=self.people[name], **terms)
        self.rest()

    def wish(self, name: str, wish: Wish, **more: object) -> None:
        with self.others[name].home.write.begin() as session:
            loan = _loan(session, self.talks[name])
            by = session.get_one(Resident, self.people[name].id)
            far_loans.wish(session, loan=loan, wish=wish, by=by, now=self.town.now, **more)
        self.rest()

    def odile(self, name: str, act: Act) -> None:
        with self.marseille.home.write.begin() as session:
            loan = _loan(session, self.there[name])
            by = session.get_one(Resident, self.people["odile"].id)
            if act is Act.AGREE:
                loans.agree(session, loan=loan, by=by, terms=loan.terms, now=self.town.now)
            else:
                loans.move(session, loan=loan, act=act, by=by, now=self.town.now)
        self.rest()

    def extend(self, name: str) -> None:
        with self.marseille.home.write.begin() as session:
            loan = _loan(session, self.there[name])
            by = session.get_one(Resident, self.people["odile"].id)
            extensions.extend(session, loan=loan, by=by, until=loan.wished_on, now=self.town.now)
        self.rest()

    def stands(self, name: str) -> str:
        """How it stands, alike in both towns."""
        pictures = []
        for house, talk in ((self.marseille, self.there[name]), (self.others[name], self.talks[name])):
            with house.home.read() as session:
                loan = _loan(session, talk)
                pictures.append({one: getattr(loan, one) for one in ALIKE})
        assert pictures[0] == pictures[1]
        with self.others[name].home.read() as session:
            assert session.scalars(select(Bond)).one().wish is None
        return str(pictures[0]["state"])

    def due(self, name: str):
        with self.others[name].home.read() as session:
            return _loan(session, self.talks[name]).due_on


def _loan(session, talk: Conversation) -> Loan:
    found = loans.last_in(session, conversation=session.get_one(Conversation, talk.id))
    assert found is not None
    return found


@pytest.fixture
def lending(town: Town) -> Lending:
    houses = {name: town.build(name) for name in ("marseille", "barnabe", "endoume")}
    people = {}
    for (name, house), who in zip(houses.items(), ("Odile", "Camille", "Denis"), strict=True):
        people[who.lower() if name == "marseille" else name] = house.resident(
            who, building=house.building(house.quarter(f"Quartier {name}"))
        )
    town.settle()
    marseille = houses.pop("marseille")
    for house in houses.values():
        house.follow(f"{marseille.origin}/users/instance")
    town.settle()
    marseille.offer(people["odile"], "Perceuse", audience=Audience.NETWORK)
    town.settle()
    made = Lending(town=town, marseille=marseille, others=houses, people=people)
    for name, house in houses.items():
        words = {"body": f"Bonjour de {name}.", "byline": "Une voisine"}
        made.talks[name] = house.do(conversations.answer, listing=house.hung("Perceuse"), by=people[name], **words)
        town.settle()
        made.there[name] = marseille.conversations()[-1]
    return made


def _cut_once(monkeypatch: pytest.MonkeyPatch, *, arrives: bool) -> set[str]:
    """Every activity is lost once on its way, or its answer on the way back; returns which were."""
    lost: set[str] = set()
    carry = wires.carry

    def lossy(town: Town, sent: wires.Sent) -> bytes:
        name = f"{json.loads(sent.body).get('id')} {sent.url}" if sent.method == "POST" else ""
        if not name or name in lost:
            return carry(town, sent)
        lost.add(name)
        if arrives:
            carry(town, sent)
        raise ConnectionError("the wire was cut")

    monkeypatch.setattr(wires, "carry", lossy)
    return lost


@pytest.mark.parametrize("cut", [None, "before", "after"])
def test_a_loan_between_two_towns_while_a_third_asks_for_the_same(
    lending: Lending, monkeypatch: pytest.MonkeyPatch, cut: str | None
) -> None:
    lost = _cut_once(monkeypatch, arrives=cut == "after") if cut else set()
    lending.ask("barnabe")
    lending.ask("endoume")
    assert (lending.stands("barnabe"), lending.stands("endoume")) == (State.ASKED, State.ASKED)
    lending.odile("barnabe", Act.AGREE)
    assert (lending.stands("barnabe"), lending.stands("endoume")) == (State.AGREED, State.LAPSED)
    lending.ask("endoume")
    assert lending.stands("endoume") == State.LAPSED  # it is promised
    lending.wish("barnabe", Wish.HAND_OVER)
    assert lending.stands("barnabe") == State.LENT
    later = lending.due("barnabe") + timedelta(days=3)
    lending.wish("barnabe", Wish.LONGER, day=later)
    lending.extend("barnabe")
    assert lending.due("barnabe") == later
    lending.wish("barnabe", Wish.GIVE_BACK)
    assert lending.stands("barnabe") == State.GIVEN_BACK
    lending.odile("barnabe", Act.MISS)
    assert lending.stands("barnabe") == State.LENT
    lending.wish("barnabe", Wish.GIVE_BACK)
    lending.odile("barnabe", Act.CONFIRM)
    assert lending.stands("barnabe") == State.RETURNED
    lending.ask("endoume")
    assert lending.stands("endoume") == State.ASKED
    lending.wish("endoume", Wish.CALL_OFF)
    assert lending.stands("endoume") == State.CALLED_OFF
    assert cut is None or len(lost) >= 14
    said = {(one.type, one.sentence) for house in lending.town.houses.values() for one in house.letters()}
    assert {kind for kind, _ in said} >= {"Offer", "Accept", "Update"}


def test_both_letters_of_one_conversation_and_its_loan_stay_in_one_thread(lending: Lending) -> None:
    lending.ask("barnabe")
    lending.odile("barnabe", Act.AGREE)
    lending.marseille.do(
        conversations.reply, conversation=lending.there["barnabe"], by=lending.people["odile"], body="À samedi."
    )
    lending.rest()
    assert len(lending.marseille.conversations()) == 2
    assert [len(one.messages) for one in lending.others["barnabe"].conversations()] == [2]


def _in_transit(lending: Lending) -> set[bytes]:
    """What the federation side of both towns still holds of words about loans, once they arrived."""
    held: set[bytes] = set()
    for house in lending.town.houses.values():
        with house.federation.read() as session:
            spoken = Activity.uri.contains("/offers/") | Activity.uri.contains("/agreements/")
            held.update(session.scalars(select(Activity.body).where(spoken)))
            held.update(session.scalars(select(Letter.raw).where(Letter.type.in_(("Offer", "Update")))))
    return held


def test_nothing_of_a_building_and_no_name_goes_along(lending: Lending) -> None:
    before = len(lending.town.sent)
    lending.ask("barnabe", place="")
    lending.odile("barnabe", Act.AGREE)
    lending.wish("barnabe", Wish.HAND_OVER)
    sent = b"".join(one.body for one in lending.town.sent[before:])
    assert b"agreements" in sent
    assert _in_transit(lending) == {b""}
    for word in (b"Odile", b"Camille", b"Essai", b"Tilleuls", b"14 rue", b"Quartier"):
        assert word not in sent
