"""What two neighbours have between them, and one of them keeps away: for proofs that nobody else learns of it."""

import uuid
from datetime import timedelta

from sqlalchemy import select

from instance import introductions, loans, meetings, partings, quiet, residents, vouching
from instance.assurance import Proof
from instance.conversations import Conversation
from instance.meetings import Place
from instance.residents import Resident
from tests.town.houses import House
from web import secret
from web.frame import context
from web.settings import Settings


def kept_between(
    house: House, talk: Conversation, *, odile: Resident, amir: Resident
) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    """A loan that one asks for, a meeting that both agreed on, and somebody whom one of them blocks."""
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
        return loan.public_id, made.public_id, block.public_id


def vouched(house: House, odile: Resident) -> list[uuid.UUID]:
    """Odile's word for somebody new, and her own lot."""
    settings = Settings.read(house.environ)
    secret.ensure(settings.secret_key_file)
    said = {"pepper": context.letterbox_pepper(settings)}
    word = house.do(introductions.introduce, resident=house.resident("Nour"), lot_number="8", **said)
    assert isinstance(word, introductions.Word)
    proof = house.do(vouching.vouch, word=word.letters, by=odile, **said)
    assert isinstance(proof, Proof)
    with house.home.read() as session:
        (home,) = residents.dwellings(session, resident=session.get_one(Resident, odile.id))
        return [proof.public_id, home.lot.public_id]
