"""Passkeys, second step and signed-in browsers in a real Chromium, on a place that is reached by a name."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect
from werkzeug.serving import make_server

from tests.browser.visitor import Visitor
from tests.running import free_port
from tests.web import pages_place
from tests.web.pages_place import PASSWORD, Place
from web import catalogues, stores
from web.frame import context

pytestmark = pytest.mark.timeout(600)

SEND = "main form button[type=submit]"
ALERT = ".passkey [role=alert]"


@dataclass
class Running:
    """The pages of a small place, really served."""

    place: Place
    origin: str


def serve(folder: Path, *, host: str, origin_of: Callable[[int], str]) -> Iterator[Running]:
    catalogues.compile_all()
    port = free_port(host)
    made = pages_place.make(folder, origin=origin_of(port))
    made.app.extensions[context.CLOCK] = lambda: datetime.now(UTC)
    server = make_server(host, port, made.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Running(place=made, origin=origin_of(port))
    server.shutdown()
    thread.join(timeout=20)
    for store in stores.of(made.app).values():
        store.close()


@pytest.fixture
def named(tmp_path: Path) -> Iterator[Running]:
    yield from serve(tmp_path, host="127.0.0.1", origin_of=lambda port: f"http://localhost:{port}")


@pytest.fixture
def numbered(tmp_path: Path) -> Iterator[Running]:
    yield from serve(tmp_path, host="127.0.0.1", origin_of=lambda port: f"http://127.0.0.1:{port}")


@pytest.fixture
def enter(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """A browser of its own in front of a place."""
    opened: list[BrowserContext] = []

    def new(running: Running, *, width: int = 1280, language: str = "fr-FR", **more: object) -> Visitor:
        made = browser.new_context(viewport={"width": width, "height": 900}, locale=language, **more)
        opened.append(made)
        page = made.new_page()
        page.set_default_timeout(30_000)
        return Visitor(page=page, origin=running.origin)

    yield new
    for one in opened:
        one.close()


def sign_in(visitor: Visitor, *, login: str = "nadia") -> None:
    visitor.go("/sign-in")
    visitor.page.fill("#name", login)
    visitor.page.fill("#password", PASSWORD)
    visitor.press(SEND)


def with_device(page: Page, *, verified: bool = True) -> tuple[CDPSession, str]:
    """A device with passkeys in this browser."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verified,
        "automaticPresenceSimulation": True,
    }
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def add_passkey(visitor: Visitor, name: str = "Mon ordinateur") -> None:
    visitor.go("/account/passkeys/new")
    visitor.page.fill("#name", name)
    visitor.press(".passkey button")
    assert name in visitor.words()


def test_a_passkey_is_added_opens_the_account_and_is_removed(named: Running, enter: Callable[..., Visitor]) -> None:
    nadia = enter(named)
    session, device = with_device(nadia.page)
    sign_in(nadia)
    nadia.go("/account/security")
    assert "Aucune clé d’accès" in nadia.words()
    add_passkey(nadia)
    (kept,) = session.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert kept["rpId"] == "localhost"
    nadia.go("/account/passkeys/new")
    nadia.page.fill("#name", "Encore")
    nadia.page.click(".passkey button")
    expect(nadia.page.locator(ALERT)).to_contain_text("déjà")

    nadia.go("/account")
    nadia.press("form[action='/sign-out'] button")
    nadia.go("/sign-in?next=/account")
    nadia.press(".passkey button")
    assert nadia.page.url.endswith("/account")
    nadia.go("/account/security")
    assert "dernier usage" in nadia.words()

    nadia.press("form[action*='/passkeys/'] button")
    assert "n’ouvre plus votre compte" in nadia.words()
    nadia.go("/account")
    nadia.press("form[action='/sign-out'] button")
    nadia.page.click(".passkey button")
    expect(nadia.page.locator(ALERT)).to_contain_text("aucun compte")
    assert nadia.foreign == []


def test_a_key_of_another_place_or_an_unverified_holder_opens_nothing(
    named: Running, enter: Callable[..., Visitor]
) -> None:
    nadia = enter(named)
    sign_in(nadia)
    session, device = with_device(nadia.page)
    add_passkey(nadia)
    nadia.go("/account")
    nadia.press("form[action='/sign-out'] button")
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    nadia.page.click(".passkey button")
    expect(nadia.page.locator(ALERT)).to_contain_text("Rien n’a été fait")
    assert nadia.page.url.endswith("/sign-in")
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    # A page of another name asks in ours: the browser itself refuses a name that is not its own.
    options = "{publicKey: {challenge: new Uint8Array(32), rpId: 'other.example', userVerification: 'required'}}"
    refused = nadia.page.evaluate(f"navigator.credentials.get({options}).then(() => 'given', (error) => error.name)")
    assert refused == "SecurityError"


def test_a_second_step_by_app_without_scripts_on_a_narrow_phone(named: Running, enter: Callable[..., Visitor]) -> None:
    for scripts in (True, False):
        nadia = enter(named, width=320, java_script_enabled=scripts)
        sign_in(nadia)
        if scripts:
            nadia.go("/account/security")
            nadia.press("form[action$='/second-step/app'] button")
            key = nadia.page.inner_text(".key-letters").replace(" ", "")
            nadia.page.fill("#code", pyotp.TOTP(key).now())
            nadia.press(SEND)
            codes = nadia.page.locator(".spare-codes code").all_inner_texts()
            assert len(codes) == 10
            nadia.press("main form button")
            nadia.go("/account")
            nadia.press("form[action='/sign-out'] button")
            sign_in(nadia)
        assert "/sign-in/second-step" in nadia.page.url
        nadia.page.fill("#code", codes.pop())
        nadia.press(SEND)
        nadia.go("/account/security")
        assert f"Il reste {len(codes)} codes" in nadia.words()
        nadia.go("/account")
        nadia.press("form[action='/sign-out'] button")


def test_a_passkey_does_for_the_second_step(named: Running, enter: Callable[..., Visitor]) -> None:
    nadia = enter(named)
    with_device(nadia.page)
    sign_in(nadia)
    add_passkey(nadia)
    nadia.press("form:has(input[name=asked][value=yes]) button")
    assert nadia.page.locator(".spare-codes code").count() == 10
    nadia.go("/account")
    nadia.press("form[action='/sign-out'] button")
    nadia.go("/sign-in?next=/account")
    nadia.page.fill("#name", "nadia")
    nadia.page.fill("#password", PASSWORD)
    nadia.press(SEND)
    nadia.press(".passkey button")
    assert nadia.page.url.endswith("/account")


def test_signing_another_browser_out_takes_effect_there(named: Running, enter: Callable[..., Visitor]) -> None:
    here, there = enter(named), enter(named, user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0")
    sign_in(here)
    sign_in(there)
    there.go("/account")
    here.go("/account/security")
    assert "Firefox sur Linux" in here.words()
    here.press("form[action$='/close'] button")
    assert "nulle part ailleurs" in here.words()
    there.go("/account")
    assert "/sign-in" in there.page.url


def test_a_place_without_a_name_says_why_it_has_no_passkeys(numbered: Running, enter: Callable[..., Visitor]) -> None:
    nadia = enter(numbered)
    nadia.go("/sign-in")
    assert "sans mot de passe" not in nadia.words()
    sign_in(nadia)
    for path in ("/account/security", "/account/passkeys/new"):
        nadia.go(path)
        assert "par un numéro" in nadia.words()


@pytest.mark.parametrize(
    ("scheme", "width", "language"), [("light", 320, "fr-FR"), ("dark", 1280, "en-GB")], ids=["phone", "dark-english"]
)
def test_every_page_about_security_is_accessible(
    named: Running, enter: Callable[..., Visitor], scheme: str, width: int, language: str, tmp_path: Path
) -> None:
    nadia = enter(named, width=width, language=language, color_scheme=scheme, bypass_csp=True)
    wrong, with_query = [], f"?lang={language[:2]}"

    def look(name: str) -> None:
        wrong.extend(f"{name}: {one}" for one in nadia.problems())
        nadia.page.screenshot(path=str(tmp_path / f"{name}.png"), full_page=True)

    with_device(nadia.page)
    nadia.go(f"/sign-in{with_query}")
    look("sign-in")
    sign_in(nadia)
    nadia.go(f"/account/security{with_query}")
    look("security-empty")
    nadia.go("/account/passkeys/new")
    look("passkey-new")
    add_passkey(nadia)
    nadia.press("form[action$='/second-step/app'] button")
    look("app")
    key = nadia.page.inner_text(".key-letters").replace(" ", "")
    nadia.page.fill("#code", "000000")
    nadia.press(SEND)
    look("app-wrong")
    nadia.page.fill("#code", pyotp.TOTP(key).now())
    nadia.press(SEND)
    look("codes")
    codes = nadia.page.locator(".spare-codes code").all_inner_texts()
    nadia.go("/account/security")
    look("security-full")
    nadia.go("/account/second-step/app/off")
    look("off")
    named.place.app.extensions[context.CLOCK] = lambda: datetime.now(UTC).replace(year=datetime.now(UTC).year + 1)
    nadia.page.context.clear_cookies()
    nadia.go(f"/sign-in{with_query}")
    nadia.page.fill("#name", "nadia")
    nadia.page.fill("#password", PASSWORD)
    nadia.press(SEND)
    look("second-step")
    nadia.page.fill("#code", codes[0])
    nadia.press(SEND)
    look("arrived")
    later = datetime.now(UTC).replace(year=datetime.now(UTC).year + 1, hour=23, minute=59)
    named.place.app.extensions[context.CLOCK] = lambda: later
    nadia.go("/account/passkeys/new")
    look("confirm")
    nadia.page.context.clear_cookies()
    named.place.app.extensions[context.CLOCK] = lambda: datetime.now(UTC)
    sign_in(nadia, login="admin")
    nadia.go(f"/account{with_query}")
    form = "form[action='/account/settings']"
    token = nadia.page.input_value(f"{form} [name=csrf_token]")
    for _ in range(20):
        nadia.page.request.post(f"{named.origin}/account/settings", form={"csrf_token": token, "locale": "fr"})
    nadia.press(f"{form} button")
    look("too-often")
    assert nadia.page.locator("main form [name=locale]").count() == 1
    assert wrong == []
