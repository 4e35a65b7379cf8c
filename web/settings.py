"""Every setting of an instance: its name, its meaning, its default, and one reading of them all."""

import difflib
import ipaddress
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict, TypeVar
from urllib.parse import urlsplit

from web import spellings
from web.setting_table import BUNDLED, TABLE, Setting

__all__ = ["BUNDLED", "TABLE", "BadSetting", "BadSettings", "Setting", "Settings", "SideSettings"]

PREFIX = "PALIER_"

T = TypeVar("T")


class BadSetting(ValueError):
    """One setting that cannot be used: its name, what it got, what it wants."""

    def __init__(self, name: str, got: str | None, wants: str) -> None:
        shown = "nothing" if got is None else repr(got)
        super().__init__(f"{name}: got {shown}, wants {wants}")
        self.name = name
        self.got = got
        self.wants = wants


class BadSettings(ValueError):
    """All settings that cannot be used, so that one start tells everything there is to repair."""

    def __init__(self, problems: Collection[BadSetting]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """What both sides of the wall may know."""

    origin: str
    name: str
    data: Path
    federation_database_url: str
    federation_broker_url: str = BUNDLED
    development: bool = False
    bind: str = "127.0.0.1:8000"
    trusted_proxies: int = 0
    default_locale: str = "fr"
    source_url: str = ""
    contact_email: str = ""
    log_level: str = "INFO"
    threads: int = 32

    @property
    def authority(self) -> str:
        """Host and port of the origin, the port only where it is unusual."""
        return urlsplit(self.origin).netloc

    @property
    def secure(self) -> bool:
        """Whether people reach us by https: cookies then are Secure."""
        return self.origin.startswith("https://")

    @property
    def federation_data(self) -> Path:
        """The folder of the federation side."""
        return self.data / "federation"


@dataclass(frozen=True, slots=True, kw_only=True)
class SideSettings(_Common):
    """What the door and the courier know: nothing in it leads to the home store."""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "SideSettings":
        """Read the federation side's settings; those of home are not even looked at.

        Raises:
            BadSettings: naming every setting that cannot be used.
        """
        reader = _Reader(environ)
        common = _read_common(reader)
        reader.finish()
        return cls(**common)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(_Common):
    """What the pages, the home worker and the command line know: both sides."""

    home_database_url: str
    home_broker_url: str = BUNDLED
    secret_key_file: Path
    # With a password in it: never shown, not even by accident in a trace.
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    live_screens: int = 40
    media_origin: str = ""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Settings":
        """Read every setting.

        Raises:
            BadSettings: naming every setting that cannot be used.
        """
        reader = _Reader(environ)
        common = _read_common(reader)
        data = common["data"]
        home_url = reader.take("PALIER_HOME_DATABASE_URL", spellings.database) or _sqlite_file(data / "home")
        home_broker = reader.take("PALIER_HOME_BROKER_URL", spellings.broker) or BUNDLED
        live_screens = reader.take("PALIER_LIVE_SCREENS", spellings.between(0, 5000))
        key_file = reader.take("PALIER_SECRET_KEY_FILE", spellings.path) or data / "home" / "secret.key"
        if home_url == common["federation_database_url"]:
            reader.complain("PALIER_FEDERATION_DATABASE_URL")
        if home_broker == common["federation_broker_url"] != BUNDLED:
            reader.complain("PALIER_FEDERATION_BROKER_URL")
        smtp_url = reader.take("PALIER_SMTP_URL", spellings.relay) or ""
        mail_from = reader.take("PALIER_MAIL_FROM", spellings.sender) or _mail_from(common["origin"])
        media_origin = reader.take("PALIER_MEDIA_ORIGIN", spellings.origin) or ""
        if media_origin and not _is_apart(media_origin, common["origin"]):
            reader.complain("PALIER_MEDIA_ORIGIN")
        reader.finish()
        return cls(
            **common,
            home_database_url=home_url,
            home_broker_url=home_broker,
            secret_key_file=key_file,
            smtp_url=smtp_url,
            mail_from=mail_from,
            live_screens=40 if live_screens is None else live_screens,
            media_origin=media_origin,
        )

    @property
    def media_authority(self) -> str:
        """Host and port of the origin of pictures from other towns; empty where it is that of the pages."""
        return urlsplit(self.media_origin).netloc

    @property
    def home_data(self) -> Path:
        """The folder of the home side."""
        return self.data / "home"

    def for_federation(self) -> SideSettings:
        """The same settings as the door and the courier may see them."""
        return SideSettings(**{field: getattr(self, field) for field in _Common.__dataclass_fields__})


class _CommonFields(TypedDict):
    origin: str
    name: str
    data: Path
    federation_database_url: str
    federation_broker_url: str
    development: bool
    bind: str
    trusted_proxies: int
    default_locale: str
    source_url: str
    contact_email: str
    log_level: str
    threads: int


class _Reader:
    """Takes settings out of an environment and gathers what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._known = {setting.name: setting for setting in TABLE}
        self._problems: list[BadSetting] = []
        for name in sorted(environ):
            if name.startswith(PREFIX) and name not in self._known:
                near = difflib.get_close_matches(name, self._known, n=1, cutoff=0.0)[0]
                self._problems.append(BadSetting(name, environ[name], f"to be a known setting; did you mean {near}?"))

    def take(self, name: str, parse: Callable[[str], T]) -> T | None:
        """The parsed value; None where nothing was given and the default is computed elsewhere."""
        setting = self._known[name]
        given = self._environ.get(name, "").strip()
        raw = given or setting.default
        if raw is None:
            self._problems.append(BadSetting(name, None, setting.wants))
            return None
        if raw == "":
            return None
        try:
            return parse(raw)
        except ValueError:
            self._problems.append(BadSetting(name, _masked(raw), setting.wants))
            return None

    def given(self, name: str) -> bool:
        """Whether the environment says anything under this name."""
        return bool(self._environ.get(name, "").strip())

    def complain(self, name: str) -> None:
        """Note that a value, fine by itself, does not go with the others."""
        self._problems.append(BadSetting(name, _masked(self._environ.get(name, "")), self._known[name].wants))

    def finish(self) -> None:
        """Raise everything that was gathered."""
        if self._problems:
            raise BadSettings(self._problems)


def _read_common(reader: _Reader) -> _CommonFields:
    origin = reader.take("PALIER_ORIGIN", spellings.origin) or ""
    development = reader.take("PALIER_DEVELOPMENT", spellings.flag) or False
    if origin.startswith("http://") and not development:
        reader.complain("PALIER_ORIGIN")
    data = reader.take("PALIER_DATA", spellings.path) or Path("var").absolute()
    bind = reader.take("PALIER_BIND", spellings.bind) or "127.0.0.1:8000"
    if development and not reader.given("PALIER_BIND"):
        bind = _bind_of(origin) or bind
    return _CommonFields(
        origin=origin,
        name=reader.take("PALIER_NAME", spellings.name) or urlsplit(origin).hostname or "",
        data=data,
        federation_database_url=(
            reader.take("PALIER_FEDERATION_DATABASE_URL", spellings.database) or _sqlite_file(data / "federation")
        ),
        federation_broker_url=reader.take("PALIER_FEDERATION_BROKER_URL", spellings.broker) or BUNDLED,
        development=development,
        bind=bind,
        trusted_proxies=reader.take("PALIER_TRUSTED_PROXIES", spellings.between(0, 5)) or 0,
        default_locale=reader.take("PALIER_DEFAULT_LOCALE", spellings.one_of("fr", "en")) or "fr",
        source_url=reader.take("PALIER_SOURCE_URL", spellings.web_address) or "",
        contact_email=reader.take("PALIER_CONTACT_EMAIL", spellings.email) or "",
        log_level=reader.take("PALIER_LOG_LEVEL", spellings.one_of("DEBUG", "INFO", "WARNING", "ERROR")) or "INFO",
        threads=reader.take("PALIER_THREADS", spellings.between(2, 256)) or 32,
    )


def _is_apart(media: str, origin: str) -> bool:
    """Whether two addresses are two origins and two hosts, because cookies know no ports, reached in the same way."""
    one, other = urlsplit(media), urlsplit(origin)
    return one.hostname != other.hostname and one.scheme == other.scheme


def _bind_of(origin: str) -> str | None:
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if not host or parts.scheme == "https":
        return None
    # A browser resolves *.localhost by itself; the system does not.
    address = "127.0.0.1" if host == "localhost" or host.endswith(".localhost") else host
    return f"[{address}]:{parts.port or 80}" if ":" in address else f"{address}:{parts.port or 80}"


def _sqlite_file(folder: Path) -> str:
    return f"sqlite:///{folder / 'store.sqlite'}"


def _mail_from(origin: str) -> str:
    host = urlsplit(origin).hostname or "localhost"
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        return f"palier@{host}"
    # An address literal, RFC 5321, 4.1.3.
    return f"palier@[IPv6:{literal}]" if literal.version == 6 else f"palier@[{literal}]"


def _masked(raw: str) -> str:
    # An error message ends in logs and screenshots: never with a password. It may itself hold @, : and /.
    head, at, host = raw.rpartition("@")
    scheme, separator, credentials = head.partition("://")
    user, colon, _ = credentials.partition(":")
    return f"{scheme}://{user}:…@{host}" if at and separator and colon else raw
