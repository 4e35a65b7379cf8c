"""What two neighbours have between them, and one of them keeps away: for proofs that nobody else learns of it."""

import uuid
from datetime import timedelta

from sqlalchemy import select

from instance import loans, lookouts, meetings, partings, quiet
from instance.conversations import Conversation
from instance.meetings import Place
from instance.residents import Resident
from instance.search import Wish
from tests.town.houses import House


def kept_between(
    house: House, talk: Conversation, *, odile: Resident, amir: Resident
) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID, uuid.UUID]:
    """A loan that one asks for, a meeting that both agreed on, somebody whom one of them blocks, a search kept."""
    with house.home.write.begin() as session:
        given = {"conversation": session.get_one(Conversation, talk.id), "now": house.town.now}
        writer, other = session.get_one(Resident, amir.id), session.get_one(Resident, odile.id)
        pickup = house.town.now + timedelta(days=1)
        loan = loans.ask(session, by=writer, pickup_at=pickup, due_on=loans.town_day(pickup), place="", **given)
        moments = [house.town.now + timedelta(hours=5)]
        made = meetings.propose(session, by=writer, moments=moments, place=Place(words="Ici"), **given)
        meetings.pick(session, by=other, meeting_id=made.public_id, number=1, **given)
        nobody = session.scalars(select(Resident).where(Resident.first_name == "Maud")).one()
        partings.block(session, by=other, whom=nobody, now=house.town.now)
        (block,) = quiet.blocked_by(session, resident=other)
        wish = Wish(words="escabeau")
        kept = lookouts.keep(session, by=other, reader=house.reader(other), wish=wish, now=house.town.now)
        return loan.public_id, made.public_id, block.public_id, kept.public_id
