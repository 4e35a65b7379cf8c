"""Moving out, in, and elsewhere: the building keeps what is its own, the account goes along."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from instance import assurance, conversations, introductions, moving, places, residents, verification, vouching
from instance.assurance import Level
from instance.audience import Audience
from instance.base import Refused
from instance.listings import Listing
from instance.notices import State
from instance.places import Lot
from instance.residents import Occupancy
from tests.instance.neighbourhood import PEPPER, Neighbourhood


def hanging(town: Neighbourhood) -> Sequence[str]:
    wanted = select(Listing.title).where(Listing.state == State.LIVE.value).order_by(Listing.title)
    return town.session.scalars(wanted).all()


def test_what_is_the_buildings_ends_and_the_account_remains(town: Neighbourhood) -> None:
    ines, amir = town.resident(town.lilas), town.resident(town.lilas)
    for audience in Audience:
        town.offer(ines, audience, title=audience.name)
    town.offer(amir, Audience.BUILDING, title="of Amir")
    moving.move_out(town.session, resident=ines, lot=town.lilas.lots[0], now=town.now)
    assert hanging(town) == ["of Amir"]
    assert residents.dwellings(town.session, resident=ines) == []
    assert residents.neighbours(town.session, building=town.lilas) == [amir]
    assert [one.revoked_at for one in assurance.of_resident(town.session, resident_id=ines.id)] == [town.now]
    assert residents.by_login(town.session, login=ines.login) is ines


def test_what_hangs_further_stays_with_another_home_in_the_quarter(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas, town.tilleuls, town.far)
    town.offer(ines, Audience.INSTANCE, title="Ville", building=town.lilas)
    for building in (town.lilas, town.tilleuls, town.far):
        for audience in (Audience.BUILDING, Audience.QUARTER):
            town.offer(ines, audience, title=f"{building.name} {audience.word}", building=building)
    moving.move_out(town.session, resident=ines, lot=town.lilas.lots[0], now=town.now)
    rest = ["Au Loin building", "Au Loin quarter", "Les Lilas quarter", "Les Tilleuls building", "Les Tilleuls quarter"]
    assert hanging(town) == [*rest, "Ville"]
    moving.move_out(town.session, resident=ines, lot=town.tilleuls.lots[0], now=town.now)
    assert hanging(town) == ["Au Loin building", "Au Loin quarter", "Ville"]
    moving.move_out(town.session, resident=ines, lot=town.far.lots[0], now=town.now)
    assert hanging(town) == []


def test_of_two_homes_in_a_building_leaving_one_ends_nothing(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    residents.move_in(town.session, resident=ines, lot=town.lilas.lots[1], now=town.now)
    town.offer(ines, Audience.BUILDING)
    moving.move_out(town.session, resident=ines, lot=town.lilas.lots[0], now=town.now)
    assert hanging(town) == ["Une échelle"]
    assert residents.buildings_of(town.session, resident=ines) == [town.lilas]


def test_conversations_of_the_building_leave_with_one_and_others_stay(town: Neighbourhood) -> None:
    ines, amir = town.resident(town.lilas), town.resident(town.lilas)
    inside, outside = town.offer(amir, Audience.BUILDING), town.offer(amir, Audience.INSTANCE)
    for one in (inside, outside):
        conversations.answer(town.session, listing=one, by=ines, body="Bonjour.", now=town.now)
    moving.move_out(town.session, resident=ines, lot=town.lilas.lots[0], now=town.now)
    left = conversations.of_resident(town.session, resident=ines)
    assert [one.listing for one in left] == [outside]
    assert len(conversations.of_resident(town.session, resident=amir)) == 2, "the other is told nothing"


def test_a_new_letter_opens_the_next_home_to_the_same_account(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    moving.move_out(town.session, resident=ines, lot=town.lilas.lots[0], now=town.now)
    code = verification.issue(town.session, lot=town.far.lots[0], pepper=PEPPER, now=town.now)
    given = {"pepper": PEPPER, "now": town.now}
    assert residents.enter(town.session, resident=ines, code=code, **given) is town.far.lots[0]  # type: ignore[arg-type]
    assert residents.buildings_of(town.session, resident=ines) == [town.far]
    with pytest.raises(Refused, match="code_dead"):
        residents.enter(town.session, resident=ines, code=code, **given)  # type: ignore[arg-type]


def test_what_was_said_for_neighbours_stays_until_it_is_taken_back(town: Neighbourhood) -> None:
    ines, newcomer = town.resident(town.lilas), town.resident()
    said = {"pepper": PEPPER, "now": town.now}
    word = introductions.introduce(town.session, resident=newcomer, lot_number="2", **said)  # type: ignore[arg-type]
    vouching.vouch(town.session, word=word.letters, by=ines, **said)  # type: ignore[arg-type]
    moving.move_out(town.session, resident=ines, lot=town.lilas.lots[0], now=town.now)
    assert [one.level for one in residents.dwellings(town.session, resident=newcomer)] == [Level.QUARTER]
    (link,) = vouching.given(town.session, by=ines)
    vouching.take_back(town.session, public_id=link.proof.public_id, by=ines, now=town.now)
    assert [one.level for one in residents.dwellings(town.session, resident=newcomer)] == [Level.ACCOUNT]
    with pytest.raises(Refused, match="not_checked"):
        vouching.vouch(town.session, word=word.letters, by=ines, **said)  # type: ignore[arg-type]


def test_at_a_change_of_tenant_who_lived_there_is_asked_and_nothing_closes(town: Neighbourhood) -> None:
    ines, amir = town.resident(town.lilas), town.resident(town.lilas)
    lot = town.lilas.lots[0]
    moving.ask_about(town.session, lot=lot, now=town.now)
    for one in (ines, amir):
        assert moving.asked(town.session, resident=one) == [lot]
        assert residents.buildings_of(town.session, resident=one) == [town.lilas]
    moving.stay(town.session, resident=ines, lot=lot)
    assert moving.asked(town.session, resident=ines) == []
    moving.move_out(town.session, resident=amir, lot=lot, now=town.now)
    assert [one.resident_id for one in town.session.scalars(select(Occupancy))] == [ines.id]


def test_a_home_of_somebody_else_is_none(town: Neighbourhood) -> None:
    ines, amir = town.resident(town.lilas), town.resident(town.far)
    with pytest.raises(Refused, match="not_found"):
        moving.home(town.session, public_id=town.lilas.lots[0].public_id, resident=amir)
    assert moving.home(town.session, public_id=town.lilas.lots[0].public_id, resident=ines) is town.lilas.lots[0]


def test_letters_are_in_the_order_in_which_somebody_walks(town: Neighbourhood) -> None:
    numbers = ["B-1-2", "A-2-1", "A-1-9", "A-RDC-1", "B-1-1", "1", "10", "2"]
    given = {"name": "La Tour", "street": "2 rue Haute", "lots": numbers, "now": town.now}
    building = places.add_building(town.session, quarter=town.north, **given)  # type: ignore[arg-type]
    walked = [one.number for one in places.walked(building.lots)]
    assert walked == ["1", "2", "10", "A-RDC-1", "A-1-9", "A-2-1", "B-1-1", "B-1-2"]
    assert isinstance(building.lots[0], Lot)
