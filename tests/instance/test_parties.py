"""Nobody decides about their own words or their own complaint; roles, screens and books around that."""

import pytest

from instance import (
    assurance,
    comments,
    conversations,
    halls,
    moderation,
    notices,
    organisations,
    reports,
    residents,
    roles,
    suspensions,
)
from instance.assurance import Kind
from instance.audience import Audience
from instance.base import Refused
from instance.evidence import Target
from instance.news import NewsItem
from instance.places import Building
from instance.reports import Report
from instance.residents import Resident, Role
from tests.instance.neighbourhood import Neighbourhood


def test_a_moderator_is_a_party_to_what_they_wrote(town: Neighbourhood) -> None:
    moderator = town.resident(town.lilas, role=Role.MODERATOR)
    notice = town.offer(moderator, Audience.QUARTER)
    for act in (moderation.hide, moderation.restore):
        with pytest.raises(Refused, match="party"):
            act(town.session, notice=notice, reason="x", by=moderator, now=town.now)
    assert moderation.measures(town.session, by=None) == []


def test_a_member_is_a_party_to_the_organisations_news(town: Neighbourhood) -> None:
    moderator = town.resident(town.lilas, role=Role.MODERATOR)
    other = town.resident(town.lilas)
    item = town.post(other, town.organisation(moderator, other), Audience.INSTANCE)
    with pytest.raises(Refused, match="party"):
        moderation.hide(town.session, notice=item, reason="x", by=moderator, now=town.now)


def test_a_moderator_is_a_party_to_their_own_comment(town: Neighbourhood) -> None:
    moderator, editor = town.resident(town.lilas, role=Role.MODERATOR), town.resident(town.lilas)
    item = town.post(editor, town.organisation(editor), Audience.INSTANCE)
    comment = comments.add(town.session, notice=item, by=moderator, body="Oui.", now=town.now)
    with pytest.raises(Refused, match="party"):
        moderation.hide_comment(town.session, comment=comment, reason="x", by=moderator, now=town.now)


def test_whoever_complained_does_not_decide_by_any_way(town: Neighbourhood) -> None:
    moderator, colleague = (town.resident(home, role=Role.MODERATOR) for home in (town.lilas, town.far))
    author = town.resident(town.lilas)
    notice = town.offer(author, Audience.QUARTER)
    entry = reports.report(
        town.session,
        target=Target.NOTICE,
        public_id=notice.public_id,
        reason="Non.",
        by=moderator,
        reader=town.reader(moderator),
        now=town.now,
    )
    assert reports.is_party(town.session, entry=entry, by=moderator)
    assert not reports.is_party(town.session, entry=entry, by=colleague)
    with pytest.raises(Refused, match="party"):
        moderation.dismiss(town.session, entry=entry, reason="x", by=moderator, now=town.now)
    with pytest.raises(Refused, match="party"):
        moderation.hide(town.session, notice=notice, reason="x", by=moderator, now=town.now)
    with pytest.raises(Refused, match="party"):
        suspensions.suspend(town.session, resident=author, reason="x", by=moderator, now=town.now, entry=entry)
    assert notice.is_live
    suspensions.suspend(town.session, resident=author, reason="x", by=colleague, now=town.now, entry=entry)
    assert entry.closed_at == town.now
    assert suspensions.suspended(town.session, by=None) == [author]
    assert moderation.hidden(town.session, by=None) == [notice]


Filed = tuple[Report, Resident, Resident]


def letter(town: Neighbourhood) -> Filed:
    """A private letter that its receiver reported, and the two of the conversation."""
    asker, owner = town.resident(town.tilleuls), town.resident(town.lilas)
    listing = town.offer(owner, Audience.QUARTER)
    talk = conversations.answer(town.session, listing=listing, by=asker, body="Des mots privés.", now=town.now)
    (said,) = conversations.letters_for(town.session, conversation=talk, reader_id=owner.id)
    entry = reports.report(
        town.session,
        target=Target.MESSAGE,
        public_id=said.public_id,
        reason="Il menace.",
        by=owner,
        reader=town.reader(owner),
        now=town.now,
    )
    return entry, asker, owner


def claiming(town: Neighbourhood, building: Building) -> Resident:
    """Somebody who says that they live there, of whom one weaker proof stands: known in the quarter only."""
    somebody = town.resident()
    residents.settle(town.session, resident=somebody, lot=building.lots[1], now=town.now)
    assurance.give(town.session, resident_id=somebody.id, lot_id=building.lots[1].id, kind=Kind.PRESENCE, now=town.now)
    return somebody


@pytest.mark.parametrize("who", ["author", "reporter", "neighbour", "claimed", "home of it", "only said"])
def test_a_party_finds_what_never_was(stored_town: Neighbourhood, who: str) -> None:
    town = stored_town
    entry, asker, owner = letter(town)
    match who:
        case "author":
            judge = asker
        case "reporter":
            judge = owner
        case "neighbour":
            judge = town.resident(town.tilleuls)
        case "claimed":
            judge = claiming(town, town.tilleuls)
        case "home of it":
            judge = claiming(town, town.lilas)
        case _:
            judge = town.resident()
            residents.settle(town.session, resident=judge, lot=town.lilas.lots[1], now=town.now)
    judge.role = Role.MODERATOR.value
    free = town.resident(town.far, role=Role.MODERATOR)
    for now in ("open", "closed"):
        assert reports.open_reports(town.session, by=judge) == [], now
        with pytest.raises(Refused, match="not_found"):
            reports.find_report(town.session, public_id=entry.public_id, by=judge)
        assert not reports.handles(town.session, target=Target.MESSAGE, target_id=entry.target_id, by=judge)
        assert reports.find_report(town.session, public_id=entry.public_id, by=free) is entry
        if now == "open":
            with pytest.raises(Refused, match="party"):
                moderation.dismiss(town.session, entry=entry, reason="x", by=judge, now=town.now)
            assert reports.open_reports(town.session, by=free) == [entry]
            moderation.dismiss(town.session, entry=entry, reason="x", by=free, now=town.now)


def test_a_neighbour_of_whoever_only_says_where_they_live_does_not_decide(town: Neighbourhood) -> None:
    author = claiming(town, town.lilas)
    near, free = (town.resident(home, role=Role.MODERATOR) for home in (town.lilas, town.far))
    notice = town.offer(author, Audience.QUARTER)
    with pytest.raises(Refused, match="party"):
        moderation.hide(town.session, notice=notice, reason="x", by=near, now=town.now)
    moderation.hide(town.session, notice=notice, reason="x", by=free, now=town.now)


def test_what_nobody_may_decide_is_counted_and_nothing_more(town: Neighbourhood) -> None:
    entry, asker, owner = letter(town)
    assert reports.stranded(town.session) == 1, "nobody looks after the board at all"
    asker.role = owner.role = Role.ADMINISTRATOR.value
    assert reports.stranded(town.session) == 1
    free = town.resident(town.far, role=Role.MODERATOR)
    assert reports.stranded(town.session) == 0
    moderation.dismiss(town.session, entry=entry, reason="x", by=free, now=town.now)
    free.role = Role.RESIDENT.value
    assert reports.stranded(town.session) == 0


def test_who_wrote_what_was_reported(town: Neighbourhood) -> None:
    author = town.resident(town.lilas)
    notice = town.offer(author, Audience.QUARTER)
    assert reports.author_of(town.session, target=Target.NOTICE, public_id=notice.public_id) is author
    assert reports.host_of(town.session, target=Target.NOTICE, public_id=notice.public_id) is None
    assert reports.author_of(town.session, target=Target.MESSAGE, public_id=notice.public_id) is None


def test_roles_are_given_by_administrators_and_never_to_themselves(town: Neighbourhood) -> None:
    administrator = town.resident(town.lilas, role=Role.ADMINISTRATOR)
    somebody = town.resident(town.lilas)
    roles.give(town.session, resident=somebody, role=Role.MODERATOR, by=administrator)
    assert somebody.is_moderator
    with pytest.raises(Refused, match="not_administrator"):
        roles.give(town.session, resident=administrator, role=Role.RESIDENT, by=somebody)
    with pytest.raises(Refused, match="not_yourself"):
        roles.give(town.session, resident=administrator, role=Role.RESIDENT, by=administrator)
    assert administrator.is_administrator


def test_accounts_come_by_login_name(town: Neighbourhood) -> None:
    for name in ("Clara", "Alba", "Bruno"):
        town.resident(town.lilas, name=name)
    assert [one.login for one in roles.accounts(town.session)] == ["alba", "bruno", "clara"]
    assert [one.login for one in roles.accounts(town.session, after="alba", limit=1)] == ["bruno"]
    assert roles.count(town.session) == 3


def test_the_first_pane_bears_the_name_of_whoever_answers_even_when_it_is_empty(town: Neighbourhood) -> None:
    assert halls.of_building(town.session, building=town.lilas).installer_name is None
    found = town.organisation(name="Bâtisseurs Fictifs")
    organisations.answer_for(town.session, building=town.lilas, organisation=found)
    wall = halls.of_building(town.session, building=town.lilas)
    assert (wall.installer_name, list(wall.installer)) == ("Bâtisseurs Fictifs", [])
    organisations.answer_for(town.session, building=town.lilas, organisation=None)
    assert halls.of_building(town.session, building=town.lilas).installer_name is None


def test_the_towns_of_which_something_hangs(town: Neighbourhood) -> None:
    origin = notices.Origin(
        uri="https://a.example/1",
        actor_uri="https://a.example/a",
        name="A",
        host="a.example",
        url=None,
        updated=town.now,
    )
    from_there = notices.welcome(town.session, notice=town_news(), origin=origin, html="<p>x</p>", now=town.now)
    assert moderation.hosts_shown(town.session) == {"a.example"}
    moderation.forget_host(town.session, host="a.example", now=town.now)
    assert moderation.hosts_shown(town.session) == set()
    assert from_there.state == notices.State.HIDDEN


def town_news() -> notices.Notice:
    return NewsItem(title="Fête", summary="Samedi.", language="fr")
