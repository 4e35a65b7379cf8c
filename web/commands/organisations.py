"""`palier organisations`: organisations that publish."""

import click
from flask_babel import gettext

from instance import organisations
from instance.organisations import Kind, Organisation
from instance.places import Building, Quarter
from web.pages.profiles import KINDS
from web.terminal import kinds, options
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument, option
from web.terminal.printing import Coded, One, Rows, Values

command = Noun("organisations", help=say_later("Organisations that publish."))
COLUMNS = ("slug", "name", "kind", "quarter", "verified")


def _values(organisation: Organisation) -> Values:
    kind = Kind(organisation.kind)
    return {
        "slug": organisation.slug,
        "name": organisation.name,
        "kind": Coded(code=kind.value, word=str(KINDS[kind])),
        "quarter": organisation.quarter.slug if organisation.quarter else None,
        "verified": organisation.verified_at is not None,
        "summary": organisation.summary,
    }


def _whole(desk: Desk, organisation: Organisation) -> Values:
    answered = organisations.answered(desk.home, organisation=organisation)
    return {
        **_values(organisation),
        "handle": f"@{organisation.slug}@{desk.settings.authority}",
        "members": sorted(one.resident.login for one in organisation.members),
        "buildings": [{"id": one.public_id, "name": one.name, "street": one.street} for one in answered],
    }


@command.command("list", help=say_later("All organisations, by name."))
def _list(desk: Desk) -> Rows:
    rows = [_values(one) for one in organisations.every(desk.home)]
    return Rows(name="organisations", rows=rows, columns=COLUMNS)


@command.command("show", help=say_later("One organisation: its profile, its members, its buildings."))
@options.organisation
def _show(desk: Desk, *, organisation: Organisation) -> One:
    return One(values=_whole(desk, organisation))


@command.command(
    "found", help=say_later("Enter an organisation; its public profile can be found outside."), writes=True
)
@argument("name", say_later("Its name."), type=kinds.LINE)
@option("--kind", type=click.Choice([one.value for one in Kind]), required=True, help=say_later("What it is."))
@option("--summary", type=kinds.LINE, required=True, help=say_later("What it does, in a few words."))
@option("--slug", type=kinds.LINE, help=say_later("Its short name; made from the name if not given."))
@option("--quarter", type=kinds.QUARTER, help=say_later("Where it works; without it, the whole town."))
@option("--verified", is_flag=True, help=say_later("We know that it is who it says it is."))
def _found(
    desk: Desk, *, name: str, kind: str, summary: str, slug: str | None, quarter: Quarter | None, verified: bool
) -> One:
    founded = organisations.found(
        desk.home,
        name=name,
        kind=Kind(kind),
        summary=summary,
        slug=slug,
        quarter=quarter,
        verified=verified,
        now=desk.now,
    )
    values = _whole(desk, founded)
    desk.commit()
    return One(values=values, sentence=gettext("%(name)s is entered. Say who writes in its name.", name=founded.name))


@command.command("describe", help=say_later("Change its public name or summary."), writes=True)
@options.organisation
@option("--name", type=kinds.LINE, help=say_later("Its name."))
@option("--summary", type=kinds.LINE, help=say_later("What it does, in a few words."))
def _describe(desk: Desk, *, organisation: Organisation, name: str | None, summary: str | None) -> One:
    if name is None and summary is None:
        raise click.UsageError(gettext("Say --name, --summary or both."))
    organisations.describe(
        desk.home,
        organisation=organisation,
        name=organisation.name if name is None else name,
        summary=organisation.summary if summary is None else summary,
        now=desk.now,
    )
    values = _whole(desk, organisation)
    desk.commit()
    return One(values=values, sentence=gettext("Kept."))


@command.command("answer-for", help=say_later("Let it write on a building's board and first pane."), writes=True)
@options.organisation
@options.building
def _answer_for(desk: Desk, *, organisation: Organisation, building: Building) -> One:
    organisations.answer_for(desk.home, building=building, organisation=organisation)
    values = _whole(desk, organisation)
    desk.commit()
    sentence = gettext("%(name)s answers for %(building)s.", name=organisation.name, building=building.name)
    return One(values=values, sentence=sentence)
