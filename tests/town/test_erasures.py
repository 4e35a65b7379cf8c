"""The erasure ledger: who had a notice, who confirmed that it is gone, taking everything back, and after a restore."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from federation import delivery, erasures, ledger, patience, peers, policy
from federation.base import PeerRefused
from federation.ledger import Standing
from federation.models import Activity, Crossing, Delivery, DeliveryState, Document, DocumentState, Exposure
from instance import conversations, journal, listings, notices, recalls
from instance.audience import Audience
from instance.notices import Notice
from instance.residents import Resident
from tests.town.houses import House, Town
from tests.town.test_crossing import Neighbours, two
from web.acts import farewells

__all__ = ["two"]
BLACK_HOLE = "https://dead.example/inbox"


def entry(house: House, notice: Notice) -> ledger.Entry:
    with house.federation.read() as session:
        found = ledger.find(session, notice=notice.public_id)
    assert found is not None
    return found


def standings(house: House, notice: Notice) -> dict[str, Standing]:
    return {one.host: one.standing for one in entry(house, notice).receivers}


def give(house: House, town: Town, notice: Notice, *inboxes: str, state: DeliveryState = DeliveryState.SENT) -> None:
    """As if others followed as well: the notice went to these inboxes."""
    with house.federation.write.begin() as session:
        uri = session.scalars(select(Document.uri).where(Document.subject_uuid == notice.public_id)).one()
        activity = session.scalars(select(Activity.id).where(Activity.document_uri == uri)).first()
        for inbox in inboxes:
            session.add(Exposure(object_uri=uri, inbox=inbox, first_at=town.now, tried_at=town.now))
            session.add(
                Delivery(
                    activity_id=activity,
                    inbox=inbox,
                    host=policy.authority(inbox),
                    object_uri=uri,
                    state=state,
                    attempts=1,
                    due_at=town.now,
                    created_at=town.now,
                    sent_at=town.now if state == DeliveryState.SENT else None,
                )
            )


def withdraw(house: House, notice: Notice, *, by: Resident) -> None:
    house.do(notices.withdraw, notice=notice, by=by)


def test_who_has_it_and_who_confirmed_that_it_is_gone(town: Town, two: Neighbours) -> None:
    drill = two.marseille.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    assert standings(two.marseille, drill) == {two.barnabe.host: Standing.HELD}
    assert entry(two.marseille, drill).withdrawn_at is None
    give(two.marseille, town, drill, BLACK_HOLE)
    given = town.now
    town.pass_time(days=1)
    withdraw(two.marseille, drill, by=two.odile)
    town.settle()
    found = entry(two.marseille, drill)
    assert {one.host: one.standing for one in found.receivers} == {
        two.barnabe.host: Standing.CONFIRMED,
        "dead.example": Standing.ASKED,
    }
    assert not found.is_settled
    there = next(one for one in found.receivers if one.host == two.barnabe.host)
    assert (there.given_at, there.asked_at, there.ended_at) == (given, town.now, town.now)
    waiting = next(one for one in found.receivers if one.host == "dead.example")
    assert waiting.until == town.now + timedelta(days=90)
    # It is tried for ninety days, and then it is still known that nobody there confirmed.
    for days, expected in ((89, Standing.ASKED), (2, Standing.GIVEN_UP), (91, Standing.GIVEN_UP)):
        town.pass_time(days=days)
        with two.marseille.federation.write.begin() as session:
            patience.give_up(session, now=town.now)
            patience.forget(session, now=town.now)
        assert standings(two.marseille, drill)["dead.example"] is expected
    with two.marseille.federation.read() as session:
        shelved = session.scalars(select(Delivery).where(Delivery.state == DeliveryState.SHELVED)).all()
        assert [one.inbox for one in shelved] == [BLACK_HOLE]


def test_news_that_a_quarter_passed_on_count_once_per_town(town: Town, two: Neighbours) -> None:
    news = two.marseille.publish(two.ciq, two.odile, "Fête de la rue", audience=Audience.NETWORK)
    town.settle()
    assert standings(two.marseille, news) == {two.barnabe.host: Standing.HELD}
    town.pass_time(hours=1)
    withdraw(two.marseille, news, by=two.odile)
    town.settle()
    (there,) = entry(two.marseille, news).receivers
    assert there.standing is Standing.CONFIRMED
    assert there.given_at is not None
    assert there.given_at < there.asked_at  # type: ignore[operator]
    assert entry(two.marseille, news).is_settled


def block(house: House, town: Town, host: str) -> None:
    with house.federation.write.begin() as session:
        peers.block(session, host=host, note="Rien de bon.", now=town.now)


def test_a_town_blocked_since_is_not_asked_and_the_ledger_says_so(town: Town, two: Neighbours) -> None:
    drill = two.marseille.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    block(two.marseille, town, two.barnabe.host)
    withdraw(two.marseille, drill, by=two.odile)
    town.settle()
    assert standings(two.marseille, drill) == {two.barnabe.host: Standing.NOT_ASKED}


def test_after_five_years_nobody_is_listed_and_the_address_stays_gone(town: Town, two: Neighbours) -> None:
    drill = two.marseille.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    withdraw(two.marseille, drill, by=two.odile)
    town.settle()
    for passed, expected in ((ledger.KEPT, 1), (timedelta(days=1), 0)):
        town.now += passed
        with two.marseille.federation.write.begin() as session:
            ledger.forget(session, now=town.now)
        assert len(entry(two.marseille, drill).receivers) == expected
    with two.marseille.federation.read() as session:
        assert session.scalars(select(Document.state).where(Document.subject_uuid == drill.public_id)).one() == "gone"


# --- taking everything back


def take_back(house: House, town: Town, resident: Resident) -> farewells.Done:
    with house.home.write() as home, house.federation.write() as outside:
        author = home.get_one(Resident, resident.id)
        done = farewells.take_back(home, outside=outside, author=author, now=town.now)
        home.commit()
    return done


def answer(two: Neighbours, words: str) -> None:
    """Camille, of the other town, answers the offer of Odile that hangs there."""
    hung = two.barnabe.hung("Perceuse")
    two.barnabe.do(conversations.answer, listing=hung, by=two.camille, body=words, byline="Camille")


def test_everything_of_one_resident_is_taken_back_at_once(town: Town, two: Neighbours) -> None:
    two.marseille.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    two.marseille.offer(two.odile, "Escabeau", audience=Audience.BUILDING)
    two.marseille.publish(two.ciq, two.odile, "Fête de la rue", audience=Audience.NETWORK)
    town.settle()
    assert two.barnabe.titles() == {"Perceuse", "Fête de la rue"}
    assert take_back(two.marseille, town, two.odile) == farewells.Done(notices=1, letters=0)
    town.settle()
    # What the committee published stays, and what never left the building as well.
    assert two.barnabe.titles() == {"Fête de la rue"}
    assert two.marseille.hung("Escabeau").is_live
    assert entry(two.marseille, two.marseille.hung("Perceuse")).is_settled
    assert take_back(two.marseille, town, two.odile) == farewells.Done(notices=0, letters=0)


def test_letters_that_have_not_crossed_never_do(town: Town, two: Neighbours) -> None:
    two.marseille.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    answer(two, "Elle m'intéresse beaucoup.")
    assert take_back(two.barnabe, town, two.camille) == farewells.Done(notices=0, letters=1)
    town.settle()
    assert not [one for one in town.sent if b"beaucoup" in one.body]
    with two.barnabe.home.read() as session:
        changes = session.scalars(select(journal.Change).where(journal.Change.subject == "message")).all()
        assert [one.verdict.why for one in changes if one.verdict] == [delivery.TAKEN_BACK]
    with two.barnabe.federation.read() as session:
        assert [one.why for one in session.scalars(select(Crossing).where(Crossing.outcome == "withhold"))] == [
            delivery.TAKEN_BACK
        ]
    assert take_back(two.barnabe, town, two.camille) == farewells.Done(notices=0, letters=0)


def test_letters_on_their_way_are_stopped_and_lose_their_words(town: Town, two: Neighbours) -> None:
    two.marseille.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    answer(two, "Elle m'intéresse beaucoup.")
    two.marseille.is_up = False
    two.barnabe.work_home()
    two.barnabe.work_courier()
    assert take_back(two.barnabe, town, two.camille) == farewells.Done(notices=0, letters=1)
    two.marseille.is_up = True
    tried = len([one for one in town.sent if b"beaucoup" in one.body])
    town.pass_time(days=1)
    town.settle()
    assert len([one for one in town.sent if b"beaucoup" in one.body]) == tried
    assert two.marseille.conversations() == []
    with two.barnabe.federation.read() as session:
        bodies = session.scalars(select(Activity.body).where(Activity.type == "Create")).all()
        assert not [one for one in bodies if b"beaucoup" in one]


# --- after a restore


def restored(house: House, notice: Notice) -> None:
    """As a backup from before the withdrawal has it: at home the notice hangs, outside it stands."""
    with house.home.write.begin() as session:
        row = session.get_one(Notice, notice.id)
        row.state = "live"
    with house.federation.write.begin() as session:
        document = session.scalars(select(Document).where(Document.subject_uuid == notice.public_id)).one()
        document.state = DocumentState.LIVE
        for kind in ("Delete", "Announce"):
            gone = select(Activity.id).where(Activity.document_uri == document.uri, Activity.type == kind)
            session.execute(delete(Delivery).where(Delivery.activity_id.in_(gone)))
            session.execute(delete(Activity).where(Activity.id.in_(gone)))


def saved(house: House) -> list[erasures.Erasure]:
    with house.federation.read() as session:
        return erasures.read(erasures.write(erasures.kept(session)))


def reapply(house: House, town: Town, kept: list[erasures.Erasure]) -> erasures.Reapplied:
    with house.federation.write.begin() as session:
        done = erasures.reapply(session, erasures=kept, origin=house.origin, now=town.now)
    with house.home.write.begin() as session:
        recalls.take_down_again(session, public_ids=[one.notice for one in kept], now=town.now)
    return done


def test_what_a_backup_shows_again_is_taken_back_again(town: Town, two: Neighbours) -> None:
    drill = two.marseille.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    withdraw(two.marseille, drill, by=two.odile)
    town.settle()
    kept = saved(two.marseille)
    assert [(one.notice, len(one.inboxes)) for one in kept] == [(drill.public_id, 1)]
    restored(two.marseille, drill)
    assert two.marseille.titles() == {"Perceuse"}
    assert reapply(two.marseille, town, kept) == erasures.Reapplied(again=1, lost=0)
    assert two.marseille.titles() == set()
    town.settle()
    assert standings(two.marseille, drill) == {two.barnabe.host: Standing.CONFIRMED}
    assert reapply(two.marseille, town, kept) == erasures.Reapplied(again=0, lost=0)
    assert not town.undelivered()


def test_what_the_backup_never_knew_is_taken_back_from_who_has_it(town: Town, two: Neighbours) -> None:
    drill = two.marseille.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    withdraw(two.marseille, drill, by=two.odile)
    two.marseille.work_home()
    kept = saved(two.marseille)
    # Back to a moment before the notice was hung, while the other town still has it.
    with two.marseille.federation.write.begin() as session:
        for table in (Delivery, Activity, Exposure, Document):
            session.execute(delete(table))
    with two.marseille.home.write.begin() as session:
        row = session.get_one(Notice, drill.id)
        row.state = "withdrawn"
    assert two.barnabe.titles() == {"Perceuse"}
    assert reapply(two.marseille, town, kept) == erasures.Reapplied(again=1, lost=0)
    town.settle()
    assert two.barnabe.titles() == set()
    stranger = erasures.Erasure(
        notice=uuid.uuid4(), author="nobody", version=1, withdrawn=town.now, inboxes=(BLACK_HOLE,)
    )
    assert reapply(two.marseille, town, [stranger]) == erasures.Reapplied(again=0, lost=1)


@pytest.mark.parametrize(
    "rows",
    [
        None,
        {},
        [1],
        [{}],
        [{"notice": "x", "author": "instance", "version": 1, "withdrawn": "2027-01-01T00:00:00+00:00", "inboxes": []}],
        [
            {
                "notice": str(uuid.UUID(int=4)),
                "author": "instance",
                "version": 1,
                "withdrawn": "2027-01-01T00:00:00",
                "inboxes": [],
            }
        ],
        [
            {
                "notice": str(uuid.UUID(int=4)),
                "author": "instance",
                "version": 1,
                "withdrawn": "2027-01-01T00:00:00+00:00",
                "inboxes": ["javascript:alert(1)"],
            }
        ],
    ],
)
def test_a_file_that_is_no_ledger_is_refused_whole(rows: object) -> None:
    with pytest.raises(PeerRefused, match="erasures_malformed"):
        erasures.read(rows)


def test_withdrawn_pages_go_on_without_gap(town: Town, two: Neighbours) -> None:
    hung = [two.marseille.offer(two.odile, f"Perceuse {number}", audience=Audience.NETWORK) for number in range(5)]
    town.settle()
    for one in hung:
        withdraw(two.marseille, one, by=two.odile)
    town.settle()
    with two.marseille.federation.read() as session:
        seen: list[uuid.UUID] = []
        before = None
        while more := ledger.withdrawn(session, before=before, limit=2):
            seen += [one.notice for one in more]
            before = more[-1].key
    assert sorted(seen) == sorted(one.public_id for one in hung)


def test_a_narrowed_offer_is_in_the_ledger_as_well(town: Town, two: Neighbours) -> None:
    drill = two.marseille.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    two.marseille.do(listings.narrow, listing=drill, by=two.odile, audience=Audience.BUILDING, building=two.building)
    town.settle()
    assert standings(two.marseille, drill) == {two.barnabe.host: Standing.CONFIRMED}
