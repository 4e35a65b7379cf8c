"""A town that was down for a while: whether the others tried again or gave up, it has everything, and nothing twice."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from federation import approvals
from federation.absences import Heartbeat, Reading
from federation.models import Delivery, DeliveryState
from federation.neighbours import Admission
from instance import notices
from instance.audience import Audience
from instance.notices import Notice
from tests.town.houses import House, Town


def give_up(house: House) -> None:
    """What hosts do that try for minutes, or once."""
    with house.federation.write.begin() as session:
        session.execute(
            update(Delivery).where(Delivery.state != DeliveryState.SENT).values(state=DeliveryState.ABANDONED)
        )


def hanging(house: House) -> Counter[str]:
    with house.home.read() as session:
        return Counter(session.scalars(select(Notice.title).where(Notice.state == "live")))


@pytest.mark.parametrize("others", ["gave up", "try again"])
def test_a_town_that_was_down_has_everything_and_nothing_twice(town: Town, others: str) -> None:
    marseille, barnabe = town.build("marseille"), town.build("barnabe")
    quarter = marseille.quarter("Saint Julien")
    odile = marseille.resident("Odile", building=marseille.building(quarter))
    ciq = marseille.organisation("ciq_julien", writer=odile, quarter=quarter)
    town.settle()
    for name in ("saint_julien", "instance", "ciq_julien"):
        barnabe.follow(f"{marseille.origin}/users/{name}")
    barnabe.wake()
    town.settle()
    before = marseille.publish(ciq, odile, "Avant", audience=Audience.NETWORK)
    town.settle()
    assert hanging(barnabe) == Counter(["Avant"])

    barnabe.is_up = False
    town.pass_time(minutes=30)
    marseille.publish(ciq, odile, "Fête", audience=Audience.NETWORK)
    marseille.offer(odile, "Perceuse", audience=Audience.NETWORK)
    marseille.offer(odile, "Escabeau", audience=Audience.BUILDING)
    town.settle()
    town.pass_time(hours=20)
    marseille.do(notices.edit, notice=before, by=odile, title="Avant, corrigé", body="Autrement.")
    taken_back = marseille.publish(ciq, odile, "Erreur", audience=Audience.NETWORK)
    town.settle()
    marseille.do(notices.withdraw, notice=taken_back, by=odile)
    town.settle()
    if others == "gave up":
        give_up(marseille)

    barnabe.is_up = True
    town.pass_time(hours=3)
    assert barnabe.wake() == 3
    town.settle()
    assert hanging(barnabe) == Counter(["Avant, corrigé", "Fête", "Perceuse"])
    with barnabe.federation.read() as session:
        assert session.scalars(select(Reading.last_error)).all() == [None, None, None]
        heart = session.scalars(select(Heartbeat)).one()
    assert (heart.away_since, heart.back_at) == (heart.away_since, town.now)
    count, letters = len(barnabe.letters()), hanging(barnabe)
    town.pass_time(hours=1)
    barnabe.wake()
    town.settle()
    assert (len(barnabe.letters()), hanging(barnabe)) == (count, letters), "a second absence brings nothing again"


def test_a_new_follow_brings_what_was_there(town: Town) -> None:
    marseille, barnabe = town.build("marseille"), town.build("barnabe")
    quarter = marseille.quarter("Saint Julien")
    odile = marseille.resident("Odile", building=marseille.building(quarter))
    ciq = marseille.organisation("ciq_julien", writer=odile, quarter=quarter)
    for number in range(7):
        marseille.publish(ciq, odile, f"Nouvelle {number}", audience=Audience.NETWORK)
        town.settle()
        town.pass_time(hours=1)
    barnabe.follow(f"{marseille.origin}/users/ciq_julien")
    town.settle()
    assert hanging(barnabe) == Counter(f"Nouvelle {number}" for number in (2, 3, 4, 5, 6))


@pytest.mark.parametrize("careful", [False, True])
def test_what_comes_before_the_yes_to_our_follow_is_not_lost(town: Town, careful: bool) -> None:
    """Letters about different things may overtake each other; whoever asked to follow already wants to read."""
    marseille, barnabe = town.build("marseille"), town.build("barnabe")
    odile = marseille.resident("Odile", building=marseille.building(marseille.quarter("Saint Julien")))
    ciq = marseille.organisation("ciq_julien", writer=odile)
    for house in (marseille, barnabe) if careful else (marseille,):
        with house.federation.write.begin() as session:
            approvals.admit(session, admission=Admission.APPROVAL, now=town.now)
    town.settle()
    barnabe.follow(f"{marseille.origin}/users/ciq_julien")
    town.settle()
    with marseille.federation.write.begin() as session:
        approvals.approve(session, host=barnabe.host, now=town.now)
        yes = session.scalars(select(Delivery).order_by(Delivery.id.desc())).first()
        assert yes is not None
        yes.due_at = town.now + timedelta(minutes=5)
    marseille.publish(ciq, odile, "Fête", audience=Audience.NETWORK)
    town.settle()
    assert hanging(barnabe) == Counter(["Fête"])
    town.pass_time(minutes=10)
    town.settle()
    assert hanging(barnabe) == Counter(["Fête"])
    assert [one.type for one in barnabe.letters()] == ["Create", "Accept"]
