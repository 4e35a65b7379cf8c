"""The addresses of what we publish, made and read in one place.

An address is built from the random public id of a row, never from its key: it tells nothing but itself.
"""

import re
import uuid

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_LISTING = re.compile(rf"/users/instance/items/({_UUID})")
_NEWS = re.compile(rf"/users/[a-z0-9_]{{1,30}}/(?:articles|events)/({_UUID})")
_LETTER = re.compile(rf"/users/instance/letters/({_UUID})")
_PROPOSAL = re.compile(rf"/users/instance/items/({_UUID})/proposal(?:#primary)?")
_AGREEMENT = re.compile(rf"/users/instance/agreements/({_UUID})")
_ACTOR = re.compile(r"/users/([a-z0-9_]{1,30})")
_THREAD = re.compile(rf"/users/instance/letters/({_UUID})/thread")


def news(origin: str, organisation: str, public_id: uuid.UUID) -> str:
    """The Article of a piece of news."""
    return f"{origin}/users/{organisation}/articles/{public_id}"


def event(origin: str, organisation: str, public_id: uuid.UUID) -> str:
    """The Event of a piece of news with a date."""
    return f"{origin}/users/{organisation}/events/{public_id}"


def listing(origin: str, public_id: uuid.UUID) -> str:
    """The Note of an offer or a request, written by the desk."""
    return f"{origin}/users/instance/items/{public_id}"


def proposal(listing_uri: str) -> str:
    """The pure FEP-0837 Proposal of a listing."""
    return f"{listing_uri}/proposal"


def letter(origin: str, public_id: uuid.UUID) -> str:
    """A desk letter. It never dereferences: only its one receiver ever sees it."""
    return f"{origin}/users/instance/letters/{public_id}"


def thread(origin: str, root_id: uuid.UUID) -> str:
    """The name of a thread that one of our letters opened."""
    return f"{letter(origin, root_id)}/thread"


def flag(origin: str, public_id: uuid.UUID) -> str:
    """A report to another town. It never dereferences."""
    return f"{origin}/actor/flags/{public_id}"


def intent(listing_uri: str) -> str:
    """The half of a listing that an agreement satisfies (FEP-0837)."""
    return f"{proposal(listing_uri)}#primary"


def agreement(origin: str, loan_id: uuid.UUID) -> str:
    """A loan between two towns that we lead. It never dereferences: only the two desks ever see it."""
    return f"{origin}/users/instance/agreements/{loan_id}"


def offer(origin: str, bond_id: uuid.UUID, sequence: int) -> str:
    """What a borrower of ours wishes of another town: the n-th thing in one conversation."""
    return f"{origin}/users/instance/offers/{bond_id}/{sequence}"


def page(origin: str, public_id: uuid.UUID) -> str:
    """The page that people open."""
    return f"{origin}/notices/{public_id}"


def announce(origin: str, quarter: str, seed: uuid.UUID, part: int) -> str:
    """An Announce by a quarter: its id follows from the change, so that doing it again gives the same."""
    return f"{origin}/users/{quarter}/announces/{uuid.uuid5(seed, str(part))}"


def _read(pattern: re.Pattern[str], uri: str | None, *, origin: str) -> uuid.UUID | None:
    if uri is None or not uri.startswith(f"{origin}/"):
        return None
    found = pattern.fullmatch(uri[len(origin) :])
    return uuid.UUID(found[1]) if found else None


def read_listing(uri: str | None, *, origin: str) -> uuid.UUID | None:
    """The listing that an address of ours names, if it does."""
    return _read(_LISTING, uri, origin=origin)


def read_intent(uri: str, *, origin: str) -> uuid.UUID | None:
    """The listing of ours whose proposal, or half of it, an address names."""
    return _read(_PROPOSAL, uri, origin=origin)


def read_agreement(uri: str | None, *, origin: str) -> uuid.UUID | None:
    """The loan that an agreement of a town is about."""
    return _read(_AGREEMENT, uri, origin=origin)


def read_news(uri: str | None, *, origin: str) -> uuid.UUID | None:
    """The news, with a date or without, that an address of ours names, if it does."""
    return _read(_NEWS, uri, origin=origin)


def read_letter(uri: str | None, *, origin: str) -> uuid.UUID | None:
    """The letter of ours that an address names, if it does."""
    return _read(_LETTER, uri, origin=origin)


def read_actor(uri: str, *, origin: str) -> str | None:
    """The name of the actor of ours that an address could be of; nobody says that there is one. Ours alone has none."""
    if uri == f"{origin}/actor":
        return ""
    found = _ACTOR.fullmatch(uri.removeprefix(origin)) if uri.startswith(f"{origin}/") else None
    return found[1] if found else None


def read_thread(uri: str | None, *, origin: str) -> uuid.UUID | None:
    """The root letter of a thread that we named, if it is one."""
    return _read(_THREAD, uri, origin=origin)
