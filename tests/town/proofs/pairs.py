"""What two neighbours have between them, and one of them keeps away: for proofs that nobody else learns of it."""

import uuid
from datetime import timedelta

from sqlalchemy import select

from instance import (
    bookings,
    documents,
    hours,
    introductions,
    loans,
    meetings,
    openings,
    partings,
    quiet,
    residents,
    vouching,
)
from instance.assurance import Proof
from instance.conditions import Condition, Moment
from instance.conversations import Conversation
from instance.documents import Document
from instance.hours import TOWN_TIME
from instance.lending import Side
from instance.meetings import Place
from instance.photos import Photo
from instance.residents import Resident
from instance.slots import Window
from instance.thanks import Thanks
from tests.instance.papers import paper
from tests.town.houses import House
from web import secret
from web.frame import context
from web.settings import Settings


def kept_between(house: House, talk: Conversation, *, odile: Resident, amir: Resident) -> tuple[uuid.UUID, ...]:
    """A loan with a photograph and thanks, a meeting both agreed on, a block; a window, a booking, a photograph."""
    with house.home.write.begin() as session:
        given = {"conversation": session.get_one(Conversation, talk.id), "now": house.town.now}
        writer, other = session.get_one(Resident, amir.id), session.get_one(Resident, odile.id)
        pickup = house.town.now + timedelta(days=1)
        loan = loans.ask(session, by=writer, pickup_at=pickup, due_on=hours.town_day(pickup), place="", **given)
        moments = [house.town.now + timedelta(hours=5)]
        made = meetings.propose(session, by=writer, moments=moments, place=Place(words="Ici"), **given)
        meetings.pick(session, by=other, meeting_id=made.public_id, number=1, **given)
        slip = session.get_one(Conversation, talk.id).listing
        day = house.town.now.astimezone(TOWN_TIME).date() + timedelta(days=1)
        window = Window(weekday=day.weekday(), begins=18 * 60, ends=20 * 60, minutes=30, first=day)
        opening = openings.add(session, listing=slip, by=other, window=window, place="Ici", now=house.town.now)
        at = openings.slots_of(session, listing=slip, now=house.town.now)[0].starts_at
        booking = bookings.book(session, listing=slip, by=writer, starts_at=at, now=house.town.now)
        taken = {"position": 1, "width": 4, "height": 3, "created_at": house.town.now}
        photo = Photo(listing=slip, alt="Un escabeau", **taken)
        shot = Condition(loan=loan, side=Side.LENDER.value, moment=Moment.BEFORE.value, words="Entier", **taken)
        said = Thanks(loan=loan, side=Side.LENDER.value, words="Merci", created_at=house.town.now)
        session.add_all([photo, shot, said])
        nobody = session.scalars(select(Resident).where(Resident.first_name == "Maud")).one()
        partings.block(session, by=other, whom=nobody, now=house.town.now)
        (block,) = quiet.blocked_by(session, resident=other)
        kept = (loan, made, block, opening, booking, photo, shot, said)
        return tuple(one.public_id for one in kept)


def vouched(house: House, odile: Resident) -> list[uuid.UUID]:
    """Odile's word for somebody new, whose document waits as well, and her own lot."""
    settings = Settings.read(house.environ)
    secret.ensure(settings.secret_key_file)
    said = {"pepper": context.letterbox_pepper(settings)}
    nour = house.resident("Nour")
    word = house.do(introductions.introduce, resident=nour, lot_number="8", **said)
    assert isinstance(word, introductions.Word)
    proof = house.do(vouching.vouch, word=word.letters, by=odile, **said)
    assert isinstance(proof, Proof)
    with house.home.read() as session:
        (home,) = residents.dwellings(session, resident=session.get_one(Resident, odile.id))
    root = settings.home_data / documents.FOLDER
    sent = house.do(documents.send, root=root, by=nour, lot=home.lot, picture=paper())
    assert isinstance(sent, Document)
    return [proof.public_id, home.lot.public_id, sent.public_id]
