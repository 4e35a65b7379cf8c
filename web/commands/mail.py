"""`palier mail`: try the relay out, see what it did not take, and send it again."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from typing import Final

import click
from flask_babel import force_locale, gettext, lazy_gettext

from instance import outgoing
from instance.base import Refused
from instance.outgoing import Kind, OutgoingMail, State
from web.mail import content, envelope, relay
from web.mail.relay import Relay, Taken, Unreachable
from web.settings import BadSetting, Settings
from web.terminal import kinds, options
from web.terminal.desk import Desk
from web.terminal.errors import Refusal
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument, option
from web.terminal.printing import Coded, One, Rows, Values

command = Noun("mail", help=say_later("Try the mail relay out, see what it did not take, send it again."))
COLUMNS = ("since", "kind", "state", "attempts", "why", "due", "id")
STRETCH = 200
KINDS: Final = {
    Kind.CONFIRM: lazy_gettext("confirm an address"),
    Kind.RESET: lazy_gettext("a new password"),
    Kind.ANSWER: lazy_gettext("somebody answered"),
    Kind.PASSWORD: lazy_gettext("the password was changed"),
    Kind.ADDRESS: lazy_gettext("the address was changed"),
    Kind.CARD: lazy_gettext("a recovery card was printed"),
    Kind.DOCUMENT: lazy_gettext("what became of a document"),
    Kind.MEETING: lazy_gettext("about a meeting"),
    Kind.ENDING: lazy_gettext("a notice ends"),
    Kind.LOAN: lazy_gettext("about a loan"),
    Kind.BACK: lazy_gettext("a thing is back"),
    Kind.BOOKING: lazy_gettext("about a booking"),
    Kind.DECISION: lazy_gettext("a decision of a moderator"),
    Kind.LOOKED: lazy_gettext("a report was looked at"),
    Kind.ADVICE: lazy_gettext("a recommendation ends"),
    Kind.FOUND: lazy_gettext("something looked for is there"),
}
STATES: Final = {
    State.WAITING: lazy_gettext("is tried again"),
    State.FAILED: lazy_gettext("refused for good"),
}


def _values(mail: OutgoingMail) -> Values:
    """A mail without its receiver: an operator repairs the way, not the letter."""
    kind, state = Kind(mail.kind), State(mail.state)
    return {
        "id": mail.public_id,
        "kind": Coded(code=kind.value, word=str(KINDS[kind])),
        "state": Coded(code=state.value, word=str(STATES[state])),
        "attempts": mail.tries,
        "why": mail.said,
        "due": mail.due_at if state is State.WAITING else None,
        "since": mail.created_at,
    }


@command.command("test", help=say_later("Send a mail now, through the relay of the settings."))
@argument("address", say_later("Where it goes."), type=kinds.LINE)
def _test(desk: Desk, *, address: str) -> One:
    found = relay.of(desk.settings)
    if found is None:
        raise BadSetting("PALIER_SMTP_URL", None, "the address of a mail relay; without one no mail is sent")
    outcome = _try(desk, found, address=address)
    if not isinstance(outcome, Taken):
        sentence = gettext("%(relay)s did not take it: %(said)s", relay=found.name, said=outcome.said)
        raise Refusal("mail_refused", sentence=sentence, field="address")
    sentence = gettext("%(relay)s took it. Look whether it arrives, and not among the unwanted mail.", relay=found.name)
    return One(values={"relay": found.name, "address": address, "taken": True}, sentence=sentence)


def _try(desk: Desk, found: Relay, *, address: str) -> relay.Outcome:
    try:
        message, to = _written(desk.settings, address=address, now=desk.now)
    except ValueError:
        raise click.BadParameter(gettext("%(address)s is not an e-mail address.", address=repr(address))) from None
    try:
        with relay.connect(found) as line:
            return line.send(message, sender=desk.settings.mail_from, recipient=to)
    except Unreachable as error:
        sentence = f"{found.name}: {error.said}\n{error.way_out}"
        raise Refusal("relay_unreachable", sentence=sentence) from None


def _written(settings: Settings, *, address: str, now: datetime) -> tuple[EmailMessage, str]:
    """The mail in the language of the place, and whom it goes to. Raises ValueError for an address that is none."""
    with envelope.make_app(settings).app_context(), force_locale(settings.default_locale):
        message = envelope.seal(
            content.trial(place=settings.name, url=f"{settings.origin}/"),
            to=address,
            message_id=str(uuid.uuid4()),
            language=settings.default_locale,
            settings=settings,
            now=now,
        )
        return message, envelope.recipient(address).addr_spec


@command.command("list", help=say_later("What failed, or waits after a try that did not succeed: never to whom."))
@options.limit
@options.after(click.UUID)
def _list(desk: Desk, *, limit: int, after: uuid.UUID | None) -> Rows:
    found = outgoing.troubled(desk.home, limit=limit + 1, after=after)
    shown, further = options.cut(found, limit=limit, key=lambda one: one.public_id)
    return Rows(name="mails", rows=[_values(one) for one in shown], columns=COLUMNS, after=further)


@command.command("retry", help=say_later("Try one mail again, or all that the list shows."), writes=True)
@argument("mail", say_later("The mail's id, as in the list; without it, say --all."), type=click.UUID, required=False)
@option("--all", "every", is_flag=True, help=say_later("Everything that the list shows."))
def _retry(desk: Desk, *, mail: uuid.UUID | None, every: bool) -> One:
    if (mail is None) is not every:
        raise click.UsageError(gettext("Name one mail, or say --all."))
    again = _troubled(desk) if mail is None else [_one(desk, public_id=mail)]
    for one in again:
        outgoing.retry(desk.home, mail=one, now=desk.now)
    found = {"retried": [one.public_id for one in again]}
    desk.commit()
    return One(values=found, sentence=gettext("%(count)d are tried again.", count=len(again)))


def _one(desk: Desk, *, public_id: uuid.UUID) -> OutgoingMail:
    try:
        return outgoing.by_public_id(desk.home, public_id=public_id)
    except Refused as refused:
        raise Refused(refused.code, field="mail") from None


def _troubled(desk: Desk) -> Sequence[OutgoingMail]:
    """All of them, a stretch at a time: a relay that was down for days leaves many."""
    found: list[OutgoingMail] = []
    after = None
    while True:
        more = outgoing.troubled(desk.home, limit=STRETCH, after=after)
        found += more
        if len(more) < STRETCH:
            return found
        after = more[-1].public_id
