"""What can be typed after a command, and how it is found: quarters, buildings, accounts, moments, audiences."""

import difflib
import re
import sys
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import cities, organisations, places, residents, streets
from instance.audience import Audience
from instance.base import Refused
from instance.organisations import Organisation
from instance.places import Building, City, Quarter
from instance.residents import Resident
from instance.streets import Address
from web.pages import refusals
from web.terminal.desk import Desk, able
from web.terminal.errors import Refusal
from web.terminal.language import say, say_later

NEAR: Final = 3
MANY: Final = 5_000
# Above this, what is typed at the end of a pipe is no text of a notice.
LARGEST_TEXT: Final = 1024 * 1024

T = TypeVar("T")


class Found(click.ParamType[T], Generic[T]):
    """Something of the home store, found while the command line is read; unknown is refused with what is near."""

    def __init__(
        self, name: str, *, find: Callable[[Session, str], T], known: Callable[[Session], Iterable[str]]
    ) -> None:
        self.name = name
        self._find = find
        self._known = known

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The row of what was typed. Raises Refusal with what could have been meant."""
        desk = ctx.find_object(Desk) if ctx is not None else None
        if not isinstance(value, str) or desk is None:
            return value
        try:
            return self._find(desk.home, value.strip())
        except Refused as refused:
            raise Refusal(
                refused.code,
                sentence=f"{value}: {refusals.sentence(refused.code)}",
                field=param.name if param is not None else None,
                hints=near(value, self._known(desk.home)),
            ) from None

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:  # noqa: ARG002
        """What begins like this, for the shell's completion."""
        desk = ctx.find_object(Desk)
        if desk is None:
            with Desk() as desk:
                return self._beginning(desk, incomplete)
        return self._beginning(desk, incomplete)

    def _beginning(self, desk: Desk, incomplete: str) -> list[Any]:
        return [
            click.shell_completion.CompletionItem(one) for one in self._known(desk.home) if one.startswith(incomplete)
        ]


def near(typed: str, known: Iterable[str]) -> tuple[str, ...]:
    """What could have been meant: names that are nearly, or contain, what was typed."""
    names = list(known)
    wish = places.slug_of(typed)
    inside = [one for one in names if wish and wish in places.slug_of(one)]
    # Comparing letter by letter takes seconds on all the buildings of a city.
    close = difflib.get_close_matches(typed.casefold(), names, n=NEAR) if len(names) <= MANY else []
    return tuple(dict.fromkeys([*close, *inside]))[:NEAR]


# --- places


def _quarter(session: Session, typed: str) -> Quarter:
    try:
        return places.quarter(session, slug=typed.lower())
    except Refused:
        wish = typed.casefold()
        named = [one for one in places.quarters(session) if one.name.casefold() == wish]
        if len(named) != 1:
            raise
        return named[0]


def _quarters(session: Session) -> Iterable[str]:
    return session.scalars(select(Quarter.slug).order_by(Quarter.slug))


def _city(session: Session, typed: str) -> City:
    for one in cities.cities(session):
        if typed.casefold() in {one.insee.casefold(), one.name.casefold()}:
            return one
    raise Refused("not_found")


def _cities(session: Session) -> Iterable[str]:
    return [one.insee for one in cities.cities(session)]


def _building(session: Session, typed: str) -> Building:
    try:
        return places.building(session, public_id=uuid.UUID(typed))
    except ValueError:
        return places.building_called(session, name=typed)


def _buildings(session: Session) -> Iterable[str]:
    return [f"{name}, {street}" for name, street in session.execute(select(Building.name, Building.street))]


def _address(session: Session, typed: str) -> Address:
    return streets.address(session, id=typed)


def _no_addresses(_: Session) -> Iterable[str]:
    # A city has hundreds of thousands: nobody completes an id, people search.
    return ()


ADDRESS: Final = Found("address", find=_address, known=_no_addresses)
QUARTER: Final = Found("quarter", find=_quarter, known=_quarters)
CITY: Final = Found("city", find=_city, known=_cities)
BUILDING: Final = Found("building", find=_building, known=_buildings)


# --- people and organisations


def _organisation(session: Session, typed: str) -> Organisation:
    return organisations.by_slug(session, slug=typed.lower())


def _organisations(session: Session) -> Iterable[str]:
    return session.scalars(select(Organisation.slug).order_by(Organisation.slug))


def _account(session: Session, typed: str) -> Resident:
    return residents.by_login(session, login=typed)


def _actor(session: Session, typed: str) -> Resident:
    return able(residents.by_login(session, login=typed))


def _logins(session: Session) -> Iterable[str]:
    return session.scalars(select(Resident.login).order_by(Resident.login))


ORGANISATION: Final = Found("organisation", find=_organisation, known=_organisations)
ACCOUNT: Final = Found("login", find=_account, known=_logins)
ACTING: Final = Found("login", find=_actor, known=_logins)


# --- plain values


class Audiences(click.ParamType[Audience]):
    """How far a notice reaches; nothing has a default audience."""

    name = "audience"
    words: Final = tuple(one.word for one in Audience)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002  # click's signature
        """The four words, narrowest first."""
        return f"[{'|'.join(self.words)}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The audience of a word."""
        if isinstance(value, Audience):
            return value
        try:
            return Audience.parse(value)
        except KeyError:
            meant = difflib.get_close_matches(str(value).lower(), self.words, n=1)
            hint = " " + say("Did you mean: {names}?").format(names=meant[0]) if meant else ""
            sentence = say("{value} is no audience. Choose one of: {words}.")
            self.fail(sentence.format(value=value, words=", ".join(self.words)) + hint, param, ctx)


class Shape(click.ParamType[str]):
    """A short text of a fixed shape."""

    def __init__(self, name: str, *, shape: str, sentence: str) -> None:
        self.name = name
        self._shape = re.compile(shape)
        self._sentence = sentence

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The text, if it has the shape."""
        text = str(value).strip().upper()
        if not self._shape.fullmatch(text):
            self.fail(f"{value}: {say(self._sentence)}", param, ctx)
        return text


class Words(click.ParamType[str]):
    """A text of several lines: from a file, or from standard input for `-`."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """What the file says."""
        try:
            raw = sys.stdin.buffer.read(LARGEST_TEXT + 1) if value == "-" else Path(value).read_bytes()
            text = raw.decode("utf-8-sig")
        except OSError as error:
            self.fail(say("{file} cannot be read: {why}").format(file=value, why=error.strerror or error), param, ctx)
        except UnicodeDecodeError:
            self.fail(say("{file} is not a text in UTF-8.").format(file=value), param, ctx)
        if "\0" in text or len(raw) > LARGEST_TEXT:
            self.fail(say("{file} is not a text in UTF-8.").format(file=value), param, ctx)
        return text


class Line(click.ParamType[str]):
    """A text on the command line that both stores can keep: no keyboard types a NUL."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The text. Bytes that are no UTF-8 reach us as lone surrogates, which nothing can store."""
        text = str(value)
        if "\0" in text or (not text.isascii() and any("\ud800" <= one <= "\udfff" for one in text)):
            self.fail(say("This is not a text in UTF-8."), param, ctx)
        return text


AUDIENCE: Final = Audiences()
INSEE: Final = Shape(
    "insee", shape=r"\d[\dAB]\d{3}", sentence=say_later("A city's INSEE code has five characters, for example 13055.")
)
POSTCODE: Final = Shape(
    "postcode", shape=r"\d{5}", sentence=say_later("A postcode has five digits, for example 13004.")
)
WORDS: Final = Words()
LINE: Final = Line()
