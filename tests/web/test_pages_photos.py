"""Photographs on the pages: put on a notice, seen by who sees it, refused in plain words, taken away, never outside."""

import io
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse, encode_multipart

from instance import photos, pictures, reports
from instance.audience import Audience
from instance.listings import Listing
from instance.photos import Photo
from instance.residents import Resident
from tests.web import pages_town
from tests.web.pages_town import Town, same_answer
from tests.web.pictures import WRONG, jpeg, send, written

pytestmark = pytest.mark.sqlite
NEVER = "8b2f6a0e-0f0f-4f0f-8f0f-0f0f0f0f0f0f"
ALT = "Une grande échelle contre un mur"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def put(client: FlaskClient, listing: Listing, data: bytes | None = None, alt: str = ALT) -> TestResponse:
    sent = {"alt": alt, "file": jpeg(written() if data is None else data, "IMG_2041 chez moi.jpg")}
    return send(client, f"/notices/{listing.public_id}/photos", sent)


def the_photos(town: Town) -> list[uuid.UUID]:
    with town.store.read() as session:
        return list(session.scalars(select(Photo.public_id).order_by(Photo.position)))


def files(town: Town) -> int:
    root = town.app.extensions["palier_settings"].home_data / photos.FOLDER
    return sum(one.is_file() for one in root.rglob("*"))


def test_a_photograph_is_put_on_a_notice_and_seen_there(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    assert f"/notices/{listing.public_id}/photos" in ana.get(f"/notices/{listing.public_id}").text
    answer = put(ana, listing)
    assert answer.status_code == 302, answer.text
    (photo,) = the_photos(town)
    for path in (f"/notices/{listing.public_id}", "/"):
        page = ben.get(path).text
        assert f"/photos/{photo}?size=small" in page
        assert f'alt="{ALT}"' in page
        assert "IMG_2041" not in page
    for size, edge in (("", 800), ("?size=small", 400)):
        picture = ben.get(f"/photos/{photo}{size}")
        assert picture.headers["Content-Type"] == "image/jpeg"
        assert picture.headers["Cache-Control"] == "private, no-cache"
        assert picture.headers["X-Content-Type-Options"] == "nosniff"
        assert Image.open(io.BytesIO(picture.data)).size[0] == edge
        again = ben.get(f"/photos/{photo}{size}", headers={"If-None-Match": picture.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_without_words_the_title_stands_for_it(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.QUARTER, title="Un marteau")
    put(town.browser(town.ana), listing, alt="")
    assert 'alt="Photograph of: Un marteau"' in town.browser(town.ben).get(f"/notices/{listing.public_id}").text


@pytest.mark.parametrize("audience", [Audience.BUILDING, Audience.QUARTER])
def test_to_all_others_it_never_was(town: Town, audience: Audience) -> None:
    listing = town.listing(by=town.ana, audience=audience)
    put(town.browser(town.ana), listing)
    (photo,) = the_photos(town)
    for who in (town.cleo, town.moderator, None):
        client = town.browser(who) if who else town.visitor()
        for path in ("/photos/{}", "/photos/{}?size=small"):
            is_there, was_never = client.get(path.format(photo)), client.get(path.format(NEVER))
            same_answer(is_there, was_never)
            assert is_there.status_code == (404 if who else 302)
        same_answer(client.post(f"/photos/{photo}/remove"), client.post(f"/photos/{NEVER}/remove"))
        for method in (client.get, client.post):
            same_answer(method(f"/notices/{listing.public_id}/photos"), method(f"/notices/{NEVER}/photos"))
    assert len(the_photos(town)) == 1


def test_what_is_public_has_no_picture_for_the_open_internet(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.NETWORK)
    put(town.browser(town.ana), listing)
    (photo,) = the_photos(town)
    page = town.visitor().get(f"/notices/{listing.public_id}")
    assert page.status_code == 200
    assert "/photos/" not in page.text
    assert town.visitor().get(f"/photos/{photo}").status_code == 302
    assert f"/photos/{photo}" in town.browser(town.cleo).get(f"/notices/{listing.public_id}").text


@pytest.mark.parametrize(("data", "said"), [(b"", "Fill in this field."), *WRONG])
def test_a_wrong_picture_is_refused_in_plain_words_and_what_was_typed_is_kept(
    town: Town, data: bytes, said: str
) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    answer = put(town.browser(town.ana), listing, data)
    assert answer.status_code == 200
    assert said in answer.text
    assert f'value="{ALT}"' in answer.text
    assert 'href="#file"' in answer.text
    assert (the_photos(town), files(town)) == ([], 0)


def test_a_form_without_a_file_is_refused(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    answer = town.browser(town.ana).post(f"/notices/{listing.public_id}/photos", data={"alt": ALT, "file": "x"})
    assert "Fill in this field." in answer.text
    assert the_photos(town) == []


def test_a_file_larger_than_other_forms_may_be_is_taken(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    noise = Image.effect_noise((1800, 1400), 100).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=95)
    assert out.tell() > 1_200_000
    assert put(town.browser(town.ana), listing, out.getvalue()).status_code == 302


def test_more_than_fifteen_megabytes_are_refused_and_the_words_kept(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    ana = town.browser(town.ana)
    answer = put(ana, listing, b"x" * (pictures.LARGEST_FILE + 100_000))
    assert "This picture is too large: 15 megabytes at most." in answer.text
    assert ALT in answer.text
    assert the_photos(town) == []


def test_while_a_picture_arrives_others_can_write(town: Town) -> None:
    """A telephone sends it slowly: the store is not locked meanwhile (SQLite has one writer)."""
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    sent = {"alt": ALT, "file": jpeg(written())}
    boundary, body = encode_multipart(sent)
    wrote = []

    class Slow(io.BytesIO):
        def readinto(self, buffer: bytearray) -> int:
            if not wrote:
                with town.home() as session:
                    session.get_one(Resident, town.ben.id).locale = "fr"
                wrote.append(True)
            return super().readinto(buffer)

    answer = town.browser(town.ana).post(
        f"/notices/{listing.public_id}/photos",
        input_stream=Slow(body),
        content_length=len(body),
        content_type=f"multipart/form-data; boundary={boundary}",
    )
    assert answer.status_code == 302
    assert wrote


def test_nobody_else_may_send_that_much(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    much = {"body": "x", "file": jpeg(b"x" * 1_500_000)}
    assert send(town.visitor(), f"/notices/{listing.public_id}/photos", much).status_code == 413
    much["file"] = jpeg(b"x" * 1_500_000)
    assert send(town.browser(town.ben), f"/notices/{listing.public_id}/answer", much).status_code == 413


def test_three_are_enough_and_one_taken_away_goes_with_its_files(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    ana = town.browser(town.ana)
    for _ in range(3):
        assert put(ana, listing).status_code == 302
    page = ana.get(f"/notices/{listing.public_id}/photos").text
    assert "A notice has three photos at most." in page
    assert 'type="file"' not in page
    assert "A notice has three photos at most." in put(ana, listing).text
    assert files(town) == 6
    assert ana.post(f"/photos/{the_photos(town)[1]}/remove").status_code == 302
    assert (len(the_photos(town)), files(town)) == (2, 4)
    assert 'type="file"' in ana.get(f"/notices/{listing.public_id}/photos").text


def test_once_the_notice_is_down_its_pictures_are_its_author_s_alone(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.INSTANCE)
    ana = town.browser(town.ana)
    put(ana, listing)
    (photo,) = the_photos(town)
    ana.post(f"/notices/{listing.public_id}/withdraw")
    assert ana.get(f"/photos/{photo}").status_code == 200
    for who in (town.ben, town.cleo, town.moderator):
        assert town.browser(who).get(f"/photos/{photo}").status_code == 404


def test_moderators_see_the_pictures_of_what_is_reported_as_long_as_it_is(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    ana, ben, maud = (town.browser(one) for one in (town.ana, town.ben, town.moderator))
    put(ana, listing)
    (photo,) = the_photos(town)
    assert maud.get(f"/photos/{photo}").status_code == 404
    ben.post(f"/report/notice/{listing.public_id}", data={"reason": "Cette image."})
    with town.store.read() as session:
        entry = reports.open_reports(session, by=None)[0].public_id
    page = f"/moderation/reports/{entry}"
    assert f"/photos/{photo}?size=small" in maud.get(page).text
    assert maud.get(f"/photos/{photo}").status_code == 200
    assert town.browser(town.cleo).get(f"/photos/{photo}").status_code == 404
    assert maud.post(f"/photos/{photo}/remove").status_code == 404
    maud.post(page, data={"step": "dismiss", "reason": "Rien à redire."})
    assert maud.get(f"/photos/{photo}").status_code == 404


def test_news_and_notices_of_others_take_none(town: Town) -> None:
    item = town.item(audience=Audience.INSTANCE)
    assert town.browser(town.editor).get(f"/notices/{item.public_id}/photos").status_code == 404
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    assert put(town.browser(town.ben), listing).status_code == 404


def test_the_words_of_a_photograph_that_hangs_are_changed(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    ana, page = town.browser(town.ana), f"/notices/{listing.public_id}"
    for alt in (ALT, ""):
        put(ana, listing, alt=alt)
    first, second = the_photos(town)
    assert f'action="/photos/{first}/words"' in ana.get(f"{page}/photos").text
    long = ana.post(f"/photos/{second}/words", data={"photo2-alt": "x" * 201})
    assert "too long" in long.text
    assert 'href="#photo2-alt"' in long.text
    assert "x" * 201 in long.text
    assert f'alt="{ALT}"' in town.browser(town.ben).get(page).text
    for photo, number, words in ((first, 1, "Une échelle rouge"), (second, 2, "Le pied de l’échelle")):
        answer = ana.post(f"/photos/{photo}/words", data={f"photo{number}-alt": words})
        assert answer.status_code == 302, answer.text
        assert f'alt="{words}"' in town.browser(town.ben).get(page).text
    for who in (town.ben, town.cleo, town.moderator):
        for one in (first, NEVER):
            assert town.browser(who).post(f"/photos/{one}/words", data={"photo1-alt": "Rien"}).status_code == 404
    assert "Rien" not in ana.get(page).text
