"""A kept search finds what is hung on its own boards once, tells its keeper once a day, and nobody else ever."""

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import func, select

from instance import forgetting, listings, lookouts, mailboxes, moderation, moving, notices, partings, residents
from instance.audience import Audience
from instance.base import Refused
from instance.listings import Direction
from instance.lookouts import MOST, Lookout, LookoutFind, LookoutKey
from instance.outgoing import Kind, OutgoingMail, State
from instance.residents import Resident
from instance.search import Place, Wish
from tests.instance import neighbourhood
from tests.instance.neighbourhood import Neighbourhood


def keep(town: Neighbourhood, by: Resident, words: str = "perceuse", **more: object) -> Lookout:
    wish = Wish(words=words, **more)
    return lookouts.keep(town.session, by=by, reader=town.reader(by), wish=wish, now=town.now)


def look(town: Neighbourhood) -> None:
    """What the home worker does each second."""
    lookouts.look(town.session, now=town.now)
    lookouts.tell(town.session, now=town.now)


def found(town: Neighbourhood, lookout: Lookout) -> list[str]:
    reader = town.reader(lookout.resident)
    return [one.title for one in lookouts.finds(town.session, lookout=lookout, reader=reader)]


def mails(town: Neighbourhood) -> list[OutgoingMail]:
    wanted = select(OutgoingMail).where(OutgoingMail.kind == Kind.FOUND.value)
    return list(town.session.scalars(wanted.order_by(OutgoingMail.id)))


def with_mail(town: Neighbourhood, somebody: Resident) -> Resident:
    mailboxes.prove(town.session, resident=somebody, address=f"{somebody.login}@voisins.example", now=town.now)
    return somebody


def test_what_is_hung_later_is_found_by_its_stems_and_once(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, amir = town.resident(town.lilas), town.resident(town.lilas)
    town.offer(amir, Audience.BUILDING, title="Une vieille perceuse")
    look(town)
    kept = keep(town, ines, "des Perceuses")
    look(town)
    assert found(town, kept) == []
    slip = town.offer(amir, Audience.BUILDING, title="Une perceuse")
    town.offer(amir, Audience.BUILDING, title="Une ponceuse")
    look(town)
    look(town)
    notices.edit(town.session, notice=slip, by=amir, title="Une belle perceuse", body="x", now=town.now)
    look(town)
    assert found(town, kept) == ["Une belle perceuse"]
    assert town.session.scalar(select(func.count()).select_from(LookoutFind)) == 1


def test_what_becomes_so_by_a_change_or_reaches_further_is_found_then(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, amir = town.resident(town.tilleuls), town.resident(town.lilas)
    kept = keep(town, ines)
    slip = town.offer(amir, Audience.QUARTER, title="Un outil")
    look(town)
    assert found(town, kept) == []
    notices.edit(town.session, notice=slip, by=amir, title="Une perceuse", body="x", now=town.now)
    look(town)
    assert found(town, kept) == ["Une perceuse"]


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({}, {"building", "quarter", "town", "away"}),
        ({"place": Place.BUILDING}, {"building"}),
        ({"place": Place.QUARTER}, {"quarter"}),
        ({"place": Place.TOWN}, {"town"}),
        ({"place": Place.AWAY}, {"away"}),
        ({"kind": "request"}, set()),
        ({"kind": "offer"}, {"building", "quarter", "town", "away"}),
        ({"words": "perceuse percussion"}, set()),
        ({"words": "perceuse samedi", "place": Place.BUILDING}, {"building"}),
    ],
)
def test_it_looks_where_and_for_what_it_was_told(
    stored_town: Neighbourhood, wish: dict[str, object], expected: set[str]
) -> None:
    town = stored_town
    ines, amir, far = town.resident(town.lilas), town.resident(town.lilas), town.resident(town.far)
    kept = keep(town, ines, **wish)
    for by, audience, where in (
        (amir, Audience.BUILDING, "building"),
        (amir, Audience.QUARTER, "quarter"),
        (amir, Audience.INSTANCE, "town"),
        (far, Audience.BUILDING, "elsewhere"),
        (far, Audience.QUARTER, "elsewhere"),
    ):
        town.offer(by, audience, title=f"Perceuse {where}")
    given = {"title": "Perceuse away", "html": "<p>x</p>", "language": "fr", "now": town.now}
    listings.welcome(town.session, origin=neighbourhood.origin(), direction=Direction.OFFER, **given)
    look(town)
    assert {one.removeprefix("Perceuse ") for one in found(town, kept)} == expected


def test_whoever_moved_out_or_is_suspended_hears_nothing(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, amir = with_mail(town, town.resident(town.lilas)), town.resident(town.lilas)
    kept = keep(town, ines, place=Place.BUILDING)
    everywhere = keep(town, ines)
    town.offer(amir, Audience.BUILDING, title="Perceuse avant")
    look(town)
    for home in town.session.scalars(select(residents.Occupancy).where(residents.Occupancy.resident_id == ines.id)):
        town.session.delete(home)
    town.session.flush()
    assert lookouts.is_silent(kept, reader=town.reader(ines))
    # Known nowhere any more, she stands before no board at all.
    assert lookouts.is_silent(everywhere, reader=town.reader(ines))
    town.offer(amir, Audience.BUILDING, title="Perceuse après")
    look(town)
    assert found(town, kept) == found(town, everywhere) == []
    (mail,) = mails(town)
    assert lookouts.told_in(town.session, mail=mail) == 0
    ines.state = residents.State.SUSPENDED.value
    town.offer(amir, Audience.INSTANCE, title="Perceuse en ville")
    look(town)
    assert town.session.scalar(select(func.count()).select_from(LookoutFind)) == 2


def test_nobody_is_told_of_their_own_or_of_whom_they_block(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, amir = town.resident(town.lilas), town.resident(town.lilas)
    kept = keep(town, ines)
    partings.block(town.session, by=ines, whom=amir, now=town.now)
    for by in (ines, amir):
        town.offer(by, Audience.BUILDING, title="Une perceuse")
    look(town)
    assert found(town, kept) == []


def test_one_mail_a_day_tells_of_all(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, amir = with_mail(town, town.resident(town.lilas)), town.resident(town.lilas)
    keep(town, ines)
    keep(town, ines, "échelle")
    town.offer(amir, Audience.BUILDING, title="Une perceuse")
    look(town)
    (mail,) = mails(town)
    assert mail.due_at > town.now
    town.later(minutes=1)
    town.offer(amir, Audience.BUILDING, title="Une perceuse et une échelle")
    look(town)
    assert mails(town) == [mail]
    assert lookouts.told_in(town.session, mail=mail) == 2  # the second notice, found twice, counts once
    mail.state, mail.tries = State.SENT.value, 1
    town.later(hours=1)
    hidden = town.offer(amir, Audience.BUILDING, title="Perceuse")
    town.offer(amir, Audience.BUILDING, title="Perceuses")
    look(town)
    assert mails(town) == [mail]
    maud = town.resident(town.far, role=neighbourhood.Role.MODERATOR)
    moderation.hide(town.session, notice=hidden, reason="x", by=maud, now=town.now)
    town.later(hours=23)
    look(town)
    first, second = mails(town)
    assert (first, second.created_at) == (mail, town.now)
    assert lookouts.told_in(town.session, mail=second) == 1
    town.later(days=2)
    look(town)
    assert len(mails(town)) == 2


def test_who_wishes_no_mail_reads_it_on_the_page(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, amir = town.resident(town.lilas), town.resident(town.lilas)
    kept = keep(town, ines)
    town.offer(amir, Audience.BUILDING, title="Une perceuse")
    look(town)
    assert (mails(town), found(town, kept)) == ([], ["Une perceuse"])
    assert not lookouts.is_due(town.session, now=town.later(days=9))


def test_ten_are_kept_and_the_same_one_is_one(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    kept = [keep(town, ines, f"mot{n}") for n in range(MOST)]
    assert keep(town, ines, " mot3 ") == kept[3]
    for words, code in (("encore", "lookouts_many"), ("la", "words_missing"), ("", "words_missing")):
        with pytest.raises(Refused) as refused:
            keep(town, ines, words)
        assert refused.value.code == code
    lookouts.forget(town.session, public_id=kept[0].public_id, by=ines)
    keep(town, ines, "encore")
    with pytest.raises(Refused) as refused:
        keep(town, town.resident(), place=Place.BUILDING)
    assert refused.value.code == "place_missing"


def test_only_its_keeper_lets_it_go_and_nothing_of_it_is_left(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, amir = town.resident(town.lilas), town.resident(town.lilas)
    kept = keep(town, ines)
    town.offer(amir, Audience.BUILDING, title="Une perceuse")
    look(town)
    for public_id, by in ((kept.public_id, amir), (uuid.uuid4(), ines)):
        with pytest.raises(Refused) as refused:
            lookouts.forget(town.session, public_id=public_id, by=by)
        assert refused.value.code == "not_found"
    lookouts.forget(town.session, public_id=kept.public_id, by=ines)
    for table in (Lookout, LookoutKey, LookoutFind):
        assert town.session.scalar(select(func.count()).select_from(table)) == 0


def test_finds_have_their_time(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, amir = town.resident(town.lilas), town.resident(town.lilas)
    kept = keep(town, ines)
    town.offer(amir, Audience.BUILDING, title="Une perceuse")
    look(town)
    forgetting.forget_spent(town.session, now=town.later(days=29))
    assert found(town, kept) == ["Une perceuse"]
    forgetting.forget_spent(town.session, now=town.later(days=2))
    assert found(town, kept) == []


def test_whoever_has_no_home_in_town_any_more_gets_no_mail_of_its_board(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, amir = with_mail(town, town.resident(town.lilas)), town.resident(town.lilas)
    kept = keep(town, ines)
    town.offer(amir, Audience.INSTANCE, title="Perceuse avant")
    look(town)
    (mail,) = mails(town)
    moving.move_out(town.session, resident=ines, lot=town.lilas.lots[0], now=town.now)
    town.offer(amir, Audience.INSTANCE, title="Perceuse après")
    look(town)
    assert found(town, kept) == []
    assert lookouts.told_in(town.session, mail=mail) == 0
    assert town.session.scalar(select(func.count()).select_from(LookoutFind)) == 1
    # Whoever writes for somebody in town, or looks after it, stands before its board without a home.
    town.organisation(ines)
    town.offer(amir, Audience.NETWORK, title="Perceuse encore")
    look(town)
    assert found(town, kept) == ["Perceuse encore", "Perceuse avant"]
    assert lookouts.told_in(town.session, mail=mail) == 2


acts = some.lists(
    some.tuples(some.sampled_from(["hang", "edit", "hide", "look", "late", "leave", "return"]), some.integers(0, 3)),
    max_size=24,
)


class _Kept:
    """Three homes, a keeper and an author in each, and what each kept search has to have found."""

    def __init__(self, town: Neighbourhood) -> None:
        self.town = town
        self.homes = [town.lilas, town.tilleuls, town.far]
        self.authors = [town.resident(one) for one in self.homes]
        self.keepers = [with_mail(town, town.resident(one)) for one in self.homes]
        self.kept = [keep(town, one) for one in self.keepers]
        self.at_home = [True, True, True]
        self.hung: list[listings.Listing] = []
        self.fresh: list[listings.Listing] = []
        self.due: list[set[int]] = [set(), set(), set()]

    def act(self, act: str, number: int) -> None:
        if act in {"edit", "hide"} and self.hung and self.hung[number % len(self.hung)].is_live:
            self.change(act, slip=self.hung[number % len(self.hung)])
        elif act in {"leave", "return"}:
            self.move(number % 3, home=act == "return")
        elif act == "hang":
            slip = self.town.offer(self.authors[number % 3], list(Audience)[number], title="Une perceuse")
            self.hung.append(slip)
            self.fresh.append(slip)
        elif act == "look":
            self.look()
        else:
            self.town.later(hours=number)

    def change(self, act: str, *, slip: listings.Listing) -> None:
        given = {"notice": slip, "by": slip.author, "now": self.town.now}
        if act == "hide":
            notices.withdraw(self.town.session, **given)
        else:
            notices.edit(self.town.session, title="Perceuses", body="x", **given)
            self.fresh.append(slip)

    def move(self, which: int, *, home: bool) -> None:
        if home is self.at_home[which]:
            return
        move = residents.move_in if home else moving.move_out
        move(self.town.session, resident=self.keepers[which], lot=self.homes[which].lots[0], now=self.town.now)
        self.at_home[which] = home

    def look(self) -> None:
        for which, home in enumerate(self.homes):
            boards = {f"building:{home.id}", f"quarter:{home.quarter_id}", "instance"} if self.at_home[which] else set()
            self.due[which] |= {one.id for one in self.fresh if one.is_live and one.circle in boards}
        self.fresh.clear()
        look(self.town)

    def shown(self, which: int) -> set[int]:
        reader = self.town.reader(self.keepers[which])
        return {one.id for one in lookouts.finds(self.town.session, lookout=self.kept[which], reader=reader, limit=99)}

    def told(self, which: int) -> int:
        mine = [one for one in mails(self.town) if one.resident_id == self.keepers[which].id]
        return sum(lookouts.told_in(self.town.session, mail=one) for one in mine)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts)
def test_whatever_happens_each_notice_is_found_once_and_only_where_it_may_be_read(acts: list[tuple[str, int]]) -> None:
    with neighbourhood.fresh_session() as session:
        life = _Kept(neighbourhood.build(session))
        for act, number in acts:
            life.act(act, number)
        life.look()
        live = {one.id for one in life.hung if one.is_live}
        seen = [(one.lookout_id, one.notice_id) for one in session.scalars(select(LookoutFind))]
        assert len(set(seen)) == len(seen)
        for which, kept in enumerate(life.kept):
            assert {notice for lookout, notice in seen if lookout == kept.id} == life.due[which]
            assert life.shown(which) == (life.due[which] & live if life.at_home[which] else set())
            assert life.told(which) <= len(life.shown(which))  # no mail says more than the page shows
