"""The values of the design, read out of `tokens.css`: for mail, paper and tests, which know no custom properties."""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from web.frame.drawings import STATIC

SHEET: Final = STATIC / "css" / "tokens.css"
# `html { font-size: 112.5% }`: what one rem is where nobody has set another size, in CSS pixels.
REM: Final = 18.0

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE: Final = re.compile(r"([^{};]+)\{([^{}]*)\}")
_VALUE: Final = re.compile(r"--([\w-]+)\s*:\s*([^;]+);")
_REMS: Final = re.compile(r"(?<![\w.])(\d*\.?\d+)rem\b")
_ASIDE: Final = re.compile(r"var\(--([\w-]+)\)")
_CLAMP: Final = re.compile(r"clamp\([^,]+,.+,\s*([^,()]+)\)")

LIGHT: Final = ':root, [data-theme="light"]'
DARK: Final = '[data-theme="dark"]'
DARK_BY_ITSELF: Final = ":root:not([data-theme])"


@cache
def blocks() -> Mapping[str, Mapping[str, str]]:
    """Every rule of the sheet that sets values, by its selector: name without dashes → value as written."""
    sheet = _COMMENT.sub("", SHEET.read_text("utf-8"))
    found = {" ".join(rule[1].split()): dict(_VALUE.findall(rule[2])) for rule in _RULE.finditer(sheet)}
    return MappingProxyType({name: MappingProxyType(values) for name, values in found.items() if values})


def light() -> Mapping[str, str]:
    """The day's values, plain: `{"ink": "#1d1b18", "u4": "16px", "s-body": "18px", …}`.

    Colours are hexadecimal, lengths are CSS pixels at the usual size of text, a size that grows with the screen is
    its largest. For templates without custom properties, as those of mail.
    """
    return _plain(LIGHT)


def dark() -> Mapping[str, str]:
    """The night's values, plain; what the night does not change is as by day."""
    return _plain(DARK)


@cache
def _plain(selector: str) -> Mapping[str, str]:
    written = {**blocks()[LIGHT], **blocks()[selector]}
    return MappingProxyType({name: _value(value, written) for name, value in written.items()})


def _value(value: str, written: Mapping[str, str]) -> str:
    whole = _ASIDE.sub(lambda found: _value(written[found[1]], written), " ".join(value.split()))
    return _REMS.sub(_pixels, _CLAMP.sub(r"\1", whole))


def _pixels(found: re.Match[str]) -> str:
    return f"{round(float(found[1]) * REM, 1):g}px"
