"""`palier accounts`: accounts by login name, and what they may do. Names and addresses are not shown."""

import sys

import click
from flask_babel import gettext

from instance import moderation, recovery, residents, roles, suspensions
from instance.decisions import Rule
from instance.places import Quarter
from instance.residents import Resident, Role, State
from web.acts import deciding, farewells
from web.frame.locale import LOCALES
from web.mail import links
from web.pages.admin_accounts import ROLES, STATES
from web.terminal import kinds, options
from web.terminal.desk import Desk, administrator
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument, option
from web.terminal.printing import Coded, One, Rows, Values

command = Noun("accounts", help=say_later("Accounts, by login name, and what they may do."))
COLUMNS = ("login", "role", "state", "since")


def _values(resident: Resident) -> Values:
    role, state = Role(resident.role), State(resident.state)
    return {
        "id": resident.public_id,
        "login": resident.login,
        "role": Coded(code=role.value, word=str(ROLES[role])),
        "state": Coded(code=state.value, word=str(STATES[state])),
        "since": resident.created_at,
    }


@command.command("list", help=say_later("Accounts by login name; names and addresses are not shown."))
@options.limit
@options.after(kinds.LINE)
def _list(desk: Desk, *, limit: int, after: str | None) -> Rows:
    found = roles.accounts(desk.home, after=after or "", limit=limit + 1)
    shown, further = options.cut(found, limit=limit, key=lambda one: one.login)
    return Rows(name="accounts", rows=[_values(one) for one in shown], columns=COLUMNS, after=further)


@command.command("show", help=say_later("One account."))
@options.account
def _show(_desk: Desk, *, account: Resident) -> One:
    return One(values=_values(account))


@command.command(
    "add",
    help=say_later("Add an account without a home, for somebody of the staff; the role comes with `accounts role`."),
    writes=True,
)
@argument("login", say_later("The login name."), type=kinds.LINE)
@option("--first-name", type=kinds.LINE, required=True, help=say_later("First name."))
@option("--last-name", type=kinds.LINE, required=True, help=say_later("Last name."))
@option("--email", type=kinds.LINE, help=say_later("E-mail address; nobody needs one."))
@option("--locale", type=click.Choice(list(LOCALES)), help=say_later("The language; without it, the town's."))
@option(
    "--password-file",
    type=kinds.WORDS,
    help=say_later("A file whose first line is the password, or - for standard input; without it, it is asked for."),
)
def _add(
    desk: Desk,
    *,
    login: str,
    first_name: str,
    last_name: str,
    email: str | None,
    locale: str | None,
    password_file: str | None,
) -> One:
    made = residents.register(
        desk.home,
        login=login,
        first_name=first_name,
        last_name=last_name,
        password=_password(password_file),
        email=email,
        locale=locale or desk.settings.default_locale,
        now=desk.now,
    )
    desk.commit()
    return One(values=_values(made), sentence=gettext("The account %(login)s can be used now.", login=made.login))


def _password(given: str | None) -> str:
    if given is not None:
        return given.partition("\n")[0].rstrip("\r")
    if not sys.stdin.isatty():
        raise click.UsageError(gettext("Say --password-file: on the command line everybody would see a password."))
    asked: str = click.prompt(gettext("Password"), hide_input=True, confirmation_prompt=True, err=True)
    return asked


@command.command("role", help=say_later("Say what somebody may do here."), writes=True)
@options.account
@argument("role", say_later("What they may act as."), type=click.Choice([one.value for one in Role]))
@option(
    "--quarter", type=kinds.QUARTER, help=say_later("The quarter a moderator looks after; without it, the whole town.")
)
@options.acting()
def _role(desk: Desk, *, account: Resident, role: str, quarter: Quarter | None, acting: Resident) -> One:
    roles.give(desk.home, resident=account, role=Role(role), quarter=quarter, by=acting)
    desk.commit()
    sentence = gettext("%(login)s may act as: %(role)s.", login=account.login, role=str(ROLES[Role(role)]))
    return One(values=_values(account), sentence=sentence)


@command.command(
    "suspend", help=say_later("Lock an account: signed out everywhere at once, its notices hidden."), writes=True
)
@options.account
@options.acting()
@options.reason
@options.rule
@options.days
def _suspend(desk: Desk, *, account: Resident, acting: Resident, reason: str, rule: str, days: int | None) -> One:
    suspensions.suspend(
        desk.home,
        resident=account,
        reason=reason,
        rule=Rule(rule),
        until=deciding.until(days, now=desk.now),
        by=administrator(acting),
        now=desk.now,
    )
    desk.commit()
    return One(values=_values(account), sentence=gettext("The account %(login)s is suspended.", login=account.login))


@command.command(
    "reinstate",
    help=say_later("Give an account back; its notices stay hidden until each is hung again."),
    writes=True,
)
@options.account
@options.acting()
@options.reason
def _reinstate(desk: Desk, *, account: Resident, acting: Resident, reason: str) -> One:
    suspensions.reinstate(desk.home, resident=account, reason=reason, by=acting, now=desk.now)
    desk.commit()
    sentence = gettext("The account %(login)s can be used again.", login=account.login)
    return One(values=_values(account), sentence=sentence)


@command.command(
    "card",
    help=say_later("A recovery card for whoever stands before you: its code is printed now and never again."),
    writes=True,
)
@options.account
@options.acting()
@options.reason
def _card(desk: Desk, *, account: Resident, acting: Resident, reason: str) -> One:
    code = recovery.issue_for(
        desk.home,
        resident=account,
        by=administrator(acting),
        reason=reason,
        pepper=links.card_pepper(desk.settings),
        now=desk.now,
    )
    desk.commit()
    days = recovery.STAFF_CARD_FOR.days
    return One(values={**_values(account), "code": code, "days": days}, sentence=code)


@command.command(
    "unlock",
    help=say_later("Take away the second step and the passkeys of somebody who lost their means."),
    writes=True,
)
@options.account
@options.acting()
@options.reason
def _unlock(desk: Desk, *, account: Resident, acting: Resident, reason: str) -> One:
    by = administrator(acting)
    moderation.take_away_second_step(desk.home, resident=account, reason=reason, by=by, now=desk.now)
    desk.commit()
    sentence = gettext("%(login)s signs in with the password alone again.", login=account.login)
    return One(values=_values(account), sentence=sentence)


@command.command(
    "take-back",
    help=say_later("Take back everything somebody let go beyond the town, and stop their letters on the way."),
    writes=True,
)
@options.account
@options.acting()
@options.reason
def _take_back(desk: Desk, *, account: Resident, acting: Resident, reason: str) -> One:
    by = administrator(acting)
    done = farewells.take_back_for(desk.home, outside=desk.outside, author=account, reason=reason, by=by, now=desk.now)
    desk.commit()
    sentence = gettext(
        "Notices taken down: %(notices)d. Letters stopped: %(letters)d.", notices=done.notices, letters=done.letters
    )
    return One(values={"notices": done.notices, "letters": done.letters}, sentence=sentence)
