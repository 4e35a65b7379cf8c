"""What is known of who lives where, from the terminal, on each engine."""

from datetime import UTC, datetime

from instance import introductions, moving, residents, vouching
from instance.assurance import Level
from instance.residents import Resident
from tests.web.commands.offices import Office
from tests.web.pages_town import NOW, PASSWORD
from web.frame import context

BUILDING = "Le Sémaphore"


def newcomer(office: Office) -> str:
    """Somebody without a letter, and their word."""
    with office.home() as session:
        given = {"first_name": "Nour", "last_name": "Nouvelle", "password": PASSWORD, "email": None, "locale": "fr"}
        nour = residents.register(session, login="nour", now=NOW, **given)  # type: ignore[arg-type]
        said = {"pepper": context.letterbox_pepper(office.settings), "now": datetime.now(UTC)}
        return introductions.introduce(session, resident=nour, lot_number="3", **said).letters  # type: ignore[arg-type]


def level(office: Office) -> Level:
    with office.home() as session:
        found = residents.dwellings(session, resident=residents.by_login(session, login="nour"))
        return max((one.level for one in found), default=Level.ACCOUNT)


def test_a_word_is_listed_and_ended_by_a_moderator_of_another_building(office: Office) -> None:
    word = newcomer(office)
    with office.home() as session:
        ana = residents.by_login(session, login="ana")
        given = {"pepper": context.letterbox_pepper(office.settings), "now": datetime.now(UTC)}
        vouching.vouch(session, word=word, by=ana, **given)  # type: ignore[arg-type]
    assert level(office) is Level.QUARTER
    (one,) = office.json("proofs", "list", "--as", "modo")["proofs"]
    assert (one["voucher"], one["newcomer"], one["building"]) == ("Ana I.", "Nour N.", BUILDING)
    assert one["counts"] is True
    assert office.refused("proofs", "list", "--as", "ana")["code"] == "not_moderator"
    end = ("proofs", "end", one["id"], "--reason", "Personne ne la connaît.", "--as")
    assert office.refused(*end, "ana")["code"] == "not_moderator"
    office.told(*end, "modo")
    assert level(office) is Level.ACCOUNT
    assert office.refused(*end, "modo")["code"] == "not_found"
    assert office.json("proofs", "list", "--as", "modo")["proofs"] == []


def test_an_administrator_says_what_they_know(office: Office) -> None:
    attest = ("proofs", "attest", BUILDING, newcomer(office), "note", "--reason", "Vue à la permanence.", "--as")
    assert office.refused(*attest, "modo")["code"] == "not_administrator"
    assert office.refused("proofs", "attest", BUILDING, "ZZZZZZ", *attest[4:], "adele")["code"] == "word_dead"
    assert office.json(*attest, "adele")["kind"] == "note"
    assert level(office) is Level.QUARTER
    # It turns out wrong: administrators end it, moderators do not see it.
    assert office.json("proofs", "list", "--as", "modo")["proofs"] == []
    (one,) = office.json("proofs", "list", "--as", "adele")["proofs"]
    assert (one["kind"], one["newcomer"]) == ("note", "Nour N.")
    end = ("proofs", "end", one["id"], "--reason", "Une autre personne.", "--as")
    assert office.refused(*end, "modo")["code"] == "not_found"
    office.told(*end, "adele")
    assert level(office) is Level.ACCOUNT


def test_what_showed_a_home_is_ended_by_naming_account_and_lot(office: Office) -> None:
    end = ("proofs", "end-home", BUILDING, "1", "ana", "--reason", "La lettre a été volée.", "--as")
    assert office.refused(*end, "modo")["code"] == "not_administrator"
    assert office.refused(*end[:3], "Z9", *end[4:], "adele")["code"] == "lot_unknown"
    assert office.json(*end, "adele") == {"account": "ana", "building": BUILDING}
    with office.home() as session:
        ana = residents.by_login(session, login="ana")
        assert residents.buildings_of(session, resident=ana) == []


def test_at_a_change_of_tenant_the_former_one_is_asked(office: Office) -> None:
    office.told("codes", "one", BUILDING, "1")
    with office.home() as session:
        assert not moving.asked(session, resident=residents.by_login(session, login="ana"))
    said = office.told("codes", "one", BUILDING, "1", "--ask-former")
    assert "Ana" not in said
    with office.home() as session:
        ana: Resident = residents.by_login(session, login="ana")
        assert [one.number for one in moving.asked(session, resident=ana)] == ["1"]
        assert residents.buildings_of(session, resident=ana), "nothing closes by itself"
