"""`palier erasures`: what was taken back from other towns, who confirmed it, and the same again after a restore."""

import json
import uuid
from pathlib import Path
from typing import Final

import click
from flask_babel import gettext

from federation import erasures, ledger
from federation.base import PeerRefused
from instance import recalls
from instance.base import Refused
from web.terminal import files, options
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument
from web.terminal.printing import Coded, One, Rows, Sheet, Values
from web.views import removals
from web.views.removals import Line, Removal

command = Noun("erasures", help=say_later("What was taken back from other towns, and who confirmed it."))
COLUMNS = ("withdrawn", "kind", "towns", "confirmed", "notice")
LINES = ("host", "state", "given", "asked", "ended", "until", "attempts", "why")
LARGEST: Final = 256 * 1024 * 1024


def _values(one: Removal) -> Values:
    return {
        "notice": one.notice,
        "kind": Coded(code=one.type, word=one.kind),
        "published": one.published,
        "withdrawn": one.withdrawn,
        "towns": one.towns,
        "confirmed": one.confirmed,
    }


def _line(one: Line) -> Values:
    return {
        "host": one.host,
        "state": Coded(code=one.standing.value, word=one.word),
        "given": one.given,
        "asked": one.asked,
        "ended": one.ended,
        "until": one.until,
        "attempts": one.tries,
        "why": one.sentence,
    }


@command.command("list", help=say_later("What was taken back, newest first, and how many towns confirmed it."))
@options.limit
@options.after(click.UUID)
def _list(desk: Desk, *, limit: int, after: uuid.UUID | None) -> Rows:
    before = _entry(desk, after, field="after").key if after is not None else None
    found = ledger.withdrawn(desk.outside, before=before, limit=limit + 1)
    shown, further = options.cut(found, limit=limit, key=lambda one: one.notice)
    return Rows(name="erasures", rows=[_values(removals.removal(one)) for one in shown], columns=COLUMNS, after=further)


@command.command("show", help=say_later("Town by town, who has a notice or confirmed that it is gone."))
@options.notice
def _show(desk: Desk, *, notice: uuid.UUID) -> Rows:
    found = removals.removal(_entry(desk, notice, field="notice"))
    return Rows(name="towns", rows=[_line(one) for one in found.lines], columns=LINES)


def _entry(desk: Desk, notice: uuid.UUID, *, field: str) -> ledger.Entry:
    found = ledger.find(desk.outside, notice=notice)
    if found is None:
        raise Refused("not_found", field=field)
    return found


@command.command(
    "save",
    help=say_later("Print everything that was ever taken back, for a file that is kept beside the backups."),
)
def _save(desk: Desk) -> Sheet:
    kept = {"erasures": erasures.write(erasures.kept(desk.outside))}
    return Sheet(text=json.dumps(kept, ensure_ascii=False, indent=1), values=kept)


@command.command(
    "apply",
    help=say_later("After a restore, before the instance is started: take back again what FILE says was taken back."),
    writes=True,
)
@argument("file", say_later("What `erasures save` wrote, or - for standard input."), type=click.Path(path_type=Path))
def _apply(desk: Desk, *, file: Path) -> One:
    wanted = erasures.read(_read(file))
    done = erasures.reapply(desk.outside, erasures=wanted, origin=desk.settings.origin, now=desk.now)
    taken = recalls.take_down_again(desk.home, public_ids=[one.notice for one in wanted], now=desk.now)
    # Outside first: if the rest is lost, nobody gets it again, and doing it again completes it.
    desk.commit_outside()
    desk.commit()
    values = {"again": done.again, "notices": taken, "lost": done.lost}
    sentence = gettext(
        "Taken back outside: %(again)d. Taken down here: %(taken)d. Of unknown authors, left alone: %(lost)d.",
        again=done.again,
        taken=taken,
        lost=done.lost,
    )
    return One(values=values, sentence=sentence)


def _read(file: Path) -> object:
    with files.opened(file) as source:
        try:
            data = source.read(LARGEST + 1)
        except OSError:
            raise Refused("not_found", field="file") from None
    try:
        found = json.loads(data) if len(data) <= LARGEST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise PeerRefused("erasures_malformed", field="file")
    return found.get("erasures")
