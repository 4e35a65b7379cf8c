"""From a notice to the slip a reader sees: who signs, how far it reaches, what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from instance import hours, lending, loans, prose, relays, residents
from instance.audience import Audience, Reader
from instance.listings import Listing
from instance.loans import Loan
from instance.nearby import Nearby
from instance.needs import Need
from instance.news import NewsItem
from instance.notices import Notice, State
from instance.organisations import Organisation
from web.frame import context, moments, words
from web.frame.slips import Byline, Photograph, Slip
from web.views import happenings, photos

LONGEST_EXCERPT = 220


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """What a slip shows that its notice does not hold, read for a whole board at once: by the notice's id."""

    held: Mapping[int, Loan]
    covers: Mapping[int, Photograph]
    relayed: frozenset[int]
    names: Mapping[int, str]


def kind(notice: Notice) -> str:
    """The word of `words.KINDS` for a notice."""
    return notice.direction if isinstance(notice, Listing) else "news"


def audience(notice: Notice | Nearby) -> Audience:
    """Who really reads it: what came from another town is public there, whatever board it hangs on here."""
    return Audience.NETWORK if notice.is_remote else notice.audience


def of_organisation(organisation: Organisation) -> Byline:
    """How an organisation signs."""
    return Byline(
        name=organisation.name,
        url=url_for("profiles.profile", slug=organisation.slug),
        verified=organisation.verified_at is not None,
    )


def signature(session: Session, *, notice: Notice, reader: Reader, beside: _Beside | None = None) -> Byline:
    """Who signs, as this reader may know them: a visitor gets the byline that was chosen for strangers."""
    relayed = beside is not None and notice.id in beside.relayed
    if notice.is_remote:
        return Byline(name=notice.origin_name or notice.origin_host or "", town=notice.origin_host)
    if notice.organisation is not None:
        return of_organisation(notice.organisation)
    if notice.author is not None and reader.signed_in:
        known = beside.names.get(notice.author.id) if beside is not None else None
        name = known or residents.name_for(session, resident=notice.author, reader=reader)
        return Byline(name=name, relays=relayed)
    chosen = notice.byline if isinstance(notice, Listing) else None
    return Byline(name=chosen or gettext("a neighbour"), relays=relayed)


def place(notice: Notice | Nearby) -> str | None:
    """The building or quarter that completes the audience mark."""
    if notice.is_remote:
        return None
    match notice.audience:
        case Audience.BUILDING if notice.building is not None:
            return notice.building.street
        case Audience.QUARTER if notice.quarter is not None:
            return notice.quarter.name
        case _:
            return None


def status(notice: Notice, *, loan: Loan | None = None) -> str | None:
    """What became of a notice that no longer hangs, or of a thing that is lent."""
    match State(notice.state):
        case State.WITHDRAWN:
            return gettext("taken down")
        case State.EXPIRED:
            return gettext("its time is over")
        case State.HIDDEN:
            return gettext("hidden by a moderator")
        case State.LIVE:
            return _called_off(notice) or _lent(loan)


def _called_off(notice: Notice) -> str | None:
    found = happenings.of(notice)
    return gettext("called off") if found is not None and found.called_off else None


def _lent(loan: Loan | None) -> str | None:
    """What a slip says of a thing that is promised or lent, to whoever may see the slip; never to whom."""
    if loan is None:
        return None
    if loan.state == lending.State.AGREED:
        return gettext("promised for now")
    if loan.due_on is None or loan.due_on < hours.town_day(context.now()):
        return gettext("lent for now")
    return gettext("lent until %(day)s", day=moments.day(moments.noon(loan.due_on)))


def need(notice: Notice) -> str | None:
    """What a request is for, where its author said so."""
    wanted = notice.need if isinstance(notice, Listing) else None
    return None if wanted is None or wanted == Need.OTHER else str(words.NEEDS[wanted])


def _is_urgent(notice: Notice) -> bool:
    until = notice.urgent_until if isinstance(notice, NewsItem) and notice.is_live else None
    return until is not None and until > context.now()


def _excerpt(notice: Notice) -> str:
    if isinstance(notice, NewsItem) and notice.summary:
        return notice.summary
    return prose.excerpt(prose.plain(notice.html), longest=LONGEST_EXCERPT)


def body(notice: Notice) -> Markup:
    """All the words of a notice; news begin with their summary."""
    text = Markup(notice.html)  # noqa: S704 - cleaned by instance.prose when it was stored
    if isinstance(notice, NewsItem) and notice.summary:
        return Markup('<p class="lead">{}</p>').format(notice.summary) + text
    return text


def _held(session: Session, *, notices: Iterable[Notice]) -> Mapping[int, Loan]:
    """What is promised or lent of these, by the notice's id."""
    return loans.held(session, listings=[one for one in notices if isinstance(one, Listing) and one.is_live])


def _relayed(session: Session, *, notices: Iterable[Notice]) -> frozenset[int]:
    """Those of these that were written for a neighbour, by their ids."""
    return relays.among(session, notice_ids=[one.id for one in notices if isinstance(one, Listing)])


def on_board(session: Session, *, notice: Notice, reader: Reader) -> Slip:
    """A slip among others, leading to its own page unless a moderator took that away."""
    return board(session, notices=[notice], reader=reader)[0]


def _among(session: Session, *, notice: Notice, reader: Reader, beside: _Beside) -> Slip:
    hidden = notice.state == State.HIDDEN
    return Slip(
        kind=kind(notice),
        title=notice.title,
        audience=audience(notice),
        byline=signature(session, notice=notice, reader=reader, beside=beside),
        since=notice.created_at,
        url=None if hidden else url_for("notices.notice", public_id=notice.public_id),
        place=place(notice),
        excerpt=_excerpt(notice),
        status=status(notice, loan=beside.held.get(notice.id)),
        until=notice.expires_at if notice.is_live else None,
        urgent=_is_urgent(notice),
        need=need(notice),
        date=happenings.date(notice),
        photo=beside.covers.get(notice.id),
    )


def in_full(session: Session, *, notice: Notice, reader: Reader) -> Slip:
    """A slip on its own page, with all its words."""
    beside = _beside(session, notices=[notice], reader=reader)
    return Slip(
        kind=kind(notice),
        title=notice.title,
        audience=audience(notice),
        byline=signature(session, notice=notice, reader=reader, beside=beside),
        since=notice.created_at,
        place=place(notice),
        body=body(notice),
        status=status(notice, loan=beside.held.get(notice.id)),
        until=notice.expires_at if notice.is_live else None,
        urgent=_is_urgent(notice),
        need=need(notice),
        date=happenings.date(notice),
    )


def board(session: Session, *, notices: Iterable[Notice], reader: Reader) -> tuple[Slip, ...]:
    """Slips in the order given."""
    shown = tuple(notices)
    beside = _beside(session, notices=shown, reader=reader)
    return tuple(_among(session, notice=one, reader=reader, beside=beside) for one in shown)


def _beside(session: Session, *, notices: Sequence[Notice], reader: Reader) -> _Beside:
    authors = {one.author.id: one.author for one in notices if one.author is not None}
    return _Beside(
        held=_held(session, notices=notices),
        covers=photos.covers(session, shown=notices, reader=reader),
        relayed=_relayed(session, notices=notices),
        names=residents.names_for(session, people=authors.values(), reader=reader) if reader.signed_in else {},
    )
