"""Pictures of a text from elsewhere hang here drawn anew, from our own address, and go with it."""

import io
import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from activitypub import codec
from activitypub.vocabulary import PUBLIC
from federation import policy
from federation.base import Unreachable
from federation.models import Direction, Follow, FollowState, Letter, LetterState, RemoteActor
from federation.pictures import RemotePicture
from instance import clippings, privacy
from instance.clippings import Clipping
from tests.town.houses import House, Town
from tests.town.proofs import foreign

HOST = "https://micro.example"
AUTHOR = f"{HOST}/users/mairie"
TEXT = f"{HOST}/articles/1"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (900, 300), colour).save(out, "PNG")
    return out.getvalue()


FILES = {
    "https://cdn.example/door.png": picture("red"),
    "https://cdn.example/tree.jpg": picture("green"),
    "https://cdn.example/evil.png": SVG,
}


def follow(house: House) -> None:
    with house.federation.write.begin() as session:
        session.add(
            RemoteActor(
                uri=AUTHOR,
                host=policy.authority(AUTHOR),
                kind="Organization",
                username="mairie",
                name="Mairie",
                inbox=f"{AUTHOR}/inbox",
                fetched_at=house.town.now,
            )
        )
        session.add(
            Follow(
                direction=Direction.OUT,
                own_username="palier",
                remote_uri=AUTHOR,
                activity_uri=f"{house.origin}/f/1",
                state=FollowState.ACCEPTED,
                created_at=house.town.now,
            )
        )


def bring(house: House, kind: str, thing: Mapping[str, Any] | str) -> None:
    """A letter that the courier has found genuine."""
    activity = {"id": f"{TEXT}/{kind}/{house.town.now.isoformat()}", "type": kind, "actor": AUTHOR, "object": thing}
    with house.federation.write.begin() as session:
        session.add(
            Letter(
                activity_uri=activity["id"],
                dedupe_key=policy.digest(str(activity["id"])),
                type=kind,
                actor_uri=AUTHOR,
                author_uri=AUTHOR,
                host=policy.authority(AUTHOR),
                target="/inbox",
                raw=codec.encode(activity),
                content=None if isinstance(thing, str) else codec.encode(thing),
                object_uri=thing if isinstance(thing, str) else thing["id"],
                received_at=house.town.now,
                state=LetterState.VERIFIED,
            )
        )


def article(house: House, *shown: tuple[str, str | None]) -> dict[str, Any]:
    return {
        "id": TEXT,
        "type": "Article",
        "attributedTo": AUTHOR,
        "name": "Travaux",
        "content": "<p>Rue barrée.</p><img src='https://cdn.example/spy.png'>",
        "to": [PUBLIC],
        "published": house.town.now.isoformat(),
        "updated": house.town.now.isoformat(),
        "attachment": [
            {"type": "Document", "mediaType": "image/png", "url": url, **({"name": alt} if alt else {})}
            for url, alt in shown
        ],
    }


def test_they_hang_from_our_own_address_change_with_it_and_go_with_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    barnabe = town.build("barnabe")
    camille = barnabe.resident("Camille", building=barnabe.building(barnabe.quarter("Saint Barnabé")))
    town.settle()
    follow(barnabe)
    asked: list[str] = []

    def fetch(url: str, *, limit: int) -> bytes:
        assert limit == 8 * 1024 * 1024
        asked.append(url)
        if url not in FILES:
            raise Unreachable("answered 404", transient=False, status=404)
        return FILES[url]

    monkeypatch.setattr(barnabe.wire, "fetch_file", fetch)
    names = list(FILES)
    bring(barnabe, "Create", article(barnabe, (names[0], "Une porte rouge"), (names[1], None), (names[2], "x")))
    town.settle()
    assert sorted(asked) == sorted(names)

    notice, browser = barnabe.hung("Travaux"), barnabe.browser(camille)
    address = f"/notices/{notice.public_id}"
    page = browser.get(address).text
    shown = named(barnabe)
    assert [one.alt for one in shown] == ["Une porte rouge", None]
    assert 'alt="Une porte rouge"' in page
    assert 'alt="Photograph of: Travaux"' in page or "Travaux" in page
    assert page.count("/clippings/") == 2 * 3
    for path in (address, "/"):
        assert not foreign.foreign(browser.get(path).text, page=f"{barnabe.origin}{path}")
        assert "cdn.example" not in browser.get(path).text
    answer = browser.get(f"/clippings/{shown[0].public_id}")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert Image.open(io.BytesIO(answer.data)).format == "JPEG"
    assert barnabe.browser(None).get(f"/clippings/{shown[0].public_id}").status_code in {302, 404}
    with barnabe.federation.read() as session:
        assert {(one.state, one.big) for one in session.scalars(select(RemotePicture))} == {
            ("handed", None), ("failed", None)
        }  # fmt: skip

    town.pass_time(hours=1)
    bring(barnabe, "Update", article(barnabe, (names[1], "Un arbre")))
    town.settle()
    assert [one.alt for one in named(barnabe)] == ["Un arbre"]
    assert browser.get(f"/clippings/{shown[0].public_id}").status_code == 404

    town.pass_time(hours=1)
    bring(barnabe, "Delete", TEXT)
    town.settle()
    assert named(barnabe) == []
    assert browser.get(f"/clippings/{shown[1].public_id}").status_code == 404
    with barnabe.federation.read() as session:
        assert session.scalars(select(RemotePicture.state)).all() == []
    assert sweep(barnabe) == 4


def test_a_place_with_a_second_host_shows_them_from_there_and_nothing_else_there(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    barnabe = town.build("barnabe")
    camille = barnabe.resident("Camille", building=barnabe.building(barnabe.quarter("Saint Barnabé")))
    town.settle()
    follow(barnabe)
    monkeypatch.setattr(barnabe.wire, "fetch_file", lambda url, **_: FILES[url])
    bring(barnabe, "Create", article(barnabe, (next(iter(FILES)), "Une porte rouge")))
    town.settle()
    [shown], page = named(barnabe), f"/notices/{barnabe.hung('Travaux').public_id}"
    picture = f"/media/{shown.public_id}"
    assert barnabe.browser(camille).get(picture).status_code == 404, "there is no second host"

    barnabe.close()
    second = "http://media.example"
    barnabe.environ["PALIER_MEDIA_ORIGIN"], barnabe._pages = second, None
    browser, stranger = barnabe.browser(camille), barnabe.browser(None)
    answer = browser.get(page)
    assert answer.text.count(second + picture) == 3
    assert "/clippings/" not in answer.text
    assert f"img-src 'self' data: {second};" in answer.headers["Content-Security-Policy"]
    answer = stranger.get(picture, base_url=second)
    assert Image.open(io.BytesIO(answer.data)).format == "JPEG"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    assert browser.get(picture).status_code == 404, "not at the host of the pages"
    for other in (page, "/", "/sign-in", "/static/palier.css", f"/clippings/{shown.public_id}", "/users/instance"):
        answer = stranger.get(other, base_url=second)
        assert (answer.status_code, answer.data) == (404, b""), other

    bring(barnabe, "Delete", TEXT)
    town.settle()
    assert stranger.get(picture, base_url=second).status_code == 404


def named(house: House) -> list[Clipping]:
    with house.home.read() as session:
        return list(session.scalars(select(Clipping).order_by(Clipping.position)))


def sweep(house: House) -> int:
    """What the home worker does once an hour, when the files are an hour old."""
    root, later = house.clippings, house.town.now + timedelta(hours=2)
    for file in root.rglob("*.jpg"):
        os.utime(file, (house.town.now.timestamp(), house.town.now.timestamp()))
    with house.home.write.begin() as session:
        privacy.forget_spent(session, now=later)
    with house.home.read() as session:
        gone = clippings.sweep_files(session, root=root, now=later)
    assert not [one for one in root.rglob("*") if one.is_file()]
    return gone


def test_everything_of_somebody_who_is_gone_comes_down(town: Town) -> None:
    barnabe = town.build("barnabe")
    follow(barnabe)
    for number in range(2):
        bring(barnabe, "Create", {**article(barnabe), "id": f"{TEXT}{number}"})
        barnabe.work_home()
        town.pass_time(minutes=1)
    assert barnabe.titles() == {"Travaux"}
    bring(barnabe, "Delete", AUTHOR)
    barnabe.work_home()
    assert barnabe.titles() == set()
    assert barnabe.letters()[-1].sentence == "its author is gone: 2 taken down"


def test_a_version_from_the_far_future_keeps_no_later_one_out(town: Town) -> None:
    barnabe = town.build("barnabe")
    follow(barnabe)
    bring(barnabe, "Create", {**article(barnabe), "updated": "9999-01-01T00:00:00Z"})
    barnabe.work_home()
    town.pass_time(hours=1)
    bring(barnabe, "Update", {**article(barnabe), "name": "Travaux finis"})
    barnabe.work_home()
    assert barnabe.titles() == {"Travaux finis"}
