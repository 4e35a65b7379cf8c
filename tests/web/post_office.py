"""A real SMTP server in the test's own process, with a certificate made for the occasion and moods of its own."""

# The names and arguments of the handlers are aiosmtpd's own.
# ruff: noqa: N802, ARG002

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.running import free_port

USER, PASSWORD = "palier", "s@crets: and/slashes"
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A mail as it arrived, with its envelope."""

    sender: str
    to: list[str]
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        """The mail, parsed back."""
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def text(self) -> str:
        """Its plain form."""
        part = self.mail.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    @property
    def html(self) -> str:
        """Its HTML form."""
        part = self.mail.get_body(("html",))
        assert part is not None
        return str(part.get_content())


@dataclass
class Office:
    """What arrived, and how the next ones are answered: one word per step, `None` for the usual."""

    port: int = 0
    auth: bool = True
    received: list[Parcel] = field(default_factory=list)
    senders: list[str | None] = field(default_factory=list)
    recipients: list[str | None] = field(default_factory=list)
    data: list[str | None] = field(default_factory=list)
    slow: float = 0.0
    dies: bool = False
    dies_after: bool = False
    passwords_seen: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        """As PALIER_SMTP_URL wants it."""
        return f"smtp://{USER}:s%40crets%3A%20and%2Fslashes@{HOST}:{self.port}"

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.auth and not session.authenticated:
            return "530 5.7.0 authentication required"
        said = self.senders.pop(0) if self.senders else None
        if said is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return said or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = self.recipients.pop(0) if self.recipients else None
        if said is None:
            envelope.rcpt_tos.append(address)
        return said or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.slow:
            await asyncio.sleep(self.slow)
        if self.dies:
            self.dies = False
            server.transport.abort()
            return "451 gone"
        said = self.data.pop(0) if self.data else None
        if said is None:
            assert isinstance(envelope.content, bytes)
            parcel = Parcel(sender=envelope.mail_from or "", to=list(envelope.rcpt_tos), raw=envelope.content)
            self.received.append(parcel)
        if self.dies_after:
            self.dies_after = False
            server.transport.abort()
        return said or "250 OK"

    def check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        """One user with one password."""
        login, password = data.login, data.password  # type: ignore[attr-defined]
        self.passwords_seen.append(password)
        right = (login, password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=right)


@contextmanager
def opened(
    *,
    certificate: "Certificate | None" = None,
    implicit: bool = False,
    auth: bool = True,
    utf8: bool = True,
) -> Iterator[Office]:
    """An office that is open during the block: plain, with STARTTLS (a certificate), or TLS from the first byte."""
    office = Office(port=free_port(HOST), auth=auth)
    tls = certificate.server() if certificate else None
    controller = Controller(
        office,
        hostname=HOST,
        port=office.port,
        ssl_context=tls if implicit else None,
        authenticator=office.check if auth else None,
        auth_require_tls=tls is not None and not implicit,
        tls_context=None if implicit else tls,
        require_starttls=tls is not None and not implicit,
        enable_SMTPUTF8=utf8,
        ready_timeout=30,
    )
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A key and its certificate, good for this host only, in two files."""

    certificate: Path
    key: Path

    def server(self) -> ssl.SSLContext:
        """What the office shows."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def make_certificate(folder: Path, *, host: str = HOST) -> Certificate:
    """A throw-away certificate that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post office of a test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    paths = Certificate(certificate=folder / "certificate.pem", key=folder / "key.pem")
    paths.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths
