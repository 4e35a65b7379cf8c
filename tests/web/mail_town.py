"""The fictional town of the residents' pages with a relay of its own, and a mail round to run by hand."""

import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from flask.testing import FlaskClient
from sqlalchemy import select

from instance import conversations, mailboxes
from instance.conversations import Conversation
from instance.listings import Listing
from instance.outgoing import OutgoingMail
from instance.residents import Resident
from tests.web import pages_town, post_office
from tests.web.pages_town import NOW, ORIGIN, Town
from tests.web.post_office import Office, Parcel
from web import home, stores
from web.mail import envelope, relay
from web.mail.rounds import Round
from web.settings import Settings

Thing = TypeVar("Thing")

LETTER = "Oui, je descends la chercher demain, code d’entrée 4471."


@dataclass
class MailTown:
    """The town, its post office, and the round that carries mail from one to the other."""

    town: Town
    office: Office
    settings: Settings
    round: Round

    @property
    def moment(self) -> datetime:
        return self.town.moment[0]

    def later(self, **by: float) -> None:
        """Let time pass."""
        self.town.moment[0] += timedelta(**by)

    def prove(self, resident: Resident, address: str) -> None:
        """Somebody's address is confirmed, without the ways there."""
        with self.town.home() as session:
            found = session.get_one(Resident, resident.id)
            mailboxes.prove(session, resident=found, address=address, now=self.moment)

    def speaks(self, resident: Resident, locale: str) -> None:
        """Somebody reads in this language."""
        with self.town.home() as session:
            session.get_one(Resident, resident.id).locale = locale

    def answered(self, listing: Listing, *, by: Resident, body: str = LETTER) -> uuid.UUID:
        """Somebody answers a listing; the conversation's public id."""
        with self.town.home() as session:
            return conversations.answer(
                session,
                listing=session.get_one(Listing, listing.id),
                by=session.get_one(Resident, by.id),
                body=body,
                now=self.moment,
                byline="Une voisine" if listing.is_remote else None,
            ).public_id

    def wrote(self, conversation: uuid.UUID, *, by: Resident, body: str = LETTER) -> None:
        """The next letter."""
        with self.town.home() as session:
            found = session.scalars(select(Conversation).where(Conversation.public_id == conversation)).one()
            conversations.reply(
                session, conversation=found, by=session.get_one(Resident, by.id), body=body, now=self.moment
            )

    def deliver(self) -> list[Parcel]:
        """One round; what arrived by it."""
        before = len(self.office.received)
        self.round()
        return self.office.received[before:]

    def mails(self) -> list[OutgoingMail]:
        """Every row, oldest first."""
        with self.town.store.read() as session:
            return list(session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)))

    def link(self, parcel: Parcel) -> str:
        """The path of the one link a mail leads to."""
        (found,) = {one for one in parcel.text.split() if one.startswith(f"{ORIGIN}/") and "/mail/stop/" not in one}
        return found.removeprefix(ORIGIN)

    def browser(self, resident: Resident) -> FlaskClient:
        return self.town.browser(resident)


@contextmanager
def building(folder: Path, *, office: Office) -> Iterator[MailTown]:
    """Make it in a folder, with this office as its relay."""
    made, people = pages_town._template()
    shutil.copytree(made, folder, dirs_exist_ok=True)
    settings = Settings.read(
        {
            "PALIER_ORIGIN": ORIGIN,
            "PALIER_NAME": "Ville d’Exemple",
            "PALIER_DATA": str(folder),
            "PALIER_DEVELOPMENT": "1",
            "PALIER_SMTP_URL": office.url,
            "PALIER_MAIL_FROM": "voisins@voisins.example",
            "PALIER_CONTACT_EMAIL": "mairie@voisins.example",
        }
    )
    moment = [NOW]
    with ExitStack() as stack:
        opened, outside = (
            stores.open_store(url) for url in (settings.home_database_url, settings.federation_database_url)
        )
        app = home.create_app(settings, now=lambda: moment[0])
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        for store in (*stores.of(app).values(), opened, outside):
            stack.callback(store.close)
        town = Town(app=app, store=opened, outside=outside, moment=moment, **people)
        found = relay.of(settings)
        assert found is not None
        work = Round(opened, settings=settings, relay=found, app=envelope.make_app(settings), now=lambda: moment[0])
        yield MailTown(town=town, office=office, settings=settings, round=work)


@contextmanager
def usual(folder: Path) -> Iterator[MailTown]:
    """The town with an office that takes everything."""
    with post_office.opened() as office, building(folder, office=office) as made:
        yield made


def one(found: Sequence[Thing]) -> Thing:
    """The only one there is."""
    (only,) = found
    return only


def visitor(town: Town) -> FlaskClient:
    """Somebody who is not signed in, and reads English."""
    client = town.visitor()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def real_now() -> datetime:
    """The machine's own moment, which commands go by."""
    return datetime.now(UTC) + timedelta(seconds=1)
