"""Writing for a neighbour without internet, on the pages: nobody but the writer reads what they are called."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from instance.listings import Listing
from instance.notices import State
from instance.relays import Relayed
from tests.web import pages_town
from tests.web.pages_town import NOW, Town, same_answer

PAGE = "/for-a-neighbour"
CALLED = "Mme Basilic, troisième"

pytestmark = pytest.mark.sqlite


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def typed(**more: str) -> dict[str, str]:
    return {"called": CALLED, "consent": "spoken", "consented_on": "2027-05-10", "told": "y"} | more


def kept(town: Town) -> list[Relayed]:
    with town.store.read() as session:
        return list(session.scalars(select(Relayed)))


def hang(town: Town, **more: str) -> str:
    words = {"title": "Du pain le jeudi", "body": "Une baguette.", "byline": "Une voisine", "audience": "quarter"}
    return town.browser(town.ana).post("/listings/new?kind=offer", data=words | more, follow_redirects=True).text


def test_agreed_written_shown_without_a_name_and_let_go(town: Town) -> None:
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    assert "For whom?" not in ana.get("/listings/new?kind=offer").text
    assert "without internet" in ana.get("/listings/new").text
    assert CALLED in ana.post(PAGE, data=typed(), follow_redirects=True).text
    assert "For whom?" in ana.get("/listings/new?kind=request").text
    (relayed,) = kept(town)
    hang(town, neighbour=str(relayed.public_id))
    with town.store.read() as session:
        listing = session.scalars(select(Listing)).one()
    address = f"/notices/{listing.public_id}"
    for page in (ana.get("/").text, ben.get("/").text, ben.get(address).text):
        assert "for a neighbour" in page
        assert "Basilic" not in page
    assert "Basilic" not in town.browser(town.moderator).get("/moderation").text
    stop = f"{PAGE}/{relayed.public_id}/stop"
    assert CALLED in ana.get(stop).text
    assert "1 notice came down" in ana.post(stop, follow_redirects=True).text
    assert kept(town) == []
    with town.store.read() as session:
        assert session.scalars(select(Listing)).one().state == State.WITHDRAWN


@pytest.mark.parametrize(
    "wrong",
    [
        {"called": ""},
        {"consent": ""},
        {"consent": "guessed"},
        {"told": ""},
        {"consented_on": "yesterday"},
        {"consented_on": (NOW + timedelta(days=2)).date().isoformat()},
    ],
)
def test_without_consent_nothing_is_kept_and_what_was_typed_stays(town: Town, wrong: dict[str, str]) -> None:
    sent = {name: value for name, value in typed(**wrong).items() if value}
    page = town.browser(town.ana).post(PAGE, data=sent).text
    assert "This needs another look" in page
    assert (CALLED in page) == ("called" in sent)
    assert kept(town) == []


def test_somebody_elses_neighbour_is_one_that_never_was(town: Town) -> None:
    town.browser(town.ben).post(PAGE, data=typed())
    (theirs,) = kept(town)
    ana, never = town.browser(town.ana), uuid4()
    for method in ("get", "post"):
        there, nowhere = (getattr(ana, method)(f"{PAGE}/{one}/stop") for one in (theirs.public_id, never))
        assert there.status_code == 404
        same_answer(there, nowhere)
    for value in (str(theirs.public_id), str(never), "nonsense"):
        assert "You do not write for this person" in hang(town, neighbour=value)
    with town.store.read() as session:
        assert session.scalars(select(Listing)).all() == []


def test_beyond_the_town_the_look_keeps_for_whom_and_nothing_of_it_leaves(town: Town) -> None:
    ana = town.browser(town.ana)
    ana.post(PAGE, data=typed())
    (relayed,) = kept(town)
    preview = hang(town, audience="network", neighbour=str(relayed.public_id))
    assert f'name="neighbour" value="{relayed.public_id}"' in preview
    assert "Basilic" not in preview
    hang(town, audience="network", neighbour=str(relayed.public_id), step="publish")
    with town.store.read() as session:
        listing = session.scalars(select(Listing)).one()
    assert "pour un voisin ou une voisine" in town.visitor().get(f"/notices/{listing.public_id}").text
