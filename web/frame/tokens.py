"""The values of the design, read out of `tokens.css`: for mail, which knows no custom properties."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from web.frame.drawings import STATIC

SHEET: Final = STATIC / "css" / "tokens.css"
_VALUE: Final = re.compile(r"--([\w-]+)\s*:\s*([^;]+);")


@cache
def _blocks() -> tuple[Mapping[str, str], Mapping[str, str]]:
    day, _, night = SHEET.read_text("utf-8").partition("@media (prefers-color-scheme: dark)")
    found = dict(_VALUE.findall(day))
    return found, {**found, **dict(_VALUE.findall(night))}


def light() -> Mapping[str, str]:
    """The day's values by name, without dashes in front: `{"ink": "#1d1b18", …}`."""
    return _blocks()[0]


def dark() -> Mapping[str, str]:
    """The night's values; what the night does not change is as by day."""
    return _blocks()[1]
