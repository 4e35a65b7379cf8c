"""`palier listings`: offers and requests, on behalf of an account."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import click
from flask_babel import gettext

from instance import endings, listings, rings
from instance.audience import Audience
from instance.base import Refused
from instance.listings import Listing
from instance.needs import Need
from instance.residents import Resident
from instance.rings import Pace
from web.terminal import kinds, notices, options
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import option
from web.terminal.printing import One, Rows

command = Noun("listings", help=say_later("Offers and requests, on behalf of an account."))
COLUMNS = ("id", "kind", "need", "title", "audience", "place", "state", "since", "until")


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
@option(
    "--need",
    type=click.Choice([one.value for one in Need]),
    default=Need.OTHER.value,
    help=say_later("What it is about; it decides how long it hangs."),
)
@option(
    "--pace",
    type=click.Choice([one.value for one in Pace]),
    default=Pace.AT_ONCE.value,
    help=say_later("Everybody at once, or the building first and one board further each time."),
)
def _request(desk: Desk, *, need: str, pace: str, **given: Any) -> One:
    def ask(pace: Pace) -> Callable[..., Listing]:
        return partial(rings.ask, need=Need(need), pace=pace)

    # What leaves town is looked at as if it were there already.
    beyond = given["audience"] is Audience.NETWORK
    return _hang(desk, ask(Pace(pace)), look=ask(Pace.AT_ONCE) if beyond else None, **given)


def _hang(
    desk: Desk,
    hang: Callable[..., Listing],
    *,
    acting: Resident,
    dry_run: bool,
    yes: bool,
    look: Callable[..., Listing] | None = None,
    **given: Any,
) -> One:
    def act(hang: Callable[..., Listing]) -> Callable[[], Listing]:
        return lambda: hang(desk.home, by=acting, now=desk.now, **given)

    return notices.publish(desk, act=act(hang), look=act(look) if look else None, yes=yes, dry_run=dry_run)


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


@command.command("found", help=say_later("Somebody was found: the request comes down wherever it got."), writes=True)
@options.notice
@options.acting()
def _found(desk: Desk, *, notice: uuid.UUID, acting: Resident) -> One:
    listing = _own(desk, notice=notice, acting=acting)
    rings.found(desk.home, listing=listing, by=acting, now=desk.now)
    return _done(desk, listing, sentence=gettext("Good to hear. Your request is taken down, wherever it got."))


@command.command("stay", help=say_later("No further than now; whoever sees it still does."), writes=True)
@options.notice
@options.acting()
def _stay(desk: Desk, *, notice: uuid.UUID, acting: Resident) -> One:
    listing = _own(desk, notice=notice, acting=acting)
    rings.stay(desk.home, listing=listing, by=acting)
    return _done(desk, listing, sentence=gettext("It goes no further. Whoever sees it now still does."))


@command.command("renew", help=say_later("Let it hang as long as if it were hung now."), writes=True)
@options.notice
@options.acting()
def _renew(desk: Desk, *, notice: uuid.UUID, acting: Resident) -> One:
    listing = _own(desk, notice=notice, acting=acting)
    endings.renew(desk.home, listing=listing, by=acting, now=desk.now)
    return _done(desk, listing, sentence=gettext("Your notice hangs longer now."))


def _own(desk: Desk, *, notice: uuid.UUID, acting: Resident) -> Listing:
    found = notices.own(desk, public_id=notice, by=acting)
    if not isinstance(found, Listing):
        raise Refused("not_found", field="notice")
    return found


def _done(desk: Desk, listing: Listing, *, sentence: str) -> One:
    values = notices.values(listing)
    desk.commit()
    return One(values=values, sentence=sentence)
