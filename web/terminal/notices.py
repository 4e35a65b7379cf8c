"""What `palier news` and `palier listings` have in common: an answer, publishing with a look, taking down."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import click
from flask_babel import gettext, lazy_gettext

from instance import news, notices, organisations, prose, reading, residents
from instance.audience import Audience
from instance.base import Refused
from instance.listings import Listing
from instance.news import NewsItem
from instance.notices import Notice, State
from instance.places import Building
from instance.residents import Resident
from web.acts import writing
from web.frame import words
from web.terminal import kinds, nouns, options
from web.terminal.desk import Desk
from web.terminal.printing import Coded, One, Values
from web.views import happenings, leaving, slips

COLUMNS: Final = ("id", "title", "audience", "place", "state", "since")
STATES: Final = {
    State.LIVE: lazy_gettext("hangs"),
    State.WITHDRAWN: lazy_gettext("taken down"),
    State.EXPIRED: lazy_gettext("its time is over"),
    State.HIDDEN: lazy_gettext("hidden by a moderator"),
}


def values(notice: Notice) -> Values:
    """A notice in a list: who wrote it is said of organisations and towns, never of a neighbour."""
    audience, state, kind = slips.audience(notice), State(notice.state), slips.kind(notice)
    return {
        "id": notice.public_id,
        "kind": Coded(code=kind, word=str(words.KINDS[kind].name)),
        "need": _need(notice),
        "title": notice.title,
        "audience": Coded(code=audience.word, word=str(words.REACHES[audience.word].name)),
        "place": slips.place(notice),
        "organisation": notice.organisation.slug if notice.organisation else None,
        "town": notice.origin_host,
        "state": Coded(code=state.value, word=str(STATES[state])),
        "since": notice.created_at,
        "until": notice.expires_at,
    }


def _need(notice: Notice) -> Coded | None:
    need = notice.need if isinstance(notice, Listing) else None
    return Coded(code=need, word=str(words.NEEDS[need])) if need is not None else None


def whole(notice: Notice) -> Values:
    """A notice with its words, as they were written; of one from elsewhere, as they can be read here."""
    return {
        **values(notice),
        "summary": notice.summary if isinstance(notice, NewsItem) else None,
        **_date(notice),
        "body": prose.plain(notice.html) if notice.is_remote else notice.body,
        "byline": notice.byline if isinstance(notice, Listing) else None,
    }


def _date(notice: Notice) -> Values:
    found = happenings.of(notice)
    if found is None:
        return {}
    where = {"begins": found.begins, "ends": found.ends, "where": found.place or None}
    return {**where, "called_off": found.called_off}


def show(desk: Desk, *, public_id: uuid.UUID, acting: Resident | None) -> One:
    """One notice, for whoever may see it; without an account, what anybody may read."""
    reader = reading.reader(desk.home, resident=acting, now=desk.now)
    return One(values=whole(notices.find(desk.home, public_id=public_id, reader=reader)))


def own(desk: Desk, *, public_id: uuid.UUID, by: Resident) -> Notice:
    """A notice this account may change. Raises Refused("not_found")."""
    reader = reading.reader(desk.home, resident=by, now=desk.now)
    return writing.own(desk.home, public_id=public_id, by=by, reader=reader)


def publish(
    desk: Desk,
    *,
    act: Callable[[], Notice],
    yes: bool,
    dry_run: bool,
    done: str | None = None,
    look: Callable[[], Notice] | None = None,
) -> One:
    """Do an act that hangs or changes a notice; where it leaves town, say first what leaves and ask.

    The look is the very act, rolled back, so that it cannot promise anything else; `look` is another one, for what
    leaves only later. While somebody thinks about the question nobody else is kept from writing.
    """
    notice = (look or act)()
    beyond = notice.audience is Audience.NETWORK
    shown = leaving.of_notice(desk.outside, notice=notice, origin=desk.settings.origin) if beyond else None
    if dry_run:
        looked_at = {**whole(notice), "leaves": _leaves(shown)}
        desk.rollback()
        return One(values=looked_at, sentence=_look(shown))
    if shown is not None and not yes:
        nouns.sure(desk, _look(shown), yes=False)
        notice = act()
    elif look is not None:
        desk.rollback()
        notice = act()
    found = whole(notice)
    desk.commit()
    return One(values=found, sentence=done or _hung(desk, notice))


def edit(
    desk: Desk,
    *,
    public_id: uuid.UUID,
    by: Resident,
    family: type[Notice],
    given: Mapping[str, str | None],
    yes: bool,
    dry_run: bool,
) -> One:
    """Change the words of a notice of this family; a word that is None stays as it is.

    Raises click.UsageError when no word is given, Refused as `writing.change` and for a notice of another family.
    """
    if all(text is None for text in given.values()):
        raise click.UsageError(gettext("Say what to change."))

    def act() -> Notice:
        found = own(desk, public_id=public_id, by=by)
        if not isinstance(found, family):
            raise Refused("not_found", field="notice")
        words = {**writing.as_typed(found), **{key: text for key, text in given.items() if text is not None}}
        writing.change(desk.home, notice=found, by=by, words=words, now=desk.now)
        return found

    return publish(desk, act=act, yes=yes, dry_run=dry_run, done=gettext("Your change is on the board."))


def _leaves(shown: leaving.Leaving | None) -> Values | None:
    if shown is None:
        return None
    return {
        "title": shown.title,
        "when": shown.when,
        "summary": shown.summary,
        "body": str(shown.body),
        "signed": shown.signed,
        "quarter": shown.quarter,
        "towns": list(shown.hosts),
    }


def _look(shown: leaving.Leaving | None) -> str:
    if shown is None:
        return gettext("It would hang here, and nothing of it leaves.")
    text = prose.plain(str(shown.body))
    hosts = ", ".join(shown.hosts) or gettext("nobody yet")
    return "\n".join(
        [
            gettext("This leaves, and copies cannot all be called back:"),
            f"  {shown.title}",
            *([f"  {shown.summary}"] if shown.summary else []),
            *(f"  {line}" for line in text.splitlines()),
            gettext("Signed: %(signed)s. Goes first to: %(hosts)s.", signed=shown.signed, hosts=hosts),
        ]
    )


def withdraw(desk: Desk, *, public_id: uuid.UUID, by: Resident, yes: bool) -> One:
    """Take a notice down for good."""
    own(desk, public_id=public_id, by=by)
    nouns.sure(desk, gettext("The notice is taken down for good."), yes=yes)
    notice = own(desk, public_id=public_id, by=by)
    notices.withdraw(desk.home, notice=notice, by=by, now=desk.now)
    found = values(notice)
    desk.commit()
    return One(values=found, sentence=gettext("The notice is taken down."))


def call_off(desk: Desk, *, public_id: uuid.UUID, by: Resident, yes: bool) -> One:
    """Say that what news announces does not take place."""
    _dated(desk, public_id=public_id, by=by)
    nouns.sure(desk, gettext("The news hangs on and says that it does not take place, for good."), yes=yes)
    item = _dated(desk, public_id=public_id, by=by)
    news.call_off(desk.home, item=item, by=by, now=desk.now)
    found = whole(item)
    desk.commit()
    return One(values=found, sentence=gettext("It is called off."))


def _dated(desk: Desk, *, public_id: uuid.UUID, by: Resident) -> NewsItem:
    item = own(desk, public_id=public_id, by=by)
    if not isinstance(item, NewsItem):
        raise Refused("not_found")
    return item


def _hung(desk: Desk, notice: Notice) -> str:
    return leaving.hung(desk.outside, notice=notice, origin=desk.settings.origin)


def narrowing(*, building: str) -> Callable[[options.Function], options.Function]:
    """The parameters of `narrow`; `building` says what that option is for."""

    def add(function: options.Function) -> options.Function:
        function = options.option("--building", type=kinds.BUILDING, help=building)(function)
        return options.notice(options.acting()(options.audience(function)))

    return add


def narrow(desk: Desk, *, notice: uuid.UUID, acting: Resident, audience: Audience, building: Building | None) -> One:
    """Let fewer people see a notice."""
    found = own(desk, public_id=notice, by=acting)
    among = (
        residents.buildings_of(desk.home, resident=acting)
        if found.organisation is None
        else organisations.answered(desk.home, organisation=found.organisation)
    )
    inside = building or only(among)
    writing.narrow(desk.home, notice=found, by=acting, audience=audience, building=inside, now=desk.now)
    narrowed = values(found)
    desk.commit()
    return One(values=narrowed, sentence=_hung(desk, found))


def only(buildings: Sequence[Building]) -> Building | None:
    """The one building there is to choose, where there is one."""
    return buildings[0] if len(buildings) == 1 else None
