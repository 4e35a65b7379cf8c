"""Photographs of how a lent thing was: put alone or with a step, seen by two, and by who decides on a report."""

import io
import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from instance import conditions, conversations, forgetting, hours, listings, loans, pictures, reports
from instance.audience import Audience
from instance.conditions import Condition
from instance.evidence import Target
from instance.lending import State
from instance.listings import Listing
from instance.loans import Loan
from instance.residents import Resident
from instance.thanks import Thanks
from tests.web import pages_town
from tests.web.pages_town import NOW, Town, same_answer
from tests.web.pictures import WRONG, jpeg, send

pytestmark = pytest.mark.sqlite
NEVER = "8b2f6a0e-0f0f-4f0f-8f0f-0f0f0f0f0f0f"
WORDS = "Une rayure au couvercle"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


@pytest.fixture
def path(town: Town) -> str:
    """Ana has promised a ladder to Ben; the page of the loan."""
    with town.home() as session:
        ana, ben = (session.get_one(Resident, one.id) for one in (town.ana, town.ben))
        words = {"title": "Une grande échelle", "body": "Quatre mètres.", "audience": Audience.BUILDING}
        ladder = listings.offer(session, by=ana, now=NOW, **words)
        talk = conversations.answer(session, listing=ladder, by=ben, body="Bonjour", now=NOW)
        pickup = NOW + timedelta(days=1)
        terms = {"pickup_at": pickup, "due_on": hours.town_day(pickup), "place": ""}
        loan = loans.ask(session, conversation=talk, by=ben, now=NOW, **terms)
        loans.agree(session, loan=loan, by=ana, terms=1, now=NOW)
        return f"/loans/{loan.public_id}"


def put(client: FlaskClient, path: str, step: str, *, data: bytes | None = None, words: str = WORDS) -> TestResponse:
    sent = {"words": words, "step": step, "file": jpeg(data, "IMG_2041 chez moi.jpg")}
    return send(client, f"{path}/photos", sent)


def shots(town: Town) -> list[Condition]:
    with town.store.read() as session:
        return list(session.scalars(select(Condition).order_by(Condition.id)))


def state(town: Town) -> str:
    with town.store.read() as session:
        return session.scalars(select(Loan.state)).one()


def files(town: Town) -> int:
    root = town.app.extensions["palier_settings"].home_data / conditions.FOLDER
    return sum(one.is_file() for one in root.rglob("*"))


def buttons(client: FlaskClient, path: str) -> list[str]:
    return re.findall(r'name="step" value="([\w-]+)"', client.get(f"{path}/photos").text)


def test_a_photo_is_put_with_each_step_and_read_by_both(town: Town, path: str) -> None:
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    assert f'href="{path}/photos"' in ana.get(path).text
    for who, step, after in (
        (ana, "hand-over", "lent"),
        (ben, "give-back", "given_back"),
        (ana, "confirm", "returned"),
    ):
        assert step in buttons(who, path)
        answer = put(who, path, step, words=f"{WORDS} {step}")
        assert (answer.status_code, state(town)) == (302, after), answer.text
    assert [(one.side, one.moment) for one in shots(town)] == [
        ("lender", "before"),
        ("borrower", "after"),
        ("lender", "after"),
    ]
    for who in (ana, ben):
        page = who.get(path).text
        for shot in shots(town):
            assert f"/conditions/{shot.public_id}?size=small" in page
            assert shot.words is not None
            assert shot.words in page
            picture = who.get(f"/conditions/{shot.public_id}")
            assert picture.headers["Content-Type"] == "image/jpeg"
            assert picture.headers["Cache-Control"] == "private, no-cache"
            assert Image.open(io.BytesIO(picture.data)).size == (800, 600)
            assert Image.open(io.BytesIO(who.get(f"/conditions/{shot.public_id}?size=small").data)).size[0] == 400
        assert "IMG_2041" not in page
        assert f"{path}/photos" not in page, "it is over"


def test_a_photo_is_put_alone(town: Town, path: str) -> None:
    ben = town.browser(town.ben)
    assert buttons(ben, path) == ["before", "hand-over"]
    assert put(ben, path, "before", words="").status_code == 302
    assert state(town) == State.AGREED
    assert 'alt="The thing as it was handed over"' in town.browser(town.ana).get(path).text
    put(town.browser(town.ana), path, "hand-over")
    assert buttons(ben, path) == ["before", "after", "give-back"]
    assert buttons(town.browser(town.ana), path) == ["before", "after", "confirm"]


@pytest.mark.parametrize(("data", "said"), [(b"", "Fill in this field."), *WRONG])
def test_of_a_wrong_picture_nothing_happens_and_the_words_are_kept(
    town: Town, path: str, data: bytes, said: str
) -> None:
    answer = put(town.browser(town.ana), path, "hand-over", data=data)
    assert answer.status_code == 200
    assert said in answer.text
    assert 'href="#file"' in answer.text
    assert f'value="{WORDS}"' in answer.text
    assert (state(town), shots(town), files(town)) == (State.AGREED, [], 0)


def test_a_step_that_was_overtaken_leaves_no_photo(town: Town, path: str) -> None:
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    put(ana, path, "hand-over")
    for who, step in ((ben, "confirm"), (ana, "give-back"), (ana, "hand-over"), (ben, "hand-over")):
        answer = put(who, path, step)
        assert "changed meanwhile" in answer.text, step
    assert (state(town), len(shots(town))) == (State.LENT, 1)
    assert ben.post(f"{path}/photos", data={"step": "agree"}).status_code == 400


def test_four_are_too_many_and_long_words_are_refused_before_a_picture_is_drawn(
    town: Town, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = town.browser(town.ana)
    for _ in range(3):
        assert put(ana, path, "before").status_code == 302
    drawn = []
    monkeypatch.setattr(pictures, "draw", drawn.append)
    assert "three photos of yours" in put(ana, path, "before").text
    assert 'href="#words"' in put(town.browser(town.ben), path, "before", words="x" * 121).text
    assert drawn == []


def test_a_file_of_more_than_fifteen_megabytes_is_refused_and_the_words_are_kept(town: Town, path: str) -> None:
    ana = town.browser(town.ana)
    answer = put(ana, path, "hand-over", data=b"x" * (pictures.LARGEST_FILE + 100_000), words="Une rayure")
    assert "This picture is too large" in answer.text
    assert "Une rayure" in answer.text
    assert state(town) == State.AGREED


def test_one_s_own_is_taken_away_until_its_step_is_past(town: Town, path: str) -> None:
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    put(ana, path, "before")
    (shot,) = shots(town)
    remove = f"/conditions/{shot.public_id}/remove"
    assert remove in ana.get(f"{path}/photos").text
    assert remove not in ben.get(f"{path}/photos").text
    assert ben.post(remove).status_code == 404
    assert ana.post(remove).status_code == 302
    assert (shots(town), files(town)) == ([], 0)
    put(ana, path, "before")
    ben.post(f"{path}/hand-over")
    (shot,) = shots(town)
    remove = f"/conditions/{shot.public_id}/remove"
    assert remove not in ana.get(f"{path}/photos").text
    assert "This photo stays" in ana.post(remove).text
    assert (len(shots(town)), files(town)) == (1, 2)


def test_to_all_others_it_never_was(town: Town, path: str) -> None:
    put(town.browser(town.ana), path, "hand-over")
    (shot,) = shots(town)
    for who in (town.cleo, town.moderator, town.editor, None):
        client = town.browser(who) if who else town.visitor()
        for address in ("/conditions/{}", "/conditions/{}?size=small"):
            is_there, was_never = client.get(address.format(shot.public_id)), client.get(address.format(NEVER))
            same_answer(is_there, was_never)
            assert is_there.status_code == (404 if who else 302)
        same_answer(client.post(f"/conditions/{shot.public_id}/remove"), client.post(f"/conditions/{NEVER}/remove"))
        for method in (client.get, client.post):
            same_answer(method(f"{path}/photos"), method(f"/loans/{NEVER}/photos"))
    assert len(shots(town)) == 1


def _entry(town: Town, target: Target) -> uuid.UUID:
    with town.store.read() as session:
        (entry,) = reports.open_reports(session, by=None)
        assert entry.target == target
        return entry.public_id


def test_a_reported_loan_shows_them_to_whoever_decides_as_long_as_that_is_open(town: Town, path: str) -> None:
    put(town.browser(town.ana), path, "hand-over")
    (shot,) = shots(town)
    picture, ben, maud = f"/conditions/{shot.public_id}", town.browser(town.ben), town.browser(town.moderator)
    assert f"{path}".replace("/loans/", "/report/loan/") in ben.get(path).text
    report = path.replace("/loans/", "/report/loan/")
    assert "sees the photos of this loan" in ben.get(report).text
    assert maud.get(picture).status_code == 404
    assert ben.post(report, data={"reason": "La photo montre mon salon."}).status_code == 302
    page = f"/moderation/reports/{_entry(town, Target.LOAN)}"
    assert f"{picture}?size=small" in maud.get(page).text
    assert maud.get(picture).status_code == 200
    assert "Hide it" not in maud.get(page).text
    assert town.browser(town.cleo).get(picture).status_code == 404
    assert maud.post(f"{picture}/remove").status_code == 404
    assert maud.get(path).status_code == 404
    with town.home() as session:
        # Whoever has a part in it, and whoever looks after another quarter, does not decide about it.
        session.get_one(Resident, town.moderator.id).desk_quarter_id = town.far_quarter.id
    assert maud.get(picture).status_code == 404
    with town.home() as session:
        session.get_one(Resident, town.moderator.id).desk_quarter_id = None
    warned = maud.post(page, data={"step": "warn", "reason": "Pas de salon.", "rule": "privacy"})
    assert warned.status_code == 302, warned.text
    assert maud.get(picture).status_code == 404
    assert picture not in maud.get(page).text
    assert "Pas de salon." in town.browser(town.ana).get("/account/decisions").text
    assert "a loan between two neighbours" in maud.get("/moderation").text


def test_a_moderator_who_lives_there_does_not_see_them(town: Town, path: str) -> None:
    put(town.browser(town.ana), path, "hand-over")
    (shot,) = shots(town)
    with town.home() as session:
        session.get_one(Resident, town.moderator.id).role = "resident"
        session.get_one(Resident, town.ben.id).role = "moderator"
        session.get_one(Resident, town.cleo.id).role = "moderator"
    town.browser(town.ana).post(path.replace("/loans/", "/report/loan/"), data={"reason": "Il insiste."})
    page = f"/moderation/reports/{_entry(town, Target.LOAN)}"
    assert f"/conditions/{shot.public_id}" in town.browser(town.cleo).get(page).text
    assert f"/conditions/{shot.public_id}" not in town.browser(town.ben).get(page).text


def test_thanks_are_reported_by_whom_they_were_said_to(town: Town, path: str) -> None:
    ana, ben, maud = (town.browser(one) for one in (town.ana, town.ben, town.moderator))
    for who, step in ((ana, "hand-over"), (ana, "confirm")):
        who.post(f"{path}/{step}")
    for who, words in ((ben, "Votre échelle est nulle"), (ana, "Merci à vous")):
        assert who.post(f"{path}/thanks", data={"words": words}).status_code == 302
    with town.store.read() as session:
        bens = session.scalars(select(Thanks.public_id).where(Thanks.side == "borrower")).one()
    link = f"/report/thanks/{bens}"
    assert link in ana.get(path).text
    assert link not in ben.get(path).text
    assert "Votre échelle est nulle" in ana.get(link).text
    for who in (ben, town.browser(town.cleo), maud):
        same_answer(who.get(link), who.get(f"/report/thanks/{NEVER}"))
    assert ana.post(link, data={"reason": "Ce n’est pas un merci."}).status_code == 302
    page = f"/moderation/reports/{_entry(town, Target.THANKS)}"
    shown = maud.get(page).text
    assert "Votre échelle est nulle" in shown
    assert "Merci à vous" not in shown
    warned = maud.post(page, data={"step": "warn", "reason": "Restez courtois.", "rule": "respect"})
    assert warned.status_code == 302, warned.text
    told = ben.get("/account/decisions").text
    assert "Restez courtois." in told
    assert "your thanks after a loan" in told
    assert "Restez courtois." not in ana.get("/account/decisions").text


def test_they_go_with_the_loan(town: Town, path: str) -> None:
    ana = town.browser(town.ana)
    put(ana, path, "hand-over")
    ana.post(f"{path}/confirm")
    (shot,) = shots(town)
    for days, there in ((29, 200), (31, 404)):
        with town.home() as session:
            forgetting.forget_spent(session, now=NOW + timedelta(days=days))
        assert town.browser(town.ana).get(f"/conditions/{shot.public_id}").status_code == there


def test_the_board_and_the_notice_show_none_of_it(town: Town, path: str) -> None:
    put(town.browser(town.ana), path, "hand-over")
    (shot,) = shots(town)
    with town.store.read() as session:
        notice = f"/notices/{session.scalars(select(Listing)).one().public_id}"
    for who in (town.ana, town.ben):
        for page in ("/", notice, "/loans", "/conversations"):
            assert str(shot.public_id) not in town.browser(who).get(page).text
