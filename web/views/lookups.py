"""Somebody elsewhere as one sees them before following: who it is, and what they wrote last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from federation import policy
from federation.models import Lookup, LookupState
from instance import prose
from web.frame import reasons
from web.views import towns
from web.views.towns import FollowLine

LONGEST_SUMMARY: Final = 500
LONGEST_EXCERPT: Final = 220
SORTS: Final = {
    **towns.SORTS,
    "Person": lazy_gettext("Person"),
    "Application": lazy_gettext("Town"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One thing they wrote."""

    title: str
    excerpt: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """Who it is; `follow` is what we follow of them already."""

    uri: str
    name: str
    sort: str
    handle: str
    host: str
    summary: str
    pieces: Sequence[Piece]
    follow: FollowLine | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was typed, and what is known by now: nothing yet, somebody, or why nobody."""

    typed: str
    state: LookupState
    somebody: Somebody | None
    why: str

    @property
    def is_waiting(self) -> bool:
        """Whether the answer has not come yet."""
        return self.state is LookupState.WANTED


def look(session: Session, *, row: Lookup) -> Look:
    """A look as it stands."""
    return Look(
        typed=row.target or row.handle,
        state=LookupState(row.state),
        somebody=_somebody(session, row.found, own_username=row.own_username) if row.found else None,
        why=reasons.sentence(row.last_error) or gettext("Nobody could be found there."),
    )


def _somebody(session: Session, found: Mapping[str, Any], *, own_username: str) -> Somebody:
    uri = str(found["uri"])
    held = towns.follows(session, own_username=own_username)
    return Somebody(
        uri=uri,
        name=str(found["name"]),
        sort=str(SORTS.get(found["kind"], found["kind"])),
        handle=str(found["handle"]),
        host=policy.authority(uri),
        summary=prose.excerpt(prose.plain(found["summary"]), longest=LONGEST_SUMMARY),
        pieces=[_piece(one) for one in found["pieces"]],
        follow=next((one for one in held if one.uri == uri and one.active), None),
    )


def _piece(one: Mapping[str, Any]) -> Piece:
    words = prose.plain(one["html"])
    return Piece(
        title=policy.visible(prose.plain(one["title"])),
        excerpt=prose.excerpt(words, longest=LONGEST_EXCERPT),
        since=datetime.fromisoformat(one["published"]) if one["published"] else None,
    )
