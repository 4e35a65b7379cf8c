"""News by organisations: to one building, a quarter, the city, or beyond."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, String, false, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from instance import notices, organisations, residents
from instance.audience import Audience
from instance.base import Refused, older
from instance.happenings import LONGEST_PLACE, Happening
from instance.notices import Notice, Origin, State
from instance.organisations import Organisation
from instance.places import Building, Quarter
from instance.residents import Resident

LONGEST_SUMMARY = 500
LONGEST_URGENCY = timedelta(days=3)


class NewsItem(Notice):
    """A piece of news. Its summary is written by hand: other software shows nothing else."""

    __tablename__ = "news_item"

    id: Mapped[int] = mapped_column(BigInteger, ForeignKey("notice.id"), primary_key=True, autoincrement=False)
    summary: Mapped[str] = mapped_column(String(LONGEST_SUMMARY))
    # Until then it takes the whole wall of hall screens. It is told to nobody outside.
    urgent_until: Mapped[datetime | None] = mapped_column()
    # What it announces, if that has a date; once called off it stays so.
    begins_at: Mapped[datetime | None] = mapped_column()
    ends_at: Mapped[datetime | None] = mapped_column()
    place: Mapped[str | None] = mapped_column(String(LONGEST_PLACE))
    called_off: Mapped[bool] = mapped_column(default=False, server_default=false())

    __mapper_args__ = {"polymorphic_identity": "news"}  # noqa: RUF012 - SQLAlchemy's own class attribute

    @property
    def happening(self) -> Happening | None:
        """When and where what it announces takes place; None for news without a date."""
        if self.begins_at is None:
            return None
        return Happening(
            begins=self.begins_at, ends=self.ends_at, place=self.place or "", called_off=bool(self.called_off)
        )

    @happening.setter
    def happening(self, value: Happening | None) -> None:
        self.begins_at = value.begins if value else None
        self.ends_at = value.ends if value else None
        self.place = value.place or None if value else None
        self.called_off = value is not None and value.called_off

    @property
    def wording(self) -> tuple[str, ...]:
        """Title, summary, body and place."""
        return (self.title, self.summary, self.body, self.place or "")

    def copy_details(self, newer: Notice) -> None:
        """Take over what a newer version from elsewhere says."""
        if isinstance(newer, NewsItem):
            self.summary = newer.summary
            self.happening = newer.happening

    def blank(self) -> None:
        """Lose all words, the summary and the date too."""
        Notice.blank(self)
        self.summary = ""
        self.happening = None


def _summary(value: str) -> str:
    text = " ".join(value.split())
    if not text:
        raise Refused("missing", field="summary")
    if len(text) > LONGEST_SUMMARY:
        raise Refused("too_long", field="summary")
    return text


def read_urgency(value: datetime | None, *, now: datetime) -> datetime | None:
    """Until when news is urgent. Raises Refused("urgent_past"|"urgent_long", field="urgent_until")."""
    if value is not None and value <= now:
        raise Refused("urgent_past", field="urgent_until")
    if value is not None and value > now + LONGEST_URGENCY:
        raise Refused("urgent_long", field="urgent_until")
    return value


def _may_reach(
    *, organisation: Organisation, audience: Audience, building: Building | None, quarter: Quarter | None
) -> None:
    """A building's board is for whoever answers for it; a quarter's for who works there or city-wide."""
    if audience is Audience.BUILDING and building is not None and building.installer_id != organisation.id:
        raise Refused("not_your_building", field="audience")
    elsewhere = organisation.quarter_id is not None and quarter is not None and quarter.id != organisation.quarter_id
    if audience is not Audience.BUILDING and elsewhere:
        raise Refused("not_your_quarter", field="audience")


def post(
    session: Session,
    *,
    organisation: Organisation,
    by: Resident,
    title: str,
    summary: str,
    body: str,
    audience: Audience,
    now: datetime,
    building: Building | None = None,
    quarter: Quarter | None = None,
    urgent_until: datetime | None = None,
    happening: Happening | None = None,
) -> NewsItem:
    """Publish news in an organisation's name; until `urgent_until` it takes the whole wall of hall screens.

    `happening` is what it announces, where that has a date (`happenings.read`).

    Raises Refused (suspended, not_yours, missing, too_long, place_missing, not_your_building, not_your_quarter,
    urgent_past, urgent_long).
    """
    residents.check_active(session, resident=by)
    if not organisations.may_write(session, organisation=organisation, resident=by):
        raise Refused("not_yours")
    if audience is not Audience.BUILDING:
        quarter = quarter or organisation.quarter
    circle, building, quarter = notices.place(audience, building=building, quarter=quarter)
    _may_reach(organisation=organisation, audience=audience, building=building, quarter=quarter)
    item = NewsItem(
        title=notices.read_title(title),
        summary=_summary(summary),
        urgent_until=read_urgency(urgent_until, now=now),
        happening=happening,
        body=notices.read_body(body),
        language=by.locale,
        reach=audience.value,
        circle=circle,
        building=building,
        quarter=quarter,
        author=by,
        organisation=organisation,
        created_at=now,
    )
    notices.publish(session, notice=item, now=now)
    return item


def edit(
    session: Session,
    *,
    item: NewsItem,
    by: Resident,
    title: str,
    summary: str,
    body: str,
    happening: Happening | None,
    now: datetime,
) -> None:
    """Change the words, and when and where it takes place.

    What left town is an event elsewhere, or is not, and cannot become the other thing there.
    Raises Refused (not_yours, not_live, missing, too_long, date_stays).
    """
    summary = _summary(summary)
    if item.reached_network and (happening is None) is not (item.happening is None):
        raise Refused("date_stays", field="begins")
    notices.edit(session, notice=item, by=by, title=title, body=body, now=now)
    item.summary = summary
    item.happening = happening
    notices.spell(item)
    session.flush()


def call_off(session: Session, *, item: NewsItem, by: Resident, now: datetime) -> None:
    """Say that what it announces does not take place. It hangs on, marked so, here and wherever it went.

    Whoever changes their mind hangs a new piece. Raises Refused (suspended, not_yours, not_live, no_date, off_already).
    """
    notices.hold_own(session, notice=item, by=by)
    happening = item.happening
    if happening is None:
        raise Refused("no_date")
    if happening.called_off:
        raise Refused("off_already")
    item.happening = replace(happening, called_off=True)
    notices.change(session, notice=item, now=now)


def narrow(
    session: Session,
    *,
    item: NewsItem,
    by: Resident,
    audience: Audience,
    now: datetime,
    building: Building | None = None,
) -> None:
    """Let fewer people see it. Raises Refused (not_yours, not_live, not_narrower, place_missing, …)."""
    if item.organisation is not None:
        _may_reach(organisation=item.organisation, audience=audience, building=building, quarter=item.quarter)
    notices.narrow(session, notice=item, by=by, audience=audience, building=building, quarter=item.quarter, now=now)


def welcome(
    session: Session,
    *,
    origin: Origin,
    title: str,
    summary: str,
    html: str,
    language: str,
    now: datetime,
    happening: Happening | None = None,
) -> Notice:
    """Hang news from another city, or update it. Raises Refused("stranger")."""
    item = NewsItem(
        title=title[: notices.LONGEST_TITLE],
        summary=summary[:LONGEST_SUMMARY],
        language=language[:5],
        happening=happening,
    )
    return notices.welcome(session, notice=item, origin=origin, html=html, now=now)


def public(
    session: Session,
    *,
    organisation: Organisation | None = None,
    quarter: Quarter | None = None,
    limit: int = 20,
    after: uuid.UUID | None = None,
) -> Sequence[NewsItem]:
    """The newest news of our own that anybody may read: of one organisation, about one quarter, or all."""
    wanted = select(NewsItem).where(
        NewsItem.state == State.LIVE.value,
        NewsItem.reach == Audience.NETWORK.value,
        NewsItem.origin_uri.is_(None),
    )
    if organisation is not None:
        wanted = wanted.where(NewsItem.organisation_id == organisation.id)
    if quarter is not None:
        wanted = wanted.where(NewsItem.quarter_id == quarter.id)
    return session.scalars(older(wanted, of=NewsItem, than=after).order_by(NewsItem.id.desc()).limit(limit)).all()


def written(
    session: Session, *, by: Sequence[Organisation], limit: int = 20, after: uuid.UUID | None = None
) -> Sequence[NewsItem]:
    """The newest news of these organisations for those who write for them, whatever became of it."""
    wanted = select(NewsItem).where(NewsItem.organisation_id.in_([one.id for one in by]))
    return session.scalars(older(wanted, of=NewsItem, than=after).order_by(NewsItem.id.desc()).limit(limit)).all()
