"""Several towns: open, with approval, blocked, limited."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from activitypub.vocabulary import PUBLIC, Create, Note
from federation import approvals, delivery, documents, peers
from federation.models import Direction, Follow, FollowState, Letter
from federation.neighbours import Admission
from instance import comments, moderation
from instance.audience import Audience
from instance.notices import Notice
from instance.organisations import Organisation
from instance.places import Quarter
from instance.residents import Resident
from tests.town.houses import House, Town


def state_of(house: House, direction: Direction) -> list[str]:
    with house.federation.read() as session:
        return list(session.scalars(select(Follow.state).where(Follow.direction == direction).order_by(Follow.id)))


def last(house: House, kind: str) -> Letter:
    return [one for one in house.letters() if one.type == kind][-1]


def follow_desk(house: House, other: House) -> None:
    house.follow(f"{other.origin}/users/instance")


@pytest.fixture
def four(town: Town) -> dict[str, House]:
    """A writes news; B, C and D know nothing of A yet."""
    houses = {name: town.build(name) for name in "abcd"}
    for house in houses.values():
        writer = house.resident("Ana", building=house.building(house.quarter("Le Port")))
        house.organisation("ciq", writer=writer)
    town.settle()
    return houses


def approve_first(house: House) -> None:
    with house.federation.write.begin() as session:
        approvals.admit(session, admission=Admission.APPROVAL, now=house.town.now)


def test_with_approval_a_follow_waits_until_somebody_decides(four: dict[str, House], town: Town) -> None:
    a, b = four["a"], four["b"]
    approve_first(b)
    a.follow(f"{b.origin}/users/ciq")
    follow_desk(a, b)
    town.settle()
    assert state_of(b, Direction.IN) == [FollowState.PENDING, FollowState.PENDING]
    assert state_of(a, Direction.OUT) == [FollowState.PENDING, FollowState.PENDING]
    assert last(b, "Follow").sentence == "asks to follow instance and waits for an administrator"
    with b.federation.write.begin() as session:
        first, second = approvals.waiting(session)
        approvals.accept(session, activity_uri=first.activity_uri, now=town.now)
        approvals.refuse(session, activity_uri=second.activity_uri, now=town.now)
    town.settle()
    assert state_of(a, Direction.OUT) == [FollowState.ACCEPTED, FollowState.REFUSED]
    with b.federation.read() as session:
        assert not approvals.waiting(session)


def test_letters_of_unknown_towns_are_refused_politely(four: dict[str, House], town: Town) -> None:
    a, b = four["a"], four["b"]
    approve_first(b)
    a.follow(f"{b.origin}/users/ciq")
    town.settle()
    with b.federation.read() as session:
        assert approvals.strangers(session, hosts={a.host}) == {a.host}
    with b.federation.write.begin() as session:
        assert approvals.approve(session, host=a.host, now=town.now) == 1
        assert approvals.strangers(session, hosts={a.host}) == set()
    town.settle()
    assert state_of(a, Direction.OUT) == [FollowState.ACCEPTED]
    # Known from now on: the next one does not wait.
    follow_desk(a, b)
    town.settle()
    assert state_of(b, Direction.IN) == [FollowState.ACCEPTED, FollowState.ACCEPTED]


def _say(house: House, note: Note, *, to: House) -> None:
    """The committee of a town says something in public, straight into another town's inbox."""
    activity = Create(
        id=f"{note.id}/activity", actor=note.attributed_to, object=note, to=note.to, published=note.published
    )
    with house.federation.write.begin() as session:
        row = delivery.write(session, word=activity, actor_username="ciq", now=house.town.now)
        delivery.post(session, activity=row, inboxes=[f"{to.origin}/inbox"], object_uri=note.id, now=house.town.now)
    house.town.settle()


def _news(house: House, title: str, **more: object) -> Notice:
    with house.home.read() as session:
        writer = session.scalars(select(Resident)).one()
        organisation = session.scalars(select(Organisation)).one()
    made = house.publish(organisation, writer, title, audience=Audience.NETWORK, **more)
    house.town.settle()
    return made


def _answer(house: House, notice: Notice, *, on: House, name: str) -> Note:
    me = f"{house.origin}/users/ciq"
    return Note(
        id=f"{me}/notes/{name}",
        attributed_to=me,
        content="<p>Bravo.</p>",
        in_reply_to=f"{on.origin}/users/ciq/articles/{notice.public_id}",
        to=(PUBLIC,),
        published=house.town.now,
    )


def test_a_comment_from_a_limited_town_is_held_for_a_moderator(four: dict[str, House], town: Town) -> None:
    a, d = four["a"], four["d"]
    hung = _news(d, "Fête")
    with d.federation.write.begin() as session:
        peers.limit(session, host=a.host, note="Trop bruyant", now=town.now)
    _say(a, _answer(a, hung, on=d, name="1"), to=d)
    assert last(d, "Create").sentence == "held for a moderator: its town is limited"
    with d.home.read() as session:
        (held,) = moderation.hidden_comments(session, by=None)
        assert not comments.under(session, notice=held.notice)
    with d.federation.write.begin() as session:
        peers.unlimit(session, host=a.host, now=town.now)
    _say(a, _answer(a, hung, on=d, name="2"), to=d)
    assert last(d, "Create").sentence == "pinned under the news it answers"


def test_of_an_unknown_town_nothing_is_read_where_approval_is_needed(four: dict[str, House], town: Town) -> None:
    a, b = four["a"], four["b"]
    hung = _news(b, "Fête")
    approve_first(b)
    _say(a, _answer(a, hung, on=b, name="1"), to=b)
    letter = last(b, "Create")
    assert (letter.state, letter.raw) == ("refused", b"")
    assert letter.sentence == "from an instance that nobody here approved yet"
    assert {one.status for one in town.sent if one.method == "POST"} == {202}
    with b.federation.write.begin() as session:
        peers.add(session, host=a.host, now=town.now)
    _say(a, _answer(a, hung, on=b, name="2"), to=b)
    assert last(b, "Create").sentence == "pinned under the news it answers"


@pytest.mark.parametrize("limited", [False, True])
def test_what_a_limited_town_passes_on_hangs_nowhere(four: dict[str, House], town: Town, limited: bool) -> None:
    a, d = four["a"], four["d"]
    d.add_peer(a)
    d.follow(f"{a.origin}/users/le_port")
    town.settle()
    if limited:
        with d.federation.write.begin() as session:
            peers.limit(session, host=a.host, note="Trop bruyant", now=town.now)
    with a.home.read() as session:
        quarter = session.scalars(select(Quarter)).one()
    _news(a, "Marché", quarter=quarter)
    assert ("Marché" in d.titles()) is not limited


def test_a_limited_town_waits_and_is_not_passed_on(four: dict[str, House], town: Town) -> None:
    a, d = four["a"], four["d"]
    d.add_peer(a)
    d.follow(f"{a.origin}/users/ciq")
    town.settle()
    with d.federation.write.begin() as session:
        peers.limit(session, host=a.host, note="Trop bruyant", now=town.now)
    a.follow(f"{d.origin}/users/ciq")
    town.settle()
    assert state_of(d, Direction.IN) == [FollowState.PENDING]
    assert state_of(d, Direction.OUT) == [FollowState.ACCEPTED]


def test_a_blocked_town_is_answered_like_any_other(four: dict[str, House], town: Town) -> None:
    a, c = four["a"], four["c"]
    c.add_peer(a)
    c.follow(f"{a.origin}/users/ciq")
    a.follow(f"{c.origin}/users/ciq")
    town.settle()
    with c.federation.write.begin() as session:
        peers.block(session, host=a.host, note="Injures", now=town.now)
    follow_desk(a, c)
    town.settle()
    posts = [
        one for one in town.sent if one.sender == a.origin and one.url.startswith(c.origin) and one.method == "POST"
    ]
    assert {one.status for one in posts} == {202}
    assert state_of(c, Direction.IN) == [FollowState.ENDED]
    assert state_of(c, Direction.OUT) == [FollowState.ENDED]
    # Somebody there is looked up again, as for any letter: the block stays.
    documents.actor(
        c.federation.write, client=c.wire, uri=f"{a.origin}/users/ciq", now=town.now, fresh_for=timedelta(0)
    )
    town.pass_time(days=2)
    town.settle()
    with c.federation.read() as session:
        assert peers.is_blocked(session, a.host)
