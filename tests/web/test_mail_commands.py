"""`palier mail` and `palier doctor`, with a real relay and without one."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from instance import outgoing
from instance.outgoing import Kind, OutgoingMail
from instance.residents import Resident
from tests.running import free_port
from tests.web import mail_town, post_office
from tests.web.mail_town import MailTown, one
from tests.web.pages_town import ORIGIN
from web import cli, doctor
from web.commands import mail

ANA = "ana@courriel.example"


@pytest.fixture
def post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailTown]:
    with mail_town.usual(tmp_path / "town") as made:
        for name in [one for one in os.environ if one.startswith("PALIER_")]:
            monkeypatch.delenv(name)
        for name, value in {
            "PALIER_ORIGIN": ORIGIN,
            "PALIER_DEVELOPMENT": "1",
            "PALIER_NAME": "Ville d’Exemple",
            "PALIER_DATA": str(tmp_path / "town"),
            "PALIER_SMTP_URL": made.office.url,
            "PALIER_MAIL_FROM": "voisins@voisins.example",
            "LC_ALL": "en_GB.UTF-8",
        }.items():
            monkeypatch.setenv(name, value)
        yield made


def palier(*words: str) -> Result:
    return CliRunner().invoke(cli.palier, list(words))


def failed(post: MailTown, said: str = "550 5.1.1 no") -> OutgoingMail:
    post.prove(post.town.ana, ANA)
    with post.town.home() as session:
        outgoing.warn(session, kind=Kind.PASSWORD, to=session.get_one(Resident, post.town.ana.id), now=post.moment)
    post.office.recipients.append(said)
    assert post.deliver() == []
    return post.mails()[-1]


def test_a_mail_is_tried_out(post: MailTown) -> None:
    done = palier("mail", "test", "odile@courriel.example")
    assert (done.exit_code, "took it" in done.output) == (0, True)
    parcel = one(post.office.received)
    assert parcel.to == ["odile@courriel.example"]
    assert "Le courrier" in str(parcel.mail["Subject"])


def test_every_kind_of_mail_has_its_words() -> None:
    assert mail.KINDS.keys() == set(Kind)


@pytest.mark.parametrize("address", ["odile", "a@b.example\nBcc: c@d.example"])
def test_what_is_no_address_is_said(post: MailTown, address: str) -> None:
    done = palier("mail", "test", address)
    assert (done.exit_code, "not an e-mail address" in done.output) == (2, True)
    assert post.office.received == []


def test_a_refusal_and_a_dead_relay_are_said(post: MailTown, monkeypatch: pytest.MonkeyPatch) -> None:
    post.office.recipients.append("550 5.1.1 no such user")
    done = palier("mail", "test", "odile@courriel.example")
    assert (done.exit_code, "no such user" in done.output) == (1, True)
    monkeypatch.setenv("PALIER_SMTP_URL", f"smtp://127.0.0.1:{free_port('127.0.0.1')}")
    done = palier("mail", "test", "odile@courriel.example")
    assert (done.exit_code, "PALIER_SMTP_URL" in done.output) == (1, True)
    monkeypatch.delenv("PALIER_SMTP_URL")
    done = palier("mail", "test", "odile@courriel.example")
    assert (done.exit_code, "PALIER_SMTP_URL" in done.output) == (2, True)


def test_what_did_not_go_is_listed_without_names_and_tried_again(post: MailTown) -> None:
    assert json.loads(palier("mail", "list", "--json").output) == {"mails": [], "next": None}
    mail = failed(post)
    shown = palier("mail", "list").output
    assert str(mail.public_id) in shown
    assert "550 5.1.1 no" in shown
    assert "ana" not in shown
    (told,) = json.loads(palier("mail", "list", "--json").output)["mails"]
    assert (told["id"], told["kind"], told["state"]) == (str(mail.public_id), "password", "failed")
    assert "ana" not in json.dumps(told)
    assert palier("mail", "retry").exit_code == 2
    assert palier("mail", "retry", "00000000-0000-4000-8000-000000000000").exit_code == 1
    assert palier("mail", "retry", str(mail.public_id)).exit_code == 0
    post.town.moment[0] = mail_town.real_now()
    assert len(post.deliver()) == 1
    assert palier("mail", "retry", str(mail.public_id)).exit_code == 1
    failed(post)
    assert len(json.loads(palier("mail", "retry", "--all", "--json").output)["retried"]) == 1
    assert json.loads(palier("mail", "list", "--json").output)["mails"] == []


def test_a_long_list_goes_on_where_it_was_cut_and_is_tried_again_whole(
    post: MailTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [str(failed(post).public_id) for _ in range(3)]
    first = json.loads(palier("mail", "list", "--limit", "2", "--json").output)
    rest = json.loads(palier("mail", "list", "--limit", "2", "--after", first["next"], "--json").output)
    assert [one["id"] for page in (first, rest) for one in page["mails"]] == told[::-1]
    assert rest["next"] is None
    monkeypatch.setattr("web.commands.mail.STRETCH", 2)
    assert json.loads(palier("mail", "retry", "--all", "--json").output)["retried"] == told[::-1]


def test_scripts_are_told_what_the_relay_did(post: MailTown, monkeypatch: pytest.MonkeyPatch) -> None:
    done = palier("mail", "test", "odile@courriel.example", "--json")
    assert (done.exit_code, json.loads(done.stdout)["taken"]) == (0, True)
    post.office.recipients.append("550 5.1.1 no such user")
    assert error("mail", "test", "odile@courriel.example", status=1)["code"] == "mail_refused"
    monkeypatch.setenv("PALIER_SMTP_URL", f"smtp://127.0.0.1:{free_port('127.0.0.1')}")
    assert error("mail", "test", "odile@courriel.example", status=1)["code"] == "relay_unreachable"
    monkeypatch.delenv("PALIER_SMTP_URL")
    assert error("mail", "test", "odile@courriel.example", status=2)["code"] == "settings"
    assert error("mail", "retry", "00000000-0000-4000-8000-000000000000", status=1)["field"] == "mail"


def error(*words: str, status: int) -> dict[str, str]:
    """What a command that fails tells a script: on standard error alone."""
    done = palier(*words, "--json")
    assert (done.exit_code, done.stdout) == (status, "")
    found: dict[str, str] = json.loads(done.stderr)["error"]
    return found


def test_the_doctor_looks_at_the_relay(post: MailTown, monkeypatch: pytest.MonkeyPatch) -> None:
    check = doctor.CHECKS["mail relay"]
    assert check(post.settings).well
    assert "lets us in (plain)" in check(post.settings).said
    assert post.office.received == []
    monkeypatch.setattr(post_office, "PASSWORD", "another one")
    found = check(post.settings)
    assert (found.well, "535" in found.said, "PALIER_SMTP_URL" in found.way_out) == (False, True, True)
    assert "crets" not in found.said
