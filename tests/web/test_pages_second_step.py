"""The second step over HTTP: setting it up, signing in with it, losing it, and the browsers that are signed in."""

import re
from datetime import datetime, timedelta

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from instance import second_factor
from instance.logins import Login
from instance.residents import Resident
from tests.web.pages_place import NOW, PASSWORD, Place, post
from web.frame import context

pytestmark = pytest.mark.sqlite

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)
STEP = timedelta(seconds=30)


def go_to(place: Place, moment: datetime) -> None:
    place.app.extensions[context.CLOCK] = lambda: moment


def set_up(place: Place, client: FlaskClient) -> tuple[str, list[str]]:
    """Nadia's app, its key read from the page, and her recovery codes."""
    page = post(client, "/account/second-step/app", page="/account/security").text
    secret = re.search(r'class="key-letters"><code>([A-Z2-7 ]+)</code>', page)
    assert secret, page
    assert "<svg" in page
    assert "data:" not in page
    key = secret[1].replace(" ", "")
    answer = post(client, "/account/second-step/app/confirm", page="/account/security", code=pyotp.TOTP(key).at(NOW))
    codes = re.findall(r"<li><code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", answer.text)
    assert len(codes) == 10, answer.text
    return key, codes


def password(client: FlaskClient, path: str = "/sign-in", login: str = "nadia") -> TestResponse:
    return post(client, path, name=login, password=PASSWORD)


@pytest.fixture
def protected(place: Place) -> tuple[Place, str, list[str]]:
    """Nadia has a second step; a minute has passed since."""
    secret, codes = set_up(place, place.signed_in())
    go_to(place, NOW + 2 * STEP)
    return place, secret, codes


def test_a_right_password_alone_opens_nothing(protected: tuple[Place, str, list[str]]) -> None:
    place, secret, _ = protected
    client = place.browser()
    answer = password(client, "/sign-in?next=/account")
    step = answer.headers["Location"]
    assert step == "/sign-in/second-step?next=/account"
    assert client.get("/account").status_code == 302
    wrong = post(client, step, code="000000")
    assert wrong.status_code == 200
    assert "Ce code n’est pas juste" in wrong.text
    code = pyotp.TOTP(secret).at(NOW + 2 * STEP)
    right = post(client, step, code=f"{code[:3]} {code[3:]}")
    assert right.headers["Location"] == "/account"
    page = client.get("/account").text
    assert "Un code faux a été essayé après le bon mot de passe" in page
    again = place.browser()
    password(again)
    assert "Ce code n’est pas juste" in post(again, "/sign-in/second-step", code=code).text, "each code works once"


def test_a_recovery_code_opens_once_and_says_how_many_are_left(protected: tuple[Place, str, list[str]]) -> None:
    place, _, codes = protected
    client = place.browser()
    password(client)
    assert post(client, "/sign-in/second-step", code=codes[3].lower()).status_code == 302
    assert "Il en reste 9" in client.get("/account").text
    assert "Il reste 9 codes de secours" in client.get("/account/security").text
    other = place.browser()
    password(other)
    assert post(other, "/sign-in/second-step", code=codes[3]).status_code == 200
    renewed = post(client, "/account/second-step/codes", page="/account/security")
    assert "Ces codes remplacent" in renewed.text
    assert codes[4] not in renewed.text
    assert post(other, "/sign-in/second-step", code=codes[4]).status_code == 200


def test_wrong_codes_make_the_account_wait_and_a_passkey_or_time_let_it_in(
    protected: tuple[Place, str, list[str]],
) -> None:
    place, secret, _ = protected
    client = place.browser()
    password(client)
    pages = [post(client, "/sign-in/second-step", code="faux").text for _ in range(6)]
    assert "Attendez une minute" in pages[4]
    assert "Attendez une minute" in pages[5]
    code = pyotp.TOTP(secret).at(NOW + 5 * STEP)
    go_to(place, NOW + 3 * STEP)
    assert "Attendez 30 secondes" in post(client, "/sign-in/second-step", code=code).text
    go_to(place, NOW + 5 * STEP)
    assert post(client, "/sign-in/second-step", code=code).status_code == 302


def test_the_password_given_before_does_not_last(protected: tuple[Place, str, list[str]]) -> None:
    place, secret, _ = protected
    client = place.browser()
    password(client)
    assert place.browser().get("/sign-in/second-step").headers["Location"] == "/sign-in?next=/"
    late = NOW + timedelta(minutes=12)
    go_to(place, late)
    answer = client.post("/sign-in/second-step", data={"code": pyotp.TOTP(secret).at(late)})
    assert answer.status_code == 400, "without the token of a page"
    assert client.get("/sign-in/second-step").headers["Location"] == "/sign-in?next=/"
    assert "Trop de temps a passé" in client.get("/sign-in").text
    assert client.get("/account").status_code == 302


@pytest.mark.parametrize("wish", ["https://other.example/", "//other.example", "/\\other.example"])
def test_the_second_step_never_leads_elsewhere(protected: tuple[Place, str, list[str]], wish: str) -> None:
    place, _, codes = protected
    client = place.browser()
    password(client)
    page = client.get("/sign-in/second-step").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    answer = client.post(
        "/sign-in/second-step", query_string={"next": wish}, data={"code": codes[0], "csrf_token": token[1]}
    )
    assert answer.headers["Location"] == "/"


def test_turning_the_app_off_wants_password_and_code(protected: tuple[Place, str, list[str]]) -> None:
    place, _, codes = protected
    client = place.browser()
    password(client)
    post(client, "/sign-in/second-step", code=codes[0])
    path = "/account/second-step/app/off"
    assert "votre mot de passe actuel" in post(client, path, old="faux", code=codes[1]).text
    assert "Ce code n’est pas juste" in post(client, path, old=PASSWORD, code=codes[0]).text
    assert post(client, path, old=PASSWORD, code=codes[1]).status_code == 302
    assert place.signed_in().get("/account").status_code == 200


def test_a_first_code_that_is_wrong_shows_the_same_key_again(place: Place) -> None:
    client = place.signed_in()
    first = post(client, "/account/second-step/app", page="/account/security").text
    again = post(client, "/account/second-step/app/confirm", page="/account/security", code="000000").text
    letters = re.compile(r"<code>[A-Z2-7 ]{32,}</code>")
    assert letters.findall(first) == letters.findall(again) != []
    assert "Ce code n’est pas juste" in again
    assert place.signed_in()


def test_the_key_is_nowhere_in_the_store_as_it_is(protected: tuple[Place, str, list[str]]) -> None:
    place, secret, codes = protected
    place.store.engine.dispose()
    raw = b"".join(one.read_bytes() for one in (place.settings.home_data).glob("store.sqlite*"))
    assert raw
    assert secret.encode() not in raw
    assert not any(one.replace("-", "").encode() in raw or one.encode() in raw for one in codes)


def test_what_protects_the_account_wants_the_password_again(place: Place) -> None:
    client = place.signed_in()
    go_to(place, NOW + timedelta(minutes=16))
    for path, fields in (
        ("/account/second-step/app", {}),
        ("/account/browsers/close-others", {}),
        ("/account/settings", {"locale": "fr", "email": "nadia@exemple.example.org"}),
    ):
        asked = post(client, path, page="/account/security", **fields)
        assert "Est-ce bien vous" in asked.text, path
        for name, value in fields.items():
            assert f'name="{name}" value="{value}"' in asked.text
        wrong = post(client, path, page="/account/security", present_password="faux", **fields)
        assert "votre mot de passe actuel" in wrong.text
    with place.store.read() as session:
        assert session.scalars(select(Resident.email)).all() == [None, None]
    done = post(
        client,
        "/account/settings",
        page="/account/security",
        locale="fr",
        email="nadia@exemple.example.org",
        present_password=PASSWORD,
    )
    assert done.status_code == 302
    with place.store.read() as session:
        nadia = session.scalars(select(Resident).where(Resident.login == "nadia")).one()
        assert nadia.email == "nadia@exemple.example.org"
    assert post(client, "/account/second-step/app", page="/account/security").status_code == 200
    assert "2. Saisissez" in post(client, "/account/second-step/app", page="/account/security").text, "fresh again"


def test_the_language_alone_is_changed_without_asking(place: Place) -> None:
    client = place.signed_in()
    go_to(place, NOW + timedelta(minutes=16))
    answer = post(client, "/account/settings", page="/account", locale="en", email="")
    assert answer.status_code == 302


# --- browsers


def browser(place: Place, agent: str) -> FlaskClient:
    client = place.browser()
    client.environ_base["HTTP_USER_AGENT"] = agent
    assert password(client).status_code == 302
    return client


def test_the_list_names_family_and_system_and_keeps_nothing_more(place: Place) -> None:
    here, there = browser(place, FIREFOX), browser(place, SAFARI)
    page = here.get("/account/security").text
    assert "Firefox sur Linux" in page
    assert "Safari sur iPhone" in page
    assert page.count("ce navigateur") == 1
    with place.store.read() as session:
        rows = session.scalars(select(Login)).all()
        kept = {str(getattr(one, column.name)) for one in rows for column in Login.__table__.columns}
    assert {"Firefox", "Linux", "Safari", "iPhone"} <= kept
    assert not any("Mozilla" in value or "140.0" in value or "127.0.0.1" in value for value in kept)
    close = re.search(r'action="(/account/browsers/[^"]+/close)"', page)
    assert close
    assert post(here, close[1], page="/account/security").status_code == 302
    assert there.get("/account").status_code == 302
    assert here.get("/account").status_code == 200
    assert "nulle part ailleurs" in here.get("/account/security").text


def test_all_others_are_signed_out_at_once(place: Place) -> None:
    here, *others = [browser(place, FIREFOX) for _ in range(3)]
    post(here, "/account/browsers/close-others", page="/account/security")
    assert here.get("/account").status_code == 200
    assert [one.get("/account").status_code for one in others] == [302, 302]


def test_nobody_closes_the_browser_of_another(place: Place) -> None:
    mine = browser(place, FIREFOX)
    page = browser(place, SAFARI).get("/account/security").text
    close = re.search(r'action="(/account/browsers/[^"]+/close)"', page)
    assert close
    assert post(place.signed_in("admin"), close[1], page="/account/security").status_code == 404
    assert mine.get("/account").status_code == 200


def test_reading_renews_a_browser_once_a_day(place: Place) -> None:
    client = place.signed_in()

    def kept() -> tuple[datetime, datetime]:
        with place.store.read() as session:
            row = session.scalars(select(Login)).one()
            return row.used_on, row.expires_at

    first = kept()
    go_to(place, NOW + timedelta(hours=3))
    client.get("/account")
    assert kept() == first
    go_to(place, NOW + timedelta(days=20))
    client.get("/account")
    assert kept()[1] == NOW + timedelta(days=50)
    go_to(place, NOW + timedelta(days=45))
    assert client.get("/account").status_code == 200
    go_to(place, NOW + timedelta(days=76))
    assert client.get("/account").status_code == 302


# --- staff


def test_staff_are_advised_and_neighbours_are_not(place: Place) -> None:
    assert "Vous prenez soin de ce lieu" in place.signed_in("admin").get("/admin").text
    assert "Vous prenez soin de ce lieu" not in place.signed_in().get("/account/security").text


def test_an_administrator_takes_a_second_step_away_and_its_owner_reads_so(
    protected: tuple[Place, str, list[str]],
) -> None:
    place, _, _ = protected
    admin = place.signed_in("admin")
    with place.store.read() as session:
        nadia = session.scalars(select(Resident).where(Resident.login == "nadia")).one()
        page = f"/admin/accounts/{nadia.public_id}"
    assert "Retirer la seconde étape" in admin.get(page).text
    refused = post(admin, f"{page}/second-step", page=page)
    assert 'href="#unlock-reason"' in refused.text
    assert post(admin, f"{page}/second-step", page=page, **{"unlock-reason": "Vue au guichet."}).status_code == 302
    assert "Retirer la seconde étape" not in admin.get(page).text
    client = place.signed_in()
    assert "Un administrateur a retiré votre seconde étape" in client.get("/account").text
    page = "/account/security"
    assert "Si vous ne l’avez pas demandé" in client.get(page).text
    post(client, "/account/second-step/read", page=page)
    assert "Si vous ne l’avez pas demandé" not in client.get(page).text
    with place.store.read() as session:
        nadia = session.scalars(select(Resident).where(Resident.login == "nadia")).one()
        assert not second_factor.is_on(session, resident=nadia)
