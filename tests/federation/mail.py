"""Letters as neighbours write them, and a look at what became of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from federation import documents
from federation.http import Client
from federation.inbox import Receipt
from federation.models import Letter, RemoteActor
from tests.federation.neighbours import OURS
from web import stores

Receive = Callable[..., Receipt]
Settle = Callable[..., int]


def meet(town: stores.Store, client: Client, uri: str, now: datetime) -> RemoteActor:
    return documents.actor(town.write, client=client, uri=uri, now=now)


def letters(town: stores.Store) -> list[Letter]:
    with town.read() as session:
        return list(session.scalars(select(Letter).order_by(Letter.id)))


def only(town: stores.Store) -> Letter:
    [letter] = letters(town)
    return letter


def create(actor: str, *, name: str = "n1", **more: Any) -> dict[str, Any]:
    note = {
        "id": f"{actor}/notes/{name}",
        "type": "Note",
        "attributedTo": actor,
        "content": "<p>I have a ladder.</p>",
        "to": [f"{OURS}/users/instance"],
        **more,
    }
    return {"id": f"{actor}/acts/{name}", "type": "Create", "actor": actor, "to": note["to"], "object": note}


def follow(actor: str, target: str = "endoume", *, number: int = 1) -> dict[str, Any]:
    uri = f"{OURS}/actor" if target == "palier" else f"{OURS}/users/{target}"
    return {"id": f"{actor}/follows/{number}", "type": "Follow", "actor": actor, "object": uri}
