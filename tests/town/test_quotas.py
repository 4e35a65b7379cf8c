"""How much others may write here: what is over it ends as a sentence, and nothing of it hangs."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from federation.hatch import quotas
from instance.comments import Comment
from instance.notices import State
from tests.town import strangers
from tests.town.houses import Town
from tests.town.strangers import PUBLIC, Stranger

PINNED = "pinned under the news it answers"


@pytest.fixture
def stranger(town: Town) -> Stranger:
    return strangers.build(town)


def hang(stranger: Stranger, count: int) -> list[dict[str, Any]]:
    """Let so many comments come in; their letters."""
    stranger.send(stranger.create(stranger.comment()))
    made = [stranger.create(stranger.comment()) for _ in range(count - 1)]
    for doc in made:
        stranger.arrive(doc)
    stranger.here.work_home()
    return made


def hung(stranger: Stranger) -> int:
    with stranger.here.home.read() as session:
        return session.scalar(select(func.count()).where(Comment.state == State.LIVE.value)) or 0


def test_a_host_that_nobody_follows_answers_so_often_in_a_day(stranger: Stranger) -> None:
    made = hang(stranger, quotas.FROM_A_STRANGERS_HOST + 11)
    assert hung(stranger) == quotas.FROM_A_STRANGERS_HOST
    last = stranger.here.letters()[-1]
    assert (last.state, last.sentence) == ("refused", "its town wrote enough here for a day")
    # What hangs may come a second time, and what is taken back makes no room.
    first = made[0]["object"]
    again = stranger.send(stranger.activity("Update", object=first, to=[PUBLIC]))
    assert again.sentence == PINNED
    stranger.send(stranger.activity("Delete", object=first["id"], to=[PUBLIC]))
    assert stranger.send(stranger.create(stranger.comment())).state == "refused"
    stranger.town.now += timedelta(days=1, minutes=1)
    assert stranger.send(stranger.create(stranger.comment())).sentence == PINNED


def test_whom_somebody_follows_may_answer_more_often_and_no_text_is_buried(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "FROM_A_STRANGERS_HOST", 2)
    monkeypatch.setattr(quotas, "UNDER_ONE_TEXT", 4)
    stranger.here.follow(stranger.me)
    stranger.town.settle()
    hang(stranger, 5)
    assert hung(stranger) == 4
    last = stranger.here.letters()[-1]
    assert (last.state, last.sentence) == ("refused", "enough was written under that for a day")


def test_one_that_mentions_many_is_looked_at_first(stranger: Stranger) -> None:
    tags = [
        {"type": "Mention", "href": f"{stranger.me}/{one}", "name": f"@{one}"} for one in range(quotas.MENTIONS + 1)
    ]
    letter = stranger.send(stranger.create(stranger.comment(tag=tags)))
    assert letter.sentence == "held for a moderator: it mentions many"
    assert hung(stranger) == 0
    assert stranger.send(stranger.create(stranger.comment(tag=tags[1:]))).sentence == PINNED
