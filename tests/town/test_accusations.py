"""Reports from other towns: about what hangs, about a letter they were sent, about whoever of us they name."""

import uuid

import pytest

from activitypub.vocabulary import Flag
from federation import addresses, delivery
from instance import conversations, reports
from instance.audience import Audience
from instance.evidence import THIS_TOWN, Target
from instance.reports import Report
from instance.residents import Resident, Role
from tests.town.houses import House, Town
from tests.town.test_crossing import Neighbours, two

__all__ = ["two"]


def accuse(town: Town, by: House, *, of: House, uris: list[str]) -> str:
    """The application of a town reports, straight into another town's inbox; what became of it."""
    flag = Flag(
        id=f"{by.origin}/actor/flags/{uuid.uuid4()}", actor=f"{by.origin}/actor", object=tuple(uris), content="Insulte."
    )
    with by.federation.write.begin() as session:
        row = delivery.write(session, word=flag, actor_username="palier", now=town.now)
        delivery.post(session, activity=row, inboxes=[f"{of.origin}/inbox"], object_uri=flag.id, now=town.now)
    town.settle()
    return of.letters()[-1].sentence


def open_reports(house: House) -> list[Report]:
    with house.home.read() as session:
        return list(reports.open_reports(session, by=None))


def kinds(house: House) -> list[tuple[str, uuid.UUID]]:
    return [(one.target, one.target_id) for one in open_reports(house)]


def test_an_organisation_alone_is_a_report_to_look_at(town: Town, two: Neighbours) -> None:
    here = two.marseille
    uri = f"{here.origin}/users/{two.ciq.slug}"
    for _ in range(2):  # a second open report of the same adds nothing
        assert accuse(town, two.barnabe, of=here, uris=[uri]) == "1 reports filed"
    (entry,) = open_reports(here)
    assert (entry.target, entry.target_id) == (Target.ORGANISATION, two.ciq.public_id)
    assert (entry.author_name, entry.reason, entry.reporter_host) == (two.ciq.name, "Insulte.", two.barnabe.host)
    # Whoever writes for it has a part in it.
    with here.home.read() as session:
        found = reports.matter(session, target=Target.ORGANISATION, target_id=two.ciq.public_id)
        assert found.resident_ids == {two.odile.id}


@pytest.mark.parametrize("path", ["/actor", "/users/instance", "/users/saint_julien"])
def test_whoever_is_nobody_in_particular_is_this_town(town: Town, two: Neighbours, path: str) -> None:
    assert accuse(town, two.barnabe, of=two.marseille, uris=[f"{two.marseille.origin}{path}"]) == "1 reports filed"
    assert kinds(two.marseille) == [(Target.TOWN, THIS_TOWN)]


def test_a_text_is_reported_and_not_its_author_beside_it(town: Town, two: Neighbours) -> None:
    here = two.marseille
    drill = here.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    uris = [f"{here.origin}/users/instance", addresses.listing(here.origin, drill.public_id)]
    assert accuse(town, two.barnabe, of=here, uris=uris) == "1 reports filed"
    assert kinds(here) == [(Target.NOTICE, drill.public_id)]


def test_a_letter_is_reported_by_the_town_it_went_to_and_by_no_other(town: Town, two: Neighbours) -> None:
    here, there, third = two.marseille, two.barnabe, town.build("allauch")
    here.offer(two.odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    there.do(conversations.answer, listing=there.hung("Perceuse"), by=two.camille, body="Bonjour.", byline="Camille")
    town.settle()
    (begun,) = there.conversations()
    uri = addresses.letter(there.origin, begun.messages[0].public_id)
    assert accuse(town, third, of=there, uris=[uri]) == "0 reports filed"
    assert accuse(town, here, of=there, uris=[f"{there.origin}/users/instance", uri]) == "1 reports filed"
    assert kinds(there) == [(Target.MESSAGE, begun.messages[0].public_id)]
    # A letter that came in is not ours.
    assert accuse(town, there, of=here, uris=[uri, f"{here.origin}/users/instance/letters/{uuid.uuid4()}"]) == (
        "0 reports filed"
    )


def test_what_is_not_ours_is_nothing(town: Town, two: Neighbours) -> None:
    uris = ["https://dead.example/users/instance", f"{two.marseille.origin}/notices", two.marseille.origin]
    assert accuse(town, two.barnabe, of=two.marseille, uris=uris) == "0 reports filed"
    assert kinds(two.marseille) == []


def test_a_moderator_reads_such_reports_and_closes_them(town: Town, two: Neighbours) -> None:
    here = two.marseille
    moderator = here.resident("Modo", building=here.building(two.quarter, name="Les Acacias"))
    with here.home.write.begin() as session:
        session.get_one(Resident, moderator.id).role = Role.MODERATOR.value
    for path in ("/users/instance", f"/users/{two.ciq.slug}"):
        accuse(town, two.barnabe, of=here, uris=[f"{here.origin}{path}"])
    desk = here.browser(moderator)
    for entry, words in zip(open_reports(here), ("Cette ville", "Organisation"), strict=True):
        assert words in desk.get("/moderation").text
        page = f"/moderation/reports/{entry.public_id}"
        read = desk.get(page).text
        assert words in read
        assert two.barnabe.host in read
        assert 'value="hide"' not in read
        assert desk.post(page, data={"step": "dismiss", "reason": "Rien à redire."}).status_code == 302
    assert open_reports(here) == []
