"""Somebody elsewhere asks to quote: the text says who may, a yes is a document, and it is gone when the text is."""

from typing import Any

import pytest
from sqlalchemy import func, select

from activitypub import codec
from activitypub.vocabulary import Accept, QuoteRequest, Reject
from federation import delivery, identity, quotes
from federation.models import Document
from instance import notices
from instance.audience import Audience
from tests.town import test_schema
from tests.town.houses import House, Town

AS2 = {"Accept": "application/activity+json"}


def ask(house: House, *, uri: str, quote: str, number: int = 1) -> None:
    """Somebody of this town quotes."""
    me = f"{house.origin}/users/instance"
    asked = QuoteRequest(id=f"{house.origin}/quotes/{number}", actor=me, object=uri, instrument=quote)
    with house.federation.write.begin() as session:
        row = delivery.write(session, word=asked, actor_username=identity.DESK, now=house.town.now)
        inbox = f"{uri.split('/users/', maxsplit=1)[0]}/inbox"
        delivery.post(session, activity=row, inboxes=[inbox], object_uri=asked.id, now=house.town.now)
    house.town.settle()


def answers(town: Town) -> list[Any]:
    words = [codec.read_word(codec.load(one.body)) for one in town.sent if one.method == "POST"]
    return [one for one in words if isinstance(one, Accept | Reject) and "/quotes/" in str(one.object)]


def show(house: House, uri: str) -> tuple[int, dict[str, Any]]:
    answer = house.door.test_client().get(uri.removeprefix(house.origin), headers=AS2)
    shown = dict(codec.load(answer.data))
    test_schema.check(shown)
    return answer.status_code, shown


def test_news_may_be_quoted_as_long_as_they_hang(town: Town) -> None:
    here, there = town.build("marseille"), town.build("barnabe")
    quarter = here.quarter("Saint Julien")
    odile = here.resident("Odile", building=here.building(quarter))
    ciq = here.organisation("ciq", writer=odile, quarter=quarter)
    item = here.publish(ciq, odile, "Fête", audience=Audience.NETWORK)
    town.settle()
    uri, quote = f"{here.origin}/users/ciq/articles/{item.public_id}", f"{there.origin}/posts/1"

    ask(there, uri=uri, quote=quote)
    ask(there, uri=uri, quote=quote, number=2)
    first, second = answers(town)
    assert isinstance(first, Accept)
    assert (first.actor, first.object) == (f"{here.origin}/users/ciq", f"{there.origin}/quotes/1")
    assert second.result == first.result
    status, shown = show(here, str(first.result))
    assert (status, shown["type"], shown["attributedTo"]) == (200, "QuoteAuthorization", f"{here.origin}/users/ciq")
    assert (shown["interactingObject"], shown["interactionTarget"]) == (quote, uri)
    assert "asks to quote; told that they may" in [one.sentence for one in here.letters()]
    with here.federation.read() as session:
        kept = session.scalar(select(func.count()).select_from(Document).where(Document.type == quotes.TYPE))
    assert kept == 1

    here.do(notices.withdraw, notice=item, by=odile)
    town.settle()
    status, shown = show(here, str(first.result))
    assert (status, shown["formerType"]) == (410, quotes.TYPE)
    ask(there, uri=uri, quote=f"{there.origin}/posts/2", number=3)
    assert len(answers(town)) == 2


def test_an_offer_is_quoted_by_nobody_and_nobody_quotes_for_others(town: Town) -> None:
    here, there = town.build("marseille"), town.build("barnabe")
    quarter = here.quarter("Saint Julien")
    odile = here.resident("Odile", building=here.building(quarter))
    ciq = here.organisation("ciq", writer=odile, quarter=quarter)
    item = here.publish(ciq, odile, "Fête", audience=Audience.NETWORK)
    offer = here.offer(odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    news, listing = (
        f"{here.origin}/users/ciq/articles/{item.public_id}",
        f"{here.origin}/users/instance/items/{offer.public_id}",
    )
    ask(there, uri=listing, quote=f"{there.origin}/posts/1")
    ask(there, uri=news, quote="https://elsewhere.example/posts/1", number=2)
    assert [type(one) for one in answers(town)] == [Reject, Reject]
    with here.federation.read() as session:
        assert session.scalar(select(Document.id).where(Document.type == quotes.TYPE)) is None


def test_a_text_says_yes_so_often_and_no_more(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotes, "MOST", 1)
    here, there = town.build("marseille"), town.build("barnabe")
    quarter = here.quarter("Saint Julien")
    odile = here.resident("Odile", building=here.building(quarter))
    ciq = here.organisation("ciq", writer=odile, quarter=quarter)
    item = here.publish(ciq, odile, "Fête", audience=Audience.NETWORK)
    town.settle()
    for number in (1, 2):
        ask(
            there,
            uri=f"{here.origin}/users/ciq/articles/{item.public_id}",
            quote=f"{there.origin}/posts/{number}",
            number=number,
        )
    assert [type(one) for one in answers(town)] == [Accept, Reject]
