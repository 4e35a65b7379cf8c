"""Pictures of others: fetched within limits, drawn anew whatever they say they are, never handed on as they came."""

import io
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from federation import peers, pictures
from federation.http import Client
from federation.pictures import PictureState, RemotePicture, Shown
from tests.federation.neighbours import Neighbour, Reply
from web import stores

TEXT = "https://micro.example/notes/1"
HIDDEN = b"<script>alert(1)</script>"
Bring = Callable[..., RemotePicture]


def drawn(kind: str = "JPEG", size: tuple[int, int] = (800, 400)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes that claims a thousand million points."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = (40_000).to_bytes(4, "big") + (40_000).to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.fixture
def bring(town: stores.Store, client: Client, peer: Neighbour, clock: datetime) -> Bring:
    """Want one picture, and let the courier look at it once."""

    def go(*, now: datetime = clock) -> RemotePicture:
        with town.write.begin() as session:
            shown = [Shown(url=f"{peer.origin}/a.jpg", alt="A red door")]
            pictures.want(session, object_uri=TEXT, shown=shown, told_at=clock, now=clock)
        pictures.run(town.write, client=client, now=now)
        with town.read() as session:
            return session.scalars(select(RemotePicture)).one()

    return go


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("label", ["image/jpeg", "text/html", "application/activity+json"])
def test_what_it_is_is_told_by_its_bytes(peer: Neighbour, bring: Bring, kind: str, label: str) -> None:
    peer.show("/a.jpg", drawn(kind) + HIDDEN, media=label)
    row = bring()
    assert (row.state, row.alt, row.width, row.height, row.last_error) == ("drawn", "A red door", 800, 400, None)
    assert row.big is not None
    assert row.small is not None
    assert row.big.startswith(b"\xff\xd8\xff")
    assert HIDDEN not in row.big + row.small, "nothing of the original stays"
    assert Image.open(io.BytesIO(row.small)).size == (400, 200)
    [asked] = peer.requests
    assert "Signature" not in asked.headers, "nobody is told who looks at what"
    assert "Cookie" not in asked.headers


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "data",
    [SVG, b"<!doctype html>" + HIDDEN, b"%PDF-1.7", bomb(), drawn()[:200], b"", drawn("GIF"), b"GIF89a/*" + HIDDEN],
    ids=["svg", "html", "pdf", "bomb", "torn", "empty", "gif", "gifar"],
)
def test_what_is_no_picture_stays_outside_whatever_its_label_says(peer: Neighbour, bring: Bring, data: bytes) -> None:
    peer.show("/a.jpg", data, media="image/jpeg")
    row = bring()
    assert (row.state, row.big, row.last_error) == ("failed", None, pictures.UNSHOWN)


def test_what_is_too_large_elsewhere_or_blocked_is_not_read(
    town: stores.Store, peer: Neighbour, stranger: Neighbour, bring: Bring, clock: datetime
) -> None:
    peer.show("/a.jpg", b"\xff\xd8\xff" + b"x" * (pictures.LARGEST + 1), media="image/jpeg")
    assert (bring().state, bring().last_error) == ("failed", "a document larger than 8 MiB")
    for reply, why in (
        (Reply(status=302, headers={"Location": f"{stranger.origin}/a.jpg"}), "a redirect to another host"),
        (Reply(b"x", headers={"Content-Encoding": "gzip"}), "a compressed document, though none was asked for"),
    ):
        peer.answers["/a.jpg"] = reply
        with town.write.begin() as session:
            pictures.forget(session, object_uri=TEXT)
        assert bring().last_error == why
    assert stranger.requests == []
    peer.requests.clear()
    with town.write.begin() as session:
        pictures.forget(session, object_uri=TEXT)
        peers.block(session, host=peer.authority, now=clock)
    assert (bring().last_error, peer.requests) == (pictures.BLOCKED, [])


def test_a_host_that_is_down_is_tried_for_two_days(peer: Neighbour, bring: Bring, clock: datetime) -> None:
    peer.answers["/a.jpg"] = Reply(status=503)
    row = bring()
    assert (row.state, row.last_error) == ("wanted", "answered 503")
    assert row.due_at is not None
    assert row.due_at > clock
    peer.show("/a.jpg", drawn(), media="image/jpeg")
    assert bring(now=clock + timedelta(hours=1)).state == "drawn"


def test_one_host_gets_so_much_of_our_attention_in_an_hour(
    town: stores.Store, client: Client, peer: Neighbour, clock: datetime
) -> None:
    with town.write.begin() as session:
        for number in range(pictures.PER_HOUR + 5):
            shown = [Shown(url=f"{peer.origin}/{number}.jpg", alt="")]
            pictures.want(session, object_uri=f"{TEXT}{number}", shown=shown, told_at=clock, now=clock)
    while pictures.run(town.write, client=client, now=clock):
        pass
    assert len(peer.requests) == pictures.PER_HOUR
    with town.read() as session:
        waiting = session.scalars(select(RemotePicture).where(RemotePicture.state == PictureState.WANTED)).all()
    assert {one.due_at for one in waiting} == {clock + pictures.WAIT}
    while pictures.run(town.write, client=client, now=clock + timedelta(hours=1, minutes=1)):
        pass
    assert len(peer.requests) == pictures.PER_HOUR + 5


def test_a_newer_version_says_which_pictures_there_are(town: stores.Store, peer: Neighbour, clock: datetime) -> None:
    def tell(*names: str, at: datetime) -> dict[str, tuple[str, int]]:
        with town.write.begin() as session:
            shown = [Shown(url=f"{peer.origin}/{name}", alt=name) for name in names]
            pictures.want(session, object_uri=TEXT, shown=shown, told_at=at, now=clock)
            rows = session.scalars(select(RemotePicture)).all()
            return {row.alt: (str(row.state), row.position) for row in rows}

    assert tell("a", "b", "c", "d", "e", at=clock) == {name: ("wanted", place) for place, name in enumerate("abcd")}, (
        "four of a text are shown"
    )
    newer = clock + timedelta(minutes=1)
    assert tell("c", "a", at=newer) == {
        "c": ("wanted", 0), "a": ("wanted", 1), "b": ("dropped", 1), "d": ("dropped", 3),
    }  # fmt: skip
    assert tell("x", at=clock)["c"] == ("wanted", 0), "what is older changes nothing"
