"""Where a lot's name says that it is, in the ways in which letterboxes are written on in France."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instance import landings
from instance.landings import Place

STAIRS = st.one_of(st.sampled_from("ABCDEFGH"), st.integers(1, 12).map(str))
FLOORS = st.integers(1, 40)
DOORS = st.integers(1, 99)
NAMES = st.one_of(
    st.text(max_size=50),
    st.text(alphabet="AaBeEgGrRdDcCtTsS0123456789 -./°é+²", max_size=14),
    st.lists(st.sampled_from([*"ABDEG", "esc.", "ét.", "étage", "RDC", "3", "12", "203", "e", "er", "porte"])).map(
        " ".join
    ),
)


@pytest.mark.parametrize(
    ("name", "stair", "floor", "door"),
    [
        ("12", "", None, "12"),
        ("12 bis", "", None, "12 BIS"),
        ("A12", "A", None, "12"),
        ("a-3-12", "A", 3, "12"),
        ("B 2e 4", "B", 2, "4"),
        ("Esc. B 2.04", "B", 2, "04"),
        ("C RDC 1", "C", 0, "1"),
        ("3-12", "", 3, "12"),
        ("A101", "A", 1, "101"),
        ("A1203", "A", 12, "1203"),
        ("302", "", 3, "302"),
        ("0304", "", 3, "0304"),
        ("A 3e droite", "A", 3, "DROITE"),
        ("A 3e dte", "A", 3, "DROITE"),
        ("2e gauche", "", 2, "GAUCHE"),
        ("3 droite", "", 3, "DROITE"),
        ("3E FACE", "", 3, "FACE"),
        ("Hall A 3", "A", None, "3"),
        ("Hall A", "A", None, ""),
        ("Bât. C 105", "C", 1, "105"),
        ("Bât. C esc 2 - 105", "C 2", 1, "105"),
        ("Bt A 2e 12", "A", 2, "12"),
        ("Escalier Nord 3", "NORD", None, "3"),
        ("Nord 2 1", "NORD", 2, "1"),
        ("Esc 1 - 2 - 03", "1", 2, "03"),
        ("1-203", "1", 2, "203"),
        ("A1-203", "A 1", 2, "203"),
        ("esc. 2 ét. 4 porte 12", "2", 4, "12"),
        ("ESC2 ET.4 PTE12", "2", 4, "12"),
        ("4e étage porte 12 bât A", "A", 4, "12"),
        ("4 étage", "", 4, ""),
        ("4ème étage 12", "", 4, "12"),
        ("niv. 4 n° 12", "", 4, "12"),
        ("R+3 12", "", 3, "12"),
        ("RDC", "", 0, ""),
        ("A RDC", "A", 0, ""),
        ("RDC droite", "", 0, "DROITE"),
        ("Rez-de-chaussée", "", 0, ""),
        ("Appt 12 RDC", "", 0, "12"),
        ("Sous-sol 3", "", -1, "3"),
        ("1er", "", 1, ""),
        ("2nd G", "", 2, "G"),
        ("3e", "", 3, ""),
        # A door beside 3D, and two lots in one: no floors.
        ("3E", "", None, "3 E"),
        ("1 et 2", "", None, "1 ET 2"),
        ("Loge", "", None, "LOGE"),
        ("Studio 3", "", None, "STUDIO 3"),
        ("A", "", None, "A"),
        ("", "", None, ""),
    ],
)
def test_a_name_says_stair_floor_and_door_or_nothing(name: str, stair: str, floor: int | None, door: str) -> None:
    assert landings.place_of(name) == Place(stair=stair, floor=floor, door=door)


@given(NAMES)
def test_every_name_is_read(name: str) -> None:
    place = landings.place_of(name)
    assert place.floor is None or place.floor >= landings.BASEMENT
    assert place == landings.place_of(f"  {name[: landings.LONGEST - 2]}") or len(name) > landings.LONGEST - 2


@given(st.lists(NAMES, unique=True), st.randoms())
def test_the_order_is_one_and_no_two_names_tie(names: list[str], random: Random) -> None:
    ordered = sorted(names, key=landings.walk)
    random.shuffle(names)
    assert sorted(names, key=landings.walk) == ordered
    assert len({landings.walk(one) for one in names}) == len(names)


@given(
    st.lists(st.integers(0, 10**7), unique=True), st.sampled_from(["", "A", "b ", "Studio ", "n° ", "Cave-", "X Y "])
)
def test_numbers_come_in_the_order_in_which_people_count(numbers: Sequence[int], before: str) -> None:
    ordered = sorted((f"{before}{one}" for one in numbers), key=landings.walk)
    assert ordered == [f"{before}{one}" for one in sorted(numbers)]


@given(st.sampled_from("ABCDEFGH"), FLOORS, DOORS)
def test_a_lettered_stair_a_floor_and_a_door_are_read_in_every_writing(stair: str, floor: int, door: int) -> None:
    wanted = (stair, floor)
    written = [
        f"{stair}-{floor}-{door}",
        f"{stair} {floor}e {door}",
        f"{stair} {floor}ème {door}",
        f"{stair}{floor}{door:02}",
        f"{stair} {floor}.{door:02}",
        f"Esc. {stair} {floor}-{door}",
        f"Hall {stair} {floor}{door:02}",
        f"bât {stair} ét. {floor} porte {door}",
        f"{floor}e étage, appt {door}, esc. {stair}",
    ]
    for name in written:
        place = landings.place_of(name)
        assert (place.stair, place.floor) == wanted, name
        assert int(place.door) in (door, floor * 100 + door), name


@given(st.integers(1, 12), FLOORS, DOORS)
def test_a_numbered_stair_is_one(stair: int, floor: int, door: int) -> None:
    for name in (
        f"{stair}-{floor}-{door}",
        f"Esc {stair} - {floor} - {door:02}",
        f"{stair}-{floor}{door:02}",
        f"esc. {stair} ét. {floor} porte {door}",
        f"escalier {stair} {floor}e {door}",
    ):
        place = landings.place_of(name)
        assert (place.stair, place.floor) == (str(stair), floor), name


@given(st.lists(st.tuples(STAIRS, st.integers(0, 40), DOORS), unique=True))
def test_the_walk_goes_by_stair_then_floor_then_door(lots: list[tuple[str, int, int]]) -> None:
    def name(stair: str, floor: int, door: int) -> str:
        return f"Esc {stair} {floor or 'RDC'} {door}"

    walked = sorted((name(*one) for one in lots), key=landings.walk)
    by_hand = sorted(lots, key=lambda one: (not one[0].isdigit(), one[0].zfill(2), one[1], one[2]))
    assert walked == [name(*one) for one in by_hand]


def test_one_landing_after_another_in_a_mixed_building() -> None:
    walked = [
        "RDC D",
        "1",
        "2",
        "2 bis",
        "10",
        "Cave 2",
        "Loge",
        "1er D",
        "1er G",
        "2e",
        "A RDC",
        "A3",
        "A101",
        "B 1er",
    ]
    assert sorted(set(walked), key=landings.walk) == walked
