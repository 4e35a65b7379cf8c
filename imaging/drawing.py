"""A picture from anywhere, drawn anew: no byte of the original stays, so neither place nor camera nor code in it does.

Pure: bytes in, bytes out. Pillow opens three formats only, and the size that a picture claims is looked at before any
of its points is read: a small file may claim to be enormous (a decompression bomb).
"""

import io
import struct
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PIL import Image, ImageCms, ImageOps

# Bytes of the file as it was taken; a telephone's photographs have three to twelve million.
LARGEST_FILE: Final = 15 * 1024 * 1024
LONGEST_EDGE: Final = 1600
SMALL_EDGE: Final = 400
QUALITY: Final = 82
# How many points each format may have: a JPEG is read at a fraction of its size, the others whole.
MOST_POINTS: Final[Mapping[str, int]] = {"JPEG": 60_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}
LONGEST_CLAIM: Final = 20_000
# ISO/IEC 23008-12: what iPhones write unless told otherwise. No free decoder of it comes with Pillow.
HEIC: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
UNREADABLE: Final = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, struct.error, zlib.error)

Size = tuple[int, int]

# Opening one may take a hundred megabytes for a moment: one at a time in each process.
_one_at_a_time = threading.Lock()


class Why(StrEnum):
    """Why something cannot be drawn: too many bytes or points, what iPhones write, or no picture that is read here."""

    LARGE = "large"
    HEIC = "heic"
    UNKNOWN = "unknown"


class Undrawable(Exception):
    """What was given cannot be drawn, and `why`."""

    def __init__(self, why: Why) -> None:
        """Keep the reason."""
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as it is kept: JPEG, 1600 points at the longest edge, and a small one of 400."""

    big: bytes
    small: bytes
    width: int
    height: int


def draw(data: bytes) -> Picture:
    """Draw a picture anew: upright, in sRGB, without transparency, without anything but its points.

    Raises Undrawable for too many bytes or points, for what iPhones write, and for what is no JPEG, PNG or WebP, or
    damaged.
    """
    if len(data) > LARGEST_FILE:
        raise Undrawable(Why.LARGE)
    if data[4:8] == b"ftyp" and data[8:12] in HEIC:
        raise Undrawable(Why.HEIC)
    with _one_at_a_time:
        try:
            return _draw(data)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
            raise Undrawable(Why.LARGE) from None
        except UNREADABLE:
            raise Undrawable(Why.UNKNOWN) from None


def _draw(data: bytes) -> Picture:
    with Image.open(io.BytesIO(data), formats=tuple(MOST_POINTS)) as opened:
        width, height = opened.size
        if max(width, height) > LONGEST_CLAIM or width * height > MOST_POINTS[opened.format or ""]:
            raise Undrawable(Why.LARGE)
        opened.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
        upright = ImageOps.exif_transpose(_flat(opened))
        big = _within(upright, LONGEST_EDGE)
        return Picture(
            big=_written(big), small=_written(_within(big, SMALL_EDGE)), width=big.size[0], height=big.size[1]
        )


def _flat(opened: Image.Image) -> Image.Image:
    """In sRGB, on white where it is transparent; still knowing which way up it was held."""
    held = opened.getexif().get(0x0112)  # EXIF 2.3, Orientation
    image = opened.convert("RGBA") if opened.mode in {"P", "LA", "PA"} or opened.has_transparency_data else opened
    if image.mode == "RGBA":
        flat = Image.new("RGB", image.size, "white")
        flat.paste(image, mask=image.getchannel("A"))
    else:
        flat = _in_srgb(image, profile=opened.info.get("icc_profile"))
    flat.getexif().clear()
    if held:
        flat.getexif()[0x0112] = held
    return flat


def _in_srgb(image: Image.Image, *, profile: bytes | None) -> Image.Image:
    """The same colours without a profile; a profile that cannot be read is ignored, as browsers do."""
    if profile and image.mode in {"RGB", "CMYK"}:
        try:
            known = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(image, known, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, *UNREADABLE):
            return image.convert("RGB")
        if turned is not None:
            return turned
    return image.convert("RGB")


def fit(size: Size, longest: int) -> Size:
    """The size within a longest edge, never larger than it was. Pure."""
    most = max(size)
    if most <= longest:
        return size
    width, height = (max(1, round(edge * longest / most)) for edge in size)
    return width, height


def _within(image: Image.Image, longest: int) -> Image.Image:
    wanted = fit(image.size, longest)
    return image if wanted == image.size else image.resize(wanted, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _written(image: Image.Image) -> bytes:
    # A fresh sheet: whatever hung on the one that was read (EXIF, XMP, comments, profiles) is not on it.
    sheet = Image.new("RGB", image.size)
    sheet.paste(image)
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()
