"""Who asked learns nothing of it when the other one mutes, leaves or blocks: page for page, and act for act."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from instance import conversations, hours, loans, partings, quiet
from instance.audience import Audience
from instance.conversations import Conversation
from instance.quiet import Kind
from instance.residents import Resident
from tests.town.houses import House, Town
from tests.town.proofs.oracle import UUID, Told, told

WAYS = ("mute", "leave", "block")
# All pages on which somebody who asked meets the other one.
PAGES = ("/", "/conversations", "/loans", "/mine", "/account", "/account/decisions")
THEIRS = (
    "/conversations/{talk}",
    "/conversations/{talk}/quiet",
    "/conversations/{talk}/loan",
    "/loans/{loan}",
    "/loans/{loan}/photos",
)
THEIRS += ("/notices/{slip}", "/report/person/{talk}", "/conversations/{talk}/meeting")


class Pair:
    """Zita asked somebody for their ladder, wrote a letter, and proposed when to fetch it."""

    def __init__(self, house: House, *, other: Resident, zita: Resident) -> None:
        self.house, self.other, self.zita = house, other, zita
        slip = house.offer(other, "Escabeau", audience=Audience.BUILDING)
        talk = house.do(conversations.answer, listing=slip, by=zita, body="Bonjour")
        assert isinstance(talk, Conversation)
        self.talk = talk
        pickup = house.town.now + timedelta(days=1)
        terms = {"pickup_at": pickup, "due_on": hours.town_day(pickup), "place": ""}
        loan = house.do(loans.ask, conversation=talk, by=zita, **terms)
        assert isinstance(loan, loans.Loan)
        self.ids = {"talk": talk.public_id, "loan": loan.public_id, "slip": slip.public_id}

    def part(self, way: str) -> None:
        """The other one has had enough."""
        with self.house.home.write.begin() as session:
            by, zita = (session.get_one(Resident, one.id) for one in (self.other, self.zita))
            talk, now = session.get_one(Conversation, self.talk.id), self.house.town.now
            if way == "mute":
                quiet.stand_aside(session, conversation_id=talk.id, resident=by, kind=Kind.MUTED, now=now)
            elif way == "leave":
                partings.leave(session, conversation=talk, by=by, now=now)
            else:
                partings.block(session, by=by, whom=zita, now=now)

    def pages(self, browser: FlaskClient) -> dict[str, Told]:
        """Every page of hers about it."""
        addresses = [*PAGES, *(one.format(**self.ids) for one in THEIRS)]
        return {one: told(browser.get(one), asked="nothing") for one in addresses}

    def acts(self, browser: FlaskClient) -> list[tuple[int, str, str]]:
        """What she is told when she goes on writing, less the name of the other and every id."""
        moment = self.house.town.now + timedelta(days=2)
        day = f"{moment:%Y-%m-%d}"
        done = [
            browser.post(address.format(**self.ids), data=data)
            for address, data in (
                ("/conversations/{talk}", {"body": "Êtes-vous là ?"}),
                ("/notices/{slip}/answer", {"body": "Encore moi."}),
                ("/conversations/{talk}/loan", {"pickup": f"{day}T18:00", "due": day, "place": "Ici"}),
                ("/conversations/{talk}/meeting", {"day_1": day, "hour_1": "18:00", "hall": "", "place": "Ici"}),
                ("/report/person/{talk}", {"reason": "Pas de réponse."}),
            )
        ]
        done += [browser.get(one.format(**self.ids)) for one in THEIRS]
        return [(one.status_code, one.headers.get("Location", ""), self._bare(one.text)) for one in done]

    def _bare(self, text: str) -> str:
        text = UUID.sub("ID", text).replace(self.other.first_name, "NAME")
        return re.sub(r'(name="csrf_token"[^>]*value="|nonce-)[^"]*', "", text)


@pytest.fixture
def house(town: Town) -> House:
    return town.build("marseille")


@pytest.mark.parametrize("way", WAYS)
def test_every_page_stays_as_it_is(house: House, way: str) -> None:
    home = house.building(house.quarter("Saint Julien"))
    odile, zita = house.resident("Odile", building=home), house.resident("Zita", building=home)
    pair, browser = Pair(house, other=odile, zita=zita), house.browser(zita)
    browser.get("/")  # the first page of a browser brings the cookie of its forms
    before = pair.pages(browser)
    assert {status for status, *_ in before.values()} == {200}
    pair.part(way)
    assert pair.pages(browser) == before


@pytest.mark.parametrize("way", WAYS)
def test_every_act_is_answered_as_if_the_other_were_silent(house: House, way: str) -> None:
    home = house.building(house.quarter("Saint Julien"))
    odile, flora, zita = (house.resident(one, building=home) for one in ("Odile", "Flora", "Zita"))
    silent, gone = (Pair(house, other=one, zita=zita) for one in (flora, odile))
    gone.part(way)
    told_of = [pair.acts(house.browser(zita)) for pair in (silent, gone)]
    locations = [[UUID.sub("ID", where) for _, where, _ in one] for one in told_of]
    assert locations[0] == locations[1]
    assert [(status, text) for status, _, text in told_of[0]] == [(status, text) for status, _, text in told_of[1]]
    assert {status for status, *_ in told_of[0]} <= {200, 302}


def test_the_control_sees_who_answers(house: House) -> None:
    home = house.building(house.quarter("Saint Julien"))
    odile, zita = house.resident("Odile", building=home), house.resident("Zita", building=home)
    pair, browser = Pair(house, other=odile, zita=zita), house.browser(zita)
    browser.get("/")  # the first page of a browser brings the cookie of its forms
    before = pair.pages(browser)
    house.do(conversations.reply, conversation=pair.talk, by=odile, body="Oui.")
    assert pair.pages(browser) != before
