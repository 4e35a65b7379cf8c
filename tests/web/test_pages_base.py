"""The frame of all pages: entrance, sign-in, sign-up, languages, headers, errors."""

import io
import logging
import re
import tarfile
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from instance import logins
from tests.web.pages_place import NOW, PASSWORD, Place, make, post, token_of
from web import home, stores, vendored
from web.frame import context, entrance, navigation
from web.pages import refusals
from web.settings import Settings

pytestmark = pytest.mark.sqlite

ROOT = Path(__file__).parents[2]


# --- the entrance


def _an_address(app: Flask, rule: str) -> str:
    sample = {"uuid": "3f0c3d6e-7a39-4d0a-9b57-111111111111", "int": "1"}
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: sample.get(found[1] or "", "exemple"), rule)


def test_every_page_not_in_the_table_asks_a_visitor_to_sign_in(place: Place) -> None:
    visitor = place.browser()
    for rule in place.app.url_map.iter_rules():
        if rule.endpoint in entrance.OPEN or "GET" not in (rule.methods or ()):
            continue
        answer = visitor.get(_an_address(place.app, rule.rule))
        assert answer.status_code == 302, rule
        assert answer.headers["Location"].startswith("/sign-in?next="), rule


@pytest.mark.parametrize(
    "names",
    [
        entrance.OPEN,
        {link.endpoint for link in navigation.LINKS},
    ],
    ids=["open pages", "links"],
)
def test_tables_of_endpoints_name_pages_that_exist(place: Place, names: set[str]) -> None:
    assert set(names) <= set(place.app.view_functions)


def test_after_signing_in_one_goes_on_to_the_page_asked_for(place: Place) -> None:
    client = place.browser()
    asked = client.get("/account").headers["Location"]
    answer = post(client, asked, name="nadia", password=PASSWORD)
    assert answer.headers["Location"] == "/account"
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("wish", ["https://other.example/", "//other.example", "/\\other.example", "other", "/a\nb"])
def test_signing_in_never_leads_elsewhere(place: Place, wish: str) -> None:
    client = place.browser()
    token = token_of(client, "/sign-in")
    answer = client.post(
        "/sign-in",
        query_string={"next": wish},
        data={"name": "nadia", "password": PASSWORD, "csrf_token": token},
    )
    assert answer.headers["Location"] == "/"


def test_a_wrong_password_and_an_unknown_name_get_the_same_sentence(place: Place) -> None:
    pages = [
        post(place.browser(), "/sign-in", name=name, password="faux mot de passe").text
        for name in ("nadia", "personne")
    ]
    assert all("ne vont pas ensemble" in page for page in pages)
    assert 'value="nadia"' in pages[0]
    assert "faux mot de passe" not in pages[0]


def test_signing_out_closes_the_session_in_the_store(place: Place) -> None:
    client = place.signed_in()
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    answer = post(client, "/sign-out", page="/account")
    assert answer.status_code == 302
    with place.store.read() as session:
        assert logins.signed_in(session, token=token, now=NOW) is None
    assert client.get("/account").status_code == 302


def test_a_cookie_planted_before_signing_in_does_not_survive_it(place: Place) -> None:
    client = place.browser()
    with client.session_transaction() as cookie:
        cookie["planted"] = "yes"
    post(client, "/sign-in", name="nadia", password=PASSWORD)
    with client.session_transaction() as cookie:
        assert "planted" not in cookie


# --- languages


def language_of(answer: TestResponse) -> str:
    found = re.search(r'<html lang="(\w+)">', answer.text)
    assert found
    return found[1]


def test_a_language_chosen_in_the_foot_stays_for_somebody_signed_in(place: Place) -> None:
    client = place.signed_in()
    assert language_of(client.get("/account")) == "fr"
    assert language_of(client.get("/account?lang=en")) == "en"
    assert language_of(client.get("/account")) == "en"
    assert language_of(place.signed_in().get("/account")) == "fr"


def test_the_language_is_the_browsers_wish_else_the_towns(place: Place) -> None:
    client = place.browser()
    assert language_of(client.get("/about")) == "fr"
    assert language_of(client.get("/about", headers={"Accept-Language": "en-GB,en;q=0.9"})) == "en"
    assert language_of(client.get("/about", headers={"Accept-Language": "de"})) == "fr"


def test_a_visitors_choice_is_remembered(place: Place) -> None:
    client = place.browser()
    assert "?lang=en" in client.get("/about").text
    assert language_of(client.get("/about?lang=en")) == "en"
    assert language_of(client.get("/about")) == "en"
    assert language_of(client.get("/about?lang=xx")) == "en"


def test_a_residents_choice_is_kept_with_the_account(place: Place) -> None:
    client = place.signed_in()
    answer = post(client, "/language", page="/account", locale="en", next="/account")
    assert answer.headers["Location"] == "/account"
    assert language_of(client.get("/account")) == "en"
    assert language_of(place.signed_in().get("/account")) == "en"


# --- headers and cookies


def test_every_answer_carries_the_security_headers(place: Place) -> None:
    client = place.browser()
    for path in ("/about", "/nothing", "/account", "/static/css/base.css"):
        with client.get(path) as answer:  # a static file stays open until its answer is closed
            headers = answer.headers
        assert "default-src 'none'" in headers["Content-Security-Policy"], path
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_page_of_a_signed_in_resident_is_not_kept(place: Place) -> None:
    assert place.signed_in().get("/account").headers["Cache-Control"] == "no-store, private"


def test_no_page_asks_for_anything_elsewhere_or_inline(place: Place) -> None:
    client = place.signed_in("admin")
    for path in ("/design", "/account", "/about", "/accessibility"):
        page = client.get(path).text
        assert not re.search(r'(?:src|action)="(?:https?:)?//', page), path
        assert not re.search(r'<link[^>]+href="https?://', page), path
        assert " style=" not in page, path
        assert "<script" not in page, path


@pytest.mark.parametrize(
    ("origin", "name", "secure"),
    [
        ("https://pins.example", "__Host-palier", True),
        ("http://127.0.0.1:8100", "palier", False),
    ],
)
def test_the_cookie_is_as_strict_as_the_origin_allows(tmp_path: Path, origin: str, name: str, *, secure: bool) -> None:
    made = make(tmp_path, origin=origin)
    cookie = made.app.test_client().get("/sign-in", base_url=origin).headers["Set-Cookie"]
    assert cookie.startswith(f"{name}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert ("Secure" in cookie) is secure
    for store in stores.of(made.app).values():
        store.close()


# --- errors


def test_a_form_without_its_token_is_refused(place: Place) -> None:
    answer = place.browser().post("/sign-in", data={"name": "nadia", "password": PASSWORD})
    assert answer.status_code == 400
    assert "rechargez-la" in answer.text


def test_an_unknown_address_gets_a_page_that_says_what_to_do(place: Place) -> None:
    answer = place.browser().get("/nothing")
    assert answer.status_code == 404
    assert "Repartez du panneau" in answer.text


def test_a_failure_shows_a_number_and_the_log_has_it_without_the_address(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> str:
        message = "private words"
        raise RuntimeError(message)

    place.app.view_functions["about.about"] = broken
    with caplog.at_level(logging.ERROR):
        answer = place.browser().get("/about?title=secret-title")
    assert answer.status_code == 500
    assert "private words" not in answer.text
    found = re.search(r"ce numéro\s: (\w{8})", answer.text)
    assert found
    line = next(one for one in caplog.records if found[1] in one.getMessage())
    assert "about.about" in line.getMessage()
    assert "secret-title" not in line.getMessage()
    assert "/about" not in line.getMessage()


def test_a_failure_of_the_store_still_gets_its_page(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    client = place.signed_in()

    def fail(*_: object, **__: object) -> None:
        message = "no store"
        raise OSError(message)

    monkeypatch.setattr(logins, "signed_in", fail)
    answer = client.get("/account")
    assert answer.status_code == 500
    assert "de notre côté" in answer.text


def test_too_large_a_request_is_refused(place: Place) -> None:
    client = place.browser()
    answer = client.post("/sign-in", data={"name": "x" * (home.LARGEST_REQUEST + 1)})
    assert answer.status_code == 413


def test_every_refusal_of_the_domain_has_its_sentence() -> None:
    codes = {
        code
        for file in (ROOT / "instance").rglob("*.py")
        for code in re.findall(r'Refused\(\s*"(\w+)"', file.read_text("utf-8"))
    }
    assert codes
    assert codes <= set(refusals.SENTENCES)


# --- what is shipped


def test_the_source_is_offered_without_secrets(place: Place) -> None:
    answer = place.browser().get("/source.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(answer.data)) as box:
        names = set(box.getnames())
    assert {"palier/web/home.py", "palier/instance/base.py", "palier/web/templates/base.html"} <= names
    assert {"palier/web/static/css/tokens.css", "palier/web/translations/fr/LC_MESSAGES/messages.po"} <= names
    assert not [one for one in names if one.endswith((".pyc", ".sqlite", ".key", ".pem"))]


def test_other_peoples_work_is_what_the_manifest_says() -> None:
    assert vendored.problems() == []


@pytest.mark.parametrize("path", ["/about", "/accessibility", "/sign-in", "/join"])
def test_every_foot_has_the_source_and_the_statement(place: Place, path: str) -> None:
    page = place.browser().get(path).text
    assert "/source.tar.gz" in page
    assert "Accessibilité\u00a0: non conforme" in page


def test_an_operator_may_offer_the_source_elsewhere(tmp_path: Path) -> None:
    made = make(tmp_path)
    made.app.extensions[context.SETTINGS] = Settings.read(
        {
            "PALIER_ORIGIN": "https://pins.example",
            "PALIER_DATA": str(tmp_path),
            "PALIER_SOURCE_URL": "https://code.example/palier",
        }
    )
    assert made.browser().get("/source.tar.gz").headers["Location"] == "https://code.example/palier"
    for store in stores.of(made.app).values():
        store.close()


def test_the_components_are_for_staff_outside_development(place: Place) -> None:
    assert place.signed_in("nadia").get("/design").status_code == 200
    place.app.extensions[context.SETTINGS] = Settings.read(
        {
            "PALIER_ORIGIN": "https://pins.example",
            "PALIER_DATA": str(place.settings.data),
        }
    )
    assert place.signed_in("nadia").get("/design").status_code == 404
    assert place.signed_in("admin").get("/design").status_code == 200
