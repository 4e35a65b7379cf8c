"""What an imported map of quarters has and what came of it, in sentences: for the page and for the terminal."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext

from instance.imports.outlines import Fault, Found
from web.pages import refusals

# Of many outlines that are of no quarter here, this many are named.
NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A file that was looked at: what is wrong outline by outline, or what it brings."""

    wrong: tuple[str, ...]
    told: tuple[str, ...]


def report(found: Found, *, entered: bool) -> Report:
    """Say it; what is wrong keeps all of the file out."""
    wrong = tuple(sentence(one) for one in found.wrong)
    told = (gettext("Nothing was entered."),) if wrong else tuple(_told(found, entered=entered))
    return Report(wrong=wrong, told=told)


def _told(found: Found, *, entered: bool) -> Iterator[str]:
    counted = {"new": found.new, "changed": found.changed, "same": found.same}
    yield (
        gettext("Outlines entered: %(new)d new, %(changed)d changed, %(same)d as before.", **counted)
        if entered
        else gettext("It can be entered: %(new)d new outlines, %(changed)d changed, %(same)d as before.", **counted)
    )
    if found.left:
        yield gettext("Left out: %(left)d.", left=len(found.left))
        yield from (sentence(one) for one in found.left[:NAMED])
    if found.without:
        yield gettext("Quarters here still without an outline: %(count)d.", count=len(found.without))


def sentence(fault: Fault) -> str:
    """Which outline, and what is wrong with it."""
    where = gettext("Outline %(number)d", number=fault.number) + (f", {fault.name}" if fault.name else "")
    return gettext("%(where)s: %(why)s", where=where, why=refusals.sentence(fault.code))
