"""Short ways to ask for something that widens, and to let the clock do what it does at home."""

from instance import notices, rings
from instance.audience import Audience
from instance.listings import Listing
from instance.needs import Need
from instance.residents import Resident
from instance.rings import Pace
from tests.instance.neighbourhood import Neighbourhood


def ask(town: Neighbourhood, by: Resident, audience: Audience, pace: Pace, **more: object) -> Listing:
    """A request that widens at a pace."""
    given = {"need": Need.TOOL, "title": "Une perceuse", "body": "Pour **samedi**.", **more}
    byline = "Une voisine" if audience is Audience.NETWORK else None
    return rings.ask(town.session, by=by, audience=audience, pace=pace, now=town.now, byline=byline, **given)


def tick(town: Neighbourhood) -> None:
    """What the home worker's clock does at home."""
    notices.expire(town.session, now=town.now)
    rings.open_due(town.session, now=town.now)
