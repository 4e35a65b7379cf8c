"""Finding an actor by its handle, and the host by its address (RFC 7033, FEP-d556)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Final, TypeAlias
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

from activitypub.wire import LD_JSON, MEDIA_TYPE, Doc, Malformed, each, uri

JRD: Final = "application/jrd+json; charset=utf-8"
XRD: Final = "application/xrd+xml; charset=utf-8"
SUBSCRIBE: Final = "http://ostatus.org/schema/1.0/subscribe"
MAX_RESOURCE: Final = 1000
USERNAME: Final = re.compile(r"[a-z0-9_]{1,30}")
AUTHORITY: Final = re.compile(r"[a-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9a-f:.]+\](?::[0-9]{1,5})?")
APPLICATION_NAME: Final = "palier"

# A tuple, not a set: what is compared may be a list, and that has no hash.
_SELF_TYPES: Final = (MEDIA_TYPE, LD_JSON, "application/ld+json")


class Whole(Enum):
    """What a resource names when it names no actor but all of us."""

    HOST = "host"


HOST: Final = Whole.HOST
Named: TypeAlias = str | Whole | None


def authority(origin: str) -> str:
    """``host[:port]`` of an origin."""
    return urlsplit(origin).netloc.lower()


def answer(*, username: str, origin: str, actor_uri: str, profile_url: str | None) -> dict[str, object]:
    """The JRD that tells where the actor ``username`` of ``origin`` is found."""
    links: list[dict[str, str]] = []
    if profile_url is not None:
        links.append({"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": profile_url})
    links.append({"rel": "self", "type": MEDIA_TYPE, "href": actor_uri})
    if profile_url is not None:
        # Where somebody from here who saw something elsewhere is sent to follow it.
        links.append({"rel": SUBSCRIBE, "template": f"{origin}/authorize_interaction?uri={{uri}}"})
    return {
        "subject": f"acct:{username}@{authority(origin)}",
        "aliases": [actor_uri] if profile_url is None else [profile_url, actor_uri],
        "links": links,
    }


def answer_host(*, origin: str, desk_uri: str, actor_uri: str) -> dict[str, object]:
    """The JRD of the host itself: the desk as its service, the Application as itself."""
    return {
        "subject": f"{origin}/",
        "links": [
            {"rel": "https://www.w3.org/ns/activitystreams#Service", "type": MEDIA_TYPE, "href": desk_uri},
            {"rel": "self", "type": MEDIA_TYPE, "href": actor_uri},
        ],
    }


def parse_resource(resource: str, *, origin: str) -> Named:
    """Whom ``resource`` names: a username of ours, HOST, or None when it is well formed but nobody here.

    Raises Malformed when it is neither a handle nor an http(s) URL.
    """
    if not resource or len(resource) > MAX_RESOURCE or not resource.isascii() or not resource.isprintable():
        raise Malformed("missing or not printable ASCII", where="resource")
    if resource.lower().startswith(("https://", "http://")):
        return _named_by_url(resource, origin=origin)
    username, host = parse_handle(resource)
    if host != authority(origin):
        return None
    return username if USERNAME.fullmatch(username) else None


def parse_handle(handle: str) -> tuple[str, str]:
    """Name and ``host[:port]`` of ``acct:name@host``, ``@name@host`` or ``name@host``. Raises Malformed.

    The host comes in lower case; a name of ours is compared so as well, a stranger's may be told apart by its case.
    """
    bare = handle.strip().removeprefix("acct:").removeprefix("@")
    username, at, host = bare.rpartition("@")
    # ASCII first: lower() turns a Kelvin sign into a plain k, and so one host into another.
    if not at or not username or "@" in username or not host.isascii() or not AUTHORITY.fullmatch(host.lower()):
        raise Malformed("not a handle", where="resource")
    return (username.lower() if USERNAME.fullmatch(username.lower()) else username), host.lower()


def question(*, resource: str, origin: str) -> str:
    """The URL at which the server at ``origin`` answers who ``resource`` (``acct:name@host`` or a URL) is there."""
    return f"{origin}/.well-known/webfinger?resource={quote(resource, safe='')}"


def read(doc: Doc) -> str:
    """The actor's id in another server's JRD. Raises Malformed when it names none."""
    for link in each(doc.get("links")):
        if isinstance(link, Mapping) and link.get("rel") == "self" and link.get("type") in _SELF_TYPES:
            found = uri(link.get("href"))
            if found is not None:
                return found
    raise Malformed("no link to an actor", where="links")


def host_meta(*, origin: str) -> str:
    """The XRD that points to WebFinger, for servers that ask the old way (RFC 6415)."""
    template = escape(f"{origin}/.well-known/webfinger?resource={{uri}}", {'"': "&quot;"})
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">'
        f'<Link rel="lrdd" type="application/jrd+json" template="{template}"/></XRD>'
    )


def _named_by_url(resource: str, *, origin: str) -> Named:
    try:
        parts = urlsplit(resource)
    except ValueError:
        raise Malformed("not a URL", where="resource") from None
    if parts.netloc.lower() != authority(origin) or parts.scheme != urlsplit(origin).scheme or parts.query:
        return None
    path = parts.path
    if path in ("", "/"):
        return HOST
    if path == "/actor":
        return APPLICATION_NAME
    found = re.fullmatch(r"/(?:users/|@)([A-Za-z0-9_]{1,30})", path)
    return found[1].lower() if found else None
