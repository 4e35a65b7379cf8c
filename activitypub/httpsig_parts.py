"""The three parts of httpsig that we trust: its signer, its signing string and its header parser. Never its verifier.

Its ``HeaderVerifier`` takes the algorithm from the incoming header: an HMAC keyed with the public (!) PEM passes.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any, Final


class _DistributionNotFound(Exception):
    """What httpsig expects ``pkg_resources`` to raise."""


def _no_distribution(name: str) -> None:
    raise _DistributionNotFound(name)


def _import_httpsig() -> tuple[Any, Any]:
    """Import httpsig past its ``pkg_resources``, a module that current setuptools no longer has.

    httpsig asks it for its own version, once. A stand-in answers and is taken away again, so that no other library
    mistakes it for the real one.
    """
    missing = "pkg_resources" not in sys.modules
    if missing:
        stand_in = ModuleType("pkg_resources")
        stand_in.get_distribution = _no_distribution  # type: ignore[attr-defined]
        stand_in.DistributionNotFound = _DistributionNotFound  # type: ignore[attr-defined]
        sys.modules["pkg_resources"] = stand_in
    try:
        return import_module("httpsig.sign"), import_module("httpsig.utils")
    finally:
        if missing:
            del sys.modules["pkg_resources"]


_sign, _utils = _import_httpsig()

ALGORITHM: Final = "rsa-sha256"


def parse_parameters(value: str) -> dict[str, str]:
    """The parameters of a Signature header that has already been found well formed, names in lower case."""
    return dict(_utils.parse_signature_header(value))


def signing_string(*, names: Sequence[str], headers: Mapping[str, str], method: str, target: str) -> bytes:
    """The text that is signed: the named headers in order. Every name must be present and every value ASCII."""
    text: bytes = _utils.generate_message(list(names), dict(headers), method=method, path=target)
    return text


def signature_header(
    *, names: Sequence[str], headers: Mapping[str, str], method: str, target: str, key_id: str, key_pem: str
) -> str:
    """The Signature header over the named headers."""
    signer = _signer(key_id, key_pem, tuple(names))
    value: str = signer.sign(dict(headers), method=method, path=target)["signature"]
    return value


@lru_cache(maxsize=256)
def _signer(key_id: str, key_pem: str, names: tuple[str, ...]) -> Any:
    # One signer per key: making it parses the PEM (30 ms). It keeps no state of a request.
    # Its template is filled by %, hence the doubling.
    return _sign.HeaderSigner(
        key_id.replace("%", "%%"), key_pem, algorithm=ALGORITHM, headers=list(names), sign_header="signature"
    )
