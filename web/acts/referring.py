"""Deciding on a report and telling the town it is about: what may go there is asked outside, the rest is home's."""

from datetime import datetime

from sqlalchemy.orm import Session

from federation import blocks, charters, exchange, identity, policy
from instance import referrals
from instance.base import Refused
from instance.moderation import Step
from instance.reports import Report
from instance.residents import Resident
from web.acts import deciding
from web.acts.deciding import Verdict


def town(home: Session, *, outside: Session, entry: Report) -> str | None:
    """The town that may be told of a report; None for what is ours, and where no reports are exchanged."""
    meant = referrals.source(home, entry=entry)
    us = identity.find(outside, identity.APPLICATION)
    if meant is None or us is None:
        return None
    host = policy.authority(meant.actor_uri)
    may = charters.may_leave(outside, host=host, matter=exchange.Report(), origin=identity.origin_of(us))
    return host if may and not blocks.is_blocked(outside, host) else None


def decide(
    home: Session,
    *,
    outside: Session,
    entry: Report,
    step: Step,
    verdict: Verdict,
    told: str = "",
    by: Resident,
    now: datetime,
) -> None:
    """Decide on a report; with words for the town it is about, these are passed on to it as well.

    Leaves both to the caller's commit at home; `outside` is only read.
    Raises Refused as the step does, and (town_untold, told_before, too_long).
    """
    host = town(home, outside=outside, entry=entry) if told.strip() else None
    if told.strip() and host is None:
        raise Refused("town_untold", field="told")
    deciding.DECISIONS[step](home, entry=entry, verdict=verdict, by=by, now=now)
    if host is not None:
        referrals.refer(home, entry=entry, host=host, words=told, by=by, now=now)
