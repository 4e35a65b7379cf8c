"""Somebody whom nobody here knows, with a genuine key: what they put into a letter is written by the test, as JSON."""

from dataclasses import dataclass
from typing import Any

from activitypub import codec, senders
from activitypub.senders import Scheme
from federation import addresses, identity, inbox
from federation.inbox import Arrival, Receipt
from federation.models import Letter
from instance.audience import Audience
from instance.listings import Listing
from instance.notices import Notice
from instance.residents import Resident
from tests.town.houses import House, Town

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


@dataclass
class Stranger:
    """Odile offers something and writes news in Marseille; whoever writes there is an organisation of another town."""

    town: Town
    here: House
    there: House
    odile: Resident
    listing: Listing
    news: Notice
    name: str = "ciq"
    written: int = 0

    @property
    def me(self) -> str:
        """Who writes."""
        return f"{self.there.origin}/users/{self.name}"

    @property
    def desk(self) -> str:
        """To whom private letters go."""
        return f"{self.here.origin}/users/instance"

    @property
    def listing_uri(self) -> str:
        """What may be answered in private."""
        return addresses.listing(self.here.origin, self.listing.public_id)

    @property
    def news_uri(self) -> str:
        """What may be answered in public."""
        return addresses.news(self.here.origin, "ciq_marseille", self.news.public_id)

    def number(self) -> int:
        """A number that no letter had before."""
        self.written += 1
        return self.written

    def text(self, kind: str, **more: Any) -> dict[str, Any]:
        """A text of theirs."""
        number = self.number()
        return {
            "id": f"{self.me}/{kind.lower()}s/{number}",
            "type": kind,
            "attributedTo": self.me,
            "content": f"<p>Texte {number}</p>",
            "to": [PUBLIC],
            "published": self.town.now.isoformat(),
            **more,
        }

    def comment(self, **more: Any) -> dict[str, Any]:
        """A public answer to the news."""
        return self.text("Note", inReplyTo=self.news_uri, **more)

    def private(self, **more: Any) -> dict[str, Any]:
        """A private answer to the offer."""
        return self.text("Note", **{"inReplyTo": self.listing_uri, "to": [self.desk], **more})

    def create(self, thing: dict[str, Any]) -> dict[str, Any]:
        """The letter that brings a text."""
        return self.activity("Create", object=thing, to=thing.get("to", []))

    def offer(self, **more: Any) -> dict[str, Any]:
        """The letter that offers an agreement (FEP-0837) about the offer."""
        stipulates = {"type": "Commitment", "satisfies": addresses.intent(self.listing_uri), **more}
        return self.activity("Offer", to=[self.desk], object={"type": "Agreement", "stipulates": stipulates})

    def activity(self, kind: str, **more: Any) -> dict[str, Any]:
        """A letter."""
        return {"id": f"{self.me}/acts/{self.number()}", "type": kind, "actor": self.me, **more}

    def arrive(self, doc: dict[str, Any]) -> Receipt:
        """Put a letter into the inbox, properly signed."""
        with self.there.federation.read() as session:
            writer = identity.find(session, self.name)
        assert writer is not None
        body = codec.encode(doc)
        headers = senders.sign(
            scheme=Scheme.CAVAGE,
            method="POST",
            url=f"{self.here.origin}/inbox",
            body=body,
            key_pem=writer.private_pem,
            key_id=f"{self.me}#main-key",
            now=self.town.now,
            more={},
        )
        arrival = Arrival(method="POST", target="/inbox", headers=headers, body=body, remote_addr="127.0.0.1")
        with self.here.federation.write.begin() as session:
            return inbox.receive(session, arrival=arrival, origin=self.here.origin, now=self.town.now)

    def send(self, doc: dict[str, Any]) -> Letter:
        """Put a letter into the inbox and let everybody work; what became of it."""
        self.arrive(doc)
        self.town.settle()
        return self.here.letters()[-1]


def build(town: Town) -> Stranger:
    """Two towns that do not know each other yet."""
    here, there = town.build("marseille"), town.build("barnabe")
    odile = here.resident("Odile", building=here.building(here.quarter("Saint Julien")))
    ours = here.organisation("ciq_marseille", writer=odile)
    there.organisation("ciq", writer=there.resident("Walter"))
    town.settle()
    listing = here.offer(odile, "Perceuse", audience=Audience.NETWORK)
    news = here.publish(ours, odile, "Fête de quartier", audience=Audience.NETWORK)
    town.settle()
    return Stranger(town=town, here=here, there=there, odile=odile, listing=listing, news=news)
