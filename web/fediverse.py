"""What other servers ask and send: actors, documents, collections, discovery, and the inbox."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import cast
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, current_app, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import MethodNotAllowed, NotFound, Unauthorized, UnsupportedMediaType

from activitypub import codec, nodeinfo, vocabulary, webfinger
from activitypub.vocabulary import ActorKind
from federation import collections, followers, identity, inbox, outlines
from federation.base import AS2, passing
from federation.models import Activity, ActorState, Document, DocumentState, OwnActor
from federation.postbox import Postbox
from web import VERSION, stores
from web.settings import SideSettings

SETTINGS = "palier_side_settings"
NUDGE = "palier_nudge"
CLOCK = "palier_now"
POSTBOX = "palier_postbox"
AS2_TYPE = "application/activity+json; charset=utf-8"
# What means "not a person": AS2 in its spellings, and plain JSON, which some software sends.
MACHINE_TYPES = ("application/activity+json", "application/ld+json", "application/json")
SECURITY_TXT_LASTS = timedelta(days=180)

routes = Blueprint("fediverse", __name__)


def _settings() -> SideSettings:
    return cast("SideSettings", current_app.extensions[SETTINGS])


def _now() -> datetime:
    return cast("Callable[[], datetime]", current_app.extensions[CLOCK])()


def _reading() -> Session:
    return stores.of(current_app)[stores.FEDERATION].read()


# --- answers


def _raw(body: bytes, *, status: int = 200) -> Response:
    answer = Response(body, status=status, content_type=AS2_TYPE)
    answer.headers["Vary"] = "Accept, Signature"
    answer.headers["Cache-Control"] = "max-age=0"
    return answer


def _word(word: vocabulary.Word, *, status: int = 200) -> Response:
    return _raw(codec.encode(codec.write(word)), status=status)


def _json(doc: Mapping[str, object], content_type: str) -> Response:
    answer = Response(codec.encode(doc), content_type=content_type)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _to_page(url: str) -> Response:
    """Send a person to the page; other software that does not say what it reads is taken for a person."""
    answer = Response(status=303)
    answer.headers["Location"] = url
    answer.headers["Vary"] = "Accept, Signature"
    answer.headers["Link"] = f'<{_here()}>; rel="alternate"; type="application/activity+json"'
    return answer


def _here() -> str:
    return _settings().origin + quote(request.path, safe="/@:~!$&'()*+,;=")


def _is_person(accept: MIMEAccept) -> bool:
    """Whether a page is wanted; a wildcard asks for nothing in particular, so it counts for neither."""
    if not accept:
        return False
    named = [(value.partition(";")[0].strip().lower(), quality) for value, quality in accept]
    machine = max((quality for kind, quality in named if kind in MACHINE_TYPES), default=0)
    page = max((quality for kind, quality in named if kind == "text/html"), default=0)
    return machine <= 0 or page > machine


# --- actors


def _find_actor(session: Session, name: str) -> OwnActor:
    actor = identity.find(session, name)
    if actor is None:
        raise NotFound
    return actor


def _present(actor: OwnActor) -> Response:
    origin = _settings().origin
    me = identity.uri(origin, actor.username)
    if actor.state == ActorState.GONE:
        return _word(vocabulary.Tombstone(id=me, former_type=actor.kind), status=410)
    if actor.url and _is_person(request.accept_mimetypes):
        return _to_page(actor.url)
    return _word(identity.describe(actor, origin=origin))


@routes.get("/actor")
def application() -> Response:
    """Present the instance itself; readable unsigned, or two careful servers could never meet."""
    with _reading() as session:
        return _present(_find_actor(session, identity.APPLICATION))


@routes.get("/users/<name>")
def actor(name: str) -> Response:
    """Present a quarter, an organisation or the desk."""
    if name == identity.APPLICATION:
        raise NotFound  # it lives at /actor, and nowhere twice
    with _reading() as session:
        return _present(_find_actor(session, name))


@routes.get("/actor/outbox", defaults={"name": identity.APPLICATION})
@routes.get("/users/<name>/outbox")
def outbox(name: str) -> Response:
    """List what an actor published."""
    origin = _settings().origin
    with _reading() as session:
        found = _active(session, name)
        if "page" not in request.args:
            return _word(collections.outbox(session, actor=found, origin=origin))
        before, after = request.args.get("before"), request.args.get("after")
        return _word(collections.outbox_page(session, actor=found, origin=origin, before=before, after=after))


@routes.get("/users/<name>/featured")
def featured(name: str) -> Response:
    """List what an organisation announced that is still to come."""
    with _reading() as session:
        found = _active(session, name)
        if found.kind != ActorKind.ORGANIZATION:
            raise NotFound
        return _word(collections.featured(session, actor=found, origin=_settings().origin, now=_now()))


@routes.get("/users/<name>/followers", defaults={"collection": "followers"})
@routes.get("/users/<name>/following", defaults={"collection": "following"})
def hidden(name: str, collection: str) -> Response:
    """Say that there are followers, and not who."""
    with _reading() as session:
        return _word(collections.hidden(actor=_active(session, name), origin=_settings().origin, name=collection))


@routes.get("/users/<name>/followers_synchronization")
def own_followers(name: str) -> Response:
    """Tell a host which of its own people follow an actor of ours, and nobody else (FEP-8fcf)."""
    origin, headers = _settings().origin, dict(request.headers.items())
    with _reading() as session:
        found = _active(session, name)
        host, key_id = followers.asker(session, target=_target(), headers=headers, origin=origin, now=_now())
        if host is not None:
            answer = _word(followers.of_host(session, actor=found, host=host, origin=origin))
            answer.headers["Cache-Control"] = "private, no-store"
            return answer
    if key_id:
        with stores.of(current_app)[stores.FEDERATION].write.begin() as session:
            followers.want_key(session, key_id=key_id, now=_now())
    raise Unauthorized


def _active(session: Session, name: str) -> OwnActor:
    found = _find_actor(session, name)
    if found.state != ActorState.ACTIVE:
        raise NotFound
    return found


@routes.get("/actor/<any(quarters, organisations):name>")
def stream(name: str) -> Response:
    """List our quarters or organisations for other instances."""
    origin = _settings().origin
    with _reading() as session:
        if "page" not in request.args:
            return _word(collections.stream(session, name=name, origin=origin))
        after = request.args.get("after", "")
        if not (after.isascii() and after.isprintable()):
            raise NotFound
        return _word(collections.stream_page(session, name=name, origin=origin, after=after))


@routes.get("/actor/outlines")
def outlines_of_quarters() -> Response:
    """Show where our open quarters lie, as far as an administrator entered it."""
    with _reading() as session:
        doc = outlines.shown(session, origin=_settings().origin)
    if doc is None:
        raise NotFound
    return _raw(codec.encode(doc))


# --- documents


@routes.get("/users/<name>/<path:rest>")
def document(name: str, rest: str) -> Response:
    """Serve a document or public activity byte for byte; what is private looks like what never was."""
    del name
    if rest == "inbox":
        raise MethodNotAllowed(valid_methods=["POST"])
    uri = _settings().origin + request.path
    with _reading() as session:
        if uri.endswith(collections.CONTEXT) and (found := collections.context(session, uri=uri)):
            return _word(found)
        row = session.scalar(select(Document).where(Document.uri == uri))
        if row is None:
            return _serve_activity(session, uri)
        if row.state == DocumentState.GONE:
            return _raw(row.body, status=410)
        if row.url and _is_person(request.accept_mimetypes):
            return _to_page(row.url)
        return _raw(row.body)


def _serve_activity(session: Session, uri: str) -> Response:
    row = session.scalar(select(Activity).where(Activity.uri == uri, Activity.public.is_(True)))
    if row is None or row.blanked:
        raise NotFound
    return _raw(row.body)


# --- the inbox


@routes.post("/inbox")
@routes.post("/actor/inbox")
@routes.post("/users/<name>/inbox")
def deliver(name: str | None = None) -> Response:
    """Take a letter in; whose inbox it is says nothing, and an unknown one is no reason to lose it."""
    del name
    _check_type()
    arrival = inbox.Arrival(
        method=request.method,
        target=_target(),
        headers=dict(request.headers.items()),
        body=request.get_data(cache=False),
        remote_addr=request.remote_addr or "",
    )
    return _receipt(cast("Postbox", current_app.extensions[POSTBOX]).take(arrival, nudge=_nudge))


def _check_type() -> None:
    accepted = {kind.partition(";")[0] for kind in AS2}
    if request.mimetype not in accepted or request.headers.get("Content-Encoding"):
        raise UnsupportedMediaType


def _target() -> str:
    """Path and query as they were sent: a signature covers the spelling."""
    sent = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    if sent:
        parts = urlsplit(str(sent))
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    query = request.query_string.decode("latin-1")
    return quote(request.path, safe="/@:~!$&'()*+,;=") + (f"?{query}" if query else "")


def _nudge() -> None:
    nudge = cast("Callable[[], object] | None", current_app.extensions.get(NUDGE))
    if nudge is not None:
        nudge()


def _receipt(receipt: inbox.Receipt) -> Response:
    if receipt.status == 202:
        taken = Response(status=202, content_type="application/json")
        taken.call_on_close(partial(passing, "in: acknowledged"))
        return taken
    answer = Response(codec.encode({"error": "not accepted"}), status=receipt.status, content_type="application/json")
    if receipt.retry_after is not None:
        answer.headers["Retry-After"] = str(receipt.retry_after)
    return answer


# --- discovery


@routes.get("/.well-known/webfinger")
def find() -> Response:
    """Say where an actor is (RFC 7033)."""
    origin = _settings().origin
    try:
        named = webfinger.parse_resource(request.args.get("resource", ""), origin=origin)
    except codec.Malformed:
        return Response(codec.encode({"error": "bad resource"}), status=400, content_type="application/json")
    if named is None:
        raise NotFound
    with _reading() as session:
        if isinstance(named, webfinger.Whole):
            doc = webfinger.answer_host(
                origin=origin,
                desk_uri=identity.uri(origin, identity.DESK),
                actor_uri=identity.uri(origin, identity.APPLICATION),
            )
            return _json(doc, webfinger.JRD)
        found = _active(session, named)
        actor_uri = identity.uri(origin, found.username)
        doc = webfinger.answer(username=found.username, origin=origin, actor_uri=actor_uri, profile_url=found.url)
        return _json(doc, webfinger.JRD)


@routes.get("/.well-known/host-meta")
def host_meta() -> Response:
    """Point to WebFinger for software that asks the old way."""
    return Response(webfinger.host_meta(origin=_settings().origin), content_type=webfinger.XRD)


@routes.get("/.well-known/nodeinfo")
def nodeinfo_links() -> Response:
    """Say where NodeInfo is."""
    return _json(nodeinfo.well_known(origin=_settings().origin), "application/json")


@routes.get("/nodeinfo/<any('2.0', '2.1'):version>")
def nodeinfo_document(version: str) -> Response:
    """Say what software this is; no figures about people."""
    settings = _settings()
    doc = nodeinfo.document(
        version=version,
        software_version=VERSION,
        name=settings.name,
        source_url=settings.source_url or None,
    )
    return _json(doc, nodeinfo.media_type(version))


@routes.get("/.well-known/security.txt")
def security_txt() -> Response:
    """Say whom to tell about a weakness (RFC 9116)."""
    settings = _settings()
    if not settings.contact_email:
        raise NotFound
    expires = (_now() + SECURITY_TXT_LASTS).strftime("%Y-%m-%dT00:00:00Z")
    text = f"Contact: mailto:{settings.contact_email}\nExpires: {expires}\nPreferred-Languages: fr, en\n"
    return Response(text, content_type="text/plain; charset=utf-8")
