"""The town of full size still fills and answers: a measurement that nobody runs every day must not rot meanwhile."""

from collections.abc import Iterator

import pytest

from tests.bench import full_town
from tests.bench.full_town import DOMAIN, PAGES, Town
from tests.bench.town_filling import Size


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """A town as the measurement fills it, of forty buildings."""
    with full_town.opened(Size(residents=160, buildings=40, notices=400), urls={}) as filled:
        yield filled


@pytest.mark.parametrize("what", DOMAIN)
def test_the_domain_answers(town: Town, what: str) -> None:
    full_town.asking(town, what, DOMAIN[what])()


@pytest.mark.parametrize("what", PAGES)
def test_pages_answer_with_what_hangs(town: Town, what: str) -> None:
    sign_in, once = full_town.opening(town, what, PAGES[what])
    sign_in()
    once()


def test_residents_stand_in_front_of_their_building(town: Town) -> None:
    assert all(one.building_id in one.reader.building_ids for one in town.people)
