"""Passkeys over HTTP: what is asked, what is believed, and every answer that is refused."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from webauthn.helpers import bytes_to_base64url
from werkzeug.test import TestResponse

from instance.base import Refused
from instance.passkeys import Ceremony, Passkey, PasskeyChallenge
from instance.residents import Resident
from tests.web import pages_place
from tests.web.device import PRESENT, VERIFIED, Device
from tests.web.pages_place import NOW, PASSWORD, Place, post, token_of
from web import stores
from web.frame import ceremonies, context
from web.settings import Settings

pytestmark = pytest.mark.sqlite

ORIGIN = "http://localhost:8100"


@pytest.fixture
def named(tmp_path: Path) -> Iterator[Place]:
    """A place that is reached by a name, so that it can have passkeys."""
    made = pages_place.make(tmp_path, origin=ORIGIN)
    yield made
    for store in stores.of(made.app).values():
        store.close()


def say(client: FlaskClient, path: str, body: dict[str, object] | None = None) -> TestResponse:
    with client.session_transaction() as cookie:
        signed_in = "_user_id" in cookie
    token = token_of(client, "/account" if signed_in else "/sign-in")
    return client.post(path, json=body or {}, headers={"X-CSRFToken": token})


def ask(client: FlaskClient, ceremony: str) -> dict[str, object]:
    answer = say(client, f"/passkeys/{ceremony}/question")
    assert answer.status_code == 200, answer.text
    return answer.json


def add(client: FlaskClient, device: Device, *, name: str = "Mon téléphone") -> TestResponse:
    options = ask(client, "add")
    return say(client, "/passkeys/add/answer", {"credential": device.make(options), "name": name})


def sign_in(client: FlaskClient, device: Device, **more: object) -> TestResponse:
    options = ask(client, "sign_in")
    return say(client, "/passkeys/sign_in/answer", {"credential": device.show(options), **more})


@pytest.fixture
def device(named: Place) -> Device:
    """Nadia's key, added."""
    made = Device(origin=ORIGIN)
    assert add(named.signed_in(), made).json == {"next": "/account/security#passkeys"}
    return made


@pytest.mark.parametrize("algorithm", [-7, -8, -257], ids=["ES256", "EdDSA", "RS256"])
def test_a_key_is_added_and_opens_the_account_alone(named: Place, algorithm: int) -> None:
    made = Device(origin=ORIGIN, algorithm=algorithm)
    assert add(named.signed_in(), made).status_code == 200
    client = named.browser()
    assert sign_in(client, made, next="/account").json == {"next": "/account"}
    page = client.get("/account/security").text
    assert "Mon téléphone" in page
    assert "dernier usage" in page


def test_an_algorithm_nobody_asked_for_is_refused(named: Place) -> None:
    answer = add(named.signed_in(), Device(origin=ORIGIN, algorithm=-35))
    assert answer.status_code == 403
    assert "pas pu être vérifiée" in answer.json["message"]


def test_the_question_names_the_place_and_no_id_of_ours(named: Place) -> None:
    options = ask(named.signed_in(), "add")
    assert options["rp"] == {"name": "Les Pins", "id": "localhost"}
    assert options["attestation"] == "none"
    assert {one["alg"] for one in options["pubKeyCredParams"]} == {-7, -8, -257}
    assert options["authenticatorSelection"]["residentKey"] == "preferred"
    with named.store.read() as session:
        nadia = session.scalars(select(Resident).where(Resident.login == "nadia")).one()
        assert str(nadia.id) not in str(options)
        assert str(nadia.public_id) not in str(options)
    assert ask(named.browser(), "sign_in")["userVerification"] == "required"


WRONG = [
    ("origin", "http://localhost:9999"),
    ("origin", "https://localhost:8100"),
    ("origin", "http://localhost:8100.other.example"),
    ("origin", "http://LOCALHOST:8100"),
    ("rp", "other.example"),
    ("rp", "sub.localhost"),
    ("flags", VERIFIED),  # nobody touched it
]


@pytest.mark.parametrize(("what", "value"), WRONG)
def test_a_key_for_another_place_is_not_added(named: Place, what: str, value: object) -> None:
    client = named.signed_in()
    answer = add(client, Device(**{"origin": ORIGIN, what: value}))
    assert answer.status_code == 403
    with named.store.read() as session:
        assert session.scalars(select(Passkey)).all() == []


@pytest.mark.parametrize(("what", "value"), [*WRONG, ("flags", PRESENT), ("key", None), ("handle", b"another person")])
def test_an_answer_that_is_not_genuine_signs_nobody_in(named: Place, device: Device, what: str, value: object) -> None:
    forged = Device(**{"origin": ORIGIN, "key": device.key, what: value})
    client = named.browser()
    assert sign_in(client, forged).status_code == 403
    assert client.get("/account").status_code == 302
    assert sign_in(client, device).status_code == 200


def test_an_answer_is_taken_once(named: Place, device: Device) -> None:
    client = named.browser()
    shown = device.show(ask(client, "sign_in"))
    with client.session_transaction() as cookie:
        question = cookie["passkey_challenge"]
    assert say(client, "/passkeys/sign_in/answer", {"credential": shown}).status_code == 200
    other = named.browser()
    other.get("/sign-in")
    with other.session_transaction() as cookie:
        cookie["passkey_challenge"] = question
    answer = say(other, "/passkeys/sign_in/answer", {"credential": shown})
    assert answer.status_code == 403
    assert "Trop de temps" in answer.json["message"]


def test_an_answer_belongs_to_its_browser_and_its_purpose(named: Place, device: Device) -> None:
    one, other = named.browser(), named.browser()
    shown = device.show(ask(one, "sign_in"))
    ask(other, "sign_in")
    assert say(other, "/passkeys/sign_in/answer", {"credential": shown}).status_code == 403
    client = named.signed_in()
    shown = device.show(ask(client, "prove"))
    assert say(client, "/passkeys/sign_in/answer", {"credential": shown}).status_code == 403


def test_a_late_answer_is_refused(named: Place, device: Device) -> None:
    client = named.browser()
    shown = device.show(ask(client, "sign_in"))
    named.app.extensions[context.CLOCK] = lambda: NOW + timedelta(minutes=5)
    assert say(client, "/passkeys/sign_in/answer", {"credential": shown}).status_code == 403


def test_a_counter_that_goes_back_is_refused_and_said(named: Place, device: Device) -> None:
    device.count = 7
    assert sign_in(named.browser(), device).status_code == 200
    for count in (7, 6, 0):
        device.count = count
        answer = sign_in(named.browser(), device)
        assert answer.status_code == 403
        assert "comme le ferait une copie" in answer.json["message"]
    device.count = 8
    assert sign_in(named.browser(), device).status_code == 200


@pytest.mark.parametrize(
    "credential",
    [None, "text", 5, [], {}, {"id": "x"}, {"id": "x", "rawId": "%%%", "type": "public-key", "response": {}}],
)
def test_what_is_no_answer_is_refused_quietly(named: Place, credential: object) -> None:
    for client, ceremony in ((named.browser(), "sign_in"), (named.signed_in(), "add")):
        ask(client, ceremony)
        answer = say(client, f"/passkeys/{ceremony}/answer", {"credential": credential, "name": "x"})
        assert answer.status_code == 403


@given(attestation=st.binary(max_size=300), client_data=st.binary(max_size=100))
def test_no_bytes_break_the_reading_of_an_answer(attestation: bytes, client_data: bytes) -> None:
    settings = Settings.read({"PALIER_ORIGIN": ORIGIN, "PALIER_DEVELOPMENT": "1"})
    device = Device(origin=ORIGIN)
    challenge = bytes(32)
    sent = device.make({"challenge": bytes_to_base64url(challenge)})
    sent["response"]["attestationObject"] = bytes_to_base64url(attestation)
    with pytest.raises(Refused, match="passkey_unreadable"):
        ceremonies.offered(settings, challenge=challenge, sent=sent)
    shown = device.show({"challenge": bytes_to_base64url(challenge)})
    shown["response"]["clientDataJSON"] = bytes_to_base64url(client_data)
    with pytest.raises(Refused, match="passkey_unreadable"):
        ceremonies.shown(settings, ceremony=Ceremony.SIGN_IN, challenge=challenge, sent=shown, public_key=attestation)


def test_what_is_not_json_or_no_ceremony_gets_an_error(named: Place) -> None:
    client = named.browser()
    token = token_of(client, "/sign-in")
    path = "/passkeys/sign_in/answer"
    assert client.post(path, data="{", headers={"X-CSRFToken": token}).status_code == 415
    assert client.post(path, json=[], headers={"X-CSRFToken": token}).status_code == 400
    assert client.post("/passkeys/dance/question", json={}, headers={"X-CSRFToken": token}).status_code == 404
    assert client.post("/passkeys/sign_in/question", json={}).status_code == 400, "without its token"


def test_a_visitor_can_neither_add_nor_prove_nor_take_a_second_step(named: Place) -> None:
    for ceremony, status in (("add", 302), ("prove", 302), ("second_step", 403)):
        assert say(named.browser(), f"/passkeys/{ceremony}/question").status_code == status


def test_adding_wants_a_password_given_a_moment_ago(named: Place) -> None:
    client = named.signed_in()
    named.app.extensions[context.CLOCK] = lambda: NOW + timedelta(minutes=16)
    assert say(client, "/passkeys/add/question").status_code == 403
    page = client.get("/account/passkeys/new").text
    assert "Est-ce bien vous" in page
    answer = post(
        client,
        "/account/confirm?next=/account/passkeys/new",
        page="/account/passkeys/new",
        present_password=PASSWORD,
    )
    assert answer.headers["Location"] == "/account/passkeys/new"
    assert "Nom de cette clé" in client.get("/account/passkeys/new").text
    assert add(client, Device(origin=ORIGIN)).status_code == 200


def test_a_passkey_proves_again_as_well_as_the_password(named: Place, device: Device) -> None:
    client = named.signed_in()
    named.app.extensions[context.CLOCK] = lambda: NOW + timedelta(minutes=16)
    page = client.get("/account/passkeys/new").text
    assert "/passkeys/prove/question" in page
    answer = say(client, "/passkeys/prove/answer", {"credential": device.show(ask(client, "prove"))})
    assert answer.json == {"next": None}
    assert "Nom de cette clé" in client.get("/account/passkeys/new").text


def test_somebody_elses_key_proves_nothing(named: Place, device: Device) -> None:
    client = named.signed_in("admin")
    answer = say(client, "/passkeys/prove/answer", {"credential": device.show(ask(client, "prove"))})
    assert answer.status_code == 403


def test_a_key_is_removed_and_opens_nothing_any_more(named: Place, device: Device) -> None:
    client = named.signed_in()
    with named.store.read() as session:
        path = f"/account/passkeys/{session.scalars(select(Passkey)).one().public_id}/remove"
    assert post(named.signed_in("admin"), path, page="/account").status_code == 404
    assert post(client, path, page="/account").status_code == 302
    assert "Aucune clé d’accès" in client.get("/account/security").text
    answer = sign_in(named.browser(), device)
    assert answer.status_code == 403
    assert "aucun compte" in answer.json["message"]


def test_a_name_is_asked_for(named: Place) -> None:
    answer = add(named.signed_in(), Device(origin=ORIGIN), name=" ")
    assert answer.status_code == 403
    with named.store.read() as session:
        assert session.scalars(select(Passkey)).all() == []
        assert session.scalars(select(PasskeyChallenge)).all() == [], "the question is used up all the same"


def test_a_place_without_a_name_says_so_instead_of_failing(place: Place) -> None:
    client = place.signed_in()
    for path in ("/account/security", "/account/passkeys/new"):
        page = client.get(path).text
        assert "par un numéro au lieu d’un nom" in page
        assert "passkeys.js" not in page
    assert "Se connecter sans mot de passe" not in place.browser().get("/sign-in").text
    answer = say(place.browser(), "/passkeys/sign_in/question")
    assert answer.status_code == 403
    assert "ne peut pas avoir" in answer.json["message"]
