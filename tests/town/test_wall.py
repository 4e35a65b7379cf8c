"""P2, canaries: a marked value in every private column, a whole life, and a search in everything that left.

What each kind of reader may see is in `proofs/readers.py`, every way out in `proofs/channels.py`.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from federation.models import Activity
from instance.residents import Resident
from tests import keys
from tests.town.houses import Town
from tests.town.proofs import channels
from tests.town.proofs.story import Story
from tests.town.proofs.verdicts import leaks


@pytest.fixture
def story(town: Town, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    keys.install(monkeypatch)
    made = Story(town)
    yield made
    made.close()


# A crawl of everything: half a minute of one core, and several on a machine that does other things.
@pytest.mark.timeout(400)
def test_nothing_private_is_read_by_anybody_it_is_not_for(story: Story) -> None:
    story.live()
    assert story.there.titles() == {"Fête reportée"}
    assert story.far.titles() == {"Fête reportée"}
    assert len(story.across().messages) == 2
    assert len(story.canaries) > 400
    found = list(channels.everything(story))
    # A store that is no file lies in no folder; nothing else is kept there yet.
    assert {one.channel for one in found} >= SEARCHED - ({"folder"} if not channels.keeps_a_file(story.here) else set())
    assert not [str(one) for one in leaks(story, found)]


# Every channel has something in it, or its search proves nothing.
SEARCHED = {
    "error",
    "error, head",
    "request",
    "request, head",
    "names",
    "door",
    "door, head",
    "pages",
    "pages, head",
    "hall",
    "hall, live",
    "mail",
    "mail, head",
    "answer",
    "answer, head",
    "store",
    "folder",
    "log",
    "static",
}


def test_a_name_that_somebody_lets_slip_is_found_wherever_it_goes(story: Story) -> None:
    story.town.settle()
    story.there.follow(f"{story.here.origin}/users/instance")
    story.town.settle()
    with story.here.home.read() as session:
        name = session.get_one(Resident, story.odile.id).last_name
    story.here.offer(story.odile, "Perceuse", audience=channels.EVERYBODY, byline=f"Odile {name}")
    story.town.settle()
    captured = {name: channels.CHANNELS[name] for name in ("requests", "store")}
    found = leaks(story, channels.everything(story, channels=captured))
    assert {one.canary.column for one in found} == {"resident.last_name"}
    assert {one.channel for one in found} == {"request", "store"}


def test_a_blanked_letter_is_in_no_row(story: Story) -> None:
    story.live()
    with story.here.federation.read() as session:
        letters = session.scalars(select(Activity).where(Activity.type == "Create", Activity.public.is_(False))).all()
        assert [one.blanked for one in letters if "/letters/" in one.uri] == [True]
