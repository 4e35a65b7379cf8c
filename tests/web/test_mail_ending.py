"""The mail of the day before, and its links: each does one thing without signing in, and opens nothing else."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from instance import endings, mailboxes, notices, recommendations, rings
from instance.audience import Audience
from instance.listings import Listing
from instance.needs import Need
from instance.notices import State
from instance.recommendations import Recommendation
from instance.residents import Resident
from instance.residents import State as Standing
from instance.rings import Pace
from tests.web import mail_town, pages_town
from tests.web.mail_town import MailTown, visitor
from tests.web.pages_town import NOW, ORIGIN
from tests.web.post_office import Parcel
from web.frame import context
from web.mail.links import Act, act_on
from web.settings import Settings

ANA = "ana@courriel.example"
TITLE = "Une perceuse"


@pytest.fixture
def post(tmp_path: Path) -> Iterator[MailTown]:
    with mail_town.usual(tmp_path / "town") as made:
        made.prove(made.town.ana, ANA)
        yield made


def ask(post: MailTown, audience: Audience = Audience.QUARTER, need: Need = Need.TOOL) -> Listing:
    with post.town.home() as session:
        return rings.ask(
            session, by=session.get_one(Resident, post.town.ana.id), title=TITLE, body="x", audience=audience,
            need=need, pace=Pace.AT_ONCE, now=post.moment,
        )  # fmt: skip


def remind(post: MailTown) -> list[Parcel]:
    """What the home worker does each hour, then a round."""
    with post.town.home() as session:
        endings.remind(session, now=post.moment)
    return post.deliver()


def links(parcel: Parcel) -> dict[str, str]:
    """The paths of its links by what they do."""
    found = re.findall(rf"{re.escape(ORIGIN)}(/notices/\S+/(renew|close|edit)/\S+)", parcel.text)
    return {act: path for path, act in found}


def kept(post: MailTown) -> Listing:
    with post.town.store.read() as session:
        return session.scalars(select(Listing)).one()


def told(post: MailTown, audience: Audience = Audience.QUARTER) -> dict[str, str]:
    """A request, and the links of the mail that says that it ends tomorrow."""
    ask(post, audience)
    post.later(days=6)
    (parcel,) = remind(post)
    return links(parcel)


def test_it_comes_once_in_the_morning_of_the_day_before(post: MailTown) -> None:
    ask(post)
    post.later(days=5, hours=23)
    assert remind(post) == []
    post.later(hours=1)
    (parcel,) = remind(post)
    assert (parcel.to, "“Une perceuse” comes down tomorrow." in parcel.text) == ([ANA], True)
    assert set(links(parcel)) == {"renew", "close", "edit"}
    for _ in range(3):
        post.later(hours=1)
        assert remind(post) == []


def test_what_hangs_in_a_building_is_not_named(post: MailTown) -> None:
    ask(post, Audience.BUILDING)
    post.later(days=6)
    (parcel,) = remind(post)
    assert "A notice of yours in your building comes down tomorrow." in parcel.text
    assert TITLE not in str(parcel.text) + str(parcel.html)


def test_nobody_is_told_who_does_not_wish_it_or_asked_for_tonight(post: MailTown) -> None:
    ask(post, need=Need.INGREDIENT)
    post.later(hours=3)
    assert remind(post) == []
    with post.town.home() as session:
        ana = session.get_one(Resident, post.town.ana.id)
        mailboxes.hear_answers(session, resident=ana, wanted=False)
        rings.ask(
            session, by=ana, title=TITLE, body="x", audience=Audience.QUARTER, need=Need.TOOL, pace=Pace.AT_ONCE,
            now=post.moment,
        )  # fmt: skip
    post.later(days=6)
    assert remind(post) == []


def test_a_mail_that_waited_too_long_says_today_or_nothing(post: MailTown) -> None:
    ask(post)
    post.later(days=6, hours=12)  # 22 o'clock in town
    assert remind(post) == []
    post.later(hours=10)
    (parcel,) = post.deliver()
    assert "comes down today" in parcel.text
    ask(post)
    post.later(days=6, hours=4)
    with post.town.home() as session:
        endings.remind(session, now=post.moment)
        for one in session.scalars(select(Listing).where(Listing.state == State.LIVE.value)):
            notices.withdraw(session, notice=one, by=session.get_one(Resident, post.town.ana.id), now=post.moment)
    assert post.deliver() == []


def test_looking_does_nothing_and_the_button_renews_once(post: MailTown) -> None:
    path, stranger = told(post)["renew"], visitor(post.town)
    page = stranger.get(path)
    assert (page.status_code, "It would hang until" in page.text, TITLE in page.text) == (200, True, False)
    assert kept(post).expires_at == NOW + timedelta(days=7)
    assert "hangs longer now" in stranger.post(path).text
    assert (kept(post).expires_at, kept(post).version) == (post.moment + timedelta(days=7), 2)
    assert (stranger.post(path).status_code, stranger.get(path).status_code) == (410, 410)
    assert kept(post).version == 2


def test_the_button_takes_it_down_once(post: MailTown) -> None:
    both, stranger = told(post), visitor(post.town)
    assert stranger.get(both["close"]).status_code == 200
    assert kept(post).is_live
    assert "is taken down" in stranger.post(both["close"]).text
    assert kept(post).state == State.WITHDRAWN
    for path in both.values():
        assert (stranger.get(path).status_code, stranger.post(path).status_code) == (410, 410)
    assert kept(post).version == 2


def test_a_link_opens_nothing_else(post: MailTown) -> None:
    both, stranger = told(post), visitor(post.town)
    notice = kept(post).public_id
    seals = {act: path.rsplit("/", 1)[1] for act, path in both.items()}
    swapped = [f"/notices/{notice}/{act}/{seals[other]}" for act in seals for other in seals if act != other]
    for path in (*swapped, f"/notices/{post.town.ana.public_id}/close/{seals['close']}"):
        assert (stranger.get(path).status_code, stranger.post(path).status_code) == (410, 410)
    stranger.get(both["close"])
    assert stranger.get(f"/notices/{notice}").status_code == 404
    assert stranger.get("/mine").status_code == 302
    assert kept(post).version == 1


def test_a_dead_link_is_the_page_of_a_link_that_never_was(post: MailTown) -> None:
    both, stranger = told(post), visitor(post.town)
    with post.town.home() as session:
        one = session.scalars(select(Listing)).one()
        notices.edit(session, notice=one, by=one.author, title="Autre", body="mot", now=post.moment)
    for path in both.values():
        never = path.replace(str(kept(post).public_id), "00000000-0000-4000-8000-000000000000")
        for method in ("GET", "POST"):
            dead, nowhere = (stranger.open(one, method=method) for one in (path, never))
            pages_town.same_answer(dead, nowhere)
            assert dead.status_code == 410


def test_the_links_of_a_suspended_account_are_dead(post: MailTown) -> None:
    path = told(post)["renew"]
    with post.town.home() as session:
        session.get_one(Resident, post.town.ana.id).state = Standing.SUSPENDED.value
    assert visitor(post.town).post(path).status_code == 410
    assert kept(post).version == 1


WORDS = {"title": "Une perceuse à percussion", "body": "Pour un mur."}


@pytest.mark.parametrize("audience", [Audience.BUILDING, Audience.QUARTER, Audience.INSTANCE])
def test_the_words_are_shown_and_changed_once_and_nothing_else(post: MailTown, audience: Audience) -> None:
    path, stranger = told(post, audience)["edit"], visitor(post.town)
    before, page = kept(post), stranger.get(path)
    assert (page.status_code, TITLE in page.text, page.headers["Cache-Control"]) == (200, True, "no-store, private")
    assert kept(post).version == 1
    wrong = stranger.post(path, data={**WORDS, "title": ""})
    assert ("Fill in this field" in wrong.text, kept(post).title) == (True, TITLE)
    assert "120" in stranger.post(path, data={**WORDS, "title": "x" * 121}).text
    assert kept(post).version == 1
    more = {"audience": "network", "building": "", "expires_at": "", "byline": "Ana"}
    assert "is on the board" in stranger.post(path, data={**WORDS, **more}).text
    after = kept(post)
    assert (after.title, after.body, after.version) == (*WORDS.values(), 2)
    assert (after.audience, after.building_id) == (audience, before.building_id)
    assert (after.expires_at, after.author_id, after.byline) == (before.expires_at, before.author_id, before.byline)
    assert (stranger.get(path).status_code, stranger.post(path, data=WORDS).status_code) == (410, 410)
    assert stranger.get("/mine").status_code == 302, "nobody is signed in by it"


def test_what_leaves_town_is_looked_at_before_it_changes(post: MailTown) -> None:
    made = post.town.listing(by=post.town.ana, audience=Audience.NETWORK, title=TITLE)
    settings: Settings = post.town.app.extensions[context.SETTINGS]
    path = act_on(settings, act=Act.EDIT, notice=made).removeprefix(settings.origin)
    stranger = visitor(post.town)
    page = stranger.post(path, data=WORDS)
    assert ("This leaves town" in page.text, WORDS["title"] in page.text, kept(post).title) == (True, True, TITLE)
    assert page.headers["Cache-Control"] == "no-store, private"
    assert WORDS["title"] in stranger.post(path, data={**WORDS, "step": "edit"}).text
    assert kept(post).version == 1
    assert "is on the board" in stranger.post(path, data={**WORDS, "step": "publish"}).text
    assert (kept(post).title, kept(post).audience) == (WORDS["title"], Audience.NETWORK)


def test_words_sent_after_somebody_was_faster_change_nothing(post: MailTown) -> None:
    path, stranger = told(post)["edit"], visitor(post.town)
    with post.town.home() as session:
        one = session.scalars(select(Listing)).one()
        notices.edit(session, notice=one, by=one.author, title="Autre", body="mot", now=post.moment)
    assert stranger.post(path, data=WORDS).status_code == 410
    assert kept(post).title == "Autre"


def recommend(post: MailTown, name: str) -> None:
    typed = {"trade": "plumber", "phone": "", "site": "", "done": "Une fuite."}
    with post.town.home() as session:
        recommendations.write(
            session, by=session.get_one(Resident, post.town.ana.id), words=recommendations.read(name=name, **typed),
            audience=Audience.INSTANCE, building=None, now=post.moment,
        )  # fmt: skip


def test_a_recommendation_that_ends_is_told_once_a_week_before_and_not_named(post: MailTown) -> None:
    recommend(post, "Ô Robinet")
    post.later(days=723 - 1 / 24)
    assert remind(post) == []
    post.later(hours=1)
    (parcel,) = remind(post)
    assert (parcel.to, "A recommendation of yours ends" in parcel.text) == ([ANA], True)
    assert f"{ORIGIN}/neighbours/craftsmen/mine" in parcel.text
    assert "Robinet" not in str(parcel)
    post.later(days=1)
    assert remind(post) == []


def test_a_recommendation_taken_away_meanwhile_is_not_told_of(post: MailTown) -> None:
    recommend(post, "Ô Robinet")
    post.later(days=724)
    with post.town.home() as session:
        endings.remind(session, now=post.moment)
        row = session.scalars(select(Recommendation)).one()
        recommendations.take_away(session, row=row, by=row.author)
    assert post.deliver() == []
