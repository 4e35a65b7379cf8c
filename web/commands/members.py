"""`palier members`: who writes in an organisation's name."""

from flask_babel import gettext

from instance import organisations
from instance.organisations import Organisation
from instance.residents import Resident
from web.terminal import options
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.printing import One, Rows, Values

command = Noun("members", help=say_later("Who writes in an organisation's name."))


def _values(organisation: Organisation, *, login: str) -> Values:
    return {"organisation": organisation.slug, "login": login}


@command.command("list", help=say_later("Who writes in its name, by login name."))
@options.organisation
def _list(_desk: Desk, *, organisation: Organisation) -> Rows:
    rows = [
        {"login": one.resident.login, "since": one.created_at}
        for one in sorted(organisation.members, key=lambda one: one.resident.login)
    ]
    return Rows(name="members", rows=rows, columns=("login", "since"))


@command.command("add", help=say_later("Let somebody write in its name."), writes=True)
@options.organisation
@options.account
def _add(desk: Desk, *, organisation: Organisation, account: Resident) -> One:
    organisations.add_member(desk.home, organisation=organisation, resident=account, now=desk.now)
    desk.commit()
    sentence = gettext("%(login)s writes for %(name)s.", login=account.login, name=organisation.name)
    return One(values=_values(organisation, login=account.login), sentence=sentence)


@command.command("remove", help=say_later("Take that right back; what was written stays."), writes=True)
@options.organisation
@options.account
def _remove(desk: Desk, *, organisation: Organisation, account: Resident) -> One:
    organisations.remove_member(desk.home, organisation=organisation, resident=account)
    desk.commit()
    sentence = gettext("%(login)s no longer writes for %(name)s.", login=account.login, name=organisation.name)
    return One(values=_values(organisation, login=account.login), sentence=sentence)
