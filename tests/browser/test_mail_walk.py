"""A forgotten password end to end: real processes, a real SMTP server, and Chromium without scripts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from instance import mailboxes, residents
from tests.browser.visitor import Visitor, wait_until
from tests.running import free_port
from tests.web import post_office
from tests.web.post_office import Office
from web import stores

pytestmark = [pytest.mark.timeout(300), pytest.mark.browser]

ROOT = Path(__file__).parents[2]
OLD, NEW = "l’ancienne phrase", "une toute nouvelle phrase"


@contextmanager
def running_place(folder: Path, office: Office) -> Iterator[str]:
    """`palier serve` with this office as its relay; its origin."""
    origin = f"http://127.0.0.1:{free_port('127.0.0.1')}"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PALIER_")} | {
        "PALIER_ORIGIN": origin,
        "PALIER_NAME": "Les Pins",
        "PALIER_DATA": str(folder),
        "PALIER_DEVELOPMENT": "1",
        "PALIER_SMTP_URL": office.url,
        "PALIER_MAIL_FROM": "voisins@voisins.example",
    }
    palier = [sys.executable, "-m", "web.cli"]
    subprocess.run([*palier, "init", "--quiet"], env=environ, cwd=ROOT, check=True)
    _move_in(folder)
    log = folder.with_suffix(".log")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*palier, "serve"], env=environ, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        deadline = time.monotonic() + 120
        while "Palier is up" not in log.read_text(errors="replace"):
            assert process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < deadline, log.read_text(errors="replace")
            time.sleep(0.2)
        yield origin
        # Addresses, tokens and names of people are in no log.
        said = log.read_text(errors="replace")
        assert [one for one in ("odile", "courriel", "/recover/link/") if one in said] == []
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def _move_in(folder: Path) -> None:
    store = stores.open_store(f"sqlite:///{folder / 'home' / 'store.sqlite'}")
    now = datetime.now(UTC)
    with store.write.begin() as session:
        odile = residents.register(
            session,
            login="odile",
            first_name="Odile",
            last_name="Exemple",
            password=OLD,
            email=None,
            locale="fr",
            now=now,
        )
        mailboxes.prove(session, resident=odile, address="odile@courriel.example", now=now)
    store.close()


def test_a_forgotten_password_end_to_end_without_scripts(browser: Browser, tmp_path: Path) -> None:
    with post_office.opened() as office, running_place(tmp_path / "place", office) as origin:
        context = browser.new_context(java_script_enabled=False, locale="fr-FR", viewport={"width": 320, "height": 800})
        visitor = Visitor(page=context.new_page(), origin=origin)
        visitor.page.set_default_timeout(30_000)
        visitor.go("/sign-in")
        visitor.follow("J’ai oublié mon mot de passe")
        visitor.page.fill("#name", "odile@courriel.example")
        visitor.press("main form button[type=submit]")
        assert "un message avec un lien est en route" in visitor.words()
        wait_until(lambda: len(office.received) == 1, "the mail")
        (parcel,) = office.received
        assert parcel.to == ["odile@courriel.example"]
        (link,) = {one for one in parcel.text.split() if one.startswith(f"{origin}/recover/link/")}
        visitor.go(link)
        visitor.page.fill("#new", NEW)
        visitor.press("main form button[type=submit]")
        visitor.page.fill("#name", "odile")
        visitor.page.fill("#password", NEW)
        visitor.press("main form button[type=submit]")
        assert "/sign-in" not in visitor.page.url
        wait_until(lambda: len(office.received) == 2, "the notice that the password changed")
        assert "mot de passe" in str(office.received[1].mail["Subject"])
        visitor.go("/account")
        visitor.follow("Imprimer ma carte")  # just signed in: the password is not asked for again
        visitor.press("main form button[type=submit]")
        assert visitor.page.locator(".keycard__code").count() == 1
        assert visitor.foreign == []
        context.close()
