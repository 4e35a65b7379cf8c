"""Craftsmen neighbours recommend: what is checked, who reads it, what stands together, and when it goes."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from instance import assurance, forgetting, moderation, moving, recommendations, reports, suspensions
from instance.audience import Audience, Reader
from instance.base import Refused
from instance.decisions import Rule
from instance.evidence import Target
from instance.recommendations import LONGEST_NAME, STANDS, Recommendation, Trade
from instance.residents import Resident, Role
from tests.instance.neighbourhood import Neighbourhood

TYPED = {"trade": "plumber", "name": "Les Tuyaux", "phone": "04 91 00 00 00", "site": "", "done": "Une fuite."}


def write(town: Neighbourhood, by: Resident, audience: Audience = Audience.QUARTER, **typed: str) -> Recommendation:
    words = recommendations.read(**{**TYPED, **typed})
    given = {"words": words, "audience": audience, "building": None, "now": town.now}
    return recommendations.write(town.session, by=by, **given)  # type: ignore[arg-type]


def shown(town: Neighbourhood, reader: Resident | Reader, trade: Trade = Trade.PLUMBER) -> list[Recommendation]:
    """All of a trade, stretch after stretch."""
    who = reader if isinstance(reader, Reader) else town.reader(reader)
    found: list[Recommendation] = []
    after = ""
    while True:
        page = recommendations.of_trade(town.session, reader=who, trade=trade, now=town.now, after=after, limit=1)
        found += page.rows
        if page.after is None:
            return found
        after = page.after


def code(act: object) -> str:
    with pytest.raises(Refused) as refused:
        act()  # type: ignore[operator]
    return refused.value.code


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"trade": ""}, "trade_unknown"),
        ({"trade": "banker"}, "trade_unknown"),
        ({"name": "  "}, "missing"),
        ({"name": "!!!"}, "missing"),
        ({"name": "x" * 81}, "too_long"),
        ({"done": " \n "}, "missing"),
        ({"done": "x" * 501}, "too_long"),
        ({"phone": "call me"}, "phone_shape"),
        ({"phone": "123"}, "phone_shape"),
        ({"phone": "+33 4 91 00 00 00 00 00 00"}, "phone_shape"),
        ({"phone": "04<b>91"}, "phone_shape"),
        ({"phone": "٠٤٩١٠٠٠٠٠٠"}, "phone_shape"),
        ({"site": "javascript:alert(1)"}, "site_shape"),
        ({"site": "javascript://exemple.fr/%0aalert(1)"}, "site_shape"),
        ({"site": "ftp://exemple.fr"}, "site_shape"),
        ({"site": "https://nom:mot@exemple.fr"}, "site_shape"),
        ({"site": "https://exemple"}, "site_shape"),
        ({"site": "https://127.0.0.1/"}, "site_shape"),
        ({"site": "https://[::1"}, "site_shape"),
        ({"site": "https://exemple.fr:99999"}, "site_shape"),
        ({"site": 'https://exemple.fr/"onclick='}, "site_shape"),
        ({"site": "exemple.fr et un mot"}, "site_shape"),
        ({"site": f"exemple.fr/{'x' * 300}"}, "site_shape"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(typed: dict[str, str], said: str) -> None:
    with pytest.raises(Refused) as refused:
        recommendations.read(**{**TYPED, **typed})
    assert (refused.value.code, refused.value.field) == (said, next(iter(typed)))


def test_how_to_reach_them_is_kept_as_it_was_typed_and_may_be_left_out() -> None:
    found = recommendations.read(**{**TYPED, "phone": " +33  4.91-00 00 00 ", "site": " www.exemple.fr/a?b=c "})
    assert (found.phone, found.site) == ("+33 4.91-00 00 00", "https://www.exemple.fr/a?b=c")
    found = recommendations.read(**{**TYPED, "phone": " ", "site": ""})
    assert (found.phone, found.site) == (None, None)


@pytest.mark.parametrize(
    "spelled", ["les tuyaux", "LES  TUYAUX", "Les Tuyaux SARL", "L.E.S. Tuyaux", "Lés-Tuyaux", "S.A.S. Les Tuyaux"]
)
def test_two_spellings_of_one_name_are_one_business(spelled: str) -> None:
    assert recommendations.key(spelled) == recommendations.key("Les Tuyaux")


@given(name=st.text(max_size=LONGEST_NAME))
def test_a_key_fits_its_column_and_is_the_same_of_itself(name: str) -> None:
    key = recommendations.key(name)
    assert len(key) <= LONGEST_NAME * 4
    assert recommendations.key(key) == key


def test_each_word_is_read_in_its_circle_and_words_for_one_business_stand_together(
    stored_town: Neighbourhood,
) -> None:
    town = stored_town
    ines, zoe, far = town.resident(town.lilas), town.resident(town.tilleuls), town.resident(town.far)
    here = write(town, ines, Audience.BUILDING)
    other = write(town, zoe, Audience.QUARTER, name="Ô Robinet")
    near = write(town, zoe, Audience.QUARTER, name="LES TUYAUX sarl")
    wide = write(town, far, Audience.INSTANCE, name="Tout Seul")
    assert shown(town, ines) == [here, near, other, wide]
    assert shown(town, zoe) == [near, other, wide]
    assert shown(town, far) == [wide]
    assert shown(town, town.resident()) == shown(town, Reader()) == []
    assert shown(town, ines, Trade.MASON) == []
    assert recommendations.trades(town.session, reader=town.reader(far), now=town.now) == {Trade.PLUMBER}
    assert recommendations.trades(town.session, reader=Reader(), now=town.now) == frozenset()
    find = {"public_id": here.public_id, "reader": town.reader(zoe), "now": town.now}
    assert code(lambda: recommendations.find(town.session, **find)) == "not_found"  # type: ignore[arg-type]


def test_only_who_is_known_in_a_building_recommends_and_nothing_leaves_town(town: Neighbourhood) -> None:
    assert code(lambda: write(town, town.resident())) == "no_home"
    ines = town.resident(town.lilas)
    assert code(lambda: write(town, ines, Audience.NETWORK)) == "stays_in_town"
    write(town, ines)
    assert code(lambda: write(town, ines, name="Les tuyaux")) == "recommended_already"
    write(town, ines, trade="heating")


@pytest.mark.parametrize("audience", [Audience.BUILDING, Audience.QUARTER, Audience.INSTANCE])
@pytest.mark.parametrize("leaving", ["suspended", "no longer known", "moved out", "two years"])
def test_a_word_stands_as_long_as_its_author_is_a_neighbour(
    stored_town: Neighbourhood, audience: Audience, leaving: str
) -> None:
    town = stored_town
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    row = write(town, ines, audience)
    assert shown(town, zoe) == [row]
    if leaving == "suspended":
        judge = town.resident(town.far, role=Role.MODERATOR)
        suspensions.suspend(town.session, resident=ines, reason="x", rule=Rule.LAW, by=judge, now=town.now)
    elif leaving == "no longer known":
        for proof in assurance.of_resident(town.session, resident_id=ines.id):
            assurance.revoke(town.session, proof=proof, now=town.now)
    elif leaving == "moved out":
        moving.move_out(town.session, resident=ines, lot=town.lilas.lots[0], now=town.now)
        assert town.session.scalars(select(Recommendation)).all() == []
    else:
        town.now += STANDS
    assert shown(town, zoe) == []
    assert recommendations.trades(town.session, reader=town.reader(zoe), now=town.now) == frozenset()


def test_after_two_years_a_word_is_deleted_unless_it_was_said_anew(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    old, anew = write(town, ines), write(town, ines, name="Ô Robinet")
    town.later(days=700)
    words = recommendations.read(**{**TYPED, "name": "Ô Robinet", "done": "Encore une fuite."})
    given = {"words": words, "audience": Audience.INSTANCE, "building": None, "now": town.now}
    recommendations.change(town.session, row=anew, by=ines, **given)  # type: ignore[arg-type]
    assert forgetting.forget_spent(town.session, now=old.expires_at - timedelta(seconds=1)) == 0
    town.now = old.expires_at
    forgetting.forget_spent(town.session, now=town.now)
    assert town.session.scalars(select(Recommendation)).all() == [anew]
    assert shown(town, town.resident(town.far)) == [anew]


def test_only_its_author_changes_it_and_takes_it_away(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    row = write(town, ines)
    other = write(town, ines, name="Ô Robinet")
    given = {"audience": Audience.QUARTER, "building": None, "now": town.now}
    words = recommendations.read(**TYPED)
    assert code(lambda: recommendations.own(town.session, public_id=row.public_id, by=zoe)) == "not_found"
    assert code(lambda: recommendations.take_away(town.session, row=row, by=zoe)) == "not_yours"
    for who, what, said in ((zoe, row, "not_yours"), (ines, other, "recommended_already")):
        change = {"row": what, "by": who, "words": words, **given}
        assert code(lambda change=change: recommendations.change(town.session, **change)) == said
    recommendations.take_away(town.session, row=row, by=ines)
    assert shown(town, zoe) == [other]


def test_what_was_reported_is_kept_as_it_was_seen_and_can_be_hidden(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    judge, near = (town.resident(one, role=Role.MODERATOR) for one in (town.far, town.lilas))
    row = write(town, ines, site="exemple.fr")
    why = {"reason": "x", "now": town.now}
    given = {"target": Target.RECOMMENDATION, "public_id": row.public_id}
    stranger = {"by": judge, "reader": town.reader(judge)}
    assert code(lambda: reports.report(town.session, **given, **stranger, **why)) == "not_found"
    entry = reports.report(town.session, **given, by=zoe, reader=town.reader(zoe), **why)
    assert entry.words == "Les Tuyaux — 04 91 00 00 00 — https://exemple.fr — Une fuite."
    hide = {"row": row, "rule": Rule.TRADE, "entry": entry, **why}
    assert code(lambda: moderation.hide_beside(town.session, by=near, **hide)) == "party"
    moderation.hide_beside(town.session, by=judge, **hide)
    assert shown(town, zoe) == []
    assert recommendations.of_resident(town.session, resident=ines) == [row]
    moderation.restore_beside(town.session, row=row, by=judge, **why)
    assert shown(town, zoe) == [row]
