"""The feed shows everything that is for a reader and nothing else, whatever hangs and whoever reads."""

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instance import audience as audiences
from instance import boards, notices
from instance.audience import Audience, Reader
from instance.listings import Listing
from instance.notices import State
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, Neighbourhood


@dataclass(frozen=True)
class Slip:
    """A notice to hang: by whom, how far, in what state."""

    author: int
    audience: Audience
    state: State
    is_news: bool


slips = st.lists(
    st.builds(
        Slip,
        author=st.integers(0, 2),
        audience=st.sampled_from(Audience),
        state=st.sampled_from([State.LIVE, State.LIVE, State.LIVE, *State]),
        is_news=st.booleans(),
    ),
    max_size=15,
)
homes = st.frozensets(st.integers(0, 2))


def hang(town: Neighbourhood, wanted: list[Slip]) -> list[notices.Notice]:
    buildings = [town.lilas, town.tilleuls, town.far]
    authors = [town.resident(one) for one in buildings]
    committees = [town.organisation(one) for one in authors]
    for building, committee in zip(buildings, committees, strict=True):
        building.installer_id = committee.id
    hung = []
    for slip in wanted:
        author, building = authors[slip.author], buildings[slip.author]
        if slip.is_news:
            place = {Audience.BUILDING: {"building": building}, Audience.QUARTER: {"quarter": building.quarter}}
            notice = town.post(author, committees[slip.author], slip.audience, **place.get(slip.audience, {}))
        else:
            notice = town.offer(author, slip.audience)
        notice.state = slip.state.value
        hung.append(notice)
    town.session.flush()
    return hung


def belongs(notice: notices.Notice, *, reader: Reader) -> bool:
    """The rule in words, without circles: by the place the notice is for."""
    match notice.audience:
        case Audience.BUILDING:
            mine = notice.building_id in reader.building_ids
        case Audience.QUARTER:
            mine = notice.quarter_id in reader.quarter_ids
        case Audience.INSTANCE:
            mine = reader.of_the_town
        case Audience.NETWORK:
            mine = True
    return mine and notice.state == State.LIVE


@settings(max_examples=40, deadline=None)
@given(slips, homes, st.integers(1, 6))
def test_the_feed_is_the_filter(wanted: list[Slip], lives_in: frozenset[int], limit: int) -> None:
    with neighbourhood.fresh_session() as session:
        town = neighbourhood.build(session)
        hung = hang(town, wanted)
        buildings = [town.lilas, town.tilleuls, town.far]
        reader = town.reader(town.resident(*(buildings[one] for one in lives_in)))
        # Whoever is not known yet stands before no board; what is public has its address.
        expected = sorted((one.id for one in hung if reader.of_the_town and belongs(one, reader=reader)), reverse=True)
        assert [one.id for one in town.feed(reader, limit=limit)] == expected
        assert town.feed(Reader(), limit=limit) == []
        # What a feed shows and what an address opens are one rule.
        for one in hung:
            readable = audiences.may_read(reader, audience=one.audience, circle=one.circle)
            assert (readable and one.is_live) is belongs(one, reader=reader)
        listings = boards.feed(session, reader=reader, limit=50, family="listing").notices
        assert [one.id for one in listings] == [
            one.id for one in town.feed(reader, limit=50) if isinstance(one, Listing)
        ]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 9])
def test_pages_are_complete_and_without_doubles_on_each_engine(stored_town: Neighbourhood, limit: int) -> None:
    town = stored_town
    town.session.commit()
    everybody = [
        Slip(author=n % 3, audience=audience, state=State.LIVE, is_news=False)
        for n in range(3)
        for audience in Audience
    ]
    hung = hang(town, everybody)
    reader = town.reader(town.resident(town.lilas, town.far))
    expected = [one for one in reversed(hung) if belongs(one, reader=reader)]
    assert len(expected) == 11
    assert town.feed(reader, limit=limit) == expected


def test_a_page_begun_is_not_disturbed_by_what_is_hung_or_taken_down(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    reader = town.reader(ines)
    hung = [town.offer(ines, Audience.BUILDING) for _ in range(6)]
    first = boards.feed(town.session, reader=reader, limit=2)
    town.offer(ines, Audience.BUILDING)
    notices.withdraw(town.session, notice=hung[3], by=ines, now=NOW)
    second = boards.feed(town.session, reader=reader, limit=2, before=first.before)
    assert [*first.notices, *second.notices] == [hung[5], hung[4], hung[2], hung[1]]


def test_an_empty_feed_has_an_end(town: Neighbourhood) -> None:
    page = boards.feed(town.session, reader=town.reader(town.resident(town.lilas)))
    assert (list(page.notices), page.before) == ([], None)


def test_a_full_last_page_is_the_end(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    for _ in range(4):
        town.offer(ines, Audience.QUARTER)
    assert boards.feed(town.session, reader=town.reader(ines), limit=4).before is None


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(slips)
def test_one_board_shows_only_its_own(wanted: list[Slip]) -> None:
    with neighbourhood.fresh_session() as session:
        town = neighbourhood.build(session)
        hung = hang(town, wanted)
        for circle in (audiences.building_circle(town.lilas.id), audiences.quarter_circle(town.north.id), "instance"):
            shown = boards.board(session, circle=circle, limit=50)
            assert shown == [one for one in reversed(hung) if one.circle == circle and one.is_live]
