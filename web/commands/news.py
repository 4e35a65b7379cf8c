"""`palier news`: news in an organisation's name, by an account that writes for it."""

import uuid
from typing import Any

import click

from instance import happenings, news, organisations
from instance.audience import Audience
from instance.news import NewsItem
from instance.organisations import Organisation
from instance.places import Building, Quarter
from instance.residents import Resident
from web.terminal import kinds, notices, options
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import option
from web.terminal.printing import One, Rows

command = Noun("news", help=say_later("News, in an organisation's name."))
COLUMNS = ("id", "title", "organisation", "audience", "place", "state", "since")


def _dated(function: options.Function) -> options.Function:
    """The options that say when and where what news announces takes place."""
    for name, text in (
        ("--place", say_later("Where it takes place.")),
        ("--ends", say_later("When it ends, for example 2027-06-05T23:00.")),
        ("--begins", say_later("When what it announces begins, for example 2027-06-05T10:00.")),
    ):
        function = option(name, type=kinds.LINE, help=text)(function)
    return function


@command.command(
    "list", help=say_later("What anybody may read; with --as, everything of the organisations the account writes for.")
)
@option("--organisation", type=kinds.ORGANISATION, help=say_later("Only news of this one."))
@options.acting(required=False)
@options.limit
@options.after(click.UUID)
def _list(
    desk: Desk, *, organisation: Organisation | None, acting: Resident | None, limit: int, after: uuid.UUID | None
) -> Rows:
    if acting is None:
        found = news.public(desk.home, organisation=organisation, limit=limit + 1, after=after)
    else:
        by = organisations.of_resident(desk.home, resident=acting)
        chosen = [one for one in by if organisation is None or one.id == organisation.id]
        found = news.written(desk.home, by=chosen, limit=limit + 1, after=after)
    shown, further = options.cut(found, limit=limit, key=lambda one: one.public_id)
    return Rows(name="news", rows=[notices.values(one) for one in shown], columns=COLUMNS, after=further)


@command.command("show", help=say_later("One notice; without --as, only what anybody may read."))
@options.notice
@options.acting(required=False)
def _show(desk: Desk, *, notice: uuid.UUID, acting: Resident | None) -> One:
    return notices.show(desk, public_id=notice, acting=acting)


@command.command("post", help=say_later("Publish news. What leaves town is shown and asked about first."), writes=True)
@options.organisation
@options.acting()
@option("--title", type=kinds.LINE, required=True, help=say_later("The headline."))
@option("--summary", type=kinds.LINE, required=True, help=say_later("What it says, in brief."))
@options.body()
@options.audience
@option("--building", type=kinds.BUILDING, help=say_later("Which building, where the organisation has several."))
@option("--quarter", type=kinds.QUARTER, help=say_later("Which quarter it concerns."))
@_dated
@options.dry_run
@options.yes
def _post(
    desk: Desk,
    *,
    organisation: Organisation,
    acting: Resident,
    title: str,
    summary: str,
    body: str,
    audience: Audience,
    building: Building | None,
    quarter: Quarter | None,
    begins: str | None,
    ends: str | None,
    place: str | None,
    dry_run: bool,
    yes: bool,
) -> One:
    if building is None and audience is Audience.BUILDING:
        building = notices.only(organisations.answered(desk.home, organisation=organisation))

    happening = happenings.read(begins=begins or "", ends=ends or "", place=place or "", now=desk.now)

    def act() -> NewsItem:
        return news.post(
            desk.home,
            organisation=organisation,
            by=acting,
            title=title,
            summary=summary,
            body=body,
            audience=audience,
            now=desk.now,
            building=building,
            quarter=quarter,
            happening=happening,
        )

    return notices.publish(desk, act=act, yes=yes, dry_run=dry_run)


@command.command("edit", help=say_later("Change the words; what is not given stays as it is."), writes=True)
@options.notice
@options.acting()
@option("--title", type=kinds.LINE, help=say_later("The headline."))
@option("--summary", type=kinds.LINE, help=say_later("What it says, in brief."))
@options.body(required=False)
@_dated
@options.dry_run
@options.yes
def _edit(desk: Desk, *, notice: uuid.UUID, acting: Resident, dry_run: bool, yes: bool, **given: str | None) -> One:
    return notices.edit(desk, public_id=notice, by=acting, family=NewsItem, given=given, yes=yes, dry_run=dry_run)


@command.command(
    "call-off", help=say_later("Say that what it announces does not take place; it hangs on, marked so."), writes=True
)
@options.notice
@options.acting()
@options.yes
def _call_off(desk: Desk, *, notice: uuid.UUID, acting: Resident, yes: bool) -> One:
    return notices.call_off(desk, public_id=notice, by=acting, yes=yes)


@command.command("withdraw", help=say_later("Take it down for good; what had left is called back."), writes=True)
@options.notice
@options.acting()
@options.yes
def _withdraw(desk: Desk, *, notice: uuid.UUID, acting: Resident, yes: bool) -> One:
    return notices.withdraw(desk, public_id=notice, by=acting, yes=yes)


@command.command("narrow", help=say_later("Let fewer people see it."), writes=True)
@notices.narrowing(building=say_later("Which building, where the organisation has several."))
def _narrow(desk: Desk, **given: Any) -> One:
    return notices.narrow(desk, **given)
