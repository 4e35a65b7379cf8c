"""Fixtures of the language: letters as files, and one pair of keys for the whole run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from activitypub import keys, signatures
from tests.activitypub.strangers import BODY, INBOX, KEY_ID, NOW, Hand

LETTERS = Path(__file__).parent / "letters"

# No example database: nothing is written into the tree, and a failing example is printed with its blob anyway.
settings.register_profile("palier", deadline=None, max_examples=100, database=None, print_blob=True)
settings.load_profile("palier")


@pytest.fixture
def letter() -> Callable[[str], dict[str, Any]]:
    """One of the example documents, by its file name."""
    return lambda name: json.loads((LETTERS / f"{name}.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def private_pem() -> str:
    return keys.generate()


@pytest.fixture(scope="session")
def public_pem(private_pem: str) -> str:
    return keys.public_pem(private_pem)


@pytest.fixture
def sent(private_pem: str) -> dict[str, str]:
    """A genuine POST."""
    return signatures.sign(method="POST", url=INBOX, body=BODY, key_pem=private_pem, key_id=KEY_ID, now=NOW)


@pytest.fixture
def hand(private_pem: str) -> Hand:
    return Hand(keys.load_private(private_pem))
