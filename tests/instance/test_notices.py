"""The board: publishing to an audience that is always said, changing, narrowing, taking down."""

import contextlib
import importlib
import inspect
import pkgutil
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

import instance
from instance import boards, journal, listings, news, notices, organisations
from instance.audience import Audience, Reader
from instance.base import Refused
from instance.journal import Change
from instance.listings import Direction, Listing
from instance.notices import State
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, Neighbourhood

DOMAIN = [importlib.import_module(found.name) for found in pkgutil.iter_modules(instance.__path__, "instance.")]


def versions(town: Neighbourhood, notice: notices.Notice) -> list[int]:
    wanted = select(Change.version).where(Change.subject_id == notice.public_id).order_by(Change.id)
    return list(town.session.scalars(wanted))


def test_no_audience_has_a_default_anywhere() -> None:
    asked = 0
    for module in DOMAIN:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            parameter = inspect.signature(function).parameters.get("audience")
            if parameter is None:
                continue
            asked += 1
            assert parameter.default is inspect.Parameter.empty, f"{module.__name__}.{name}"
            if not name.startswith("_") and module.__name__ != "instance.audience" and name != "place":
                assert parameter.kind is inspect.Parameter.KEYWORD_ONLY, f"{module.__name__}.{name}"
    assert asked > 8
    for column in ("reach", "circle", "reached_network"):
        assert notices.Notice.__table__.c[column].default is None
        assert notices.Notice.__table__.c[column].server_default is None
        assert not notices.Notice.__table__.c[column].nullable


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("direction", Direction)
def test_a_listing_hangs_where_its_author_said(town: Neighbourhood, audience: Audience, direction: Direction) -> None:
    ines = town.resident(town.lilas)
    listing = {Direction.OFFER: listings.offer, Direction.REQUEST: listings.request}[direction](
        town.session, by=ines, title=" Une \n échelle ", body="x\r\ny", audience=audience, now=NOW, byline=" I.  E. "
    )
    assert (listing.title, listing.body, listing.direction) == ("Une échelle", "x\ny", direction)
    assert listing.audience is audience
    assert listing.circle == {
        Audience.BUILDING: f"building:{town.lilas.id}",
        Audience.QUARTER: f"quarter:{town.north.id}",
    }.get(audience, "instance")
    assert listing.building is (town.lilas if audience is Audience.BUILDING else None)
    assert listing.byline == ("I. E." if audience is Audience.NETWORK else None), "kept only where it is read"
    assert listing.reached_network is (audience is Audience.NETWORK)
    assert listing.expires_at == NOW + timedelta(days=90 if direction is Direction.OFFER else 30)
    assert versions(town, listing) == [1]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"title": " "}, "missing", "title"),
        ({"title": "x" * 121}, "too_long", "title"),
        ({"body": "\n"}, "missing", "body"),
        ({"body": "x" * 10_001}, "too_long", "body"),
        ({"audience": Audience.NETWORK, "byline": " "}, "byline_missing", "byline"),
        ({"audience": Audience.NETWORK, "byline": "x" * 61}, "too_long", "byline"),
    ],
)
def test_a_refused_listing_leaves_no_trace(
    town: Neighbourhood, given: dict[str, object], code: str, field: str
) -> None:
    ines = town.resident(town.lilas)
    with pytest.raises(Refused) as refused:
        listings.offer(
            town.session,
            **{"by": ines, "title": "x", "body": "y", "audience": Audience.BUILDING, "now": NOW, **given},
        )
    assert (refused.value.code, refused.value.field) == (code, field)
    town.session.flush()
    assert town.session.scalars(select(Change)).all() == []
    assert boards.of_author(town.session, author=ines) == []


@pytest.mark.parametrize("audience", Audience)
def test_nobody_hangs_a_slip_on_somebody_else_s_board(town: Neighbourhood, audience: Audience) -> None:
    homeless, ines, two = town.resident(), town.resident(town.lilas), town.resident(town.lilas, town.far)
    for by, building, code in (
        (homeless, None, "no_home"),
        (homeless, town.lilas, "no_home"),
        (ines, town.tilleuls, "place_missing"),
        (two, None, "place_missing"),
        (two, town.tilleuls, "place_missing"),
    ):
        with pytest.raises(Refused, match=code):
            town.offer(by, audience, building=building)
    listing = town.offer(two, audience, building=town.far)
    assert listing.quarter is town.south


def test_editing_counts_up_and_is_journaled(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    listing = town.offer(ines, Audience.BUILDING)
    notices.edit(town.session, notice=listing, by=ines, title="Deux", body="**Deux** échelles", now=town.later(hours=1))
    assert (listing.title, listing.version, listing.updated_at) == ("Deux", 2, town.now)
    assert "<strong>Deux</strong>" in listing.html
    for by, words, code in (
        (zoe, ("x", "y"), "not_yours"),
        (ines, ("", "y"), "missing"),
        (ines, ("x", " "), "missing"),
    ):
        with pytest.raises(Refused, match=code):
            notices.edit(town.session, notice=listing, by=by, title=words[0], body=words[1], now=NOW)
    assert (listing.title, listing.version) == ("Deux", 2), "what is refused changes nothing"
    assert versions(town, listing) == [1, 2]


def test_what_was_taken_down_is_changed_no_more(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    listing = town.offer(ines, Audience.QUARTER)
    with pytest.raises(Refused, match="not_yours"):
        notices.withdraw(town.session, notice=listing, by=zoe, now=NOW)
    notices.withdraw(town.session, notice=listing, by=ines, now=NOW)
    assert (listing.state, listing.version) == (State.WITHDRAWN, 2)
    for act in (
        lambda: notices.withdraw(town.session, notice=listing, by=ines, now=NOW),
        lambda: notices.edit(town.session, notice=listing, by=ines, title="x", body="y", now=NOW),
        lambda: listings.narrow(town.session, listing=listing, by=ines, audience=Audience.BUILDING, now=NOW),
    ):
        with pytest.raises(Refused, match="not_live"):
            act()
    assert versions(town, listing) == [1, 2]


@pytest.mark.parametrize("before", Audience)
@pytest.mark.parametrize("after", Audience)
def test_narrowing_only_ever_narrows(town: Neighbourhood, before: Audience, after: Audience) -> None:
    ines = town.resident(town.lilas)
    listing = town.offer(ines, before)
    if after >= before:
        with pytest.raises(Refused) as refused:
            listings.narrow(town.session, listing=listing, by=ines, audience=after, now=NOW)
        assert (refused.value.code, refused.value.field) == ("not_narrower", "audience")
        assert (listing.audience, listing.version) == (before, 1)
        return
    listings.narrow(town.session, listing=listing, by=ines, audience=after, now=NOW)
    assert (listing.audience, listing.version) == (after, 2)
    assert (
        listing.circle
        == {
            Audience.BUILDING: f"building:{town.lilas.id}",
            Audience.QUARTER: f"quarter:{town.north.id}",
            Audience.INSTANCE: "instance",
        }[after]
    )
    assert listing.reached_network is (before is Audience.NETWORK), "it must still be told outside"
    assert listing.byline is None, "nobody beyond the city reads it any more"
    assert versions(town, listing) == [1, 2]


@pytest.mark.parametrize("audience", [Audience.INSTANCE, Audience.QUARTER])
def test_somebody_with_two_homes_or_none_left_can_still_narrow(town: Neighbourhood, audience: Audience) -> None:
    two = town.resident(town.lilas, town.far)
    listing = town.offer(two, Audience.NETWORK, building=town.far)
    if audience is Audience.QUARTER:
        for home in two.homes:
            town.session.delete(home)
        town.session.flush()
    listings.narrow(town.session, listing=listing, by=two, audience=audience, now=NOW)
    assert listing.audience is audience
    assert listing.quarter is town.south, "where it hung already"


def test_with_two_homes_the_building_is_said(town: Neighbourhood) -> None:
    two = town.resident(town.lilas, town.far)
    listing = town.offer(two, Audience.QUARTER, building=town.far)
    for wrong in (None, town.tilleuls):
        with pytest.raises(Refused, match="place_missing"):
            listings.narrow(town.session, listing=listing, by=two, audience=Audience.BUILDING, building=wrong, now=NOW)
    listings.narrow(town.session, listing=listing, by=two, audience=Audience.BUILDING, building=town.far, now=NOW)
    assert listing.circle == f"building:{town.far.id}"


def test_time_takes_notices_down(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    first = town.offer(ines, Audience.BUILDING)
    town.later(days=1)
    second = town.offer(ines, Audience.BUILDING)
    committee = town.organisation(ines)
    item = town.post(ines, committee, Audience.INSTANCE)
    assert notices.expire(town.session, now=first.expires_at - timedelta(seconds=1)) == 0
    assert notices.expire(town.session, now=first.expires_at) == 1
    assert (first.state, first.version, second.state, item.state) == (State.EXPIRED, 2, State.LIVE, State.LIVE)
    assert notices.expire(town.session, now=first.expires_at) == 0
    assert versions(town, first) == [1, 2]


def test_never_was_and_not_yours_are_the_same_answer(town: Neighbourhood) -> None:
    ines, far = town.resident(town.lilas), town.resident(town.far)
    slips = {audience: town.offer(ines, audience) for audience in Audience}
    readers = {"near": town.reader(ines), "far": town.reader(far), "visitor": Reader()}
    found = {name: set() for name in readers}
    for name, reader in readers.items():
        for audience, slip in slips.items():
            with contextlib.suppress(Refused):
                found[name].add(notices.find(town.session, public_id=slip.public_id, reader=reader).audience)
            assert audience is slip.audience
        with pytest.raises(Refused, match="not_found"):
            notices.find(town.session, public_id=uuid.uuid4(), reader=reader)
    assert found == {
        "near": set(Audience),
        "far": {Audience.INSTANCE, Audience.NETWORK},
        "visitor": {Audience.NETWORK},
    }


def test_its_writer_finds_a_notice_after_it_came_down_but_not_when_hidden(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    listing = town.offer(ines, Audience.BUILDING)
    for state, writer_finds in ((State.WITHDRAWN, True), (State.EXPIRED, True), (State.HIDDEN, False)):
        listing.state = state.value
        for somebody, finds in ((ines, writer_finds), (zoe, False)):
            try:
                notices.find(town.session, public_id=listing.public_id, reader=town.reader(somebody))
            except Refused:
                assert not finds
            else:
                assert finds


def test_whoever_left_an_organisation_finds_its_drawers_closed(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.far)
    committee = town.organisation(ines, zoe)
    item = town.post(ines, committee, Audience.INSTANCE)
    notices.withdraw(town.session, notice=item, by=ines, now=NOW)
    organisations.remove_member(town.session, organisation=committee, resident=ines)
    assert notices.find(town.session, public_id=item.public_id, reader=town.reader(zoe)) is item
    with pytest.raises(Refused, match="not_found"):
        notices.find(town.session, public_id=item.public_id, reader=town.reader(ines))


def test_a_notice_from_elsewhere_hangs_is_updated_and_goes(stored_town: Neighbourhood) -> None:
    town = stored_town

    def welcome(title: str, **more: object) -> notices.Notice:
        return news.welcome(
            town.session,
            origin=neighbourhood.origin(**more),
            title=title,
            summary="bref",
            html=f"<p>{title}</p><script>x</script>",
            language="fr-FR",
            now=NOW,
        )

    item = welcome("Un")
    assert (item.audience, item.circle, item.state) == (Audience.INSTANCE, "instance", State.LIVE)
    assert (item.html, item.body, item.reached_network, item.language) == ("<p>Un</p>", "Un", False, "fr-FR")
    assert welcome("Même instant").title == "Un"
    assert welcome("Plus vieux", updated=NOW - timedelta(hours=1)).title == "Un"
    assert welcome("Deux", updated=NOW + timedelta(hours=1)) is item
    assert (item.title, item.version, item.body) == ("Deux", 2, "Deux")
    with pytest.raises(Refused, match="stranger"):
        welcome("Faux", actor_uri="https://ailleurs.example/users/autre", updated=NOW + timedelta(hours=2))
    with pytest.raises(Refused, match="stranger"):
        notices.farewell(town.session, uri=item.origin_uri, actor_host="evil.example", now=NOW)
    assert notices.farewell(town.session, uri="https://x.example/", actor_host="x.example", now=NOW) is None
    for _ in range(2):
        notices.farewell(town.session, uri=item.origin_uri, actor_host="ailleurs.example", now=NOW)
        assert (item.state, item.title, item.body, item.html) == (State.WITHDRAWN, "", "", "")
    assert welcome("Revenant", updated=NOW + timedelta(days=1)).title == "", "gone stays gone"
    assert town.session.scalars(select(Change)).all() == [], "what came from outside never leaves again"
    ines = town.resident(town.lilas)
    with pytest.raises(Refused, match="not_yours"):
        notices.edit(town.session, notice=item, by=ines, title="x", body="y", now=NOW)


def test_news_that_was_taken_down_loses_its_summary_too(town: Neighbourhood) -> None:
    item = news.welcome(
        town.session,
        origin=neighbourhood.origin(),
        title="t",
        summary="des mots",
        html="<p>x</p>",
        language="fr",
        now=NOW,
    )
    notices.farewell(town.session, uri=item.origin_uri, actor_host="ailleurs.example", now=NOW)
    assert item.summary == ""


def test_the_public_page_shows_ours_for_everybody_only(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    committee = town.organisation(ines)
    ours = town.post(ines, committee, Audience.NETWORK)
    town.post(ines, committee, Audience.INSTANCE)
    theirs = listings.welcome(
        town.session,
        origin=neighbourhood.origin(),
        direction=Direction.OFFER,
        title="Ailleurs",
        html="<p>x</p>",
        language="fr",
        now=NOW,
    )
    assert news.public(town.session) == [ours]
    assert news.public(town.session, organisation=committee) == [ours]
    assert boards.from_actors(town.session, actor_uris=[theirs.origin_actor]) == [theirs]
    assert boards.from_actors(town.session, actor_uris=[]) == []
    assert isinstance(theirs, Listing)


def test_one_verdict_for_one_change(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    for _ in range(3):
        town.offer(ines, Audience.BUILDING)
    first, second, third = journal.unjudged(town.session)
    for why in ("audience building", "another word"):
        journal.conclude(town.session, change=second, outcome=journal.Outcome.WITHHOLD, why=why, now=NOW)
    assert second.verdict.why == "audience building"
    assert journal.unjudged(town.session) == [first, third], "a later one judged first hides nothing"
    assert journal.unjudged(town.session, limit=1) == [first]
    journal.conclude(town.session, change=first, outcome=journal.Outcome.WITHHOLD, why="x" * 999, now=NOW)
    assert len(first.verdict.why) == 200
    assert journal.latest(town.session, limit=2) == [third, second]
