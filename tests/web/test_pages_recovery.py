"""A forgotten password and one's e-mail address, as people walk through them: by link, by card, at a counter."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from instance import recovery, residents
from instance.logins import Login
from instance.moderation import Measure
from instance.outgoing import OutgoingMail
from instance.residents import Resident, Role
from tests.web import mail_town, pages_place, pages_town
from tests.web.mail_town import MailTown, visitor
from tests.web.pages_place import Place
from tests.web.pages_town import NOW, PASSWORD, Town, same_answer

ANA, NEW = "ana@courriel.example", "une toute nouvelle phrase"
CODE = re.compile(r'class="keycard__code">([0-9A-Z-]+)<')


@pytest.fixture
def post(tmp_path: Path) -> Iterator[MailTown]:
    with mail_town.usual(tmp_path / "town") as made:
        yield made


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[Town]:
    """The same town without a relay."""
    yield from pages_town.build(tmp_path / "quiet")


def code_on(answer: TestResponse) -> str:
    found = CODE.search(answer.text)
    assert found, answer.text
    return found[1]


def signs_in(client: FlaskClient, login: str, password: str) -> bool:
    return client.post("/sign-in", data={"name": login, "password": password}).status_code == 302


def may_enter(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


# --- by link


def test_a_forgotten_password_is_replaced_by_the_link_of_a_mail(post: MailTown) -> None:
    town = post.town
    post.prove(town.ana, ANA)
    before, stranger = town.browser(town.ana), visitor(town)
    assert may_enter(before)
    assert stranger.post("/recover", data={"name": " Ana "}).location == "/recover/asked"
    (parcel,) = post.deliver()
    path = post.link(parcel)
    for _ in range(2):  # a mail program looks before its owner does
        assert stranger.get(path).status_code == 200
    answer = stranger.post(path, data={"new": "court"})
    assert "at least 8 characters" in answer.text
    assert stranger.post(path, data={"new": NEW}).location == "/sign-in"
    assert not may_enter(before)
    assert not signs_in(stranger, "ana", PASSWORD)
    assert signs_in(stranger, "ana", NEW)
    assert stranger.get(path).status_code == 410
    assert stranger.post(path, data={"new": "encore une autre"}).status_code == 410
    (told,) = post.deliver()
    assert (told.to, told.mail["Subject"].startswith("Your password was changed")) == ([ANA], True)


def test_the_address_opens_as_well_as_the_login_name(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    visitor(post.town).post("/recover", data={"name": ANA.upper()})
    assert len(post.deliver()) == 1


def test_nobody_learns_whether_an_account_exists(post: MailTown) -> None:
    town = post.town
    post.prove(town.ana, ANA)
    answers = {}
    for name in ("ana", ANA, "ben", "nobody-here", "nobody@courriel.example", "' or 1=1"):
        client = visitor(town)
        first = client.post("/recover", data={"name": name})
        answers[name] = (first.status_code, first.location, first.get_data(), client.get("/recover/asked").get_data())
    assert len(set(answers.values())) == 1
    with town.store.read() as session:
        # The page did the same work for each of them: it looked nothing up and wrote one row.
        assert session.query(recovery.RecoveryRequest).count() == len(answers)
        assert session.query(OutgoingMail).count() == 0
    assert len(post.deliver()) == 1  # "ana" and her address are one account: the newer link ends the older
    with town.store.read() as session:
        assert session.query(recovery.RecoveryRequest).count() == 0


def test_a_link_ends_after_an_hour_with_a_newer_one_and_with_another_address(post: MailTown) -> None:
    town, stranger = post.town, visitor(post.town)
    post.prove(town.ana, ANA)
    stranger.post("/recover", data={"name": "ana"})
    first = post.link(post.deliver()[0])
    stranger.post("/recover", data={"name": "ana"})
    second = post.link(post.deliver()[0])
    assert stranger.get(first).status_code == 410
    assert stranger.get(second).status_code == 200
    post.prove(town.ana, "other@courriel.example")
    assert stranger.get(second).status_code == 410
    post.prove(town.ana, ANA)
    assert stranger.get(second).status_code == 200
    post.later(hours=1)
    assert stranger.get(second).status_code == 410


@pytest.mark.parametrize("change", ["last", "first", "short", "long", "purpose"])
def test_a_made_up_link_opens_nothing(post: MailTown, change: str) -> None:
    town, stranger = post.town, visitor(post.town)
    post.prove(town.ana, ANA)
    stranger.post("/recover", data={"name": "ana"})
    path = post.link(post.deliver()[0])
    token = path.rpartition("/")[2]
    other = "0" if token[-1] != "0" else "1"
    made_up = {
        "last": token[:-1] + other,
        "first": ("0" if token[0] != "0" else "1") + token[1:],
        "short": token[:40],
        "long": token + "é",
        "purpose": token,
    }[change]
    if change == "purpose":
        assert stranger.post(f"/mail/confirm/{token}").status_code == 410
    else:
        assert stranger.get(f"/recover/link/{made_up}").status_code == 410
    assert stranger.get(path).status_code == 200


def test_at_most_three_links_an_hour_whatever_is_asked(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    stranger = visitor(post.town)
    for _ in range(6):
        stranger.post("/recover", data={"name": "ana"})
        post.deliver()
    assert len(post.office.received) == 3


def test_a_suspended_account_gets_no_link(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    with post.town.home() as session:
        session.get_one(Resident, post.town.ana.id).state = "suspended"
    visitor(post.town).post("/recover", data={"name": "ana"})
    assert post.deliver() == []


def test_without_a_relay_only_the_card_and_people_are_offered(quiet: Town) -> None:
    page = visitor(quiet).get("/recover").text
    assert "recovery card" in page
    assert 'name="name"' not in page
    assert visitor(quiet).post("/recover", data={"name": "ana"}).status_code == 404
    assert "I forgot my password" in visitor(quiet).get("/sign-in").text


# --- by card


def test_a_card_is_printed_used_once_and_followed_by_the_next(quiet: Town) -> None:
    ana, stranger = quiet.browser(quiet.ana), visitor(quiet)
    # Whoever finds a browser that was left open an hour ago cannot print the key to the account.
    with quiet.store.write.begin() as session:
        for login in session.query(Login):
            login.proved_at -= timedelta(hours=1)
    assert "not your present password" in ana.post("/account/card", data={"present_password": "wrong"}).text
    answer = ana.post("/account/card", data={"present_password": PASSWORD})
    code = code_on(answer)
    assert re.fullmatch(r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", code)
    assert answer.headers["Cache-Control"] == "no-store, private"
    with quiet.store.read() as session:
        row = session.query(recovery.RecoveryCard).one()
        assert code.replace("-", "")[6:] not in repr(vars(row))
    typed = code.lower().replace("-", " ")
    assert "at least 8 characters" in stranger.post("/recover/card", data={"code": typed, "new": "court"}).text
    done = stranger.post("/recover/card", data={"code": typed, "new": NEW})
    assert "the old card is used up" in done.text
    assert may_enter(stranger)
    assert not may_enter(ana)
    again = visitor(quiet).post("/recover/card", data={"code": code, "new": "encore une autre"})
    assert "opens nothing" in again.text
    assert signs_in(visitor(quiet), "ana", NEW)
    assert "used up" in visitor(quiet).post("/recover/card", data={"code": code_on(done), "new": "et une autre"}).text


def test_a_newer_card_ends_the_older(quiet: Town) -> None:
    ana = quiet.browser(quiet.ana)
    first, second = (code_on(ana.post("/account/card", data={"password": PASSWORD})) for _ in range(2))
    for code, sentence in ((first, "opens nothing"), (second, "used up")):
        assert sentence in visitor(quiet).post("/recover/card", data={"code": code, "new": NEW}).text


def test_five_wrong_tries_end_a_card(quiet: Town) -> None:
    code = code_on(quiet.browser(quiet.ana).post("/account/card", data={"password": PASSWORD}))
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    said = [visitor(quiet).post("/recover/card", data={"code": wrong, "new": NEW}).text for _ in range(5)]
    assert ["opens nothing" in page for page in said] == [True] * 5
    assert "opens nothing" in visitor(quiet).post("/recover/card", data={"code": code, "new": NEW}).text


def test_an_unknown_and_an_ended_card_are_answered_alike(quiet: Town) -> None:
    code = code_on(quiet.browser(quiet.ana).post("/account/card", data={"password": PASSWORD}))
    quiet.browser(quiet.ana).post("/account/card", data={"password": PASSWORD})
    ended = visitor(quiet).post("/recover/card", data={"code": code, "new": NEW})
    unknown = visitor(quiet).post("/recover/card", data={"code": "0000-0000-0000-0000", "new": NEW})
    unknown.set_data(unknown.get_data().replace(b"0000-0000-0000-0000", code.encode()))
    same_answer(ended, unknown)


def administrator(town: Town) -> FlaskClient:
    with town.home() as session:
        made = residents.register(
            session,
            login="adele",
            first_name="Adèle",
            last_name="Régie",
            password=PASSWORD,
            email=None,
            locale="en",
            now=NOW,
            role=Role.ADMINISTRATOR,
        )
    return town.browser(made)


def test_an_administrator_prints_a_card_with_a_reason_and_its_owner_is_told(post: MailTown) -> None:
    town = post.town
    post.prove(town.ana, ANA)
    admin, path = administrator(town), f"/admin/accounts/{town.ana.public_id}/card"
    assert f"{path}" in admin.get(f"/admin/accounts/{town.ana.public_id}").text
    assert "Fill in this field" in admin.post(path, data={"reason": " "}).text
    answer = admin.post(path, data={"reason": "Came by with her letterbox key."})
    code = code_on(answer)
    assert "for 14 days" in answer.text
    assert "Inventée" not in answer.text
    with town.store.read() as session:
        measure = session.query(Measure).one()
        assert (measure.step, measure.target) == ("card", f"resident {town.ana.public_id}")
        assert code not in measure.reason
    (told,) = post.deliver()
    assert (told.to, "An administrator of" in told.text) == ([ANA], True)
    assert "used up" in visitor(town).post("/recover/card", data={"code": code, "new": NEW}).text


def test_such_a_card_ends_by_itself_and_is_for_nobody_else_to_print(post: MailTown) -> None:
    town = post.town
    admin, path = administrator(town), f"/admin/accounts/{town.ana.public_id}/card"
    code = code_on(admin.post(path, data={"reason": "At the counter."}))
    post.later(days=14)
    assert "opens nothing" in visitor(town).post("/recover/card", data={"code": code, "new": NEW}).text
    for somebody in (town.ben, town.moderator):
        assert town.browser(somebody).post(path, data={"reason": "x"}).status_code == 404
    with town.store.read() as session:
        adele = residents.by_login(session, login="adele")
        own = f"/admin/accounts/{adele.public_id}/card"
    assert "cannot do this to your own account" in town.browser(adele).post(own, data={"reason": "x"}).text


# --- the frame around it


def test_forms_want_their_token_and_tries_are_limited(place: Place) -> None:
    client = place.browser()
    for _ in range(20):
        answer = pages_place.post(client, "/recover/card", code="AAAA-BBBB-CCCC-DDDD", new=NEW)
        assert answer.status_code == 200
    assert pages_place.post(client, "/recover/card", code="AAAA-BBBB-CCCC-DDDD", new=NEW).status_code == 429
    assert place.browser().post("/recover/card", data={"code": "x", "new": NEW}).status_code == 400


def test_the_pages_of_mail_speak_french(place: Place) -> None:
    client = place.signed_in()
    assert "J’ai oublié mon mot de passe" in place.browser().get("/recover?lang=fr").text
    assert "Imprimer ma carte de secours" in client.get("/account/card").text
    answer = pages_place.post(client, "/account/card", password=pages_place.PASSWORD)
    assert "Carte de secours de Nadia" in answer.text
    assert "http://127.0.0.1:8100/recover/card" in answer.text
