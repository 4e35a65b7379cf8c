"""The two parts of httpsig that we trust: its signing string and its header parser. Never its verifier, nor its signer.

Its ``HeaderVerifier`` takes the algorithm from the incoming header: an HMAC keyed with the public (!) PEM passes. Its
signer multiplies in Python, which takes three times as long as OpenSSL for the same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any


class _DistributionNotFound(Exception):
    """What httpsig expects ``pkg_resources`` to raise."""


def _no_distribution(name: str) -> None:
    raise _DistributionNotFound(name)


def _import_httpsig() -> Any:
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
        return import_module("httpsig.utils")
    finally:
        if missing:
            del sys.modules["pkg_resources"]


_utils = _import_httpsig()


def parse_parameters(value: str) -> dict[str, str]:
    """The parameters of a Signature header that has already been found well formed, names in lower case."""
    return dict(_utils.parse_signature_header(value))


def signing_string(*, names: Sequence[str], headers: Mapping[str, str], method: str, target: str) -> bytes:
    """The text that is signed: the named headers in order. Every name must be present and every value ASCII."""
    text: bytes = _utils.generate_message(list(names), dict(headers), method=method, path=target)
    return text
