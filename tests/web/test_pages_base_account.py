"""Signing up with a letterbox code, and one's own account."""

import pytest

from instance.residents import Resident
from tests.web.pages_place import PASSWORD, Place, post

pytestmark = pytest.mark.sqlite

# --- signing up


def test_a_letterbox_code_opens_an_account_once(place: Place) -> None:
    client = place.browser()
    answer = post(client, "/join", code=place.codes[0].lower().replace("-", " "))
    assert answer.headers["Location"] == "/join/details"
    answer = post(
        client,
        "/join/details",
        first_name="Léo",
        last_name="Exemple",
        login="leo",
        password=PASSWORD,
        email="",
    )
    assert answer.headers["Location"] == "/", answer.text
    page = client.get("/account").text
    assert "Léo Exemple" in page
    assert "Les Cigales" in page
    assert "n’ouvre rien" in post(place.browser(), "/join", code=place.codes[0]).text


def test_wrong_codes_are_counted_even_though_nothing_else_happens(place: Place) -> None:
    wrong = place.codes[1][:-1] + ("A" if place.codes[1][-1] != "A" else "B")
    pages = [post(place.browser(), "/join", code=wrong).text for _ in range(5)]
    assert all("n’ouvre rien" in page for page in pages)
    assert "n’ouvre rien" in post(place.browser(), "/join", code=place.codes[1]).text


def test_a_refusal_lands_at_its_field_and_keeps_what_was_typed(place: Place) -> None:
    client = place.browser()
    post(client, "/join", code=place.codes[0])
    answer = post(
        client,
        "/join/details",
        first_name="Léo",
        last_name="Exemple",
        login="nadia",
        password=PASSWORD,
        email="",
    )
    assert 'href="#login"' in answer.text
    assert 'aria-describedby="login-hint login-error"' in answer.text
    assert 'value="Léo"' in answer.text
    assert PASSWORD not in answer.text
    with place.store.read() as session:
        assert session.query(Resident).count() == 2


def test_the_second_step_wants_the_first(place: Place) -> None:
    assert place.browser().get("/join/details").headers["Location"] == "/join"


# --- the account


def test_a_new_password_signs_out_every_other_browser(place: Place) -> None:
    here, elsewhere = place.signed_in(), place.signed_in()
    answer = post(here, "/account/password", page="/account/security", old=PASSWORD, new="une autre phrase")
    assert answer.status_code == 302
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302


def test_a_wrong_present_password_changes_nothing(place: Place) -> None:
    client = place.signed_in()
    answer = post(client, "/account/password", page="/account/security", old="non", new="une autre phrase")
    assert 'href="#old"' in answer.text
    assert place.signed_in()


def test_settings_are_kept_and_a_bad_address_is_said(place: Place) -> None:
    client = place.signed_in()
    bad = post(client, "/account/settings", page="/account", locale="en", email="pas une adresse")
    assert 'value="pas une adresse"' in bad.text
    assert 'href="#email"' in bad.text
    assert post(client, "/account/settings", page="/account", locale="en", email="n@exemple.org").status_code == 302
    assert '<html lang="en">' in client.get("/account").text
    assert place.nudges
