"""Addresses in one spelling, and taken apart as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instance import spelling
from instance.spelling import Wish


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("Rue de la République", "rue de la republique"),
        ("r. de la RÉPUBLIQUE", "rue de la republique"),
        ("Bd St-Charles", "boulevard saint charles"),
        ("av. du Dr Œuvre", "avenue du docteur oeuvre"),
        ("Allée de l’Étoile", "allee de l etoile"),
        ("  Place   des\tEssais ", "place des essais"),
    ],
)
def test_a_street_has_one_spelling(typed: str, spelled: str) -> None:
    assert spelling.spell(typed) == spelled


@given(text=st.text(max_size=120))
def test_spelling_twice_changes_nothing(text: str) -> None:
    once = spelling.spell(text)
    assert spelling.spell(once) == once
    assert spelling.plain(spelling.plain(text)) == spelling.plain(text)
    assert all(one.isascii() and (one.isalnum() or one == " ") for one in once)


def test_no_short_form_stands_for_a_short_form() -> None:
    assert not {word for long in spelling.SHORT_FORMS.values() for word in long.split()} & set(spelling.SHORT_FORMS)


@pytest.mark.parametrize(
    ("typed", "number", "suffix", "postcode", "street"),
    [
        ("12 r de la Republiqe", 12, "", "", "rue de la republiqe"),
        ("12bis rue Foch", 12, "bis", "", "rue foch"),
        ("12 bis, rue Foch, 13004 Ville-d’Essai", 12, "bis", "13004", "rue foch"),
        ("12 B rue Foch", 12, "bis", "", "rue foch"),
        ("12 ter rue Foch", 12, "ter", "", "rue foch"),
        ("rue du 8 mai 1945", None, "", "", "rue du 8 mai 1945"),
        ("13004 rue Foch", None, "", "13004", "rue foch"),
        ("3 rue de Ville-d'Essai", 3, "", "", "rue de ville d essai"),
        ("3 rue de Ville-d'Essai, Ville d’Essai", 3, "", "", "rue de ville d essai"),
        ("12", None, "", "", "12"),
        ("", None, "", "", ""),
    ],
)
def test_what_is_typed_is_taken_apart(typed: str, number: int | None, suffix: str, postcode: str, street: str) -> None:
    wish = spelling.read(typed, cities=["ville d essai"])
    assert wish == Wish(number=number, suffix=suffix, postcode=postcode, street=street)


@given(text=st.text(alphabet="0123456789 abcrstéÉ,’-", max_size=250))
def test_anything_can_be_typed(text: str) -> None:
    wish = spelling.read(text, cities=["ville"])
    assert wish.number is None or 0 <= wish.number <= 9999
    assert spelling.spell(wish.street) == wish.street


def test_a_street_of_common_words_keeps_them() -> None:
    assert spelling.kernel("rue de la place") == "rue de la place"
    assert spelling.kernel("rue de la republique") == "republique"


@given(
    word=st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=20),
    at=st.integers(0, 19),
    by=st.sampled_from("abcxyz"),
)
def test_a_mistyped_letter_spoils_three_pieces_at_most(word: str, at: int, by: str) -> None:
    place = at % len(word)
    wrong = word[:place] + by + word[place + 1 :]
    assert len(spelling.pieces(word) - spelling.pieces(wrong)) <= 3
