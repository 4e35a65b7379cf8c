"""Two sessions at the same moment, on both engines: asking for what is taken away, a line too many, a word twice."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from instance import conversations, recommendations, skills
from instance.audience import Audience
from instance.conversations import Conversation
from instance.recommendations import Recommendation
from instance.residents import Resident
from instance.skills import Skill
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW
from tests.instance.test_loans_at_once import both
from web import stores


@pytest.fixture
def people(home_store: stores.Store) -> dict[str, int]:
    """Ana can be asked for nine things, the first a ladder; Ben lives next door."""
    with home_store.write.begin() as session:
        town = neighbourhood.build(session)
        found = {name: town.resident(town.lilas, name=name.title()) for name in ("ana", "ben")}
        near = {"audience": Audience.BUILDING, "building": None, "now": NOW}
        held = [skills.offer(session, by=found["ana"], title=f"Chose {number}", **near) for number in range(9)]
        return {name: one.id for name, one in {**found, "ladder": held[0]}.items()}


def ask(people: dict[str, int]) -> Callable[[Session], None]:
    def act(session: Session) -> None:
        skill, ben = session.get_one(Skill, people["ladder"]), session.get_one(Resident, people["ben"])
        conversations.ask(session, skill=skill, by=ben, body="Bonjour.", now=NOW)

    return act


def take_away(people: dict[str, int]) -> Callable[[Session], None]:
    def act(session: Session) -> None:
        skill, ana = session.get_one(Skill, people["ladder"]), session.get_one(Resident, people["ana"])
        skills.take_away(session, skill=skill, by=ana, now=NOW)

    return act


def offer(people: dict[str, int]) -> Callable[[Session], None]:
    def act(session: Session) -> None:
        given = {"audience": Audience.BUILDING, "building": None, "now": NOW}
        skills.offer(session, by=session.get_one(Resident, people["ana"]), title="Encore", **given)

    return act


def recommend(people: dict[str, int]) -> Callable[[Session], None]:
    def act(session: Session) -> None:
        typed = {"trade": "plumber", "name": "Les Tuyaux", "phone": "", "site": "", "done": "Une fuite."}
        given = {"audience": Audience.BUILDING, "building": None, "now": NOW}
        ana = session.get_one(Resident, people["ana"])
        recommendations.write(session, by=ana, words=recommendations.read(**typed), **given)

    return act


def many(store: stores.Store, of: type[Conversation | Skill | Recommendation]) -> int:
    with store.read() as session:
        return session.scalar(select(func.count(of.id))) or 0


def test_what_is_taken_away_meanwhile_is_not_asked_for(home_store: stores.Store, people: dict[str, int]) -> None:
    assert both(home_store, take_away(people), ask(people)) == "not_asked"
    assert many(home_store, Conversation) == 0


def test_what_was_asked_for_first_is_taken_away_after(home_store: stores.Store, people: dict[str, int]) -> None:
    assert both(home_store, ask(people), take_away(people)) == "done"
    assert many(home_store, Conversation) == 1
    with home_store.read() as session:
        assert not session.get_one(Skill, people["ladder"]).is_live


def test_two_clicks_open_one_conversation(home_store: stores.Store, people: dict[str, int]) -> None:
    assert both(home_store, ask(people), ask(people)) == "done"
    assert many(home_store, Conversation) == 1


def test_the_tenth_line_is_said_once(home_store: stores.Store, people: dict[str, int]) -> None:
    assert both(home_store, offer(people), offer(people)) == "skills_many"
    assert many(home_store, Skill) == 10


def test_two_clicks_recommend_once(home_store: stores.Store, people: dict[str, int]) -> None:
    assert both(home_store, recommend(people), recommend(people)) == "recommended_already"
    assert many(home_store, Recommendation) == 1
