"""Pictures drawn anew: nothing of the original but its points, upright, no larger than needed; bombs are refused."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from imaging import drawing
from instance import pictures
from instance.base import Refused

SECRET = b"43.2965 N 5.3698 E"


def written(image: Image.Image, kind: str = "JPEG", **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def gps() -> Image.Exif:
    """What a telephone writes beside a photograph: held on its side, and where."""
    exif = Image.Exif()
    exif[0x0112] = 6  # the right edge of what was held is the top
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (43.0, 17.0, 47.0), 3: "E", 4: (5.0, 22.0, 11.0)})
    return exif


def half(size: tuple[int, int] = (800, 400)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    return image


def markers(data: bytes) -> set[int]:
    """The kinds of segments of a JPEG before its points."""
    found, at = set(), 2
    while data[at] == 0xFF and data[at + 1] != 0xDA:
        found.add(data[at + 1])
        at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    return found


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def is_like(found: tuple[int, ...], wanted: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 40 for one, other in zip(found, wanted, strict=True))


def test_nothing_of_the_original_stays_but_what_is_seen() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    xmp = b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    data = written(half(), exif=gps(), icc_profile=profile, comment=SECRET, xmp=xmp)
    assert data.count(SECRET) == 3
    assert {0xE1, 0xE2, 0xFE} <= markers(data)
    drawn = pictures.draw(data)
    for one in (drawn.big, drawn.small):
        assert SECRET not in one
        # JFIF's own head, and what the points need: no application's segment, no comment.
        assert not markers(one) & ({0xFE} | set(range(0xE1, 0xF0)))
        assert not Image.open(io.BytesIO(one)).getexif()


def test_words_inside_a_png_go_too() -> None:
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", SECRET.decode())
    said.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    drawn = pictures.draw(written(half(), "PNG", pnginfo=said, exif=gps()))
    assert SECRET not in drawn.big + drawn.small


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_was_held_on_its_side_stands_upright(kind: str) -> None:
    drawn = pictures.draw(written(half(), kind, exif=gps()))
    assert (drawn.width, drawn.height) == (400, 800)
    image = opened(drawn.big)
    assert image.size == (400, 800)
    assert is_like(image.getpixel((200, 100)), (255, 0, 0))
    assert is_like(image.getpixel((200, 700)), (0, 0, 255))


def test_large_ones_become_smaller_and_small_ones_stay() -> None:
    drawn = pictures.draw(written(half((4000, 3000))))
    assert (drawn.width, drawn.height) == opened(drawn.big).size == (1600, 1200)
    assert opened(drawn.small).size == (400, 300)
    drawn = pictures.draw(written(half((300, 200))))
    assert opened(drawn.big).size == opened(drawn.small).size == (300, 200)


def test_what_is_transparent_is_white() -> None:
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    for one in (image, image.convert("LA"), image.quantize()):
        assert is_like(opened(pictures.draw(written(one, "PNG")).big).getpixel((50, 50)), (255, 255, 255))


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "I;16"])
def test_every_kind_of_colours_is_read(mode: str) -> None:
    image = Image.new("L", (60, 40), 128).convert("RGB").convert(mode) if mode != "I;16" else Image.new(mode, (60, 40))
    assert opened(pictures.draw(written(image, "JPEG" if mode == "CMYK" else "PNG")).big).size == (60, 40)


def refused(data: bytes) -> str:
    with pytest.raises(Refused) as found:
        pictures.draw(data)
    assert found.value.field == "file"
    return found.value.code


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be of this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "size", [(30_000, 10), (10, 30_000), (6_000, 6_000), (15_000, 15_000), (2**31 - 1, 2**31 - 1)], ids=str
)
def test_what_claims_to_be_enormous_is_not_opened(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_flat", lambda _opened: pytest.fail("its points are read"))
    assert refused(claiming(*size)) in {"photo_large", "photo_unknown"}


def test_too_many_bytes_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_draw", lambda _data: pytest.fail("it is looked at"))
    assert refused(b"\xff" * (pictures.LARGEST_FILE + 1)) == "photo_large"


def test_what_an_iphone_writes_is_called_by_its_name() -> None:
    assert refused(b"\0\0\0\x24ftypheic\0\0\0\0mif1heic" + b"\0" * 40) == "photo_heic"


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "ICO", "PPM"])
def test_other_formats_are_not_opened_at_all(kind: str) -> None:
    assert refused(written(half((64, 64)), kind)) == "photo_unknown"


def test_nothing_and_nonsense_are_refused() -> None:
    assert refused(b"") == "missing"
    assert refused(b"<svg xmlns='http://www.w3.org/2000/svg'/>") == "photo_unknown"
    assert refused(written(half())[:2000]) == "photo_unknown"


BASES = [written(half((40, 30)), "JPEG", exif=gps()), written(half((40, 30)), "PNG"), written(half((40, 30)), "WEBP")]
CHANGES = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8)


def told(data: bytes) -> str:
    """What becomes of a file."""
    try:
        drawn = pictures.draw(data)
    except Refused as found:
        return found.code
    return "drawn" if opened(drawn.big).size == (drawn.width, drawn.height) else "drawn wrong"


@pytest.mark.filterwarnings("ignore::UserWarning")  # what Pillow thinks of a stranger's file
@given(base=st.sampled_from(BASES), changes=CHANGES)
def test_damaged_files_are_drawn_or_refused_and_nothing_else(base: bytes, changes: list[tuple[int, int]]) -> None:
    data = bytearray(base)
    for at, value in changes:
        data[at % len(data)] = value
    assert told(bytes(data)) in {"drawn", "photo_unknown", "photo_large"}


@given(width=st.integers(1, 20_000), height=st.integers(1, 20_000), longest=st.integers(1, 2_000))
def test_what_fits_keeps_its_shape(width: int, height: int, longest: int) -> None:
    small = drawing.fit((width, height), longest)
    assert max(small) <= max(longest, 1)
    assert min(small) >= 1
    if max(width, height) <= longest:
        assert small == (width, height)
