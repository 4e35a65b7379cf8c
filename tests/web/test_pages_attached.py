"""Photographs in the composer: they hang with the notice or nothing does, and what was typed is kept."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from instance import photos, pictures
from instance.audience import Audience
from instance.listings import Listing
from instance.photos import Photo
from tests.web import pages_town
from tests.web.pages_town import Town
from tests.web.pictures import WRONG, jpeg, send, written
from web.frame import uploads

pytestmark = pytest.mark.sqlite
OFFER, REQUEST = "/listings/new?kind=offer", "/listings/new?kind=request"
AGAIN = "Choose your photos again"
TYPED = {"title": "Une échelle", "body": "Pour **samedi**.", "byline": "Une voisine", "audience": "building"}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def hang(town: Town, path: str = OFFER, **more: object) -> TestResponse:
    return send(town.browser(town.ana), path, {**TYPED, **more})


def hung(town: Town) -> list[tuple[Listing, list[str | None]]]:
    """What hangs, with the words of its photographs."""
    with town.store.read() as session:
        found = session.scalars(select(Listing).order_by(Listing.id)).all()
        wanted = select(Photo.alt).order_by(Photo.position)
        return [(one, list(session.scalars(wanted.where(Photo.listing_id == one.id)))) for one in found]


def files(town: Town) -> int:
    root = town.app.extensions["palier_settings"].home_data / photos.FOLDER
    return sum(one.is_file() for one in root.rglob("*"))


@pytest.mark.parametrize("path", [OFFER, REQUEST])
def test_three_photos_hang_with_the_notice(town: Town, path: str) -> None:
    page = town.browser(town.ana).get(path).text
    assert 'enctype="multipart/form-data"' in page
    assert '<details class="stack">' in page
    sent = {f"photo{one}": jpeg() for one in (1, 2, 3)} | {"alt1": "De face", "alt3": "Le pied"}
    answer = hang(town, path, **sent)
    assert answer.status_code == 302, answer.text
    ((listing, words),) = hung(town)
    assert words == ["De face", None, "Le pied"]
    assert files(town) == 6
    shown = town.browser(town.ben).get(f"/notices/{listing.public_id}").text
    assert shown.count('class="photo"') == 3
    assert 'alt="De face"' in shown


def test_a_notice_without_photos_needs_three_fields(town: Town) -> None:
    bare = {name: TYPED[name] for name in ("title", "body", "audience")}
    assert town.browser(town.ana).post(OFFER, data=bare).status_code == 302
    assert [words for _, words in hung(town)] == [[]]


@pytest.mark.parametrize(("data", "said"), WRONG)
def test_of_a_wrong_picture_nothing_hangs_and_all_that_was_typed_is_kept(town: Town, data: bytes, said: str) -> None:
    sent = {"photo1": jpeg(), "alt1": "De face", "photo2": jpeg(data), "alt2": "Le pied"}
    answer = hang(town, REQUEST, need="tool", **sent)
    assert answer.status_code == 200
    assert (hung(town), files(town)) == ([], 0)
    assert said in answer.text
    assert 'href="#photo2"' in answer.text
    assert '<details class="stack" open>' in answer.text
    assert AGAIN in answer.text
    for kept in (
        'value="Une échelle"',
        "Pour **samedi**.",
        'value="De face"',
        'value="Le pied"',
        'value="Une voisine"',
    ):
        assert kept in answer.text
    for choice in ("building", "tool"):
        chosen = re.search(rf'<input[^>]*value="{choice}"[^>]*>', answer.text)
        assert chosen is not None
        assert "checked" in chosen[0]


def test_words_that_are_too_long_are_said_at_their_field(town: Town) -> None:
    answer = hang(town, photo3=jpeg(), alt3="x" * 201)
    assert 'href="#alt3"' in answer.text
    assert (hung(town), files(town)) == ([], 0)


def test_another_wrong_field_loses_the_choice_of_photos_and_says_so(town: Town) -> None:
    answer = hang(town, title="", photo1=jpeg(), alt1="De face")
    assert AGAIN in answer.text
    assert 'value="De face"' in answer.text
    assert (hung(town), files(town)) == ([], 0)
    lost = hang(town, alt1="De face")
    assert "Choose the photo these words are for, or clear them." in lost.text
    assert AGAIN not in lost.text
    assert hung(town) == []


def test_beyond_the_town_photos_are_chosen_on_the_look_and_never_leave(town: Town) -> None:
    look = hang(town, audience="network", photo1=jpeg(), alt1="De face")
    assert "This leaves town" in look.text
    assert AGAIN in look.text
    assert 'value="De face"' in look.text
    assert look.text.count('name="alt1"') == 1
    assert (hung(town), files(town)) == ([], 0)
    refused = hang(town, audience="network", step="publish", photo1=jpeg(b"%PDF-1.7"), alt1="De face")
    assert "This cannot be opened as a picture." in refused.text
    assert hung(town) == []
    assert hang(town, audience="network", step="publish", photo1=jpeg(), alt1="De face").status_code == 302
    ((listing, words),) = hung(town)
    assert (listing.audience, words) == (Audience.NETWORK, ["De face"])
    assert "/photos/" not in town.visitor().get(f"/notices/{listing.public_id}").text


def test_photos_that_are_too_large_together_lose_nothing_that_was_typed(town: Town) -> None:
    much = b"x" * (photos.MOST * pictures.LARGEST_FILE + 100_000)
    answer = hang(town, photo1=jpeg(written()), alt1="De face", photo2=jpeg(much), alt2="Le pied")
    assert answer.status_code == 200
    assert "This picture is too large" in answer.text
    assert ('href="#photo2"' in answer.text, 'href="#photo1"' in answer.text) == (True, False)
    for typed in ('value="Une échelle"', "Pour **samedi**.", 'value="De face"', 'value="Le pied"', AGAIN):
        assert typed in answer.text
    assert (hung(town), files(town)) == ([], 0)


def test_of_a_file_no_more_is_kept_than_shows_that_it_is_too_large() -> None:
    with uploads.Cut(max_size=uploads.IN_MEMORY) as file:
        for _ in range(20):
            assert file.write(b"x" * 1024 * 1024) == 1024 * 1024
        assert file.tell() == pictures.LARGEST_FILE + 1


def test_beyond_four_times_what_the_form_may_weigh_nothing_is_read(town: Town) -> None:
    much = uploads.READ * uploads.LARGEST["listings.compose"] + 1
    kind = "multipart/form-data; boundary=x"
    claimed = {"CONTENT_LENGTH": str(much)}
    answer = town.browser(town.ana).post(OFFER, data=b"--x--", content_type=kind, environ_overrides=claimed)
    assert (answer.status_code, answer.headers["Location"]) == (302, OFFER)
    fields = "".join(f'--x\r\nContent-Disposition: form-data; name="f{one}"\r\n\r\ny\r\n' for one in range(65))
    many = town.browser(town.ana).post(OFFER, data=f"{fields}--x--\r\n", content_type=kind)
    assert many.status_code == 413
    assert hung(town) == []


def test_one_picture_that_is_too_large_keeps_what_was_typed(town: Town) -> None:
    answer = hang(town, photo1=jpeg(b"x" * (pictures.LARGEST_FILE + 1)), photo2=jpeg(written()))
    assert "This picture is too large" in answer.text
    assert 'value="Une échelle"' in answer.text
    assert (hung(town), files(town)) == ([], 0)
