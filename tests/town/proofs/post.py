"""Mail: who of the story reads theirs, what makes a house write, and every mail as the operator's relay got it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from instance import addresses, conversations, mailboxes, outgoing, passes, recovery
from instance.conversations import Conversation
from instance.outgoing import Kind
from instance.residents import Resident
from tests.town import canaries
from tests.town.canaries import Canary
from tests.town.proofs import readers
from tests.town.proofs.haystacks import Haystack
from tests.web import post_office
from tests.web.post_office import Parcel
from web.mail import envelope, links, relay
from web.mail.rounds import Round
from web.settings import Settings

if TYPE_CHECKING:
    from tests.town.proofs.story import Story

# Who forgot a password hears within the hour; who was answered, a little later, or in the morning.
LOOKS = (timedelta(0), timedelta(minutes=5), timedelta(days=1))
PLACE = {"PALIER_NAME": "Ville d’Exemple", "PALIER_MAIL_FROM": "voisins@voisins.example"}


def reader(resident: Resident) -> str:
    """Whoever reads somebody's mail: the somebody, their provider, and the relays in between."""
    return f"{readers.MAILBOX} {resident.id}"


class Mailboxes:
    """The addresses that people of the story proved, and whose they are."""

    def __init__(self, story: "Story") -> None:
        self._story = story
        self.owners: dict[str, Resident] = {}

    def open(self) -> None:
        """Some prove an address, so that they hear of everything from here on."""
        story = self._story
        for resident in (story.odile, story.amir, story.bea):
            story.here.do(mailboxes.prove, resident=resident, address=self.address(resident))

    def address(self, resident: Resident) -> str:
        """A new address of somebody."""
        made = f"{canaries.word('mailbox.address')}@canary.example"
        self.owners[made] = resident
        self._story.canaries.append(Canary(column="mailbox.address", value=made, owner=resident.id))
        return made

    def fill(self) -> None:
        """One mail of every kind: a letter inside the town, and all that happens to an account."""
        story, here = self._story, self._story.here
        both = frozenset({readers.NEIGHBOUR, readers.QUARTER})
        asked_inside = story.secret("message.html", also=both)
        talk = here.do(conversations.answer, listing=story.inside, by=story.amir, body=asked_inside)
        assert isinstance(talk, Conversation)
        asked_beside = story.secret("message.html", also=frozenset({readers.NEIGHBOUR}))
        here.do(conversations.answer, listing=story.ladder, by=story.odile, body=asked_beside)
        settings = Settings.read(here.environ)
        here.do(recovery.ask, name=story.odile.login)
        # Bea never opens the link she is sent; Amir does, so that his former address is told.
        here.do(addresses.ask, resident=story.bea, address=self.address(story.bea))
        asked = here.do(addresses.ask, resident=story.amir, address=self.address(story.amir))
        assert isinstance(asked, passes.Pass)
        key = links.key(settings)
        here.do(addresses.confirm, token=passes.token(asked, key=key), key=key)
        here.do(outgoing.warn, kind=Kind.PASSWORD, to=story.odile)
        staff = frozenset({readers.MODERATOR, readers.ADMINISTRATOR})
        card = here.do(
            recovery.issue_for,
            resident=story.bea,
            by=story.adele,
            reason=story.secret("measure.reason", also=staff),
            pepper=links.card_pepper(settings),
        )
        story.canaries.append(Canary(column="typed.card", value=str(card)))


def mails(story: "Story") -> Iterator[Haystack]:
    """Every mail that waits, written and handed to a real relay; its head apart, both as sent and as read."""
    for number, parcel in enumerate(_delivered(story)):
        (to,) = parcel.to
        place = f"{number} {parcel.mail['Subject']}"
        whose = reader(story.mailboxes.owners[to])
        head = "\n".join([parcel.sender, to, *(f"{name}: {value}" for name, value in parcel.mail.items())])
        yield Haystack(channel="mail, head", place=place, reader=whose, data=head.encode())
        for form in (parcel.raw, parcel.text.encode(), parcel.html.encode()):
            yield Haystack(channel="mail", place=place, reader=whose, data=form)


def _delivered(story: "Story") -> list[Parcel]:
    before = story.town.now
    with post_office.opened() as office:
        settings = Settings.read({**story.here.environ, **PLACE, "PALIER_SMTP_URL": office.url})
        way = relay.of(settings)
        assert way is not None
        work = Round(
            story.here.home,
            settings=settings,
            relay=way,
            app=envelope.make_app(settings),
            now=lambda: story.town.now,
        )
        for look in LOOKS:
            story.town.now = before + look
            while work():
                pass
    story.town.now = before
    return list(office.received)
