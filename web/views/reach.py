"""Who will see this, in words: the choices of the audience door, and where a public notice goes first."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from federation import delivery, peers
from instance import residents
from instance.audience import Audience
from instance.organisations import Organisation
from instance.places import Building, Quarter
from instance.residents import Resident


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One choice of the audience door. `who` says who that is, here and now."""

    audience: Audience
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A building somebody may choose, by its public id."""

    value: str
    name: str


def for_resident(session: Session, *, resident: Resident, place: str, now: datetime) -> tuple[Door, ...]:
    """The doors that are open to somebody who lives here, said with their own building, quarter and town."""
    homes = residents.dwellings(session, resident=resident)
    open_from = {one: _few(home.lot.building for home in homes if home.hangs_for(one, now=now)) for one in Audience}
    inside, near = open_from[Audience.BUILDING], {one.quarter_id: one.quarter for one in open_from[Audience.QUARTER]}
    doors = (
        Door(audience=Audience.BUILDING, who=_building(session, homes=inside)),
        Door(audience=Audience.QUARTER, who=_quarter(list(near.values()))),
        Door(audience=Audience.INSTANCE, who=_town(place)),
        Door(audience=Audience.NETWORK, who=_beyond(place)),
    )
    return tuple(one for one in doors if open_from[one.audience])


def homes_of(session: Session, *, resident: Resident, now: datetime) -> Sequence[Building]:
    """The buildings from which somebody may hang anything at all."""
    homes = residents.dwellings(session, resident=resident)
    return _few(one.lot.building for one in homes if any(one.hangs_for(audience, now=now) for audience in Audience))


def _few(buildings: Iterable[Building]) -> Sequence[Building]:
    return list({one.id: one for one in buildings}.values())


def for_organisation(
    session: Session, *, organisation: Organisation, buildings: Sequence[Building], place: str
) -> tuple[Door, ...]:
    """The doors of an organisation: a building's only where it answers for one."""
    inside = (Door(audience=Audience.BUILDING, who=_building(session, homes=buildings)),) if buildings else ()
    quarter = [organisation.quarter] if organisation.quarter else []
    return (
        *inside,
        Door(audience=Audience.QUARTER, who=_quarter(quarter)),
        Door(audience=Audience.INSTANCE, who=_town(place)),
        Door(audience=Audience.NETWORK, who=_beyond(place)),
    )


def narrower(doors: Iterable[Door], *, than: Audience) -> tuple[Door, ...]:
    """The doors that let fewer people in."""
    return tuple(one for one in doors if one.audience < than)


def homes(buildings: Iterable[Building]) -> tuple[Home, ...]:
    """Buildings as choices."""
    return tuple(Home(value=str(one.public_id), name=f"{one.name}, {one.street}") for one in buildings)


def chosen(buildings: Iterable[Building], *, value: str | None) -> Building | None:
    """The building of a typed choice, among those that may be chosen."""
    return next((one for one in buildings if str(one.public_id) == value), None)


def _building(session: Session, *, homes: Sequence[Building]) -> str:
    if len(homes) != 1:
        return gettext("The neighbours registered in the building you name below. It never leaves this place.")
    home = homes[0]
    count = len(residents.neighbours(session, building=home))
    who = ngettext(
        "The one neighbour registered so far at %(street)s.",
        "The %(num)d neighbours registered at %(street)s.",
        count,
        street=home.street,
    )
    return who + " " + gettext("It never leaves this place.")


def _quarter(quarters: Sequence[Quarter]) -> str:
    if len(quarters) != 1:
        return gettext("The neighbours registered in the quarter you name below, and nobody beyond.")
    return gettext("The neighbours registered in %(quarter)s, and nobody beyond.", quarter=quarters[0].name)


def _town(place: str) -> str:
    return gettext("Everybody registered with %(place)s, in every quarter. Not on the open internet.", place=place)


def _beyond(place: str) -> str:
    return gettext(
        "Anybody, with %(place)s and in neighbouring towns. Copies leave, and cannot all be called back."
        " You see what leaves before it does.",
        place=place,
    )


def first_hosts(session: Session, *, usernames: Collection[str], object_uri: str) -> tuple[str, ...]:
    """The hosts that a public notice goes to first: who follows these actors of ours, and who already has it.

    The very functions that the delivery asks, so that a preview cannot promise less than what happens.
    """
    inboxes = peers.followers_inboxes(session, own_usernames=usernames)
    inboxes |= delivery.exposed(session, object_uri=object_uri)
    return tuple(sorted({urlsplit(one).netloc for one in inboxes}))
