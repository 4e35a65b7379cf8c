"""Those who write to us: a hand that signs whatever it is told to, and the question put to every request."""

import base64
import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from activitypub import signatures

NOW = datetime(2027, 5, 11, 8, 0, 2, tzinfo=UTC)
OURS = ("voisins.example",)
KEY_ID = "https://endoume.example/users/quartier#main-key"
BODY = b'{"type":"Create"}'
INBOX = "https://voisins.example/inbox"


def verify(headers: dict[str, str], *, pem: str, **change: Any) -> None:
    asked: dict[str, Any] = {
        "method": "POST",
        "target": "/inbox",
        "body": BODY,
        "own_authorities": OURS,
        "now": NOW,
    } | change
    signatures.verify(signed=signatures.parse(headers), headers=headers, public_key_pem=pem, **asked)


class Hand:
    """Signs whatever it is told to, as an honest or dishonest stranger would."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self.key = key

    def __call__(
        self,
        names: str = "(request-target) host date digest",
        *,
        label: str | None = "rsa-sha256",
        body: bytes = BODY,
        hash_: hashes.HashAlgorithm | None = None,
        extra: str = "",
        **values: str,
    ) -> dict[str, str]:
        headers = {
            "host": "voisins.example",
            "date": format_datetime(NOW, usegmt=True),
            "digest": "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode(),
        } | {name.replace("_", "-"): value for name, value in values.items()}
        texts = headers | {"(created)": values.get("created", ""), "(expires)": values.get("expires", "")}
        text = "\n".join(
            f"{name}: post /inbox" if name == "(request-target)" else f"{name}: {texts[name]}"
            for name in names.split(" ")
        )
        made = self.key.sign(text.encode(), padding.PKCS1v15(), hash_ or hashes.SHA256())
        parameters = [f'keyId="{KEY_ID}"', f'headers="{names}"', f'signature="{base64.b64encode(made).decode()}"']
        parameters += [f"{name}={values[name]}" for name in ("created", "expires") if name in values]
        parameters += [f'algorithm="{label}"'] if label is not None else []
        sent = {name: value for name, value in headers.items() if name not in ("created", "expires")}
        return sent | {"signature": ",".join(parameters) + extra}
