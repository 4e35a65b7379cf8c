"""Neighbours speak for a newcomer: two of two homes, each known without neighbours, and each may take it back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from instance import assurance, introductions, residents, suspensions, vouching
from instance.assurance import Kind, Level
from instance.base import Refused
from instance.moderation import Measure, Step
from instance.places import Building, Lot
from instance.residents import Resident, Role, State
from tests.instance.neighbourhood import PEPPER, Neighbourhood


def living(town: Neighbourhood, building: Building, lot: int, **more: Role) -> Resident:
    somebody = town.resident(**more)
    residents.move_in(town.session, resident=somebody, lot=_lots(town, building)[lot], now=town.now)
    return somebody


def _lots(town: Neighbourhood, building: Building) -> list[Lot]:
    """The lots of a building, of which these tests need four."""
    while len(building.lots) < 4:
        number = len(building.lots) + 1
        building.lots.append(Lot(number=str(number), position=number, created_at=town.now))
        town.session.flush()
    return building.lots


def word(town: Neighbourhood, newcomer: Resident, lot: str = "3") -> str:
    _lots(town, town.lilas)
    given = {"resident": newcomer, "lot_number": lot, "pepper": PEPPER, "now": town.now}
    return introductions.introduce(town.session, **given).letters  # type: ignore[arg-type]


def speak(town: Neighbourhood, letters: str, by: Resident) -> assurance.Proof:
    return vouching.vouch(town.session, word=letters, by=by, pepper=PEPPER, now=town.now)


def level(town: Neighbourhood, somebody: Resident) -> Level:
    return max((one.level for one in residents.dwellings(town.session, resident=somebody)), default=Level.ACCOUNT)


def test_two_neighbours_of_two_homes_open_the_building(town: Neighbourhood) -> None:
    ana, ben, newcomer = living(town, town.lilas, 0), living(town, town.lilas, 1), town.resident()
    letters = word(town, newcomer)
    speak(town, letters.lower(), ana)
    assert level(town, newcomer) is Level.QUARTER
    speak(town, letters, ben)
    assert level(town, newcomer) is Level.BUILDING
    assert residents.buildings_of(town.session, resident=newcomer) == [town.lilas]


def test_two_of_one_home_are_one(town: Neighbourhood) -> None:
    ana, her_son, newcomer = living(town, town.lilas, 0), living(town, town.lilas, 0), town.resident()
    letters = word(town, newcomer)
    speak(town, letters, ana)
    speak(town, letters, her_son)
    speak(town, letters, her_son)
    assert level(town, newcomer) is Level.QUARTER
    assert len(assurance.of_resident(town.session, resident_id=newcomer.id)) == 2


def test_taking_it_back_lowers_at_once(town: Neighbourhood) -> None:
    ana, ben, newcomer = living(town, town.lilas, 0), living(town, town.lilas, 1), town.resident()
    letters = word(town, newcomer)
    proof = speak(town, letters, ana)
    speak(town, letters, ben)
    for other in (ben, newcomer):
        with pytest.raises(Refused, match="not_found"):
            vouching.take_back(town.session, public_id=proof.public_id, by=other, now=town.now)
    vouching.take_back(town.session, public_id=proof.public_id, by=ana, now=town.now)
    assert level(town, newcomer) is Level.QUARTER
    assert vouching.given(town.session, by=ana) == []
    with pytest.raises(Refused, match="not_found"):
        vouching.take_back(town.session, public_id=proof.public_id, by=ana, now=town.now)
    speak(town, letters, ana)
    assert level(town, newcomer) is Level.BUILDING, "and may be given again"


def test_a_word_counts_while_whoever_gave_it_may_use_their_account(stored_town: Neighbourhood) -> None:
    town = stored_town
    ana, ben, newcomer = living(town, town.lilas, 0), living(town, town.lilas, 1), town.resident()
    judge = town.resident(role=Role.ADMINISTRATOR)
    letters = word(town, newcomer)
    spoken = {one: speak(town, letters, one) for one in (ana, ben)}

    def known(least: Level) -> bool:
        """The same level, asked as a part of another question."""
        here = assurance.is_known(Resident.id, least=least, where=Lot.building_id == town.lilas.id)
        return newcomer.id in set(town.session.scalars(select(Resident.id).where(here)))

    def check(expected: Level) -> None:
        town.session.flush()
        assert level(town, newcomer) is expected
        assert [known(one) for one in (Level.QUARTER, Level.BUILDING)] == [expected >= 1, expected >= 2]
        inside = newcomer in residents.neighbours(town.session, building=town.lilas)
        assert inside == (expected >= Level.BUILDING)

    check(Level.BUILDING)
    given = {"reason": "Il n’habite pas là.", "by": judge, "now": town.now}
    suspensions.suspend(town.session, resident=ana, until=town.now + timedelta(days=1), **given)  # type: ignore[arg-type]
    check(Level.QUARTER)
    assert assurance.paused(town.session, resident_id=newcomer.id) == {spoken[ana].id}
    suspensions.suspend(town.session, resident=ben, **given)  # type: ignore[arg-type]
    check(Level.ACCOUNT)
    assert residents.quarters_of(town.session, resident=newcomer, now=town.now) == []
    chain = vouching.chain(town.session, reader=judge)
    assert {(one.voucher, one.counts) for one in chain} == {(ana, False), (ben, False)}
    # Given back, it counts again: by its day, or by a moderator.
    suspensions.end_due(town.session, now=town.later(days=2))
    check(Level.QUARTER)
    suspensions.reinstate(town.session, resident=ben, **given)  # type: ignore[arg-type]
    check(Level.BUILDING)
    assert assurance.paused(town.session, resident_id=newcomer.id) == set()
    assert all(one.counts for one in vouching.chain(town.session, reader=judge))


def test_whoever_is_known_by_neighbours_only_answers_for_nobody(town: Neighbourhood) -> None:
    ana, ben, first, second = living(town, town.lilas, 0), living(town, town.lilas, 1), town.resident(), town.resident()
    letters = word(town, first)
    speak(town, letters, ana)
    speak(town, letters, ben)
    assert level(town, first) is Level.BUILDING
    with pytest.raises(Refused, match="not_checked"):
        speak(town, word(town, second, "4"), first)
    assert vouching.may_vouch(town.session, resident=first) == []


@pytest.mark.parametrize("case", ["elsewhere", "own", "household", "late", "suspended", "replaced", "never"])
def test_what_a_word_does_not_open(town: Neighbourhood, case: str) -> None:
    ana, newcomer = living(town, town.lilas, 0), town.resident()
    letters, expected = word(town, newcomer, "1" if case == "household" else "3"), "word_dead"
    match case:
        case "elsewhere":
            letters, expected = word(town, newcomer, "Z9"), "lot_elsewhere"
        case "own":
            letters, expected = word(town, ana), "own_word"
        case "household":
            expected = "same_household"
        case "late":
            town.later(days=1)
        case "suspended":
            newcomer.state = State.SUSPENDED.value
        case "replaced":
            word(town, newcomer, "3")
        case _:
            letters = "ZZZZZZ"
    with pytest.raises(Refused, match=expected) as refused:
        speak(town, letters, ana)
    assert refused.value.field == "word"
    assert residents.dwellings(town.session, resident=newcomer) == []


def test_a_word_is_shown_again_and_kept_nowhere(town: Neighbourhood) -> None:
    newcomer = town.resident()
    letters = word(town, newcomer)
    shown = introductions.current(town.session, resident=newcomer, pepper=PEPPER, now=town.now)
    assert shown is not None
    assert (shown.letters, shown.lot_number) == (letters, "3")
    assert introductions.current(town.session, resident=newcomer, pepper=b"another key", now=town.now) != shown
    row = town.session.query(introductions.Introduction).one()
    assert letters not in repr(vars(row))
    town.later(days=1)
    assert introductions.current(town.session, resident=newcomer, pepper=PEPPER, now=town.now) is None


def test_moderators_see_the_chain_but_of_their_own_building(town: Neighbourhood) -> None:
    ana, newcomer = living(town, town.lilas, 0), town.resident()
    here, there = living(town, town.lilas, 1, role=Role.MODERATOR), living(town, town.far, 0, role=Role.MODERATOR)
    proof = speak(town, word(town, newcomer), ana)
    assert vouching.chain(town.session, reader=here) == []
    (link,) = vouching.chain(town.session, reader=there)
    assert (link.voucher, link.newcomer, link.building) == (ana, newcomer, town.lilas)
    with pytest.raises(Refused, match="not_moderator"):
        vouching.chain(town.session, reader=ana)
    given = {"public_id": proof.public_id, "reason": "Personne ne la connaît.", "now": town.now}
    with pytest.raises(Refused, match="not_found"):
        vouching.end(town.session, by=here, **given)  # type: ignore[arg-type]
    vouching.end(town.session, by=there, **given)  # type: ignore[arg-type]
    assert level(town, newcomer) is Level.ACCOUNT
    (kept,) = assurance.of_resident(town.session, resident_id=newcomer.id)
    assert kept.reason == given["reason"], "told to the person"
    assert town.session.query(Measure).one().step == Step.UNVOUCH


@pytest.mark.parametrize(("kind", "left"), [(Kind.NOTE, Level.QUARTER), (Kind.LOT_LIST, Level.BUILDING)])
def test_an_administrator_ends_what_one_of_them_noted(stored_town: Neighbourhood, kind: Kind, left: Level) -> None:
    town = stored_town
    ana, newcomer = living(town, town.lilas, 0), town.resident()
    admin, other = (town.resident(role=Role.ADMINISTRATOR) for _ in range(2))
    party, moderator = living(town, town.lilas, 1, role=Role.ADMINISTRATOR), town.resident(role=Role.MODERATOR)
    letters, reason = word(town, newcomer), "Ce n’était pas la même personne."
    said = {"word": letters, "building": town.lilas, "by": admin, "pepper": PEPPER, "now": town.now}
    proofs = {
        one: vouching.attest(town.session, kind=one, reason="Vue à la permanence.", **said)  # type: ignore[arg-type]
        for one in vouching.BY_STAFF
    }
    speak(town, letters, ana)
    assert level(town, newcomer) is Level.LOT_LIST
    for by, seen in ((other, {*vouching.BY_STAFF, Kind.VOUCHED}), (moderator, {Kind.VOUCHED}), (party, set())):
        assert {Kind(one.proof.kind) for one in vouching.chain(town.session, reader=by)} == seen
    end = {"public_id": proofs[kind].public_id, "now": town.now}
    for by in (party, moderator):
        with pytest.raises(Refused, match="not_found"):
            vouching.end(town.session, by=by, reason=reason, **end)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="missing"):
        vouching.end(town.session, by=other, reason=" ", **end)  # type: ignore[arg-type]
    assert level(town, newcomer) is Level.LOT_LIST
    vouching.end(town.session, by=other, reason=reason, **end)  # type: ignore[arg-type]
    assert level(town, newcomer) is left
    assert proofs[kind].reason == reason, "told to the person"
    booked = town.session.query(Measure).order_by(Measure.id.desc()).first()
    assert (booked.step, booked.reason, booked.by) == (Step.UNVOUCH, reason, other)
    with pytest.raises(Refused, match="not_found"):
        vouching.end(town.session, by=other, reason=reason, **end)  # type: ignore[arg-type]


def test_a_letter_or_a_hall_code_that_proves_wrong_is_ended_by_naming_account_and_lot(
    stored_town: Neighbourhood,
) -> None:
    town = stored_town
    ana, ben = living(town, town.lilas, 0), living(town, town.lilas, 1)
    hall = {"resident_id": ana.id, "lot_id": town.lilas.lots[0].id, "kind": Kind.PRESENCE, "now": town.now}
    assurance.give(town.session, **hall)  # type: ignore[arg-type]
    residents.move_in(town.session, resident=ana, lot=town.far.lots[0], now=town.now)
    admin, party = town.resident(role=Role.ADMINISTRATOR), living(town, town.lilas, 2, role=Role.ADMINISTRATOR)
    given = {"building": town.lilas, "reason": "La lettre a été volée.", "now": town.now}
    for who, by, lot, code in (
        (ana, ben, "1", "not_administrator"),
        (ana, party, "1", "party"),
        (admin, admin, "1", "not_yourself"),
        (ana, admin, "Z9", "lot_unknown"),
    ):
        with pytest.raises(Refused, match=code):
            vouching.end_home(town.session, resident=who, lot_number=lot, by=by, **given)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="missing"):
        vouching.end_home(
            town.session,
            resident=ana,
            lot_number="1",
            by=admin,
            **{**given, "reason": " "},  # type: ignore[arg-type]
        )
    assert residents.buildings_of(town.session, resident=ana) == [town.lilas, town.far]
    # Of another lot nothing ends, and nothing says so.
    vouching.end_home(town.session, resident=ana, lot_number="2", by=admin, **given)  # type: ignore[arg-type]
    assert residents.buildings_of(town.session, resident=ana) == [town.lilas, town.far]
    vouching.end_home(town.session, resident=ana, lot_number=" 1 ", by=admin, **given)  # type: ignore[arg-type]
    assert residents.buildings_of(town.session, resident=ana) == [town.far]
    assert residents.buildings_of(town.session, resident=ben) == [town.lilas]
    town.session.expire_all()
    ended = [one for one in assurance.of_resident(town.session, resident_id=ana.id) if one.revoked_at is not None]
    assert {(Kind(one.kind), one.reason) for one in ended} == {
        (kind, "La lettre a été volée.") for kind in (Kind.LETTER, Kind.PRESENCE)
    }
    assert [one.target for one in town.session.query(Measure)] == [f"resident {ana.public_id}"] * 2


def test_an_administrator_of_another_building_says_what_they_know(town: Neighbourhood) -> None:
    ana, newcomer = living(town, town.lilas, 0), town.resident()
    admin, party = town.resident(role=Role.ADMINISTRATOR), living(town, town.lilas, 1, role=Role.ADMINISTRATOR)
    letters = word(town, newcomer)
    given = {"word": letters, "building": town.lilas, "reason": "Vue à la permanence.", "pepper": PEPPER}
    for by, kind, code in (
        (ana, Kind.NOTE, "not_administrator"),
        (party, Kind.NOTE, "party"),
        (admin, Kind.LETTER, "not_found"),
    ):
        with pytest.raises(Refused, match=code):
            vouching.attest(town.session, by=by, kind=kind, now=town.now, **given)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="lot_elsewhere"):
        vouching.introduced(town.session, word=letters, building=town.far, by=admin, pepper=PEPPER, now=town.now)
    vouching.attest(town.session, by=admin, kind=Kind.LOT_LIST, now=town.now, **given)  # type: ignore[arg-type]
    assert level(town, newcomer) is Level.ACCOUNT, "the list does not say whose account it is"
    vouching.attest(town.session, by=admin, kind=Kind.NOTE, now=town.now, **given)  # type: ignore[arg-type]
    assert level(town, newcomer) is Level.QUARTER
    speak(town, letters, ana)
    assert level(town, newcomer) is Level.LOT_LIST
