"""Looks an instance over: every check says what it found and, where something is wrong, the way out."""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from web import revisions, secret, stores
from web.mail import relay
from web.mail.relay import Unreachable
from web.processes import brokers, roles
from web.settings import BUNDLED, BadSetting, Settings

LEAST_FREE_BYTES = 500 * 1024 * 1024
MOST_SKEW_SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The outcome of one check."""

    check: str
    well: bool
    said: str
    way_out: str = ""


Check = Callable[[Settings], Finding]


def examine(settings: Settings) -> Iterable[Finding]:
    """Every check in turn; none of them raises."""
    for name, check in CHECKS.items():
        try:
            yield check(settings)
        except (SQLAlchemyError, OSError, ValueError) as error:
            yield Finding(check=name, well=False, said=str(error).splitlines()[0], way_out="see the error above")


def _origin(settings: Settings) -> Finding:
    if settings.development:
        return Finding(check="origin", well=True, said=f"{settings.origin}, in development mode: not for production")
    return Finding(check="origin", well=True, said=settings.origin)


def _secret(settings: Settings) -> Finding:
    file = settings.secret_key_file
    try:
        secret.read(file)
    except BadSetting as error:
        return Finding(check="secret key", well=False, said=str(error), way_out="run `palier init`")
    if file.stat().st_mode & 0o077:
        return Finding(
            check="secret key", well=False, said=f"{file} can be read by others", way_out=f"chmod 600 {file}"
        )
    return Finding(check="secret key", well=True, said=str(file))


def _store(side: str) -> Check:
    def check(settings: Settings) -> Finding:
        name = f"{side} store"
        url = _url(settings, side)
        file = make_url(url).database or ""
        if url.startswith("sqlite") and not Path(file).exists():
            return Finding(check=name, well=False, said=f"{file} is not there", way_out="run `palier init`")
        store = stores.open_store(url)
        try:
            at, newest = revisions.current(store), revisions.head(side)
        except SQLAlchemyError as error:
            said = str(getattr(error, "orig", error)).strip().splitlines()[0]
            variable = f"PALIER_{side.upper()}_DATABASE_URL"
            return Finding(check=name, well=False, said=said, way_out=f"check {variable} and its server")
        finally:
            store.close()
        if at != newest:
            said = f"is at revision {at or 'none'}, this version wants {newest}"
            return Finding(check=name, well=False, said=said, way_out="run `palier init`")
        return Finding(check=name, well=True, said=f"{make_url(url).get_backend_name()}, revision {at}")

    return check


def _wall(settings: Settings) -> Finding:
    """The federation side must not be able to open the home store."""
    home, federation = make_url(settings.home_database_url), make_url(settings.federation_database_url)
    if home.get_backend_name() == "sqlite":
        return _wall_of_files(Path(home.database or ""))
    if home.username == federation.username:
        return Finding(
            check="wall",
            well=False,
            said="both stores are opened with the same database role",
            way_out="give the federation store a role of its own",
        )
    intruder = home.set(username=federation.username, password=federation.password)
    store = stores.open_store(intruder.render_as_string(hide_password=False))
    try:
        with store.read() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return Finding(check="wall", well=True, said="the federation side's role cannot connect to the home store")
    finally:
        store.close()
    return Finding(
        check="wall",
        well=False,
        said="the federation side's role can connect to the home store",
        way_out=f"REVOKE CONNECT ON DATABASE {home.database} FROM PUBLIC",
    )


def _wall_of_files(home: Path) -> Finding:
    folder = home.parent
    if folder.exists() and folder.stat().st_mode & 0o077:
        return Finding(
            check="wall", well=False, said=f"{folder} is open to other accounts", way_out=f"chmod 700 {folder}"
        )
    return Finding(check="wall", well=True, said="the home store's folder is closed to other accounts")


def _broker(side: str) -> Check:
    def check(settings: Settings) -> Finding:
        name = f"{side} broker"
        setting, folder = _broker_setting(settings, side)
        if brokers.answers(brokers.address(setting, folder=folder)):
            return Finding(check=name, well=True, said="answers")
        if setting == BUNDLED:
            brokers.command(folder)
            return Finding(check=name, well=True, said="bundled; starts with `palier serve`")
        way_out = f"start it or check PALIER_{side.upper()}_BROKER_URL"
        return Finding(check=name, well=False, said="does not answer", way_out=way_out)

    return check


def _disk(settings: Settings) -> Finding:
    folder = next(place for place in (settings.data, *settings.data.parents) if place.exists())
    free = shutil.disk_usage(folder).free
    said = f"{free // 1024**2} MiB free in {folder}"
    if not os.access(folder, os.W_OK):
        return Finding(check="disk", well=False, said=f"{folder} is not writable", way_out="check its owner")
    return Finding(check="disk", well=free > LEAST_FREE_BYTES, said=said, way_out="make room, or move PALIER_DATA")


def _clock(settings: Settings) -> Finding:
    """Other instances refuse letters whose date is an hour off."""
    now = datetime.now(UTC)
    if not settings.home_database_url.startswith("postgresql"):
        return Finding(check="clock", well=now.year >= 2026, said=f"{now:%Y-%m-%d %H:%M:%S} UTC", way_out="set it")
    store = stores.open_store(settings.home_database_url)
    with store.read() as session:
        theirs: datetime | None = session.scalar(text("SELECT clock_timestamp()"))
    store.close()
    skew = abs((now - theirs).total_seconds()) if theirs else 0.0
    said = f"{skew:.0f} s apart from the database server"
    return Finding(check="clock", well=skew < MOST_SKEW_SECONDS, said=said, way_out="run a time service on both")


def _port(settings: Settings) -> Finding:
    """A port in use is fine when it is ours: one cannot tell from here, so it is only said."""
    if roles.busy(settings.bind):
        return Finding(check="address", well=True, said=f"{settings.bind} is in use (by this instance, if it runs)")
    return Finding(check="address", well=True, said=f"{settings.bind} is free")


def _mail(settings: Settings) -> Finding:
    """The relay must answer, be who it says it is, and let us in; no mail is sent to find out."""
    found = relay.of(settings)
    if found is None:
        return Finding(check="mail relay", well=True, said="none: no mail is sent, recovery is by printed cards")
    try:
        with relay.connect(found):
            said = f"{found.name} lets us in ({found.security})"
    except Unreachable as error:
        return Finding(check="mail relay", well=False, said=f"{found.name}: {error.said}", way_out=error.way_out)
    return Finding(check="mail relay", well=True, said=f"{said}; `palier mail test ADDRESS` sends one")


def _url(settings: Settings, side: str) -> str:
    return settings.home_database_url if side == stores.HOME else settings.federation_database_url


def _broker_setting(settings: Settings, side: str) -> tuple[str, Path]:
    if side == stores.HOME:
        return settings.home_broker_url, settings.home_data
    return settings.federation_broker_url, settings.federation_data


CHECKS: dict[str, Check] = {
    "origin": _origin,
    "secret key": _secret,
    "home store": _store(stores.HOME),
    "federation store": _store(stores.FEDERATION),
    "wall": _wall,
    "home broker": _broker(stores.HOME),
    "federation broker": _broker(stores.FEDERATION),
    "mail relay": _mail,
    "disk": _disk,
    "clock": _clock,
    "address": _port,
}
