"""`palier init`: everything an instance needs before its first start; saying it again changes nothing."""

import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, assert_never

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.vocabulary import ActorKind
from federation import identity
from instance import cities, places, residents
from instance.base import Refused
from instance.residents import Resident, Role
from web import migrating, secret, stores, tongue
from web.commands import questions
from web.commands.questions import Marseille, Town
from web.frame import offstage
from web.settings import BadSetting, Settings
from web.terminal import language, printing, spoken
from web.terminal.errors import Refusal
from web.terminal.language import say, say_later
from web.terminal.printing import Values
from web.terminal.spoken import Command, Option
from web.tongue import Tongue

# How other towns see the desk that writes for residents: not as the town or the committee itself.
DESKS = {"fr": "Bourse d’entraide, {place}", "en": "Exchange desk, {place}"}
# And what it says of itself there, where an account without a word looks like a robot.
ABOUT_DESKS = {
    "fr": "Transmet les offres et les demandes que des habitants ont choisi d’ouvrir à d’autres quartiers. "
    "Pour répondre à l’une d’elles : un message privé en réponse.",
    "en": "Passes on offers and requests that residents chose to open to other quarters. "
    "To answer one, reply to it with a private message.",
}
T = TypeVar("T")
_IS_ADMINISTRATOR = Resident.role == Role.ADMINISTRATOR.value


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
    "--city",
    cls=Option,
    help=say_later("Add another city; with --insee and at least one --quarter. What is there already stays."),
)
@click.option("--insee", cls=Option, help=say_later("The INSEE code of --city: five characters, for example 2A004."))
@click.option(
    "--quarter",
    cls=Option,
    multiple=True,
    help=say_later('A quarter of --city with its postcode: "La Blancarde 13004". Repeatable.'),
)
@click.option(
    "--quiet", cls=Option, is_flag=True, help=say_later("Ask nothing and say nothing unless something is wrong.")
)
@spoken.as_json
def command(
    admin_login: str | None,
    admin_password_file: Path | None,
    *,
    marseille: bool,
    city: str | None,
    insee: str | None,
    quarter: Sequence[str],
    quiet: bool,
    as_json: bool,
) -> None:
    """Make folders, keys, tables, the instance's own actors and a first administrator; on a terminal, ask."""
    quiet = quiet or as_json  # a script is asked nothing, and told once, at the end
    asking = sys.stdin.isatty() and not quiet
    words = tongue.of(language.locale())
    town = _told_town(city, insee=insee, quarters=quarter)
    with offstage.speaking(words.locale):
        told = questions.settings(os.environ, words=words) if asking else {}
        settings = Settings.read(os.environ | told)
        prepare(settings, now=datetime.now(UTC))
        if not quiet:
            click.echo(
                words.say(
                    "Stores, keys and actors of %(origin)s are ready in %(folder)s.",
                    origin=settings.origin,
                    folder=settings.data,
                )
            )
        login = _first_administrator(
            settings, login=admin_login, file=admin_password_file, words=words, asking=asking, quiet=quiet
        )
        for wish in (Marseille() if marseille else None, town):
            _add_town(settings, wish=wish, words=words, quiet=quiet)
        if as_json:
            click.echo(printing.encode(_values(settings)))
        if asking:
            _ask_town(settings, words=words)
            questions.farewell(told=told, origin=settings.origin, login=login, words=words)


def _values(settings: Settings) -> Values:
    """What is there now, whether this command made it or an earlier one."""

    def look(session: Session) -> Values:
        administrators = session.scalars(select(Resident.login).where(_IS_ADMINISTRATOR).order_by(Resident.login))
        towns = [(one, len(cities.quarters_of(session, city=one))) for one in cities.cities(session)]
        return {
            "origin": settings.origin,
            "folder": str(settings.data.absolute()),
            "administrators": list(administrators),
            "cities": [{"name": one.name, "insee": one.insee, "quarters": count} for one, count in towns],
        }

    return _at_home(settings, look)


def prepare(settings: Settings, *, now: datetime) -> None:
    """Folders, secret, tables and actors."""
    for folder in (settings.home_data, settings.federation_data):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            sentence = say("PALIER_DATA: {folder} cannot be made: {why}").format(folder=folder, why=error.strerror)
            raise Refusal("unwritable", sentence=sentence) from None
    secret.ensure(settings.secret_key_file)
    migrating.upgrade({stores.HOME: settings.home_database_url, stores.FEDERATION: settings.federation_database_url})
    store = stores.open_store(settings.federation_database_url)
    with store.write() as session:
        _keep_origin(session, settings=settings)
        language = settings.default_locale
        desk = (DESKS[language].format(place=settings.name), ABOUT_DESKS[language])
        said = {
            (identity.APPLICATION, ActorKind.APPLICATION): (settings.name, ""),
            (identity.DESK, ActorKind.SERVICE): desk,
        }
        for (username, kind), (name, about) in said.items():
            identity.ensure(
                session, username=username, kind=kind, name=name, summary=about, origin=settings.origin, now=now
            )
        session.commit()
    store.close()


def _keep_origin(session: Session, *, settings: Settings) -> None:
    """An address is part of everything an instance ever published, and of its keys: it cannot be changed."""
    known = identity.find(session, identity.APPLICATION)
    if known is not None and identity.origin_of(known) != settings.origin:
        raise BadSetting("PALIER_ORIGIN", settings.origin, f"{identity.origin_of(known)}, the origin of these stores")


def _at_home(settings: Settings, act: Callable[[Session], T]) -> T:
    """Do something in the home store, wholly or not at all."""
    store = stores.open_store(settings.home_database_url)
    try:
        with store.write.begin() as session:
            return act(session)
    finally:
        store.close()


# --- where the place is


def _told_town(city: str | None, *, insee: str | None, quarters: Sequence[str]) -> Town | None:
    """The town of the options. Nothing is made before they are understood."""
    if city is None:
        if insee or quarters:
            msg = "--insee and --quarter belong to --city"
            raise click.UsageError(msg)
        return None
    if not insee or not quarters:
        msg = "--city needs --insee and at least one --quarter"
        raise click.UsageError(msg)
    with offstage.speaking(language.locale()):
        try:
            return Town(
                name=places.tidy_name(city),
                insee=cities.read_insee(insee),
                quarters=cities.read_quarters("\n".join(quarters)),
            )
        except Refused as refused:
            raise click.UsageError(questions.sentence(refused)) from None


def _add_town(settings: Settings, *, wish: Town | Marseille | None, words: Tongue, quiet: bool) -> None:
    match wish:
        case None:
            return
        case Marseille():
            known = _at_home(settings, lambda session: len(places.load_marseille(session, now=datetime.now(UTC))))
            name = "Marseille"
        case Town():
            known = _at_home(settings, lambda session: _enter(session, town=wish))
            name = wish.name
        case _:
            assert_never(wish)
    if quiet:
        return
    click.echo(
        words.ngettext(
            "%(city)s has one quarter here; an administrator opens those that others may follow.",
            "%(city)s has %(num)d quarters here; an administrator opens those that others may follow.",
            known,
            city=name,
        )
    )


def _enter(session: Session, *, town: Town) -> int:
    now = datetime.now(UTC)
    city = places.add_city(session, name=town.name, insee=town.insee, now=now)
    for one in town.quarters:
        places.add_quarter(session, city=city, name=one.name, postcode=one.postcode, district=None, now=now)
    return len(cities.quarters_of(session, city=city))


def _ask_town(settings: Settings, *, words: Tongue) -> None:
    if _at_home(settings, cities.count_quarters) == 0:
        wish = questions.town(shipped=len(places.shipped_quarters()), words=words)
        _add_town(settings, wish=wish, words=words, quiet=False)


# --- who runs it


def _first_administrator(
    settings: Settings, *, login: str | None, file: Path | None, words: Tongue, asking: bool, quiet: bool
) -> str | None:
    """Whom the options or the answers name; None where nobody had to be added."""
    if login:
        password = _password(file)
        said = _appoint(settings, login=login, password=password, words=words)
        if not quiet:
            click.echo(said)
        return login
    if quiet or _at_home(settings, _has_administrator):
        return None
    if not asking:
        click.echo(
            words.say(
                "There is no administrator yet: %(command)s",
                command="palier init --admin-login NAME --admin-password-file FILE",
            )
        )
        return None
    named = questions.administrator(
        lambda name, password: _register(settings, login=name, password=password), words=words
    )
    click.echo(words.say("%(login)s is administrator.", login=named))
    return named


def _has_administrator(session: Session) -> bool:
    return session.scalar(select(Resident.id).where(_IS_ADMINISTRATOR).limit(1)) is not None


def _password(file: Path | None) -> str:
    if file is None:
        msg = say("--admin-login needs --admin-password-file (a password on the command line is seen by everybody)")
        raise click.UsageError(msg)
    return file.read_text(encoding="utf-8").partition("\n")[0]


def _appoint(settings: Settings, *, login: str, password: str, words: Tongue) -> str:
    """Make somebody an administrator; the sentence on what came of it."""
    try:
        _register(settings, login=login, password=password)
    except Refused as refusal:
        if refusal.code == "login_taken":
            return words.say("The login %(login)s exists already; nothing was changed.", login=login)
        sentence = words.say("The administrator was refused: %(why)s", why=words.say(questions.sentence(refusal)))
        raise Refusal(refusal.code, sentence=sentence, field=refusal.field) from None
    return words.say("%(login)s is administrator.", login=login)


def _register(settings: Settings, *, login: str, password: str) -> None:
    """Raises Refused as `residents.register`."""
    _at_home(
        settings,
        lambda session: residents.register(
            session,
            login=login,
            first_name=login.strip() or settings.name[:60],
            last_name=settings.name[:60],
            password=password,
            email=None,
            locale=settings.default_locale,
            now=datetime.now(UTC),
            role=Role.ADMINISTRATOR,
        ),
    )
