"""`palier init`: everything an instance needs before its first start; saying it again changes nothing."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.vocabulary import ActorKind
from federation import identity
from instance import places, residents
from instance.base import Refused
from web import migrating, secret, stores
from web.pages import refusals
from web.settings import BadSetting, Settings
from web.terminal.language import say, say_later
from web.terminal.spoken import Command, Option

# How other towns see the desk that writes for residents: not as the town or the committee itself.
DESKS = {"fr": "Bourse d’entraide, {place}", "en": "Exchange desk, {place}"}


@click.command(
    cls=Command,
    help=say_later("Make folders, keys, tables, the instance's own actors and a first administrator."),
)
@click.option("--admin-login", cls=Option, help=say_later("The login of a first administrator."))
@click.option(
    "--admin-password-file",
    cls=Option,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=say_later("A file whose first line is the administrator's password."),
)
@click.option(
    "--marseille",
    cls=Option,
    is_flag=True,
    help=say_later("Add Marseille and its 111 quarters; those there already stay."),
)
@click.option(
    "--quiet", cls=Option, is_flag=True, help=say_later("Ask nothing and say nothing unless something is wrong.")
)
def command(admin_login: str | None, admin_password_file: Path | None, *, marseille: bool, quiet: bool) -> None:
    """Make folders, keys, tables, the instance's own actors and a first administrator."""
    settings = Settings.read(os.environ)
    prepare(settings, now=datetime.now(UTC))
    if marseille:
        _add_marseille(settings)
    if not quiet:
        ready = say("Stores, keys and actors of {origin} are ready in {folder}.")
        click.echo(ready.format(origin=settings.origin, folder=settings.data))
    if admin_login:
        _appoint(settings, login=admin_login, password=_password(admin_password_file))
    elif not quiet and not _has_administrator(settings):
        _ask(settings)


def prepare(settings: Settings, *, now: datetime) -> None:
    """Folders, secret, tables and actors."""
    for folder in (settings.home_data, settings.federation_data):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            msg = say("PALIER_DATA: {folder} cannot be made: {why}").format(folder=folder, why=error.strerror)
            raise click.ClickException(msg) from None
    secret.ensure(settings.secret_key_file)
    migrating.upgrade({stores.HOME: settings.home_database_url, stores.FEDERATION: settings.federation_database_url})
    store = stores.open_store(settings.federation_database_url)
    with store.write() as session:
        _keep_origin(session, settings=settings)
        names = {
            (identity.APPLICATION, ActorKind.APPLICATION): settings.name,
            (identity.DESK, ActorKind.SERVICE): DESKS[settings.default_locale].format(place=settings.name),
        }
        for (username, kind), name in names.items():
            identity.ensure(session, username=username, kind=kind, name=name, origin=settings.origin, now=now)
        session.commit()
    store.close()


def _add_marseille(settings: Settings) -> None:
    store = stores.open_store(settings.home_database_url)
    with store.write.begin() as session:
        known = places.load_marseille(session, now=datetime.now(UTC))
    store.close()
    added = say("Marseille has {count} quarters here; an administrator opens those that others may follow.")
    click.echo(added.format(count=len(known)))


def _keep_origin(session: Session, *, settings: Settings) -> None:
    """An address is part of everything an instance ever published, and of its keys: it cannot be changed."""
    known = identity.find(session, identity.APPLICATION)
    if known is not None and identity.origin_of(known) != settings.origin:
        raise BadSetting("PALIER_ORIGIN", settings.origin, f"{identity.origin_of(known)}, the origin of these stores")


def _has_administrator(settings: Settings) -> bool:
    store = stores.open_store(settings.home_database_url)
    with store.read() as session:
        wanted = select(residents.Resident.id).where(residents.Resident.role == residents.Role.ADMINISTRATOR.value)
        found = session.scalar(wanted.limit(1)) is not None
    store.close()
    return found


def _ask(settings: Settings) -> None:
    if not sys.stdin.isatty():
        missing = say("There is no administrator yet: {command}")
        click.echo(missing.format(command="palier init --admin-login NAME --admin-password-file FILE"))
        return
    login = click.prompt(say("Login of the first administrator"))
    password = click.prompt(say("Password"), hide_input=True, confirmation_prompt=True)
    _appoint(settings, login=login, password=password)


def _password(file: Path | None) -> str:
    if file is None:
        msg = say("--admin-login needs --admin-password-file (a password on the command line is seen by everybody)")
        raise click.UsageError(msg)
    return file.read_text(encoding="utf-8").partition("\n")[0]


def _appoint(settings: Settings, *, login: str, password: str) -> None:
    store = stores.open_store(settings.home_database_url)
    try:
        with store.write() as session:
            residents.register(
                session,
                login=login,
                first_name=login,
                last_name=settings.name[:60],
                password=password,
                email=None,
                locale=settings.default_locale,
                now=datetime.now(UTC),
                role=residents.Role.ADMINISTRATOR,
            )
            session.commit()
    except Refused as refusal:
        if refusal.code == "login_taken":
            click.echo(say("The login {login} exists already; nothing was changed.").format(login=login))
            return
        msg = say("The administrator was refused: {why}").format(why=say(refusals.sentence(refusal.code)))
        raise click.ClickException(msg) from None
    finally:
        store.close()
    click.echo(say("{login} is administrator.").format(login=login))
