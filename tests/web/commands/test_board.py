"""News and listings from the terminal, on each engine: the same boundaries as the composer's."""

from pathlib import Path

from sqlalchemy import select

from instance.audience import Audience
from instance.notices import Notice, State
from tests.web.commands.offices import Office

NEWS = ("--title", "Le marché déménage", "--summary", "Il va devant l'école.", "--body", "-")
OFFER = ("--title", "Prête une échelle", "--body", "-", "--as", "ana")


def _notices(office: Office) -> list[Notice]:
    with office.home() as session:
        return list(session.scalars(select(Notice).order_by(Notice.id)))


def test_news_is_posted_edited_narrowed_and_withdrawn(office: Office, tmp_path: Path) -> None:
    post = ("news", "post", "comite", "--as", "edith", *NEWS, "--audience")
    body = tmp_path / "text.md"
    body.write_text("Dès **mardi**.\n", "utf-8")
    posted = office.json(*post[:-2], str(body), "--audience", "instance")
    assert (posted["audience"], posted["state"], posted["organisation"]) == ("instance", "live", "comite")
    assert posted["body"] == "Dès **mardi**."
    one = posted["id"]
    edited = office.json("news", "edit", one, "--as", "edith", "--title", "Le marché revient")
    assert (edited["title"], edited["summary"], edited["body"]) == ("Le marché revient", NEWS[3], "Dès **mardi**.")
    assert office.json("news", "narrow", one, "--as", "edith", "--audience", "quarter")["place"] == "Les Acacias"
    wider = office.refused("news", "narrow", one, "--as", "edith", "--audience", "instance")
    assert (wider["code"], wider["field"]) == ("not_narrower", "audience")
    assert office.refused("news", "withdraw", one, "--as", "edith")["code"] == "not_confirmed"
    assert office.json("news", "withdraw", one, "--as", "edith", "--yes")["state"] == "withdrawn"
    assert office.refused("news", "edit", one, "--as", "edith", "--title", "Encore")["code"] == "not_found"
    assert [item["id"] for item in office.json("news", "list", "--as", "edith")["news"]] == [one]
    assert office.json("news", "list")["news"] == []


def test_news_with_a_date_is_posted_and_moved(office: Office) -> None:
    dated = ("--begins", "2027-06-05T10:00", "--place", "Place des Essais")
    post = ("news", "post", "comite", "--as", "edith", *NEWS, "--audience", "instance")
    posted = office.json(*post, *dated, stdin="Dès mardi.")
    assert (posted["begins"], posted["ends"], posted["where"]) == ("2027-06-05T08:00:00Z", None, "Place des Essais")
    later = office.json("news", "edit", posted["id"], "--as", "edith", "--ends", "2027-06-05T12:00")
    assert (later["begins"], later["ends"], later["title"]) == (posted["begins"], "2027-06-05T10:00:00Z", NEWS[1])
    early = office.refused("news", "edit", posted["id"], "--as", "edith", "--ends", "2027-06-05T09:00")
    assert (early["code"], early["field"]) == ("ends_first", "ends")
    assert office.refused(*post, "--place", "x", stdin="Dès mardi.")["code"] == "begins_missing"
    off = ("news", "call-off", posted["id"], "--as", "edith")
    assert office.refused(*off)["code"] == "not_confirmed"
    assert (posted["called_off"], office.json(*off, "--yes")["called_off"]) == (False, True)
    assert office.refused(*off, "--yes")["code"] == "off_already"


def test_news_that_leaves_is_shown_first_and_asked_about(office: Office) -> None:
    post = ("news", "post", "comite", "--as", "edith", *NEWS, "--audience", "network")
    looked = office.json(*post, "--dry-run", stdin="Dès mardi.")
    assert looked["leaves"]["title"] == NEWS[1]
    assert looked["leaves"]["signed"] == "Comité des Acacias"
    assert _notices(office) == []
    assert office.refused(*post, stdin="Dès mardi.")["code"] == "not_confirmed"
    assert office.json(*post, "--yes", stdin="Dès mardi.")["state"] == "live"
    (item,) = _notices(office)
    assert item.reach == Audience.NETWORK
    assert [one["id"] for one in office.json("news", "list", "--organisation", "comite")["news"]] == [
        str(item.public_id)
    ]
    assert office.json("news", "show", str(item.public_id))["title"] == NEWS[1]
    # A changed word leaves as well.
    assert (
        office.refused("news", "edit", str(item.public_id), "--as", "edith", "--title", "X")["code"] == "not_confirmed"
    )
    assert office.json("news", "edit", str(item.public_id), "--as", "edith", "--title", "X", "--yes")["title"] == "X"


def test_news_is_refused_as_on_the_page(office: Office) -> None:
    post = ("news", "post", "comite", *NEWS, "--audience")
    assert office.refused(*post, "instance", "--as", "ana", stdin="x")["code"] == "not_yours"
    assert office.refused(*post, "instance", "--as", "edith", stdin=" ")["field"] == "body"
    assert office.refused(*post, "everybody", "--as", "edith", status=2, stdin="x")["field"] == "audience"
    assert "instance" in office.refused(*post, "instanse", "--as", "edith", status=2, stdin="x")["sentence"]
    inside = office.refused(*post, "building", "--as", "edith", stdin="x")
    assert inside["code"] == "place_missing"
    other = office.refused(*post, "building", "--building", "La Vigie", "--as", "edith", stdin="x")
    assert other["code"] == "not_your_building"
    far = office.refused(*post, "quarter", "--quarter", "le_port", "--as", "edith", stdin="x")
    assert far["code"] == "not_your_quarter"
    posted = office.json("news", "post", "batisseurs", *NEWS, "--audience", "building", "--as", "edith", stdin="x")
    assert posted["place"] == "14 rue Imaginaire"
    # What hangs in a building is shown to nobody who does not stand in front of that board.
    for reader in ((), ("--as", "cleo"), ("--as", "adele")):
        assert office.refused("news", "show", posted["id"], *reader)["code"] == "not_found"
    assert office.json("news", "show", posted["id"], "--as", "ana")["body"] == "x"


def test_listings_on_behalf_of_an_account(office: Office) -> None:
    offer = office.json("listings", "offer", *OFFER, "--audience", "quarter", stdin="Trois mètres.")
    assert (offer["kind"], offer["place"], offer["state"]) == ("offer", "Les Acacias", "live")
    wish = office.json("listings", "request", *OFFER, "--audience", "building", stdin="Deux bras.")
    assert wish["kind"] == "request"
    own = office.json("listings", "list", "--as", "ana")["listings"]
    assert [one["id"] for one in own] == [wish["id"], offer["id"]]
    first = office.json("listings", "list", "--as", "ana", "--limit", "1")
    assert [
        one["id"] for one in office.json("listings", "list", "--as", "ana", "--after", first["next"])["listings"]
    ] == [offer["id"]]
    assert office.json("listings", "list", "--as", "ben")["listings"] == []
    assert office.json("listings", "show", wish["id"], "--as", "ben")["body"] == "Deux bras."
    assert office.refused("listings", "show", wish["id"], "--as", "cleo")["code"] == "not_found"
    assert office.refused("listings", "edit", offer["id"], "--as", "ben", "--title", "x")["code"] == "not_found"
    assert office.json("listings", "edit", offer["id"], "--as", "ana", "--title", "Prête")["body"] == "Trois mètres."
    inside = office.json("listings", "narrow", offer["id"], "--as", "ana", "--audience", "building")
    assert inside["place"] == "14 rue Imaginaire"
    assert office.json("listings", "withdraw", offer["id"], "--as", "ana", "--yes")["state"] == State.WITHDRAWN


def test_a_listing_that_leaves_needs_a_byline(office: Office) -> None:
    offer = ("listings", "offer", *OFFER, "--audience", "network", "--yes")
    assert office.refused(*offer, stdin="x")["field"] == "byline"
    made = office.json(*offer, "--byline", "Une voisine", stdin="x")
    assert made["byline"] == "Une voisine"
    assert office.json("listings", "show", made["id"])["byline"] == "Une voisine"
    assert (
        office.refused("listings", "offer", *OFFER[:-1], "adele", "--audience", "quarter", stdin="x")["code"]
        == "no_home"
    )
