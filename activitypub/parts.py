"""The small things that stand inside documents: keys, pages, tags, pictures, places, standards."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Final

from activitypub import proofs
from activitypub.details import (
    Generator,
    Hashtag,
    Mention,
    Multikey,
    ObjectLink,
    Picture,
    Place,
    PostalAddress,
    PublicKey,
    Standard,
    Tag,
)
from activitypub.wire import Doc, address, count, each, kinds, number, sole, text, uri

MAX_PARTS: Final = 100  # tags or pictures of one object
MAX_MULTIKEYS: Final = 8
MAX_URN: Final = 200
MAX_OPTIONS: Final = 20
LONGEST_OPTION: Final = 200
PLAIN: Final = ("text/markdown", "text/plain")
IMAGE_NAMES: Final = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif")


def read_keys(doc: Doc) -> tuple[PublicKey, ...]:
    """The keys that an actor document, an actor's stub or a key's own document carries; broken ones are left out."""
    owner = uri(doc.get("id"))
    keys = [read_key(part, owner=owner) for part in each(doc.get("publicKey"))]
    keys.append(read_key(doc, owner=None))  # a document of the key itself
    return tuple(key for key in keys if key is not None)


def read_key(part: object, *, owner: str | None) -> PublicKey | None:
    """The key in ``part``, said to belong to ``owner`` unless it names its owner itself; None when it is broken."""
    if not isinstance(part, Mapping):
        return None
    key_id, pem = uri(part.get("id")), part.get("publicKeyPem")
    owner = uri(part.get("owner")) or uri(part.get("controller")) or owner
    if key_id is None or owner is None or not isinstance(pem, str):
        return None
    return PublicKey(id=key_id, owner=owner, pem=pem)


def read_multikeys(doc: Doc, *, owner: str) -> tuple[Multikey, ...]:
    """The keys an actor proves documents with: those written out in it, its own, of one kind we read (FEP-521a)."""
    found = []
    for part in each(doc.get("assertionMethod"))[:MAX_MULTIKEYS]:
        if not isinstance(part, Mapping) or "Multikey" not in kinds(part) or uri(part.get("controller")) != owner:
            continue
        key_id, multibase = uri(part.get("id")), part.get("publicKeyMultibase")
        if key_id is not None and isinstance(multibase, str) and proofs.is_readable(multibase):
            found.append(Multikey(id=key_id, controller=owner, multibase=multibase))
    return tuple(found)


def read_page_url(doc: Doc) -> str | None:
    """The page for people among the ``url`` of a document: called HTML, else on the host of its id, else any."""
    parts = [part for part in each(doc.get("url")) if not isinstance(part, list)]
    pages = [part for part in parts if isinstance(part, Mapping) and part.get("mediaType") == "text/html"]
    others = [part for part in parts if not isinstance(part, Mapping) or part.get("mediaType") is None]
    near = [part for part in others if _host(uri(part)) == _host(uri(doc.get("id")))]
    return next((found for part in (*pages, *near, *others) if (found := uri(part)) is not None), None)


def _host(address_: str | None) -> str:
    return (address_ or "").partition("://")[2].partition("/")[0]


def read_link(doc: Doc) -> str | None:
    """What a text is about, elsewhere: the link attached to it, else a page of another host it gives as its own."""
    attached = [part for part in each(doc.get("attachment"))[:MAX_PARTS] if isinstance(part, Mapping)]
    links = [found for part in attached if "Link" in kinds(part) and (found := uri(part.get("href"))) is not None]
    page = read_page_url(doc)
    is_elsewhere = page is not None and _host(page) != _host(uri(doc.get("id")))
    return links[0] if links else page if is_elsewhere else None


def read_html(doc: Doc) -> str:
    """The ``content`` as HTML; PeerTube and some forums give Markdown or plain text, and say so."""
    content = text(doc, "content") or ""
    if doc.get("mediaType") not in PLAIN:
        return content
    paragraphs = (html.escape(part.strip()) for part in content.replace("\r\n", "\n").split("\n\n") if part.strip())
    return "".join(f"<p>{part}</p>" for part in paragraphs).replace("\n", "<br>")


def read_tags(doc: Doc) -> tuple[Tag, ...]:
    """The mentions, hashtags and links that can be read; the others are left out."""
    found = (_tag(part) for part in each(doc.get("tag"))[:MAX_PARTS] if isinstance(part, Mapping))
    return tuple(tag for tag in found if tag is not None)


def _tag(part: Doc) -> Tag | None:
    href, name = uri(part.get("href")), text(part, "name")
    for kind in kinds(part):
        if kind == "Hashtag" and name:
            return Hashtag(name=name, href=href)
        if kind == "Mention" and href:
            return Mention(href=href, name=name)
        if kind == "Link" and href:
            rel = tuple(word for word in each(part.get("rel")) if isinstance(word, str))
            return ObjectLink(href=href, rel=rel, media_type=text(part, "mediaType"), name=name)
    return None


def read_pictures(value: object) -> tuple[Picture, ...]:
    """The images among one or many attachments."""
    found = (_picture(part) for part in each(value)[:MAX_PARTS] if isinstance(part, Mapping))
    return tuple(picture for picture in found if picture is not None)


def _picture(part: Doc) -> Picture | None:
    where, media_type = uri(part.get("url")), text(part, "mediaType")
    if where is None or not _is_image(part, where=where, media_type=media_type):
        return None
    width, height = count(part.get("width")), count(part.get("height"))
    alt = text(part, "name") or text(part, "summary")
    return Picture(url=where, media_type=media_type, alt=alt, width=width, height=height)


def _is_image(part: Doc, *, where: str, media_type: str | None) -> bool:
    """Whether an attachment is an image; a Document that does not say what it is, by the end of its name."""
    if "Image" in kinds(part):
        return True
    return "Document" in kinds(part) and (
        media_type.startswith("image/") if media_type else where.lower().endswith(IMAGE_NAMES)
    )


def read_quotable_by(doc: Doc) -> tuple[str, ...] | None:
    """Who may quote without being asked (FEP-044f); None when the author said nothing."""
    policy = doc.get("interactionPolicy")
    quoting = policy.get("canQuote") if isinstance(policy, Mapping) else None
    return address(quoting.get("automaticApproval")) if isinstance(quoting, Mapping) else None


def read_place(value: object) -> Place | None:
    """The named place in ``value``, or None."""
    part = sole(value)
    name = text(part, "name") if isinstance(part, Mapping) else None
    if not isinstance(part, Mapping) or not name:
        return None
    return Place(
        id=uri(part.get("id")),
        name=name,
        latitude=number(part.get("latitude")),
        longitude=number(part.get("longitude")),
        address=_postal_address(part.get("address")),
    )


def _postal_address(value: object) -> PostalAddress | None:
    part = sole(value)
    if isinstance(part, str):  # Gancio writes it in one line
        return PostalAddress(street=part) if part else None
    if not isinstance(part, Mapping):
        return None
    found = PostalAddress(
        street=text(part, "streetAddress"),
        postal_code=text(part, "postalCode"),
        locality=text(part, "addressLocality"),
        region=text(part, "addressRegion"),
        country=text(part, "addressCountry"),
    )
    return found if found != PostalAddress() else None


def read_standards(value: object) -> tuple[Standard, ...]:
    """What a server says that it keeps to (FEP-844e), each named by where it is written."""
    found = []
    for part in each(value)[:MAX_PARTS]:
        href = uri(part) or _urn(part)
        if href is not None:
            found.append(Standard(href=href, name=text(part, "name") if isinstance(part, Mapping) else None))
    return tuple(found)


def _urn(part: object) -> str | None:
    """A name without a host (RFC 8141): what is written in nobody's place in particular."""
    href = part.get("href", part.get("id")) if isinstance(part, Mapping) else part
    is_name = isinstance(href, str) and href.startswith("urn:") and len(href) <= MAX_URN and href.isprintable()
    return href if is_name and isinstance(href, str) and " " not in href else None


def read_generator(value: object) -> Generator | None:
    """The server behind an actor, by its id or written out; None when nothing is said of it."""
    part = sole(value)
    standards = read_standards(part.get("implements")) if isinstance(part, Mapping) else ()
    name = uri(part)
    return Generator(id=name, implements=standards) if name or standards else None


def read_options(doc: Doc) -> tuple[str, ...]:
    """The answers a question offers, cut where an honest one ends (CVE-2026-23962)."""
    parts = each(doc.get("oneOf")) or each(doc.get("anyOf"))
    names = (text(part, "name") for part in parts[:MAX_OPTIONS] if isinstance(part, Mapping))
    return tuple(name[:LONGEST_OPTION] for name in names if name)
