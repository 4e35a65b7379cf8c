"""The relay, against real SMTP servers: polite ones, refusing ones, slow ones, and ones that die in the middle."""

import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from tests.running import free_port
from tests.web import post_office
from tests.web.post_office import HOST, PASSWORD, USER, Certificate, Office
from web.mail import relay
from web.mail.relay import Later, Never, Relay, Security, Taken, Unreachable
from web.settings import Settings

SENDER, TO = "voisins@voisins.example", "odile@courriel.example"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return post_office.make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def office() -> Iterator[Office]:
    with post_office.opened() as found:
        yield found


def to(office: Office, *, security: Security = Security.PLAIN, trusted: Path | None = None, **more: object) -> Relay:
    given = {"user": USER, "password": PASSWORD, "patience": 10.0, **more}
    return Relay(host=HOST, port=office.port, security=security, trusted=str(trusted) if trusted else None, **given)


def letter(recipient: str = TO) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = SENDER, recipient, "Une lettre"
    mail.set_content("Voilà.")
    return mail


def send(where: Relay, *, recipient: str = TO) -> relay.Outcome:
    with relay.connect(where) as line:
        return line.send(letter(recipient), sender=SENDER, recipient=recipient)


# --- polite ones


def test_a_mail_goes_through_starttls_with_user_and_password(certificate: Certificate) -> None:
    with post_office.opened(certificate=certificate) as office:
        there = to(office, security=Security.STARTTLS, trusted=certificate.certificate)
        assert send(there) == Taken()
    (parcel,) = office.received
    assert (parcel.sender, parcel.to, parcel.text.strip()) == (SENDER, [TO], "Voilà.")


def test_a_mail_goes_through_tls_from_the_first_byte(certificate: Certificate) -> None:
    with post_office.opened(certificate=certificate, implicit=True) as office:
        assert send(to(office, security=Security.TLS, trusted=certificate.certificate)) == Taken()
    assert len(office.received) == 1


def test_several_mails_take_one_connection(office: Office) -> None:
    with relay.connect(to(office)) as line:
        for _ in range(3):
            assert line.send(letter(), sender=SENDER, recipient=TO) == Taken()
    assert len(office.received) == 3
    assert len(office.passwords_seen) == 1


# --- the way there is closed, or it is not taken


def test_without_starttls_no_password_is_sent(office: Office) -> None:
    with pytest.raises(Unreachable) as raised:
        send(to(office, security=Security.STARTTLS))
    assert "STARTTLS" in raised.value.said
    assert "smtps://" in raised.value.way_out
    assert (office.passwords_seen, office.received) == ([], [])


@pytest.mark.parametrize("implicit", [False, True])
def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Certificate, implicit: bool) -> None:
    security = Security.TLS if implicit else Security.STARTTLS
    with post_office.opened(certificate=certificate, implicit=implicit) as office:
        with pytest.raises(Unreachable, match="not trusted"):
            send(to(office, security=security))
        assert office.passwords_seen == []


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    other = post_office.make_certificate(tmp_path, host="127.0.0.9")
    with post_office.opened(certificate=other) as office, pytest.raises(Unreachable, match="not trusted"):
        send(to(office, security=Security.STARTTLS, trusted=other.certificate))


def test_a_wrong_password_says_what_to_do(office: Office) -> None:
    with pytest.raises(Unreachable) as raised:
        send(to(office, password="wrong"))
    assert "PALIER_SMTP_URL" in raised.value.way_out
    assert "535" in raised.value.said


def test_tls_against_a_plain_port_says_so(office: Office) -> None:
    with pytest.raises(Unreachable, match="does not speak TLS"):
        send(to(office, security=Security.TLS))


def test_nobody_there() -> None:
    nowhere = Relay(host=HOST, port=free_port(HOST), security=Security.PLAIN)
    with pytest.raises(Unreachable) as raised:
        send(nowhere)
    assert "refused" in raised.value.said.lower()
    assert "firewall" in raised.value.way_out


def test_somebody_who_never_says_a_word() -> None:
    with socket.create_server((HOST, 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(Unreachable, match=r"no answer in time|timed out"):
            send(Relay(host=HOST, port=port, security=Security.PLAIN, patience=0.3))


# --- moods


@pytest.mark.parametrize("step", ["recipients", "data"])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("450 4.2.1 try again later", Later),
        ("452 4.2.2 mailbox full", Later),
        ("550 5.1.1 no such user", Never),
        ("554 5.7.1 refused", Never),
    ],
)
def test_4yz_is_later_and_5yz_is_never(office: Office, step: str, answer: str, kind: type) -> None:
    getattr(office, step).append(answer)
    with relay.connect(to(office)) as line:
        outcome = line.send(letter(), sender=SENDER, recipient=TO)
        assert isinstance(outcome, kind)
        assert outcome.said.startswith(answer[:3])
        # The connection goes on: the next mail is none the worse for it.
        assert line.send(letter(), sender=SENDER, recipient=TO) == Taken()


def test_a_refused_sender_is_the_operators_affair(office: Office) -> None:
    office.senders.append("553 5.7.1 not your address")
    with pytest.raises(Unreachable) as raised:
        send(to(office))
    assert "PALIER_MAIL_FROM" in raised.value.way_out


@pytest.mark.parametrize("when", ["dies", "dies_after"])
def test_a_relay_that_dies_in_the_middle_leaves_it_open_whether_it_took_the_mail(office: Office, when: str) -> None:
    setattr(office, when, True)
    with pytest.raises(Unreachable):
        send(to(office))
    assert len(office.received) == (1 if when == "dies_after" else 0)
    assert send(to(office)) == Taken()


def test_a_slow_relay_is_not_waited_for_for_ever(office: Office) -> None:
    office.slow = 3.0
    with pytest.raises(Unreachable, match=r"no answer in time|timed out"):
        send(to(office, patience=0.4))


def test_what_the_relay_says_names_nobody(office: Office) -> None:
    office.recipients.append(f"550 5.1.1 <{TO}>: user {TO} unknown")
    outcome = send(to(office))
    assert isinstance(outcome, Never)
    assert "odile" not in outcome.said
    assert "unknown" in outcome.said


def test_a_name_with_accents_needs_smtputf8() -> None:
    with post_office.opened(utf8=False) as office:
        outcome = send(to(office), recipient="éloïse@courriel.example")
        assert isinstance(outcome, Never)
        assert "SMTPUTF8" in outcome.said
    with post_office.opened() as office:
        assert send(to(office), recipient="éloïse@courriel.example") == Taken()
    assert office.received[0].to == ["éloïse@courriel.example"]


# --- from settings


@pytest.mark.parametrize(
    ("url", "development", "expected"),
    [
        ("smtps://a:b@relais.example", False, (Security.TLS, 465)),
        ("smtps://relais.example:4650", False, (Security.TLS, 4650)),
        ("smtp://a:b@relais.example", False, (Security.STARTTLS, 587)),
        ("smtp://relais.example:25", False, (Security.STARTTLS, 25)),
        ("smtp://localhost", False, (Security.PLAIN, 25)),
        ("smtp://127.0.0.1:2525", False, (Security.PLAIN, 2525)),
        ("smtp://[::1]:2525", False, (Security.PLAIN, 2525)),
        ("smtp://relais.example:1025", True, (Security.PLAIN, 1025)),
        ("smtps://relais.example", True, (Security.TLS, 465)),
    ],
)
def test_only_this_machine_and_development_go_without_encryption(
    url: str, development: bool, expected: tuple[Security, int]
) -> None:
    origin = "http://127.0.0.1:8100" if development else "https://voisins.example"
    environ = {"PALIER_ORIGIN": origin, "PALIER_SMTP_URL": url, "PALIER_DEVELOPMENT": str(int(development))}
    found = relay.of(Settings.read(environ))
    assert found is not None
    assert (found.security, found.port) == expected


def test_no_url_is_no_relay_and_the_password_is_never_shown() -> None:
    bare = Settings.read({"PALIER_ORIGIN": "https://voisins.example"})
    assert relay.of(bare) is None
    assert bare.mail_from == "palier@voisins.example"
    given = Settings.read(
        {"PALIER_ORIGIN": "https://voisins.example", "PALIER_SMTP_URL": "smtps://me:hunter2@relais.example"}
    )
    found = relay.of(given)
    assert found is not None
    assert (found.user, found.password) == ("me", "hunter2")
    assert "hunter2" not in repr(given) + repr(found)
