"""What an answer tells: all of it, less what it draws anew for everybody, and less the word that was asked for."""

import re
import uuid
from typing import TypeAlias

from werkzeug.test import TestResponse

NEVER = uuid.UUID("8b2f6a0e-0f0f-4f0f-8f0f-0f0f0f0f0f0f")
# What an answer draws anew for everybody, and tells nobody anything.
FRESH = re.compile(rb'(name="csrf_token"[^>]*value="|data-passkey-token="|nonce-|<code>)[^"<]*')
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Letters as codes and keys have them: without I, L, O and U.
RUNS = ("0123456789abcdef", "ghijklmnopqrstuvwxyz", "ABCDEFGHJKMNPQRSTVWXYZ")
Told: TypeAlias = tuple[int, list[tuple[str, str]], bytes]


def told(answer: TestResponse, *, asked: str) -> Told:
    """Status, every header, and the body. Of a cookie only its name: what is in it is its own browser's."""
    head = [
        (name, value.partition("=")[0] if name == "Set-Cookie" else value.replace(asked, "ASKED"))
        for name, value in answer.headers
    ]
    body = FRESH.sub(b"", answer.data).replace(asked.encode(), b"ASKED")
    answer.close()
    return answer.status_code, head, body


def never(like: str) -> str:
    """A word of the same shape and length that was never anything here."""
    if UUID.fullmatch(like):
        return str(NEVER)
    return like.translate(
        str.maketrans({one: other for run in RUNS for one, other in zip(run, run[1:] + run[0], strict=True)})
    )
