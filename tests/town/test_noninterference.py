"""P3, non-interference: two towns that differ in everything private cannot be told apart from outside.

Stronger than a search for marked values, because it needs no list of encodings: whatever of the private side has any
influence on what leaves, on its order, its length or its number, shows as a difference of bytes. No field is left out.
What is not compared is when something leaves: the clock stands still between public acts.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from federation.hatch import boundary, outbox
from federation.models import Crossing
from instance import journal
from instance.notices import Notice
from instance.residents import Resident
from tests.town import canaries
from tests.town.houses import House
from tests.town.proofs import script
from tests.town.proofs.script import Line, Twin
from tests.town.proofs.twins import EVENTS

pytestmark = pytest.mark.timeout(400)
Play = Callable[..., tuple[Twin, list[Line]]]


@pytest.fixture
def play(make_store: Callable[..., str], tmp_path: Path, now: datetime) -> Play:
    """Tell the story of one twin."""
    return lambda twin, **how: script.run(make_store, folder=tmp_path, now=now, twin=twin, **how)


def differences(one: list[Line], other: list[Line]) -> list[str]:
    """Where two runs can be told apart."""
    found = [f"{a[0]}\n  {a[1]}\n  {b[1]}" for a, b in zip(one, other, strict=False) if a != b]
    return found if len(one) == len(other) else [*found, f"{len(one)} and {len(other)} lines"]


def test_two_towns_that_differ_in_everything_private_are_the_same_from_outside(play: Play) -> None:
    one, seen = play(0)
    other, seen_too = play(1)
    assert not differences(seen, seen_too)[:3]
    assert len(one.town.sent) > 40
    _have_nothing_private_in_common(one, other)


# Columns of words that may be the same in both: names of what is public, words of the domain, and what the other
# town, which is the same in both, calls itself.
ALIKE = canaries.TOLD | {
    "building.postcode",
    "conversation.remote_actor",
    "conversation.remote_host",
    "conversation.remote_name",
    "conversation.remote_thread",
    "decision.words",  # what was public and hidden
    "far_desk.actor",
    "lot.number",
    "message.remote_uri",
    "news_item.place",  # of what is public
    "notice.origin_actor",
    "notice.origin_host",
    "notice.origin_name",
    "notice.origin_uri",
    "notice.origin_url",
    "notice.search_text",  # of what is public, too
    "outgoing_mail.kind",
    "outgoing_mail.state",
    "pass.purpose",
    "widening.pace",
}


def _have_nothing_private_in_common(one: Twin, other: Twin) -> None:
    """What the proof rests on: every event happened, every table has another number of rows, each private column other
    words. A new table or column is asked for like all others."""
    for twin in (one, other):
        assert twin.lives[0].seen == {event.__name__ for event in EVENTS}
    assert not [name for name, count in one.counts.items() if count == other.counts[name]]
    both = {name for name, words in one.texts.items() if words & other.texts[name]}
    assert sorted(both - ALIKE) == []


# --- controls: each of these leaks must be seen


def _tell_the_size_of_the_building(patch: pytest.MonkeyPatch) -> None:
    listing = boundary._listing

    def leaky(notice: Notice, **given: object) -> object:
        lots = len(notice.author.homes[0].lot.building.lots)  # type: ignore[union-attr]
        return listing(notice, **given | {"byline": f"Une voisine{' ' * lots}"})  # type: ignore[arg-type]

    patch.setattr(boundary, "_listing", leaky)


def _deliver_by_name_of_author(patch: pytest.MonkeyPatch) -> None:
    unjudged = journal.unjudged

    def sorted_(session: object, *, limit: int) -> list[journal.Change]:
        def name(change: journal.Change) -> str:
            wanted = select(Resident.last_name).join(Notice, Notice.author_id == Resident.id)
            return session.scalar(wanted.where(Notice.public_id == change.subject_id)) or ""  # type: ignore[attr-defined]

        return sorted(unjudged(session, limit=limit), key=name)  # type: ignore[arg-type]

    patch.setattr(journal, "unjudged", sorted_)


def _count_residents_in_a_header(patch: pytest.MonkeyPatch) -> None:
    work = House.work_courier

    def leaky(house: House) -> int:
        with house.home.read() as session:
            house.wire._user_agent = f"Palier/0.{session.scalar(select(func.count(Resident.id)))}"
        return work(house)

    patch.setattr(House, "work_courier", leaky)


def _note_what_was_withheld(patch: pytest.MonkeyPatch) -> None:
    withheld = outbox._withheld

    def leaky(federation: object, **given: object) -> object:
        outcome, why = withheld(federation, **given)  # type: ignore[arg-type]
        with federation.begin() as session:  # type: ignore[attr-defined]
            house_now = session.scalar(select(func.max(Crossing.at)))
            if house_now is not None:
                session.merge(Crossing(change_uuid=given["change_id"], outcome=outcome.value, why=why, at=house_now))
        return outcome, why

    patch.setattr(outbox, "_withheld", leaky)


def _no_leak(_: pytest.MonkeyPatch) -> None:
    """Without a leak the short story tells nothing either, or what follows would prove nothing."""


LEAKS = (
    _no_leak,
    _tell_the_size_of_the_building,
    _deliver_by_name_of_author,
    _count_residents_in_a_header,
    _note_what_was_withheld,
)


@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_of_any_kind_tells_them_apart(
    play: Play, engine_name: str, leak: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine_name != "sqlite":
        pytest.skip("what a detector sees is the same on every engine")
    leak(monkeypatch)
    (_, seen), (_, seen_too) = play(0, short=True), play(1, short=True)
    assert bool(differences(seen, seen_too)) is (leak is not _no_leak)
