"""The plainest documents of other software, for tests to change."""

from typing import Any

from activitypub import codec
from activitypub import vocabulary as v

NOTE: dict[str, Any] = {
    "id": "https://m.example/notes/1",
    "type": "Note",
    "attributedTo": "https://m.example/users/asso",
    "content": "<p>Bonjour</p>",
}


ACTOR: dict[str, Any] = {
    "id": "https://m.example/users/asso",
    "type": "Person",
    "preferredUsername": "asso",
    "inbox": "https://m.example/users/asso/inbox",
    "publicKey": {
        "id": "https://m.example/users/asso#main-key",
        "owner": "https://m.example/users/asso",
        "publicKeyPem": "PEM",
    },
}


def note(**more: Any) -> v.Note:
    word = codec.read_object({**NOTE, **more})
    assert isinstance(word, v.Note)
    return word


def activity(kind: str, thing: object, **more: Any) -> dict[str, Any]:
    return {"id": "https://m.example/a/1", "type": kind, "actor": "https://m.example/u", "object": thing, **more}
