"""Conversations: who takes part, and which thread a letter from another city belongs to."""

import uuid

import pytest
from sqlalchemy import func, select

from instance import conversations, correspondence, listings, notices
from instance.audience import Audience, Reader
from instance.base import Refused
from instance.conversations import Conversation, Message
from instance.correspondence import Letter
from instance.journal import Change
from instance.listings import Direction, Listing
from instance.residents import Resident, State
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, Neighbourhood

DESK = "https://ailleurs.example/users/instance"


def letter(n: int, **more: object) -> Letter:
    given = {
        "uri": f"{DESK}/letters/{n}",
        "sender": DESK,
        "sender_name": "Ailleurs",
        "host": "ailleurs.example",
        "html": f"<p>Lettre {n}</p>",
    }
    return Letter(**{**given, **more})


def receive(town: Neighbourhood, n: int, *, listing: Listing | None = None, **more: object) -> Message:
    more.setdefault("listing", listing.public_id if listing else None)
    return correspondence.receive(town.session, letter=letter(n, **more), listing=listing, now=town.later(minutes=1))


def answer(town: Neighbourhood, listing: Listing, by: Resident, **more: object) -> Conversation:
    return conversations.answer(
        town.session, listing=listing, by=by, now=town.later(minutes=1), **{"body": "Je la veux bien.", **more}
    )


def elsewhere(town: Neighbourhood) -> Listing:
    found = listings.welcome(
        town.session,
        origin=neighbourhood.origin(),
        direction=Direction.OFFER,
        title="Un vélo",
        html="<p>x</p>",
        language="fr",
        now=NOW,
    )
    assert isinstance(found, Listing)
    return found


def changes(town: Neighbourhood) -> list[uuid.UUID]:
    wanted = select(Change.subject_id).where(Change.subject == "message").order_by(Change.id)
    return list(town.session.scalars(wanted))


def test_neighbours_talk_and_nothing_of_it_concerns_the_boundary(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    talk = answer(town, town.offer(ines, Audience.BUILDING), zoe)
    conversations.reply(town.session, conversation=talk, by=ines, body="Venez **samedi**", now=town.later(minutes=1))
    assert [(one.author, one.html) for one in talk.messages] == [
        (zoe, "<p>Je la veux bien.</p>\n"),
        (ines, "<p>Venez <strong>samedi</strong></p>\n"),
    ]
    assert (talk.owner, talk.opener, talk.is_remote, talk.last_at) == (ines, zoe, False, town.now)
    assert (talk.other(ines.id), talk.other(zoe.id)) == (zoe, ines)
    assert changes(town) == []


def test_a_second_answer_goes_on_in_the_same_conversation(town: Neighbourhood) -> None:
    ines, zoe, lou = (town.resident(town.lilas) for _ in range(3))
    offer = town.offer(ines, Audience.BUILDING)
    first = answer(town, offer, zoe)
    assert answer(town, offer, zoe) is first
    assert answer(town, offer, lou) is not first
    assert len(first.messages) == 2


def test_what_cannot_be_answered(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    offer, bike = town.offer(ines, Audience.BUILDING), elsewhere(town)
    for listing, by, more, code in (
        (offer, ines, {}, "own_listing"),
        (offer, zoe, {"body": " "}, "missing"),
        (offer, zoe, {"body": "x" * 4001}, "too_long"),
        (bike, zoe, {}, "byline_missing"),
        (bike, zoe, {"byline": "x" * 61}, "too_long"),
    ):
        with pytest.raises(Refused, match=code):
            answer(town, listing, by, **more)
    notices.withdraw(town.session, notice=offer, by=ines, now=NOW)
    with pytest.raises(Refused, match="not_live"):
        answer(town, offer, zoe)
    assert town.session.scalar(select(func.count()).select_from(Conversation)) == 0


def test_only_the_two_read_and_write(town: Neighbourhood) -> None:
    ines, zoe, nosy = (town.resident(town.lilas) for _ in range(3))
    talk = answer(town, town.offer(ines, Audience.BUILDING), zoe)
    for reader in (town.reader(nosy), Reader(), Reader(resident_id=nosy.id, moderator=True, administrator=True)):
        with pytest.raises(Refused, match="not_found"):
            conversations.find(town.session, public_id=talk.public_id, reader=reader)
    with pytest.raises(Refused, match="not_found"):
        conversations.reply(town.session, conversation=talk, by=nosy, body="x", now=NOW)
    for somebody in (ines, zoe):
        assert conversations.find(town.session, public_id=talk.public_id, reader=town.reader(somebody)) is talk
        assert conversations.of_resident(town.session, resident=somebody) == [talk]
    assert conversations.of_resident(town.session, resident=nosy) == []


def test_answering_another_city_is_journaled_and_signed_with_the_byline(town: Neighbourhood) -> None:
    zoe = town.resident(town.lilas)
    talk = answer(town, elsewhere(town), zoe, byline=" Une  voisine ")
    assert (talk.byline, talk.remote_actor, talk.remote_host) == ("Une voisine", DESK, "ailleurs.example")
    message = talk.messages[0]
    assert changes(town) == [message.public_id]
    back = receive(town, 1, reply_to_message=message.public_id)
    assert back.conversation is talk
    assert changes(town) == [message.public_id], "what came in does not go out"
    assert conversations.reachable(talk, by=zoe)


def test_two_residents_behind_one_desk_keep_two_conversations(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    offer = town.offer(ines, Audience.NETWORK)
    first, second = receive(town, 1, listing=offer), receive(town, 2, listing=offer)
    assert first.conversation is not second.conversation
    ours = conversations.reply(
        town.session, conversation=second.conversation, by=ines, body="oui", now=town.later(minutes=1)
    )
    third = receive(town, 3, reply_to_message=ours.public_id)
    fourth = receive(town, 4, reply_to_uri=first.remote_uri)
    fifth = receive(town, 5, thread=first.remote_uri)
    sixth = receive(town, 6, reply_to_uri=third.remote_uri)
    seventh = receive(town, 7, our_thread=second.public_id)
    expected = {first: [fourth, fifth], second: [ours, third, sixth, seventh]}
    for begun, more in expected.items():
        assert [one.uri if hasattr(one, "uri") else one.id for one in more] == [
            one.id for one in begun.conversation.messages if one is not begun
        ]
    assert {one.owner for one in (first.conversation, second.conversation)} == {ines}
    assert first.conversation.byline == offer.byline
    assert conversations.root(town.session, conversation=second.conversation) is second
    assert conversations.previous(town.session, message=third) is ours
    assert conversations.previous(town.session, message=second) is None


def test_a_fresh_answer_opens_its_own_thread_even_under_a_name_already_used(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    offer = town.offer(ines, Audience.NETWORK)
    first = receive(town, 1, listing=offer, thread="https://ailleurs.example/contexts/1")
    second = receive(town, 2, listing=offer, thread="https://ailleurs.example/contexts/1")
    assert first.conversation is not second.conversation
    # From then on the name means two, so it decides nothing: no letter goes to the wrong neighbour.
    with pytest.raises(Refused, match="no_thread"):
        receive(town, 3, thread="https://ailleurs.example/contexts/1")


def test_somebody_else_s_name_for_a_thread_takes_no_letters_away(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.far)
    name = "https://ailleurs.example/contexts/1"
    thief = receive(
        town,
        1,
        listing=town.offer(zoe, Audience.NETWORK),
        thread=name,
        sender="https://evil.example/a",
        host="evil.example",
    )
    true = receive(town, 2, listing=town.offer(ines, Audience.NETWORK), thread=name)
    assert receive(town, 3, thread=name).conversation is true.conversation is not thief.conversation


def test_a_stranger_is_refused(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    offer = town.offer(ines, Audience.NETWORK)
    first = receive(town, 1, listing=offer)
    stranger = {"sender": "https://evil.example/users/instance", "host": "evil.example"}
    for n, hint in enumerate(
        ({"reply_to_message": first.public_id}, {"reply_to_uri": first.remote_uri}, {"our_thread": first.public_id}), 10
    ):
        with pytest.raises(Refused, match="stranger"):
            receive(town, n, **hint, **stranger)
    with pytest.raises(Refused, match="no_thread"):
        receive(town, 20, thread=first.remote_uri, **stranger)
    assert len(first.conversation.messages) == 1


def test_nobody_outside_enters_a_conversation_between_neighbours(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    talk = answer(town, town.offer(ines, Audience.NETWORK), zoe)
    for hint in ({"reply_to_message": talk.messages[0].public_id}, {"our_thread": talk.messages[0].public_id}):
        with pytest.raises(Refused, match="stranger"):
            receive(town, 1, **hint)


def test_the_same_letter_twice_is_one(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    offer = town.offer(ines, Audience.NETWORK)
    assert receive(town, 1, listing=offer) is receive(town, 1, listing=offer)
    assert len(conversations.of_resident(town.session, resident=ines)) == 1


def test_a_letter_about_nothing_of_ours_is_refused(town: Neighbourhood) -> None:
    for hint in ({}, {"reply_to_uri": "https://x.example/"}, {"thread": "x"}, {"reply_to_message": uuid.uuid4()}):
        with pytest.raises(Refused, match="no_thread"):
            receive(town, 1, **hint)


@pytest.mark.parametrize("audience", [Audience.BUILDING, Audience.QUARTER, Audience.INSTANCE])
def test_a_listing_that_is_not_public_cannot_be_answered_from_outside(town: Neighbourhood, audience: Audience) -> None:
    with pytest.raises(Refused, match="not_live"):
        receive(town, 1, listing=town.offer(town.resident(town.lilas), audience))


def test_withdrawing_closes_the_door_but_not_the_talks(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    offer = town.offer(ines, Audience.NETWORK)
    first = receive(town, 1, listing=offer)
    notices.withdraw(town.session, notice=offer, by=ines, now=NOW)
    with pytest.raises(Refused, match="not_live"):
        receive(town, 2, listing=offer)
    assert receive(town, 3, reply_to_uri=first.remote_uri).conversation is first.conversation
    with pytest.raises(Refused, match="not_live"):
        receive(town, 4, listing=elsewhere(town))


def test_a_letter_s_words_are_cleaned(town: Neighbourhood) -> None:
    offer = town.offer(town.resident(town.lilas), Audience.NETWORK)
    message = receive(town, 1, listing=offer, html="<p onclick=x>Bonjour<script>x</script><img src=x></p>")
    assert message.html == "<p>Bonjour</p>"


def test_a_suspended_neighbour_is_not_reachable(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    talk = answer(town, town.offer(ines, Audience.BUILDING), zoe)
    assert conversations.reachable(talk, by=zoe)
    ines.state = State.SUSPENDED.value
    assert not conversations.reachable(talk, by=zoe)
