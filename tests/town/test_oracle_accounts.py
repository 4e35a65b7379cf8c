"""P4, existence, of names and codes: what opens nothing is answered as what never was (see `test_oracle`)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from instance import mailboxes, passwords, recovery, verification
from instance.places import Building, Lot
from instance.recovery import RecoveryCard
from instance.residents import Resident, State
from instance.verification import LetterboxCode
from tests import keys
from tests.town.houses import House, Town
from tests.town.proofs.oracle import never, told
from web import secret
from web.frame import patience
from web.mail import links
from web.settings import Settings


@pytest.fixture
def house(town: Town, monkeypatch: pytest.MonkeyPatch) -> House:
    keys.install(monkeypatch)
    made = town.build("marseille")
    made.environ |= {"PALIER_SMTP_URL": "smtp://127.0.0.1:9", "PALIER_MAIL_FROM": "voisins@voisins.example"}
    return made


# --- accounts


@pytest.mark.parametrize(("address", "status"), [("/sign-in", 200), ("/recover", 302)])
def test_whether_somebody_has_an_account_is_told_to_nobody(house: House, address: str, status: int) -> None:
    quarter = house.quarter("Saint Julien")
    odile, sura = (house.resident(one, building=house.building(quarter)) for one in ("Odile", "Sura"))
    house.do(mailboxes.prove, resident=odile, address="odile@voisins.example")
    with house.home.write.begin() as session:
        session.get_one(Resident, sura.id).state = State.SUSPENDED.value
    for name in (odile.login, odile.login.upper(), "odile@voisins.example", sura.login):
        is_there, was_never = (
            told(house.browser(None).post(address, data={"name": one, "password": "not the right one"}), asked=one)
            for one in (name, never(name))
        )
        assert is_there == was_never
        assert is_there[0] == status


def test_an_unknown_name_costs_as_much_as_a_wrong_password(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    odile, work = house.resident("Odile"), []
    hasher = passwords._hasher

    class Watched:
        def verify(self, kept: str, password: str) -> bool:
            work.append(kept.rsplit("$", 2)[0])  # kind, version and cost
            return hasher.verify(kept, password)

        def hash(self, password: str) -> str:
            return hasher.hash(password)

    monkeypatch.setattr(passwords, "_hasher", Watched())
    for name in (odile.login, never(odile.login)):
        house.browser(None).post("/sign-in", data={"name": name, "password": "not the right one"})
    assert len(work) == 2
    assert work[0] == work[1]


def test_guesses_do_not_tell_that_a_name_and_an_address_are_one_account(house: House) -> None:
    odile = house.resident("Odile")
    house.do(mailboxes.prove, resident=odile, address="odile@voisins.example")
    waits = []
    for name, address in ((odile.login, "odile@voisins.example"), (never(odile.login), "personne@voisins.example")):
        given = [name] * (patience.FREE_TRIES + 1) + [address]
        waits.append([house.browser(None).post("/sign-in", data={"name": one, "password": "x"}) for one in given])
    assert [one.status_code for one in waits[0]] == [one.status_code for one in waits[1]]
    assert waits[0][-2].status_code == 429


# --- codes of letters and cards


def _codes(house: House) -> dict[str, str]:
    """A letterbox code in each state in which it opens nothing."""
    building = house.building(house.quarter("Saint Julien"))
    pepper, found = _pepper(house), {}
    for number, state in enumerate(("used", "too old", "tried too often", "replaced", "wrong")):
        with house.home.write.begin() as session:
            lot = session.get_one(Lot, session.get_one(Building, building.id).lots[number].id)
            given = {"lot": lot, "pepper": pepper, "now": house.town.now}
            code = verification.issue(session, **given)  # type: ignore[arg-type]
            row = session.scalars(select(LetterboxCode).order_by(LetterboxCode.id.desc())).first()
            assert row is not None
            if state == "used":
                verification.use_up(session, letterbox=row, now=house.town.now)
            elif state == "too old":
                row.expires_at = house.town.now - timedelta(days=1)
            elif state == "tried too often":
                row.tries_left = 0
            elif state == "replaced":
                verification.issue(session, **given)  # type: ignore[arg-type]
        found[state] = code if state != "wrong" else _wrong(code)
    return found


def _pepper(house: House) -> bytes:
    assert house.pages.secret_key  # making the pages makes the file
    return secret.derive(secret.read(Settings.read(house.environ).secret_key_file), purpose="letterbox codes")


def _wrong(code: str) -> str:
    """The right first half, which is no secret, and another second one."""
    return code[:-1] + never(code[-1])


def test_a_letterbox_code_that_opens_nothing_is_any_word(house: House) -> None:
    for state, code in _codes(house).items():
        for _ in range(verification.TRIES + 1):
            is_there, was_never = (
                told(house.browser(None).post("/join", data={"code": one}), asked=one) for one in (code, never(code))
            )
            assert is_there == was_never, state
            assert is_there[0] == 200


def test_a_recovery_card_that_opens_nothing_is_any_word(house: House) -> None:
    odile, maud = house.resident("Odile"), house.resident("Maud")
    assert house.pages.secret_key
    pepper = links.card_pepper(Settings.read(house.environ))
    replaced = str(house.do(recovery.issue, resident=odile, pepper=pepper))
    wrong = _wrong(str(house.do(recovery.issue, resident=odile, pepper=pepper)))
    too_old = str(house.do(recovery.issue, resident=maud, pepper=pepper))
    with house.home.write.begin() as session:
        card = session.scalars(select(RecoveryCard).where(RecoveryCard.resident_id == maud.id)).one()
        card.expires_at = house.town.now
    for code in (replaced, too_old, wrong):
        for _ in range(recovery.TRIES + 1):
            is_there, was_never = (
                told(
                    house.browser(None).post("/recover/card", data={"code": one, "new": "une phrase nouvelle"}),
                    asked=one,
                )
                for one in (code, never(code))
            )
            assert is_there == was_never
            assert is_there[0] == 200
