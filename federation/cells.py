"""Cells of tables for spreadsheets: text stays text, and no program runs it as a formula (CWE-1236)."""

from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_MARK: Final = "'"


def guard(text: str) -> str:
    """The text as it is written: a mark stands before what would be a formula, and before what looks so marked."""
    return f"{_MARK}{text}" if text.lstrip(_MARK).startswith(_FORMULA) else text


def bare(text: str) -> str:
    """The text as it was before `guard`, and as it stands where no mark was needed."""
    return text.removeprefix(_MARK) if text.lstrip(_MARK).startswith(_FORMULA) else text
