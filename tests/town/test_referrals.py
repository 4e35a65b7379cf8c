"""A report passed on: both ends meet, nothing of the reporter leaves, and only where reports are exchanged."""

import json
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from federation import charters
from federation.exchange import Offers
from federation.models import Activity, Delivery, DeliveryState
from instance import journal, reports
from instance.audience import Audience
from instance.base import Refused
from instance.evidence import Target
from instance.moderation import Measure, Step
from instance.reports import Report
from instance.residents import Resident, Role
from tests import keys
from tests.town.houses import House, Town
from web.acts import referring
from web.acts.deciding import Verdict
from web.views import referrals

WORDS = "Deux fois la même vente. Merci d'y regarder."
REASON = "Ben pense que c'est une arnaque."


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A town that hangs news of another one, somebody who reports them, and who decides about it."""

    here: House
    there: House
    ben: Resident
    moderator: Resident

    def report(self, title: str) -> Report:
        """Ben reports what hangs here under this title."""
        with self.here.home.write.begin() as session:
            return reports.report(
                session,
                target=Target.NOTICE,
                public_id=self.here.hung(title).public_id,
                reason=REASON,
                by=session.get_one(Resident, self.ben.id),
                reader=self.here.reader(self.ben),
                now=self.here.town.now,
            )

    def decide(self, entry: Report, *, told: str) -> None:
        """The moderator closes the report, and tells the other town."""
        with self.here.home.write.begin() as home, self.here.federation.read() as outside:
            referring.decide(
                home,
                outside=outside,
                entry=home.get_one(Report, entry.id),
                step=Step.DISMISS,
                verdict=Verdict(reason="Vu."),
                told=told,
                by=home.get_one(Resident, self.moderator.id),
                now=self.here.town.now,
            )

    def standing(self, entry: Report) -> tuple[str, str]:
        """How what was passed on stands."""
        with self.here.home.read() as home, self.here.federation.read() as outside:
            told = referrals.of_report(home, outside=outside, entry=home.get_one(Report, entry.id))
            assert told is not None
            return told.state, told.why

    def promise(self, house: House, *, reports_pass: bool) -> None:
        """One of the two says whether reports are exchanged; the other one has read it."""
        other = self.there if house is self.here else self.here
        with house.federation.write.begin() as session:
            charters.promise(
                session, host=other.host, news=True, offers=Offers.ALL, reports=reports_pass, now=house.town.now
            )
        other.add_peer(house)
        other.work_courier()


@pytest.fixture
def scene(town: Town, monkeypatch: pytest.MonkeyPatch) -> Scene:
    keys.install(monkeypatch)
    here, there = town.build("ici"), town.build("labas")
    quarter, other = here.quarter("Le Port"), there.quarter("Le Moulin")
    ben = here.resident("Ben", building=here.building(quarter))
    moderator = here.resident("Modo", building=here.building(quarter, name="Les Acacias"))
    with here.home.write.begin() as session:
        session.get_one(Resident, moderator.id).role = Role.MODERATOR.value
    writer = there.resident("Ana", building=there.building(other))
    committee = there.organisation("ciq_labas", writer=writer)
    town.settle()
    here.add_peer(there)
    there.add_peer(here)
    here.follow(f"{there.origin}/users/ciq_labas")
    town.settle()
    there.publish(committee, writer, "Vente", audience=Audience.NETWORK)
    town.settle()
    return Scene(here=here, there=there, ben=ben, moderator=moderator)


def test_both_ends_meet(scene: Scene, town: Town) -> None:
    entry = scene.report("Vente")
    town.sent.clear()
    scene.decide(entry, told=WORDS)
    assert scene.standing(entry) == ("due", "")
    town.settle()
    (flag,) = [json.loads(one.body) for one in town.sent if one.body]
    article = scene.here.hung("Vente").origin_uri
    author = f"{scene.there.origin}/users/ciq_labas"
    assert (flag["type"], flag["actor"], flag["to"]) == ("Flag", f"{scene.here.origin}/actor", [author])
    assert flag["object"] == [author, article]
    assert flag["content"] == flag["summary"] == WORDS
    assert set(flag) == {"@context", "id", "type", "actor", "to", "object", "content", "summary", "proof"}
    assert scene.standing(entry) == ("sent", "")
    with scene.there.home.read() as session:
        filed = session.scalars(select(Report)).one()
        assert (filed.reporter_host, filed.reporter_id, filed.reason) == (scene.here.host, None, WORDS)
        assert filed.target_id == scene.there.hung("Vente").public_id
    # The words are kept at home; in transit they are forgotten once they arrived.
    with scene.here.federation.read() as session:
        row = session.scalars(select(Activity).where(Activity.type == "Flag")).one()
        assert (row.body, row.blanked) == (b"", True)
    with scene.here.home.read() as session:
        assert {one.step for one in session.scalars(select(Measure))} == {"dismiss", "refer"}
    assert scene.here.door.test_client().get(flag["id"].removeprefix(scene.here.origin)).status_code == 404


def test_nothing_is_told_where_no_reports_are_exchanged(scene: Scene) -> None:
    entry = scene.report("Vente")
    scene.promise(scene.there, reports_pass=False)
    with pytest.raises(Refused, match="town_untold"):
        scene.decide(entry, told=WORDS)
    with scene.here.home.read() as session:
        assert session.get_one(Report, entry.id).closed_at is None
        assert session.scalars(select(Measure)).all() == []


def test_a_charter_signed_meanwhile_keeps_it_here(scene: Scene, town: Town) -> None:
    entry = scene.report("Vente")
    scene.decide(entry, told=WORDS)
    scene.promise(scene.here, reports_pass=False)
    town.settle()
    state, why = scene.standing(entry)
    assert (state, bool(why)) == (journal.Outcome.WITHHOLD, True)
    with scene.here.federation.read() as session:
        assert session.scalars(select(Activity).where(Activity.type == "Flag")).all() == []


def test_what_has_not_arrived_is_given_up_when_a_charter_narrows(scene: Scene, town: Town) -> None:
    entry = scene.report("Vente")
    scene.there.is_up = False
    scene.decide(entry, told=WORDS)
    scene.here.work_home()
    scene.here.work_courier()
    with scene.here.federation.write.begin() as session:
        charters.promise(session, host=scene.there.host, news=True, offers=Offers.ALL, reports=False, now=town.now)
    assert scene.standing(entry)[0] == DeliveryState.ABANDONED
    with scene.here.federation.read() as session:
        assert session.scalars(select(Delivery.state).where(Delivery.state == DeliveryState.DUE)).all() == []
        assert session.scalars(select(Activity.body).where(Activity.type == "Flag")).one() == b""
