"""Nothing leaves against a charter: for every pair of charters and every kind of thing."""

from hypothesis import given
from hypothesis import strategies as st

from federation import exchange
from federation.exchange import Matter, News, Offer, Offers, Report, Terms

OURS = [f"https://ici.example/users/q{n}" for n in range(3)]
THEIRS = [f"https://labas.example/users/q{n}" for n in range(3)]


def terms(own: list[str], other: list[str]) -> st.SearchStrategy[Terms | None]:
    pairs = st.frozensets(st.tuples(st.sampled_from(own), st.sampled_from(other)), max_size=4)
    return st.none() | st.builds(
        Terms, news=st.booleans(), offers=st.sampled_from(Offers), reports=st.booleans(), pairs=pairs
    )


matters: st.SearchStrategy[Matter] = st.one_of(
    st.builds(News), st.builds(Report), st.builds(Offer, quarter=st.none() | st.sampled_from(OURS))
)


def promised(terms: Terms | None, matter: Matter, *, place: int) -> bool:
    """What the words of a charter say, written out once more: `place` is where our quarter stands in its pairs."""
    if terms is None:
        return True
    if isinstance(matter, News):
        return terms.news
    if isinstance(matter, Report):
        return terms.reports
    if terms.offers == "neighbours":
        return any(pair[place] == matter.quarter for pair in terms.pairs)
    return terms.offers == "all"


@given(ours=terms(OURS, THEIRS), theirs=terms(THEIRS, OURS), matter=matters)
def test_nothing_leaves_against_a_charter(ours: Terms | None, theirs: Terms | None, matter: Matter) -> None:
    both = promised(ours, matter, place=0) and promised(theirs, matter, place=1)
    assert exchange.may_leave(matter, ours=ours, theirs=theirs) is both


@given(ours=terms(THEIRS, OURS), matter=matters)
def test_nothing_comes_in_against_ours(ours: Terms | None, matter: Matter) -> None:
    assert exchange.may_come(matter, ours=ours) is promised(ours, matter, place=1)


@given(ours=terms(OURS, THEIRS), theirs=terms(THEIRS, OURS), matter=matters)
def test_what_both_let_pass_is_what_each_would_let_pass_alone(
    ours: Terms | None, theirs: Terms | None, matter: Matter
) -> None:
    alone = [
        exchange.may_leave(matter, ours=ours, theirs=None),
        exchange.may_leave(matter, ours=None, theirs=theirs),
    ]
    assert exchange.may_leave(matter, ours=ours, theirs=theirs) is all(alone)


def test_an_offer_from_nowhere_is_no_neighbours() -> None:
    careful = Terms(news=True, offers=Offers.NEIGHBOURS, reports=True, pairs=frozenset({(OURS[0], THEIRS[0])}))
    assert not exchange.may_leave(Offer(quarter=None), ours=careful, theirs=None)
