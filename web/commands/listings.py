"""`palier listings`: offers and requests, on behalf of an account."""

import uuid
from collections.abc import Callable
from typing import Any

import click

from instance import listings
from instance.listings import Listing
from instance.residents import Resident
from web.terminal import kinds, notices, options
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import option
from web.terminal.printing import One, Rows

command = Noun("listings", help=say_later("Offers and requests, on behalf of an account."))
COLUMNS = ("id", "kind", "title", "audience", "place", "state", "since", "until")


@command.command("list", help=say_later("An account's own offers and requests, whatever became of them."))
@options.acting()
@options.limit
@options.after(click.UUID)
def _list(desk: Desk, *, acting: Resident, limit: int, after: uuid.UUID | None) -> Rows:
    found = listings.of_author(desk.home, author=acting, limit=limit + 1, after=after)
    shown, further = options.cut(found, limit=limit, key=lambda one: one.public_id)
    return Rows(name="listings", rows=[notices.values(one) for one in shown], columns=COLUMNS, after=further)


@command.command("show", help=say_later("One notice; without --as, only what anybody may read."))
@options.notice
@options.acting(required=False)
def _show(desk: Desk, *, notice: uuid.UUID, acting: Resident | None) -> One:
    return notices.show(desk, public_id=notice, acting=acting)


def _hung(function: options.Function) -> options.Function:
    """The parameters of a new offer or request."""
    for one in reversed(
        [
            options.acting(),
            option("--title", type=kinds.LINE, required=True, help=say_later("What it is, in one line.")),
            options.body(),
            options.audience,
            option("--building", type=kinds.BUILDING, help=say_later("Which home, for somebody with several.")),
            option("--byline", type=kinds.LINE, help=say_later("How it is signed where it leaves town.")),
            options.dry_run,
            options.yes,
        ]
    ):
        function = one(function)
    return function


@command.command(
    "offer", help=say_later("Hang an offer. What leaves town is shown and asked about first."), writes=True
)
@_hung
def _offer(desk: Desk, **given: Any) -> One:
    return _hang(desk, listings.offer, **given)


@command.command(
    "request", help=say_later("Hang a request. What leaves town is shown and asked about first."), writes=True
)
@_hung
def _request(desk: Desk, **given: Any) -> One:
    return _hang(desk, listings.request, **given)


def _hang(desk: Desk, hang: Callable[..., Listing], *, acting: Resident, dry_run: bool, yes: bool, **given: Any) -> One:
    return notices.publish(
        desk, act=lambda: hang(desk.home, by=acting, now=desk.now, **given), yes=yes, dry_run=dry_run
    )


@command.command("edit", help=say_later("Change the words; what is not given stays as it is."), writes=True)
@options.notice
@options.acting()
@option("--title", type=kinds.LINE, help=say_later("What it is, in one line."))
@options.body(required=False)
@options.dry_run
@options.yes
def _edit(desk: Desk, *, notice: uuid.UUID, acting: Resident, dry_run: bool, yes: bool, **given: str | None) -> One:
    return notices.edit(desk, public_id=notice, by=acting, family=Listing, given=given, yes=yes, dry_run=dry_run)


@command.command("withdraw", help=say_later("Take it down for good; what had left is called back."), writes=True)
@options.notice
@options.acting()
@options.yes
def _withdraw(desk: Desk, *, notice: uuid.UUID, acting: Resident, yes: bool) -> One:
    return notices.withdraw(desk, public_id=notice, by=acting, yes=yes)


@command.command("narrow", help=say_later("Let fewer people see it."), writes=True)
@notices.narrowing(building=say_later("Which home, for somebody with several."))
def _narrow(desk: Desk, **given: Any) -> One:
    return notices.narrow(desk, **given)
