"""`palier proofs`: who answers for whom, and what an administrator says of somebody over the word they were given."""

import uuid
from typing import Final

import click
from flask_babel import gettext

from instance import vouching
from instance.assurance import Kind
from instance.places import Building
from instance.residents import Resident
from instance.vouching import Link
from web.frame import context
from web.terminal import kinds, options
from web.terminal.desk import Desk, administrator
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument
from web.terminal.printing import One, Rows, Values

command = Noun("proofs", help=say_later("What is known of who lives where."))
COLUMNS: Final = ("id", "kind", "voucher", "newcomer", "building", "since", "counts")


def _values(link: Link) -> Values:
    return {
        "id": link.proof.public_id,
        "kind": link.proof.kind,
        "voucher": link.voucher.short_name,
        "newcomer": link.newcomer.short_name,
        "building": link.building.name,
        "since": link.proof.created_at,
        "counts": link.counts,
    }


@command.command(
    "list",
    help=say_later("Who answers for newcomers, saw a document or noted them; not of a building you live in."),
)
@options.acting()
@options.limit
@options.after(click.UUID)
def _list(desk: Desk, *, acting: Resident, limit: int, after: uuid.UUID | None) -> Rows:
    found = vouching.chain(desk.home, reader=acting, after=after, limit=limit + 1)
    shown, further = options.cut(found, limit=limit, key=lambda one: one.proof.public_id)
    return Rows(name="proofs", rows=[_values(one) for one in shown], columns=COLUMNS, after=further)


@command.command(
    "end",
    help=say_later("End a word or a check, an administrator also a note or a mark; the newcomer reads why."),
    writes=True,
)
@argument("proof", say_later("Its id, as in the list."), type=click.UUID, metavar="ID")
@options.acting()
@options.reason
def _end(desk: Desk, *, proof: uuid.UUID, acting: Resident, reason: str) -> One:
    vouching.end(desk.home, public_id=proof, reason=reason, by=acting, now=desk.now)
    desk.commit()
    return One(values={"id": proof}, sentence=gettext("It counts no more. The reason is in the book."))


@command.command(
    "end-home",
    help=say_later("Say that an account is not of a lot: what showed it ends, and its owner reads why."),
    writes=True,
)
@options.building
@argument("lot", say_later("The number of the lot."), type=kinds.LINE)
@options.account
@options.acting()
@options.reason
def _end_home(desk: Desk, *, building: Building, lot: str, account: Resident, acting: Resident, reason: str) -> One:
    vouching.end_home(
        desk.home,
        resident=account,
        building=building,
        lot_number=lot,
        reason=reason,
        by=administrator(acting),
        now=desk.now,
    )
    desk.commit()
    sentence = gettext("Whatever showed that this account lives there counts no more. The reason is in the book.")
    return One(values={"account": account.login, "building": building.name}, sentence=sentence)


@command.command(
    "attest",
    help=say_later("Say what is known of whoever gave you their word: a note, or that they are on the list of lots."),
    writes=True,
)
@options.building
@argument("word", say_later("The word that the person read out."), type=kinds.LINE)
@argument("kind", say_later("What you say."), type=click.Choice(sorted(one.value for one in vouching.BY_STAFF)))
@options.acting()
@options.reason
def _attest(desk: Desk, *, building: Building, word: str, kind: str, acting: Resident, reason: str) -> One:
    proof = vouching.attest(
        desk.home,
        word=word,
        building=building,
        kind=Kind(kind),
        reason=reason,
        by=administrator(acting),
        pepper=context.letterbox_pepper(desk.settings),
        now=desk.now,
    )
    desk.commit()
    sentence = gettext("Noted. The person reads it under “How you are known here”.")
    return One(values={"id": proof.public_id, "building": building.name, "kind": kind}, sentence=sentence)
