"""Accounts, organisations and members from the terminal, on each engine."""

from pathlib import Path

from sqlalchemy import select

from instance.moderation import Measure
from instance.organisations import Organisation
from instance.residents import Resident, Role, State
from tests.web.commands.offices import Office

PASSWORD = "une longue phrase de passe"


def test_accounts_are_listed_without_names(office: Office) -> None:
    found = office.json("accounts", "list")["accounts"]
    assert [one["login"] for one in found] == ["adele", "ana", "ben", "cleo", "edith", "modo"]
    assert {one["role"] for one in found} == {"administrator", "resident", "moderator"}
    page = office.json("accounts", "list", "--limit", "4")
    assert page["next"] == "cleo"
    assert [one["login"] for one in office.json("accounts", "list", "--after", "cleo")["accounts"]] == ["edith", "modo"]
    said = office.told("accounts", "list") + office.told("accounts", "show", "ana") + str(found)
    for name in ("Inventée", "Fictif", "Régie", "Maud"):
        assert name not in said


def test_an_account_is_added_and_given_a_role(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\nsecond line")
    words = ("accounts", "add", "zoe", "--first-name", "Zoé", "--last-name", "Fictive", "--password-file", str(file))
    assert office.json(*words)["role"] == "resident"
    assert office.refused(*words)["code"] == "login_taken"
    short = office.refused("accounts", "add", "yves", *words[3:7], "--password-file", "-", stdin="court\n")
    assert (short["code"], short["field"]) == ("password_short", "password")
    assert office.refused("accounts", "add", "yves", *words[3:7], status=2)["code"] == "usage"
    assert office.json("accounts", "role", "zoe", "moderator", "--as", "adele")["role"] == "moderator"
    with office.home() as session:
        zoe = session.scalars(select(Resident).where(Resident.login == "zoe")).one()
        assert (zoe.role, zoe.locale) == (Role.MODERATOR, "fr")


def test_who_gives_roles_is_looked_at_as_on_the_page(office: Office) -> None:
    role = ("accounts", "role", "ben", "moderator")
    assert office.refused(*role, status=2)["code"] == "usage"
    assert office.refused(*role, "--as", "modo")["code"] == "not_administrator"
    assert office.refused(*role, "--as", "nobody-here")["code"] == "nobody"
    assert office.refused("accounts", "role", "adele", "resident", "--as", "adele")["code"] == "not_yourself"
    assert office.refused("accounts", "role", "ben", "king", "--as", "adele", status=2)["field"] == "role"


def test_suspending_and_giving_back_stand_in_the_book(office: Office) -> None:
    suspend = ("accounts", "suspend", "modo", "--as", "adele", "--rule", "law", "--reason")
    assert office.refused(*suspend, "  ")["code"] == "missing"
    assert office.json(*suspend, "Absent.")["state"] == "suspended"
    assert [one["login"] for one in office.json("moderation", "suspended")["accounts"]] == ["modo"]
    # Whoever is locked out of the pages does not act from the terminal either.
    hidden = ("accounts", "reinstate", "ben", "--reason", "x", "--as", "modo")
    assert office.refused(*hidden)["code"] == "suspended"
    assert (
        office.refused("accounts", "suspend", "ben", "--as", "ana", "--rule", "law", "--reason", "x")["code"]
        == "not_administrator"
    )
    assert office.json("accounts", "reinstate", "modo", "--as", "adele", "--reason", "De retour.")["state"] == "active"
    book = office.json("moderation", "book")["measures"]
    assert [(one["step"], one["target"], one["reason"], one["by"]) for one in book] == [
        ("reinstate", {"kind": "resident", "key": "modo"}, "De retour.", "adele"),
        ("suspend", {"kind": "resident", "key": "modo"}, "Absent.", "adele"),
    ]
    first = office.json("moderation", "book", "--limit", "1")
    assert first["next"] == book[0]["id"]
    assert office.json("moderation", "book", "--after", first["next"])["measures"] == book[1:]
    with office.home() as session:
        assert len(session.scalars(select(Measure)).all()) == 2
        assert session.scalars(select(Resident).where(Resident.login == "modo")).one().state == State.ACTIVE


def test_an_organisation_is_founded_and_described(office: Office) -> None:
    words = ("organisations", "found", "Amicale du Port", "--kind", "association", "--summary", "Des fêtes.")
    made = office.json(*words, "--quarter", "le_port", "--verified")
    assert (made["slug"], made["quarter"], made["verified"]) == ("amicale_du_port", "le_port", True)
    assert made["handle"].startswith("@amicale_du_port@")
    assert office.refused(*words)["code"] == "slug_taken"
    assert office.refused(*words, "--slug", "É")["field"] == "slug"
    assert (
        office.refused("organisations", "found", "X", "--kind", "club", "--summary", "y", status=2)["field"] == "kind"
    )
    changed = office.json("organisations", "describe", "amicale_du_port", "--summary", "Des bals.")
    assert (changed["name"], changed["summary"]) == ("Amicale du Port", "Des bals.")
    assert office.refused("organisations", "describe", "amicale_du_port", status=2)["code"] == "usage"
    assert office.refused("organisations", "describe", "amicale_du_port", "--name", "x" * 121)["code"] == "too_long"
    assert "amicale_du_port" in {one["slug"] for one in office.json("organisations", "list")["organisations"]}
    with office.home() as session:
        assert session.scalars(select(Organisation).where(Organisation.slug == made["slug"])).one().version == 2


def test_members_come_and_go(office: Office) -> None:
    assert office.json("members", "add", "comite", "ana") == {"organisation": "comite", "login": "ana"}
    assert [one["login"] for one in office.json("members", "list", "comite")["members"]] == ["ana", "edith"]
    assert office.json("organisations", "show", "comite")["members"] == ["ana", "edith"]
    office.json("members", "remove", "comite", "ana")
    assert [one["login"] for one in office.json("members", "list", "comite")["members"]] == ["edith"]
    refused = office.refused("members", "add", "comit", "ana")
    assert (refused["code"], refused["field"]) == ("not_found", "organisation")
    assert "comite" in refused["sentence"]
    assert office.refused("members", "add", "comite", "anna")["field"] == "account"
