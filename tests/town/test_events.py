"""News with a date between two towns: it hangs there with its date, and whoever means to come is forgotten."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub import codec
from activitypub.details import EventStatus, Place, PostalAddress
from activitypub.vocabulary import PUBLIC, Create, Event, Ignore, Join
from federation import delivery, erasures, identity
from federation.hatch import handlers, pinning
from federation.models import Delivery
from instance import news, notices
from instance.audience import Audience
from instance.happenings import Happening
from instance.news import NewsItem
from tests.town.houses import House, Town
from tests.town.test_shown import NOW, WHO, incoming


def hung(house: House) -> NewsItem:
    found = house.hung("Fête")
    assert isinstance(found, NewsItem)
    return found


def table_of(house: House) -> str:
    """Everything that the federation side of a town remembers."""
    with house.federation.read() as session:
        return "".join(str(session.execute(select(one)).all()) for one in Delivery.metadata.sorted_tables)


def test_a_date_goes_across_is_moved_answered_and_taken_back(town: Town) -> None:
    here, there = town.build("marseille"), town.build("barnabe")
    quarter = here.quarter("Saint Julien")
    odile = here.resident("Odile", building=here.building(quarter))
    ciq = here.organisation("ciq", writer=odile, quarter=quarter)
    amis = there.organisation("amis", writer=there.resident("Camille", building=there.building(there.quarter("Nord"))))
    town.settle()
    there.follow(f"{here.origin}/users/ciq", own_username=amis.slug)
    town.settle()
    begins = town.now.replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=30)
    when = Happening(begins=begins, ends=begins + timedelta(hours=2), place="Place des Essais")
    party = here.publish(ciq, odile, "Fête", audience=Audience.NETWORK, happening=when)
    town.settle()

    # The date and the words, and not the line that says the date to software without events.
    assert (hung(there).happening, hung(there).summary) == (when, "Fête en bref.")
    assert hung(there).html == "<p>Fête, en détail.</p>\n"
    uri = f"{here.origin}/users/ciq/events/{party.public_id}"
    assert hung(there).origin_uri == uri

    later = Happening(begins=begins + timedelta(days=1))
    words: dict[str, Any] = {"title": "Fête", "summary": "Remise.", "body": "x", "happening": later}
    town.pass_time(hours=1)
    here.do(
        lambda session, *, item, by, now: news.edit(session, item=item, by=by, now=now, **words), item=party, by=odile
    )
    town.settle()
    assert (hung(there).happening, hung(there).summary) == (later, "Remise.")

    _join(there, uri=uri)
    town.settle()
    answers = [codec.read_activity(codec.load(one.body)) for one in town.sent if b'"Ignore"' in one.body]
    assert [(type(one), one.actor) for one in answers] == [(Ignore, f"{here.origin}/users/ciq")]
    assert "wants to take part; told that nobody counts" in [one.sentence for one in here.letters()]
    assert "participation" not in table_of(here)
    assert not [one for one in here.letters() if one.type == "Join" and one.actor_uri]

    here.do(news.call_off, item=party, by=odile)
    town.settle()
    # It hangs on there, too, and the words that say so to software without events are not said twice.
    assert hung(there).happening == replace(later, called_off=True)
    assert (hung(there).summary, "Annulé" in hung(there).html) == ("Remise.", False)
    there_said = [codec.load(one.body) for one in town.sent if "Annulé. ".encode() in one.body]
    assert {one["object"].get("status") for one in there_said if one["type"] == "Update"} == {"CANCELLED"}

    here.do(notices.withdraw, notice=party, by=odile)
    town.settle()
    assert (hung_state(there), there.titles()) == ("withdrawn", set())
    with here.federation.read() as session:
        kept = erasures.kept(session)
    assert [(one.notice, one.is_event) for one in kept] == [(party.public_id, True)]
    assert erasures.read(erasures.write(kept)) == kept
    gone = here.door.test_client().get(uri.removeprefix(here.origin), headers={"Accept": "application/activity+json"})
    assert (gone.status_code, codec.load(gone.data)["formerType"]) == (410, "Event")


def hung_state(house: House) -> str:
    """What became of the one notice of a town."""
    with house.home.read() as session:
        return session.scalars(select(notices.Notice.state)).one()


def _join(house: House, *, uri: str) -> None:
    """Somebody of this town says that they will come."""
    me = f"{house.origin}/users/instance"
    asked = Join(id=f"{house.origin}/participation/1", actor=me, object=uri)
    with house.federation.write.begin() as session:
        row = delivery.write(session, word=asked, actor_username=identity.DESK, now=house.town.now)
        inbox = f"{uri.split('/users/', maxsplit=1)[0]}/inbox"
        delivery.post(session, activity=row, inboxes=[inbox], object_uri=asked.id, now=house.town.now)


# --- events as other software writes them


def event(**more: Any) -> Event:
    given: dict[str, Any] = {
        "name": "Vide-grenier",
        "content": "<p>Le texte.</p>",
        "to": (PUBLIC,),
        "start": NOW,
        **more,
    }
    return Event(id="https://la.example/1", attributed_to=WHO, **given)


def pinned(session: Session, thing: Event) -> NewsItem:
    letter = incoming(thing)
    assert handlers.HANDLERS[(Create, Event)](session, letter) == pinning.HANGS
    return session.scalars(select(NewsItem)).one()


def test_an_event_of_mobilizon_hangs_with_its_date_and_place(home_session: Session) -> None:
    address = PostalAddress(street="3 rue des Essais", postal_code="13007", locality="Marseille", country="FR")
    where = Place(name="Salle des fêtes", address=address)
    item = pinned(home_session, event(end=NOW + timedelta(hours=2), location=where, timezone="Europe/Paris"))
    assert item.happening == Happening(
        begins=NOW, ends=NOW + timedelta(hours=2), place="Salle des fêtes, 3 rue des Essais, 13007 Marseille"
    )
    assert (item.title, item.summary, item.html) == ("Vide-grenier", "Le texte.", "<p>Le texte.</p>")
    handlers.HANDLERS[(Create, Event)](
        home_session, incoming(event(status=EventStatus.CANCELLED, updated=NOW + timedelta(days=1)))
    )
    assert item.called_off


@pytest.mark.parametrize(
    ("thing", "kept"),
    [
        (event(end=NOW), Happening(begins=NOW)),
        (event(end=NOW.replace(year=9999)), Happening(begins=NOW)),
        (event(start=NOW.replace(year=9999)), None),
        (event(start=NOW.replace(year=1), timezone="Europe/Paris"), None),
        (event(timezone="../../etc/passwd"), Happening(begins=NOW)),
        (event(location=Place(name="\u202e" + "x" * 300)), Happening(begins=NOW, place="x" * 119 + "…")),
        (event(name="\u2800"), Happening(begins=NOW)),
    ],
)
def test_what_no_clock_or_line_can_hold_is_left_out(
    home_session: Session, thing: Event, kept: Happening | None
) -> None:
    item = pinned(home_session, thing)
    assert item.happening == kept
    assert item.title
