"""`palier mail`: try the relay out, see what it did not take, and send it again."""

import os
import sys
import uuid
from datetime import UTC, datetime

import click
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import outgoing
from instance.base import Refused
from instance.outgoing import OutgoingMail
from web import stores
from web.mail import content, envelope, relay
from web.mail.relay import Relay, Taken, Unreachable
from web.settings import BadSetting, Settings


@click.group()
def command() -> None:
    """Mail: try it, look at what did not go, send it again."""


@command.command()
@click.argument("address")
def test(address: str) -> None:
    """Send a mail to ADDRESS now, through the relay of the settings."""
    settings = Settings.read(os.environ)
    found = _relay(settings)
    outcome = _try(settings, found, address=address)
    if not isinstance(outcome, Taken):
        click.echo(f"{found.name} did not take it: {outcome.said}", err=True)
        sys.exit(1)
    click.echo(f"{found.name} took it. Look whether it arrives, and not among the unwanted mail.")


def _relay(settings: Settings) -> Relay:
    found = relay.of(settings)
    if found is None:
        raise BadSetting("PALIER_SMTP_URL", None, "the address of a mail relay; without one no mail is sent")
    return found


def _try(settings: Settings, found: Relay, *, address: str) -> relay.Outcome:
    with envelope.make_app(settings).app_context(), force_locale(settings.default_locale):
        said = content.trial(place=settings.name, url=f"{settings.origin}/")
        try:
            message = envelope.seal(
                said,
                to=address,
                message_id=str(uuid.uuid4()),
                language=settings.default_locale,
                settings=settings,
                now=datetime.now(UTC),
            )
            to = envelope.recipient(address).addr_spec
        except ValueError:
            msg = f"{address!r} is not an e-mail address"
            raise click.BadParameter(msg) from None
    try:
        with relay.connect(found) as line:
            return line.send(message, sender=settings.mail_from, recipient=to)
    except Unreachable as error:
        msg = f"{found.name}: {error.said}\n{error.way_out}"
        raise click.ClickException(msg) from None


@command.command(name="list")
def list_() -> None:
    """What failed, and what waits after a try that did not succeed: never to whom."""
    store = stores.open_store(Settings.read(os.environ).home_database_url)
    with store.read() as session:
        found = outgoing.troubled(session)
        for mail in found:
            since = f"{mail.created_at:%Y-%m-%d %H:%M}"
            click.echo(
                f"{mail.public_id}  {mail.state:<7}  {mail.kind:<8}  {since}  {mail.tries} tries  {mail.said or ''}"
            )
    store.close()
    if not found:
        click.echo("Every mail was taken.")


@command.command()
@click.argument("mail_id", required=False, type=click.UUID)
@click.option("--all", "everything", is_flag=True, help="Try everything again that `palier mail list` shows.")
def retry(mail_id: uuid.UUID | None, everything: bool) -> None:
    """Try one mail again, by the number that `palier mail list` shows, or all of them."""
    if (mail_id is None) is not everything:
        msg = "name one mail, or --all"
        raise click.UsageError(msg)
    store = stores.open_store(Settings.read(os.environ).home_database_url)
    with store.write.begin() as session:
        wanted = outgoing.troubled(session, limit=10_000) if everything else _one(session, mail_id)
        for mail in wanted:
            try:
                outgoing.retry(session, mail=mail, now=datetime.now(UTC))
            except Refused:
                msg = "this mail was sent, or has nothing to say any more"
                raise click.ClickException(msg) from None
        number = len(wanted)
    store.close()
    click.echo(f"To be tried again now: {number}.")


def _one(session: Session, mail_id: uuid.UUID | None) -> list[OutgoingMail]:
    found = session.scalars(select(OutgoingMail).where(OutgoingMail.public_id == mail_id)).all()
    if not found:
        msg = "there is no mail of this number"
        raise click.ClickException(msg)
    return list(found)
