"""Words come out the same however they are typed: accents, capitals, plurals, l’ and d’."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from instance import stems


def meets(typed: str, written: str) -> bool:
    """Whether each word typed is compared by something that the text is found by."""
    return all(stems.stems(word) & stems.terms(written) for word in stems.split(typed))


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("perceuse", "Perceuses à prêter"),
        ("perceuses", "une perceuse"),
        ("velo", "Deux vélos"),
        ("vélos", "un vélo"),
        ("reparation", "Réparations de vélos"),
        ("réparer", "une réparation"),
        ("echelle", "J’ai besoin d’une ÉCHELLE"),
        ("l'échelle", "échelles"),
        ("aujourd'hui", "Aujourd’hui seulement"),
        ("qu’électricien", "électriciens"),
        ("oeufs", "Un œuf"),
        ("cheval", "chevaux"),
        ("journaux", "un journal"),
        ("plombier", "PLOMBIERS !"),
        ("prêtée", "pretee"),
        ("ménage", "menage"),
    ],
)
def test_what_people_type_meets_what_is_written(typed: str, written: str) -> None:
    assert list(stems.split(typed))
    assert meets(typed, written)


@pytest.mark.parametrize(
    ("typed", "written"), [("perceuse", "une ponceuse"), ("vélo", "une voile"), ("œuf", "un bœuf")]
)
def test_what_is_something_else_does_not_meet(typed: str, written: str) -> None:
    assert not meets(typed, written)


def test_small_words_and_what_is_cut_off_are_no_words() -> None:
    assert list(stems.split("L’échelle de la cour, qu’il a prêtée à l’école")) == ["échelle", "cour", "prêtée", "école"]


@given(some.text())
def test_a_text_is_found_by_each_of_its_own_words(written: str) -> None:
    for word in stems.split(written):
        assert stems.stems(word) <= stems.terms(written)
        assert stems.beginnings(word) <= stems.terms(written)


@given(some.text())
def test_no_sign_of_an_engine_is_left_in_a_term(written: str) -> None:
    for term in stems.terms(written):
        assert term
        assert all(one.isalnum() or one.isdecimal() for one in term)
        assert stems.fold(term) == term


@given(some.text())
def test_capitals_and_accents_make_no_other_word(written: str) -> None:
    for word in stems.split(written):
        assert (
            stems.stems(stems.fold(word)[: stems.LONGEST_WORD]) & stems.stems(word) or len(word) == stems.LONGEST_WORD
        )
