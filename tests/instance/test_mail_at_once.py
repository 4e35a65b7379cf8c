"""Links to one address opened at the same moment: the first one counts, the others are told, and nothing breaks."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from instance import addresses, mailboxes, passes, residents
from instance.base import Refused
from instance.residents import Resident
from web import stores

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
KEY = b"k" * 32
ADDRESS = "ana@courriel.example"


def neighbours(store: stores.Store, *, logins: Sequence[str]) -> list[str]:
    """Accounts that all ask for the same address; the tokens of their links."""
    tokens = []
    with store.write.begin() as session:
        for login in logins:
            somebody = residents.register(
                session, login=login, first_name="Ana", last_name="Exemple", password="une longue phrase",
                email=None, locale="fr", now=NOW,
            )  # fmt: skip
            asked = addresses.ask(session, resident=somebody, address=ADDRESS, now=NOW)
            assert asked is not None
            tokens.append(passes.token(asked, key=KEY))
    return tokens


def at_once(store: stores.Store, *, tokens: Sequence[str]) -> list[str]:
    """Open the links; every later one is under way before the first is committed. What came of each."""
    said = []

    def confirm(token: str) -> None:
        with store.write() as session:
            try:
                addresses.confirm(session, token=token, key=KEY, now=NOW)
                session.commit()
                said.append("confirmed")
            except Refused as refused:
                said.append(refused.code)

    first, *others = tokens
    with store.write() as session:
        addresses.confirm(session, token=first, key=KEY, now=NOW)
        threads = [threading.Thread(target=confirm, args=(token,)) for token in others]
        for one in threads:
            one.start()
        for one in threads:
            one.join(timeout=1)
            assert one.is_alive(), "waits for the first one"
        session.commit()
    for one in threads:
        one.join(timeout=30)
    return said


def test_one_link_opened_twice_is_a_used_link_the_second_time(home_store: stores.Store) -> None:
    (token,) = neighbours(home_store, logins=["ana"])
    assert at_once(home_store, tokens=[token, token]) == ["link_dead"]


@pytest.mark.parametrize("asking", [["ana", "ben"], ["ana", "ben", "cleo"]])
def test_one_address_confirmed_by_several_belongs_to_the_first(home_store: stores.Store, asking: list[str]) -> None:
    tokens = neighbours(home_store, logins=asking)
    assert at_once(home_store, tokens=tokens) == ["email_taken"] * (len(asking) - 1)
    with home_store.read() as session:
        owners = [one for one in session.query(Resident) if mailboxes.address(session, resident=one) == ADDRESS]
        assert [one.login for one in owners] == ["ana"]
