"""The operator's own mail relay: the one module that speaks SMTP, to that one address and to no other."""

import ipaddress
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from web.settings import Settings

# Per answer of the relay, in seconds. A whole mail has to be done within its lease (`instance.outgoing.LEASE`).
PATIENCE = 20.0
LONGEST_SAID = 180
ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")


class Security(StrEnum):
    """How the way to the relay is closed to others."""

    PLAIN = "plain"  # this machine only, or development
    STARTTLS = "starttls"  # RFC 3207, required
    TLS = "tls"  # RFC 8314, from the first byte


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Where mail goes, and how. `trusted` is a file of certificates to believe instead of the system's own."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    patience: float = PATIENCE
    trusted: str | None = None

    @property
    def name(self) -> str:
        """The relay in a sentence."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The relay answers for the mail from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """The relay could not take this mail now (4yz), or nobody knows whether it did."""

    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """The relay refuses this mail for good (5yz)."""

    said: str


Outcome = Taken | Later | Never


class Unreachable(Exception):
    """The relay as a whole is of no use now: nothing of it is a mail's fault. `way_out` says what to do."""

    def __init__(self, said: str, *, way_out: str) -> None:
        super().__init__(said)
        self.said = said
        self.way_out = way_out


def of(settings: Settings) -> Relay | None:
    """The relay of the settings; None where there is none."""
    if not settings.smtp_url:
        return None
    parts = urlsplit(settings.smtp_url)
    host = parts.hostname or ""
    if parts.scheme == "smtps":
        security, port = Security.TLS, 465
    elif is_this_machine(host) or settings.development:
        security, port = Security.PLAIN, 25
    else:
        security, port = Security.STARTTLS, 587
    return Relay(
        host=host,
        port=parts.port or port,
        security=security,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def is_this_machine(host: str) -> bool:
    """Whether what is sent there stays on this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Line:
    """A connection on which mails are handed over, one after the other."""

    def __init__(self, connection: smtplib.SMTP) -> None:
        self._connection = connection

    def send(self, message: EmailMessage, *, sender: str, recipient: str) -> Outcome:
        """Hand over one mail.

        Raises Unreachable when the relay does not want this sender at all, or is gone: then the mail's own outcome is
        unknown, it may have been taken, and it is sent again under the same Message-ID.
        """
        try:
            self._connection.send_message(message, from_addr=sender, to_addrs=[recipient])
        except smtplib.SMTPRecipientsRefused as error:
            return _weigh(*next(iter(error.recipients.values())))
        except smtplib.SMTPDataError as error:
            return _weigh(error.smtp_code, error.smtp_error)
        except smtplib.SMTPNotSupportedError:
            return Never(said="the relay carries no addresses with accents (SMTPUTF8, RFC 6531)")
        except smtplib.SMTPSenderRefused as error:
            said = _sentence(error.smtp_code, error.smtp_error)
            way_out = "let the relay accept PALIER_MAIL_FROM, or name another address there"
            msg = f"the sender's address is refused: {said}"
            raise Unreachable(msg, way_out=way_out) from None
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(_reason(error), way_out="look at the relay's own log") from None
        return Taken()


@contextmanager
def connect(relay: Relay) -> Iterator[Line]:
    """Open a line: connect, encrypt, sign in. Raises Unreachable, with what to do about it."""
    connection = _open(relay)
    try:
        _prepare(connection, relay)
        yield Line(connection)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            connection.quit()
        connection.close()


def _open(relay: Relay) -> smtplib.SMTP:
    try:
        if relay.security is Security.TLS:
            return smtplib.SMTP_SSL(relay.host, relay.port, timeout=relay.patience, context=_certificates(relay))
        return smtplib.SMTP(relay.host, relay.port, timeout=relay.patience)
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(_untrusted(error), way_out=_CERTIFICATE) from None
    except ssl.SSLError:
        said, way_out = "it does not speak TLS on this port", "write smtp:// instead of smtps://, or name port 465"
        raise Unreachable(said, way_out=way_out) from None
    except (smtplib.SMTPException, OSError) as error:
        way_out = "check host and port in PALIER_SMTP_URL, and whether a firewall stands between"
        raise Unreachable(_reason(error), way_out=way_out) from None


_CERTIFICATE = "write the relay's name as in its certificate, or renew the certificate"


def _prepare(connection: smtplib.SMTP, relay: Relay) -> None:
    try:
        connection.ehlo_or_helo_if_needed()
        if relay.security is Security.STARTTLS:
            connection.starttls(context=_certificates(relay))
        if relay.user:
            connection.login(relay.user, relay.password)
    except smtplib.SMTPAuthenticationError as error:
        said = f"the relay refuses user and password: {_sentence(error.smtp_code, error.smtp_error)}"
        raise Unreachable(said, way_out="check user and password in PALIER_SMTP_URL") from None
    except smtplib.SMTPNotSupportedError as error:
        way_out = "use smtps:// if the relay has it; without encryption only a relay on this machine is used"
        raise Unreachable(_reason(error), way_out=way_out) from None
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(_untrusted(error), way_out=_CERTIFICATE) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(_reason(error), way_out="look at the relay's own log") from None


def _certificates(relay: Relay) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=relay.trusted)


def _untrusted(error: ssl.SSLCertVerificationError) -> str:
    return f"its certificate is not trusted: {error.verify_message}"


def _weigh(code: int, said: bytes | str) -> Later | Never:
    # RFC 5321, 4.2.1: 5yz is for ever, everything else may be right later.
    sentence = _sentence(code, said)
    return Never(said=sentence) if 500 <= code < 600 else Later(said=sentence)


def _sentence(code: int, said: bytes | str) -> str:
    """A reply in one line that names nobody: it ends in a row and in an administrator's terminal."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return _tidy(f"{code} {text}")


def _reason(error: Exception) -> str:
    match error:
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=said):
            return _sentence(code, said)
        case TimeoutError():
            return "no answer in time"
        case OSError(strerror=str() as said):
            return _tidy(said)
        case _:
            return _tidy(str(error)) or type(error).__name__


def _tidy(text: str) -> str:
    bare = ADDRESS.sub("…@…", "".join(one if one.isprintable() else " " for one in text))
    return " ".join(bare.split())[:LONGEST_SAID]
