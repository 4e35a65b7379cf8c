"""How an actor is found by its name, and what a host says of itself: what Mastodon and Lemmy ask first."""

import re
from typing import Final

from tests.activitypub.readers.seen import Doc, Seen, drops, failing, host, lacks, many, takes

AS2: Final = {  # protocol.md:74
    "application/activity+json",
    'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
}
OF_A_HOST: Final = "https://www.w3.org/ns/activitystreams#Service"  # protocol.md:77
NODEINFO: Final = "http://nodeinfo.diaspora.software/ns/schema/2.1"  # protocol.md:82
SOFTWARE: Final = re.compile(r"[a-z0-9-]+")  # protocol.md:82


def by_name(doc: Doc, *, actor: Doc) -> Seen:
    """What Mastodon makes of a WebFinger answer: it must lead to the actor whose name was asked for, and back."""
    ours = [link for link in many(doc.get("links")) if link.get("rel") == "self" and link.get("type") in AS2]
    fault = failing(
        {
            "subject": doc.get("subject") == f"acct:{actor['preferredUsername']}@{host(actor['id'])}",
            "self": [link.get("href") for link in ours] == [actor["id"]],
        }
    )
    return drops(fault, 74) if fault else takes(74)


def by_host(doc: Doc) -> Seen:
    """What is made of the WebFinger answer for a host: it leads to somebody who writes for all of it."""
    found = [link.get("href") for link in many(doc.get("links")) if link.get("rel") == OF_A_HOST]
    return takes(77) if len(found) == 1 and host(found[0]) == host(doc.get("subject")) else drops("nobody", 77)


def links(doc: Doc) -> Seen:
    """What is made of the well-known NodeInfo document."""
    found = [link for link in many(doc.get("links")) if link.get("rel") == NODEINFO and link.get("href")]
    return takes(82) if found else drops("no NodeInfo 2.1", 82)


def nodeinfo(doc: Doc) -> Seen:
    """What Lemmy makes of NodeInfo: where it cannot be read for three days, nothing is sent any more."""
    software, services = doc.get("software") or {}, doc.get("services") or {}
    fault = lacks(doc, "version", "protocols", "usage", "metadata") or failing(
        {
            "software": bool(SOFTWARE.fullmatch(str(software.get("name")))) and bool(software.get("version")),
            "services": {"inbound", "outbound"} <= services.keys(),
            "openRegistrations": isinstance(doc.get("openRegistrations"), bool),
            "usage": isinstance(doc.get("usage"), dict) and "users" in doc["usage"],
        }
    )
    return drops(fault, 82) if fault else takes(82)
