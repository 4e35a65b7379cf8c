"""One letter makes us fetch a few documents and no more, wherever its host sends us on to."""

import pytest

from federation import settling
from federation.base import Budget, Unreachable
from federation.models import LetterState
from tests.federation.mail import Receive, Settle, create, only
from tests.federation.neighbours import Neighbour, Reply
from web import stores


def moved(peer: Neighbour, path: str, *, times: int) -> str:
    """An address from which one is sent on so many times before one is at `path`."""
    for left in range(times, 0, -1):
        following = path if left == 1 else f"{path}-moved-{left - 1}"
        peer.answers[f"{path}-moved-{left}"] = Reply(status=302, headers={"Location": f"{peer.origin}{following}"})
    return f"{peer.origin}{path}-moved-{times}" if times else f"{peer.origin}{path}"


@pytest.mark.parametrize(("times", "budget", "ends"), [(0, 8, "verified"), (2, 8, "verified"), (2, 4, "refused")])
def test_a_letter_is_settled_within_its_fetches(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    peer: Neighbour,
    eve: str,
    alice: str,
    pems: list[str],
    monkeypatch: pytest.MonkeyPatch,
    times: int,
    budget: int,
    ends: str,
) -> None:
    monkeypatch.setattr(settling, "FETCHES", budget)
    doc = create(alice)
    note = doc["object"]
    shown = {**doc, "object": note["id"]}
    peer.show("/users/alice/acts/n1", shown)
    peer.show("/users/alice/notes/n1", note)
    # Somebody of another host passes it on, so that activity, object and author are asked for at their own.
    for path in ("/users/alice/acts/n1", "/users/alice/notes/n1"):
        if times:
            held = peer.answers.pop(path)
            peer.answers[f"{path}-there"] = held
            first = moved(peer, f"{path}-there", times=times).removeprefix(peer.origin)
            peer.answers[path] = peer.answers[first]
    receive(shown, pem=pems[1], key_id=f"{eve}#main-key")
    before = len(peer.requests)
    settle()
    letter = only(town)
    assert letter.state == LetterState(ends), letter.sentence
    assert len(peer.requests) - before <= 2 * budget  # each once more where it is signed the other way
    if ends == "refused":
        assert letter.sentence == "it takes too many documents"


def test_a_budget_is_spent_and_then_refuses_for_good() -> None:
    budget = Budget(1)
    budget.spend()
    with pytest.raises(Unreachable, match="too many documents") as caught:
        budget.spend()
    assert not caught.value.transient
