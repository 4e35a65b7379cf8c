"""What the tests with a server of another make do and look for, on both sides."""

import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from instance.conversations import Conversation
from instance.notices import Notice
from tests.interop.conftest import Instance
from tests.interop.strangers import Stranger, until


def await_ours(ours: Instance, true: Callable[[], Any], what: str) -> Any:
    """Wait for something at our side; a failure tells what became of each letter."""
    try:
        return until(true, what)
    except AssertionError as error:
        log = ours.log.read_text()[-3000:]
        raise AssertionError(f"{error}\nletters here: {ours.sentences()}\n{log}") from None


def be_followed(ours: Instance, stranger: Stranger, *, by: str, whom: str) -> None:
    """Have one of theirs follow one of ours, and see it accepted on both sides."""
    target = ours.actor(whom)
    pair = (whom, stranger.actor(by))
    if ours.follow_states(direction="in").get(pair) == "accepted":
        return
    asked = stranger.press("follow", name=by, target=target)
    await_ours(ours, lambda: ours.follow_states(direction="in").get(pair) == "accepted", f"{by} follows {whom}")
    stranger.await_one("Accept", objectId=asked["id"], actor=target)


def follow(ours: Instance, stranger: Stranger, *, whom: str, target: str, own: str) -> None:
    """Have one of ours follow one of theirs, and wait for their consent."""
    pair = (own, stranger.actor(whom))
    ours.house.follow(target, own_username=own)
    await_ours(ours, lambda: ours.follow_states(direction="out").get(pair) == "accepted", f"{own} follows {whom}")


def notice_from(ours: Instance, uri: str) -> Notice | None:
    with ours.house.home.read() as session:
        return session.scalar(select(Notice).where(Notice.origin_uri == uri))


def is_live(ours: Instance, uri: str) -> Notice | None:
    found = notice_from(ours, uri)
    return found if found is not None and found.state == "live" else None


def about(ours: Instance, notice: Notice) -> list[Conversation]:
    return [one for one in ours.house.conversations() if one.listing_id == notice.id]


def status_of(url: str) -> int:
    return _answer(urllib.request.Request(url, headers={"Accept": "application/activity+json"}))


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Bring a letter, and be told how it was taken."""
    return _answer(urllib.request.Request(url, data=body, headers=dict(headers), method="POST"))


def _answer(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return int(error.code)
