"""Recommendations: craftsmen whom neighbours had work done by and would call again, each signed by one neighbour.

There is no place for the contrary of one: no stars, no counts, no comments, and no order but the alphabet's. It says
who did the work and how to reach them, of businesses and never of persons who live here.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import Delete, Select, String, Text, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column

from instance import nearby, residents, stems
from instance.audience import Audience, Reader
from instance.base import Refused
from instance.nearby import Nearby
from instance.notices import State
from instance.places import Building
from instance.residents import Resident

LONGEST_NAME: Final = 80
LONGEST_PHONE: Final = 30
LONGEST_SITE: Final = 300
LONGEST_WORDS: Final = 500
# More is the work of a directory of trades.
MOST: Final = 40
STANDS: Final = timedelta(days=730)

_PHONE: Final = re.compile(r"\+?[0-9 ().\-/]+")
# E.164 has fifteen digits at most; the shortest numbers one can dial in France have four.
_FEWEST_DIGITS, _MOST_DIGITS = 4, 15
_HOST: Final = re.compile(r"[^\W_](?:[\w.-]*[^\W_])?\.[^\W\d_]{2,}")
_LETTERS: Final = re.compile(r"[^\W_]+")
# What a company is in law is not its name: neighbours leave it out as often as not.
_FORMS: Final = frozenset(["ei", "eirl", "ets", "eurl", "sarl", "sas", "sasu", "sa", "snc"])


class Trade(StrEnum):
    """What the work was. The order is that of the page, before it is put in the order of the reader's alphabet."""

    APPLIANCES = "appliances"
    CARPENTER = "carpenter"
    CLEANER = "cleaner"
    COMPUTERS = "computers"
    ELECTRICIAN = "electrician"
    GARDENER = "gardener"
    GLAZIER = "glazier"
    HEATING = "heating"
    LOCKSMITH = "locksmith"
    MASON = "mason"
    MOVER = "mover"
    PAINTER = "painter"
    PLUMBER = "plumber"
    ROOFER = "roofer"
    TILER = "tiler"
    OTHER = "other"


class Recommendation(Nearby):
    """One neighbour's word for one business. `name_key` is its name as two spellings of it compare."""

    __tablename__ = "recommendation"
    # Two clicks at once are one word.
    __table_args__ = (UniqueConstraint("author_id", "trade", "name_key"),)

    trade: Mapped[str] = mapped_column(String(20), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    name_key: Mapped[str] = mapped_column(String(LONGEST_NAME * 4))
    phone: Mapped[str | None] = mapped_column(String(LONGEST_PHONE))
    site: Mapped[str | None] = mapped_column(String(LONGEST_SITE))
    done: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    @property
    def wording(self) -> str:
        """The business, how to reach it, and what was done."""
        return " — ".join(one for one in (self.name, self.phone, self.site, self.done) if one)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What somebody says of a business, as `read` checked it. `phone` and `site` are None where none was given."""

    trade: Trade
    name: str
    phone: str | None
    site: str | None
    done: str


def read(*, trade: str, name: str, phone: str, site: str, done: str) -> Words:
    """Check what was typed: a telephone number of 4 to 15 digits (ITU-T E.164), an address of the web (RFC 3986).

    Raises Refused (trade_unknown at "trade", missing and too_long at "name" or "done", phone_shape, site_shape).
    """
    if trade not in {one.value for one in Trade}:
        raise Refused("trade_unknown", field="trade")
    return Words(trade=Trade(trade), name=_name(name), phone=_phone(phone), site=_site(site.strip()), done=_done(done))


def _name(value: str) -> str:
    text = " ".join(value.split())
    if not key(text):
        raise Refused("missing", field="name")
    if len(text) > LONGEST_NAME:
        raise Refused("too_long", field="name")
    return text


def key(name: str) -> str:
    """A name as two spellings of it compare: without accents, spaces, points, and what a company is in law."""
    words = _LETTERS.findall(stems.fold(name.replace(".", "")))
    return "".join([one for one in words if one not in _FORMS] or words)[: LONGEST_NAME * 4]


def _phone(value: str) -> str | None:
    text = " ".join(value.split())
    if not text:
        return None
    many = sum(one.isdigit() for one in text)
    if len(text) > LONGEST_PHONE or not _PHONE.fullmatch(text) or not _FEWEST_DIGITS <= many <= _MOST_DIGITS:
        raise Refused("phone_shape", field="phone")
    return text


def _site(text: str) -> str | None:
    if not text:
        return None
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        whole = parts.scheme in {"http", "https"} and parts.username is None and parts.port is None
    except ValueError:
        raise Refused("site_shape", field="site") from None
    printable = address.isprintable() and not any(one.isspace() or one in '"<>\\' for one in address)
    if not whole or not printable or len(address) > LONGEST_SITE or not _HOST.fullmatch(host):
        raise Refused("site_shape", field="site")
    return address


def _done(value: str) -> str:
    text = value.replace("\r\n", "\n").strip()
    if not text:
        raise Refused("missing", field="done")
    if len(text) > LONGEST_WORDS:
        raise Refused("too_long", field="done")
    return text


# --- saying, changing, taking away


def write(
    session: Session, *, by: Resident, words: Words, audience: Audience, building: Building | None, now: datetime
) -> Recommendation:
    """Recommend a business to the building, the quarter or the town, for two years.

    Raises Refused (suspended, recommendations_many, recommended_already at "name", no_home, place_missing,
    stays_in_town).
    """
    residents.check_active(session, resident=by)
    residents.hold(session, resident=by)
    held = select(func.count(Recommendation.id)).where(Recommendation.author_id == by.id)
    if (session.scalar(held) or 0) >= MOST:
        raise Refused("recommendations_many")
    _once(session, by=by, words=words)
    made = Recommendation(author=by, state=State.LIVE.value, created_at=now)
    nearby.put(session, row=made, by=by, audience=audience, building=building)
    _say(made, words=words, now=now)
    session.add(made)
    session.flush()
    return made


def _once(session: Session, *, by: Resident, words: Words, but: Recommendation | None = None) -> None:
    same = select(Recommendation).where(
        Recommendation.author_id == by.id,
        Recommendation.trade == words.trade.value,
        Recommendation.name_key == key(words.name),
    )
    found = session.scalar(same)
    if found is not None and found is not but:
        raise Refused("recommended_already", field="name")


def _say(row: Recommendation, *, words: Words, now: datetime) -> None:
    row.trade, row.name, row.name_key = words.trade.value, words.name, key(words.name)
    row.phone, row.site, row.done = words.phone, words.site, words.done
    row.updated_at, row.expires_at = now, now + STANDS


def change(
    session: Session,
    *,
    row: Recommendation,
    by: Resident,
    words: Words,
    audience: Audience,
    building: Building | None,
    now: datetime,
) -> None:
    """Say it otherwise; its two years begin anew. Raises Refused as `write`, and not_yours, not_live."""
    residents.hold(session, resident=by)
    nearby.hold_own(session, row=row, by=by)
    if not row.is_live:
        raise Refused("not_live")
    _once(session, by=by, words=words, but=row)
    nearby.put(session, row=row, by=by, audience=audience, building=building)
    _say(row, words=words, now=now)
    session.flush()


def take_away(session: Session, *, row: Recommendation, by: Resident) -> None:
    """Recommend it no longer: nothing of it is kept. Raises Refused (suspended, not_yours)."""
    nearby.hold_own(session, row=row, by=by)
    session.delete(row)
    session.flush()


# --- reading


def of_resident(session: Session, *, resident: Resident) -> Sequence[Recommendation]:
    """What somebody recommends, hidden ones too, by name of the business: for themselves alone."""
    wanted = select(Recommendation).where(Recommendation.author_id == resident.id)
    return session.scalars(wanted.order_by(Recommendation.name_key, Recommendation.id)).all()


def own(session: Session, *, public_id: uuid.UUID, by: Resident) -> Recommendation:
    """One's own. Raises Refused("not_found") for any other, as for none."""
    found = by_public_id(session, public_id=public_id)
    if found is None or found.author_id != by.id:
        raise Refused("not_found")
    return found


def find(session: Session, *, public_id: uuid.UUID, reader: Reader, now: datetime) -> Recommendation:
    """What the reader may see. Raises Refused("not_found") for any other, as for none."""
    found = session.scalar(_seen(reader, now=now).where(Recommendation.public_id == public_id))
    if found is None:
        raise Refused("not_found")
    return found


def by_public_id(session: Session, *, public_id: uuid.UUID) -> Recommendation | None:
    """A recommendation by its public id, whoever asks: for the moderators' desk."""
    return session.scalar(select(Recommendation).where(Recommendation.public_id == public_id))


def _seen(reader: Reader, *, now: datetime) -> Select[Recommendation]:
    return select(Recommendation).where(nearby.seen(Recommendation, reader=reader), Recommendation.expires_at > now)


def trades(session: Session, *, reader: Reader, now: datetime) -> frozenset[Trade]:
    """The trades of which something is recommended to this reader."""
    seen = _seen(reader, now=now).with_only_columns(Recommendation.trade).distinct()
    return frozenset(Trade(one) for one in session.scalars(seen))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that is said of some businesses of one trade, by name; `after` is the last one's key when there are more."""

    rows: Sequence[Recommendation]
    after: str | None


def of_trade(
    session: Session, *, reader: Reader, trade: Trade, now: datetime, after: str = "", limit: int = 20
) -> Page:
    """What is recommended to the reader in a trade: `limit` businesses, each with every word for it, oldest first."""
    seen = _seen(reader, now=now).where(Recommendation.trade == trade.value)
    keys = seen.with_only_columns(Recommendation.name_key).distinct().order_by(Recommendation.name_key)
    found = session.scalars(keys.where(Recommendation.name_key > after).limit(limit + 1)).all()
    shown = found[:limit]
    rows = seen.where(Recommendation.name_key.in_(shown)).options(joinedload(Recommendation.author))
    return Page(
        rows=session.scalars(rows.order_by(Recommendation.name_key, Recommendation.id)).all() if shown else (),
        after=shown[-1] if len(found) > limit else None,
    )


def ending(session: Session, *, begins: datetime, ends: datetime) -> Sequence[Recommendation]:
    """What hangs and ends between two moments, the first to end first."""
    wanted = select(Recommendation).where(
        Recommendation.state == State.LIVE.value, Recommendation.expires_at > begins, Recommendation.expires_at <= ends
    )
    return session.scalars(wanted.order_by(Recommendation.expires_at, Recommendation.id)).all()


def spent(now: datetime) -> Delete:
    """Delete what stood for two years."""
    return delete(Recommendation).where(Recommendation.expires_at <= now)
