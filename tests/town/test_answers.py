"""Public answers from other towns: brought up to date, and threaded to the news they end at."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from activitypub.vocabulary import PUBLIC, Create, Note, Update
from federation import addresses, delivery, peers
from instance import notices
from instance.audience import Audience
from instance.comments import Comment
from instance.notices import Notice
from tests.town.houses import House, Town
from tests.town.test_crossing import Neighbours, two

__all__ = ["two"]
PINNED = "pinned under the news it answers"


def say(town: Town, two: Neighbours, word: Note, *, by: str = "ciq_barnabe", change: bool = False) -> str:
    """An organisation of Barnabé says something in public, straight into Marseille's inbox; what became of it."""
    there, kind = two.barnabe, Update if change else Create
    number = len(town.sent)
    activity = kind(id=f"{word.id}/acts/{number}", actor=word.attributed_to, object=word, to=word.to)
    with there.federation.write.begin() as session:
        row = delivery.write(session, word=activity, actor_username=by, now=town.now)
        inboxes = [f"{two.marseille.origin}/inbox"]
        delivery.post(session, activity=row, inboxes=inboxes, object_uri=word.id, now=town.now)
    town.settle()
    return two.marseille.letters()[-1].sentence


def note(town: Town, two: Neighbours, name: str, words: str, *, answers: str, **more: object) -> Note:
    me = f"{two.barnabe.origin}/users/{more.pop('by', 'ciq_barnabe')}"
    return Note(
        id=f"{two.barnabe.origin}/users/ciq_barnabe/notes/{name}",
        attributed_to=me,
        content=f"<p>{words}</p>",
        in_reply_to=answers,
        to=(PUBLIC,),
        published=town.now,
        **more,
    )


def news(town: Town, two: Neighbours) -> tuple[Notice, str]:
    two.barnabe.organisation("ciq_barnabe", writer=two.camille)
    two.barnabe.organisation("autre", writer=two.camille)
    made = two.marseille.publish(two.ciq, two.odile, "Fête de la rue", audience=Audience.NETWORK)
    town.settle()
    return made, addresses.news(two.marseille.origin, "ciq_julien", made.public_id)


def hung(house: House) -> list[tuple[str, str]]:
    with house.home.read() as session:
        return [(one.html, one.state) for one in session.scalars(select(Comment).order_by(Comment.id))]


def test_newer_words_replace_those_that_hang(town: Town, two: Neighbours) -> None:
    _, uri = news(town, two)
    first, before = note(town, two, "1", "Bravo", answers=uri), town.now
    assert say(town, two, first) == PINNED
    town.pass_time(hours=1)
    edited = note(town, two, "1", "Bravo, et merci", answers=uri, updated=town.now)
    assert say(town, two, edited, change=True) == PINNED
    assert hung(two.marseille) == [("<p>Bravo, et merci</p>", "live")]
    # What is older and late changes nothing, nor do words that somebody else puts under this address.
    late = note(town, two, "1", "Ancien", answers=uri, updated=before + timedelta(minutes=1))
    assert say(town, two, late, change=True) == PINNED
    town.pass_time(hours=1)
    foreign = note(town, two, "1", "Faux", answers=uri, updated=town.now, by="autre")
    assert say(town, two, foreign, by="autre", change=True) == "its sender is not the one it belongs to"
    assert hung(two.marseille) == [("<p>Bravo, et merci</p>", "live")]


def test_newer_words_of_a_town_that_is_limited_by_now_wait_for_a_moderator(town: Town, two: Neighbours) -> None:
    _, uri = news(town, two)
    assert say(town, two, note(town, two, "1", "Bravo", answers=uri)) == PINNED
    with two.marseille.federation.write.begin() as session:
        peers.limit(session, host=two.barnabe.host, note="Trop bruyant", now=town.now)
    town.pass_time(hours=1)
    edited = note(town, two, "1", "Achetez", answers=uri, updated=town.now)
    assert "held" in say(town, two, edited, change=True)
    assert hung(two.marseille) == [("<p>Achetez</p>", "hidden")]
    # Hidden words stay as the moderators have them.
    town.pass_time(hours=1)
    say(town, two, note(town, two, "1", "Encore", answers=uri, updated=town.now), change=True)
    assert hung(two.marseille) == [("<p>Achetez</p>", "hidden")]


def test_an_answer_to_an_answer_hangs_under_the_news_where_they_began(town: Town, two: Neighbours) -> None:
    _, uri = news(town, two)
    first = note(town, two, "1", "Bravo", answers=uri)
    second = note(town, two, "2", "Merci", answers=first.id)
    assert say(town, two, second) == "it answers nothing of ours"
    assert say(town, two, first) == PINNED
    assert say(town, two, note(town, two, "3", "Merci", answers=first.id)) == PINNED
    assert say(town, two, note(town, two, "4", "De rien", answers=f"{first.id[:-1]}3")) == PINNED
    assert [html for html, _ in hung(two.marseille)] == ["<p>Bravo</p>", "<p>Merci</p>", "<p>De rien</p>"]
    with two.marseille.home.read() as session:
        assert len({one.notice_id for one in session.scalars(select(Comment))}) == 1


@pytest.mark.parametrize("gone", ["news", "answer"])
def test_what_hangs_no_more_is_not_answered(town: Town, two: Neighbours, gone: str) -> None:
    made, uri = news(town, two)
    first = note(town, two, "1", "Bravo", answers=uri)
    assert say(town, two, first) == PINNED
    if gone == "news":
        two.marseille.do(notices.withdraw, notice=made, by=two.odile)
        expected = "what it answers is no longer public"
    else:
        with two.marseille.home.write.begin() as session:
            session.scalars(select(Comment)).one().state = "withdrawn"
        expected = "it answers nothing of ours"
    assert say(town, two, note(town, two, "2", "Merci", answers=first.id)) == expected
    assert len(hung(two.marseille)) == 1
