"""Pictures as residents send them: drawn anew by `imaging`, and refused in the words of the domain."""

from typing import assert_never

from imaging.drawing import LARGEST_FILE, Picture, Undrawable, Why
from imaging.drawing import draw as draw_anew
from instance.base import Refused

__all__ = ["LARGEST_FILE", "Picture", "draw"]


def draw(data: bytes) -> Picture:
    """Draw a picture anew: upright, in sRGB, without transparency, without anything but its points.

    Raises Refused at "file": "missing" for no bytes, "photo_large" for too many bytes or points, "photo_heic" for what
    iPhones write, "photo_unknown" for what is no JPEG, PNG or WebP, or damaged.
    """
    if not data:
        raise Refused("missing", field="file")
    try:
        return draw_anew(data)
    except Undrawable as undrawable:
        raise _refusal(undrawable.why) from None


def _refusal(why: Why) -> Refused:
    match why:
        case Why.LARGE:
            return Refused("photo_large", field="file")
        case Why.HEIC:
            return Refused("photo_heic", field="file")
        case Why.UNKNOWN:
            return Refused("photo_unknown", field="file")
        case _:
            assert_never(why)
