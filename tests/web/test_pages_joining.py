"""Joining on the pages: with less than a letter, on paper alone, and what each level reads."""

import io
import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pypdf
import pytest
from flask.testing import FlaskClient

from instance import assurance, halls, presence, residents
from instance.audience import Audience
from instance.places import Building
from instance.residents import Resident, Role, State
from tests.web import pages_town
from tests.web.pages_town import NOW, Town
from web.frame import context
from web.settings import Settings

pytestmark = pytest.mark.sqlite

PASSWORD = "une autre phrase"
# What is new each time a page or a sheet is made: codes, as they are spaced on paper, too, and tokens of forms.
CHANCE = re.compile(
    r"(?:[0-9A-Z] ?){4} ?- ?(?:[0-9A-Z] ?){4} ?- ?(?:[0-9A-Z] ?){4}"
    r"|(?<=name=\"csrf_token\" value=\")[^\"]+|(?<=nonce=\")[^\"]+"
)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def settings(town: Town) -> Settings:
    found: Settings = town.app.extensions[context.SETTINGS]
    return found


def say(client: FlaskClient, path: str, **data: str) -> str:
    return client.post(path, data=data, follow_redirects=True).text


def newcomer(town: Town, login: str = "nour") -> FlaskClient:
    """Somebody who signed up without a letter, in their browser."""
    client = town.visitor()
    client.get("/join?lang=en")
    page = say(
        client,
        "/join/without-letter",
        first_name="Nour",
        last_name="Nouvelle",
        login=login,
        password=PASSWORD,
        email="",
    )
    assert "How you are known here" in page
    assert "Not checked yet" in page
    return client


def wall_code(town: Town, building: Building) -> str:
    key = context.hall_key(settings(town))
    return presence.code(key=key, building=building.public_id, window=presence.window(town.moment[0]))


def hung(town: Town) -> dict[Audience, str]:
    """A notice of Ana's for each audience; their paths."""
    return {one: f"/notices/{town.listing(by=town.ana, audience=one).public_id}" for one in Audience}


def reads(client: FlaskClient, notices: dict[Audience, str]) -> set[Audience]:
    return {one for one, path in notices.items() if client.get(path).status_code == 200}


def word_of(client: FlaskClient, lot: str = "3") -> str:
    page = say(client, "/account/known/word", **{"word-lot": lot})
    found = re.search(r"<code>([0-9A-Z]{6})</code>", page)
    assert found, page
    return found[1]


def vouch(client: FlaskClient, word: str) -> str:
    assert "Is this your neighbour?" in say(client, "/neighbours/vouch", word=word)
    return say(client, "/neighbours/vouch", word=word, step="confirm")


def test_each_level_reads_its_circles(town: Town) -> None:
    notices = hung(town)
    with town.home() as session:
        halls.install(session, building=session.get_one(Building, town.building.id), now=NOW)
    nour = newcomer(town)
    assert reads(nour, notices) == {Audience.NETWORK}
    assert "The board opens when it is known where you live" in nour.get("/").text
    done = say(nour, "/account/known/hall", **{"hall-code": wall_code(town, town.building), "hall-lot": "3"})
    assert "Known in the quarter" in done
    assert reads(nour, notices) == {Audience.NETWORK, Audience.INSTANCE, Audience.QUARTER}
    assert "you answer for your neighbour" in vouch(town.browser(town.ana), word_of(nour))
    assert reads(nour, notices) == set(Audience)
    assert "Known in the building" in nour.get("/account/known").text


def test_an_account_alone_answers_nobody(town: Town) -> None:
    notices = hung(town)
    nour = newcomer(town)
    path = notices[Audience.NETWORK]
    page = nour.post(f"{path}/answer", data={"body": "Moi, volontiers."})
    assert "not known yet where you live" in page.text
    assert "Moi, volontiers." in page.text, "what was typed is kept"
    assert "No letters yet" in town.browser(town.ana).get("/conversations").text


def test_two_neighbours_open_the_building_and_one_closes_it(town: Town) -> None:
    notices, nour = hung(town), newcomer(town)
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    word = word_of(nour)
    for neighbour in (ana, ben):
        page = say(neighbour, "/neighbours/vouch", word=f" {word[:3].lower()} {word[3:]}")
        assert "Nour N." in page
        assert "Nouvelle" not in page, "a first name and an initial"
        assert "lot 3" in page
        say(neighbour, "/neighbours/vouch", word=word, step="confirm")
    assert reads(nour, notices) == set(Audience)
    known = ana.get("/account/known").text
    assert "Answer for Nour N. no more" in known
    (path,) = set(re.findall(r"/neighbours/vouches/[0-9a-f-]{36}/take-back", known))
    assert ben.post(path).status_code == 404
    assert town.visitor().post(path).status_code == 302
    assert "You no longer answer" in say(ana, path)
    assert reads(nour, notices) == {Audience.NETWORK, Audience.INSTANCE, Audience.QUARTER}
    page = nour.get("/account/known").text
    assert "counts no more since" in page
    assert "Ana" not in page.split("<main")[1], "who took it back is not said"


def test_who_may_not_vouch_learns_nothing_of_a_word(town: Town) -> None:
    nour, other = newcomer(town), newcomer(town, "noe")
    word = word_of(nour)
    is_there, was_never = (say(other, "/neighbours/vouch", word=one) for one in (word, "ZZZZZZ"))
    assert "Only who opened their letterbox" in is_there
    assert is_there.replace(word, "ZZZZZZ") == was_never


def test_words_and_codes_that_open_nothing_keep_what_was_typed(town: Town) -> None:
    ana = town.browser(town.ana)
    page = say(ana, "/neighbours/vouch", word="ABCDEF")
    assert "This word opens nothing" in page
    assert 'value="ABCDEF"' in page
    page = say(ana, "/account/known/hall", **{"hall-code": "K7QF 93MX", "hall-lot": "12"})
    assert "No wall shows this code now" in page
    assert 'value="K7QF 93MX"' in page
    assert 'value="12"' in page
    assert "This code opens nothing" in say(ana, "/account/known/letter", **{"letter-code": "K7QF-93MX-2TWC"})
    assert "Fill in this field" in say(ana, "/account/known/word", **{"word-lot": ""})


def test_the_wall_shows_a_code_that_works(town: Town) -> None:
    with town.home() as session:
        _, key = halls.install(session, building=session.get_one(Building, town.building.id), now=NOW)
    shown = town.visitor().get(f"/hall/{key}").text
    found = re.search(r'hall__entry.*?<b translate="no">([0-9A-Z]{4} [0-9A-Z]{4})</b>', shown, re.DOTALL)
    assert found
    nour = newcomer(town)
    assert "Known in the quarter" in say(nour, "/account/known/hall", **{"hall-code": found[1], "hall-lot": "3"})
    town.moment[0] += timedelta(minutes=10)
    assert found[1] not in town.visitor().get(f"/hall/{key}").text


def test_a_letter_opens_a_second_home(town: Town) -> None:
    admin = administrator(town)
    ana = town.browser(town.ana)
    code = letter(town, admin, lot="2", building=town.far_building)
    assert "is open to you" in say(ana, "/account/known/letter", **{"letter-code": code})
    assert "La Vigie, lot 2" in ana.get("/account/known").text
    assert "This code opens nothing" in say(ana, "/account/known/letter", **{"letter-code": code}), "works once"
    with town.store.read() as session:
        found = residents.buildings_of(session, resident=session.get_one(Resident, town.ana.id))
        assert {one.id for one in found} == {town.building.id, town.far_building.id}


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


def letter(town: Town, admin: FlaskClient, *, lot: str, building: Building) -> str:
    page = admin.post(f"/admin/buildings/{building.public_id}/codes", data={"lot": lot, "paper": "page"}).text
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page)
    assert found, page
    return found[0]


def test_paper_alone_is_enough_to_join_to_recover_and_to_stay(town: Town) -> None:
    """No e-mail, no telephone: a letter, a card, and a neighbour's computer."""
    notices = hung(town)
    code = letter(town, administrator(town), lot="3", building=town.building)
    first, second = town.visitor(), town.visitor()
    for one in (first, second):
        one.get("/join?lang=en")
    assert "Who are you to your neighbours?" in say(first, "/join", code=code)
    given = {"first_name": "Nour", "last_name": "Nouvelle", "login": "nour", "password": PASSWORD, "email": ""}
    assert "You are registered" in say(first, "/join/details", **given)
    assert reads(first, notices) == set(Audience)
    page = say(first, "/account/card", password=PASSWORD)
    card = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4})+", page)
    assert card, page
    # Months later, the password forgotten, in another browser.
    town.moment[0] += timedelta(days=100)
    assert "the old card is used up" in say(second, "/recover/card", code=card[0], new="une phrase nouvelle")
    assert "Known in the building" in second.get("/account/known").text
    with town.store.read() as session:
        found = residents.by_login(session, login="nour")
        assert found.email is None


def printed(town: Town, admin: FlaskClient) -> dict[str, object]:
    """All that whoever prints reads of a building, but for the codes themselves and what is drawn by chance."""
    path = f"/admin/buildings/{town.building.public_id}"
    masked = {one: CHANCE.sub("~", admin.get(one).text) for one in (path, f"/admin/places/{town.quarter.slug}")}
    masked["page"] = CHANCE.sub("~", admin.post(f"{path}/codes/sheet", data={"paper": "page"}).text)
    for paper in ("letters", "slips"):
        drawn = admin.post(f"{path}/codes/sheet", data={"paper": paper}).data
        pages = [one.extract_text() for one in pypdf.PdfReader(io.BytesIO(drawn)).pages]
        masked[paper] = [CHANCE.sub("~", one) for one in pages]
    for lot in ("1", "3"):
        masked[f"lot {lot}"] = CHANCE.sub("~", admin.post(f"{path}/codes", data={"lot": lot, "paper": "page"}).text)
    return masked


def test_who_prints_never_sees_who_redeemed(town: Town) -> None:
    """What the printer reads is the same, byte by byte, before and after: whichever lot, claimed, redeemed or left."""
    admin = administrator(town)
    before = printed(town, admin)
    assert len(re.findall("Letterbox [123]<", str(before["page"]))) == 3
    assert len(before["letters"]) == 3  # type: ignore[arg-type]
    code = letter(town, admin, lot="3", building=town.building)
    nour = town.visitor()
    nour.get("/join?lang=en")
    say(nour, "/join", code=code)
    given = {"first_name": "Nour", "last_name": "Nouvelle", "login": "nour", "password": PASSWORD, "email": ""}
    assert "You are registered" in say(nour, "/join/details", **given)
    assert printed(town, admin) == before
    claimed = newcomer(town, login="hugo")
    assert printed(town, admin) == before
    assert claimed.get("/account/known").status_code == 200
    ana = town.browser(town.ana)
    (path,) = set(re.findall(r"/account/homes/[0-9a-f-]{36}/move-out", ana.get("/account/known").text))
    say(ana, path)
    assert printed(town, admin) == before
    # In the register the account stands by its login name, and says nothing of a building or a lot.
    with town.store.read() as session:
        public_id = residents.by_login(session, login="nour").public_id
    account = admin.get(f"/admin/accounts/{public_id}").text
    assert "nour" in account
    for word in (town.building.name, town.building.street, "Nouvelle"):
        assert word not in account


def test_a_letter_of_a_sheet_lets_one_more_person_of_a_home_in_and_no_other(town: Town) -> None:
    notices, admin = hung(town), administrator(town)
    page = admin.post(f"/admin/buildings/{town.building.public_id}/codes/sheet", data={"paper": "page"}).text
    codes = dict(zip(["1", "2", "3"], re.findall(r"letter__code\">([0-9A-Z-]{14})<", page), strict=True))
    nour = town.visitor()
    nour.get("/join?lang=en")
    say(nour, "/join", code=codes["1"])
    given = {"first_name": "Nour", "last_name": "Nouvelle", "login": "nour", "password": PASSWORD, "email": ""}
    assert "You are registered" in say(nour, "/join/details", **given)
    assert reads(nour, notices) == set(Audience)
    assert reads(town.browser(town.ana), notices) == set(Audience), "who lived there stays"
    with town.store.read() as session:
        both = [residents.by_login(session, login=one) for one in ("ana", "nour")]
        homes = [[home.lot.id for home in residents.dwellings(session, resident=one)] for one in both]
        assert homes[0] == homes[1] != []


# --- those who look after the place


def test_a_moderator_of_another_building_ends_a_word(town: Town) -> None:
    notices, nour = hung(town), newcomer(town)
    vouch(town.browser(town.ana), word_of(nour))
    moderator = town.browser(town.moderator)
    page = moderator.get("/moderation/vouches").text
    assert "Ana I." in page
    assert "Nour N." in page
    assert "Inventée" not in page
    (path,) = set(re.findall(r"/moderation/vouches/[0-9a-f-]{36}", page))
    assert "Fill in this field" in say(moderator, path, reason=" ")
    assert "counts no more" in say(moderator, path, reason="Personne ne la connaît.")
    assert reads(nour, notices) == {Audience.NETWORK}
    assert "Personne ne la connaît." in nour.get("/account/known").text
    assert moderator.get(path).status_code == 404


def test_the_word_of_a_suspended_neighbour_waits_for_their_account(town: Town) -> None:
    notices, nour = hung(town), newcomer(town)
    vouch(town.browser(town.ana), word_of(nour))
    paused, chained = "It does not count at present", "does not count while this account is suspended"
    moderator = town.browser(town.moderator)
    for state, level, seen in (
        (State.SUSPENDED, "Not checked yet", True),
        (State.ACTIVE, "Known in the quarter", False),
    ):
        with town.home() as session:
            session.get_one(Resident, town.ana.id).state = state.value
        page = nour.get("/account/known").text
        assert level in page
        assert (paused in page) is seen
        assert "Ana" not in page, "whose word it is, is not said"
        assert (chained in moderator.get("/moderation/vouches").text) is seen
        assert (Audience.QUARTER in reads(nour, notices)) is not seen


def test_a_moderator_of_the_building_finds_what_never_was(town: Town) -> None:
    nour = newcomer(town)
    vouch(town.browser(town.ana), word_of(nour))
    with town.home() as session:
        session.get_one(Resident, town.ben.id).role = Role.MODERATOR.value
        (link,) = assurance.of_resident(session, resident_id=residents.by_login(session, login="nour").id)
    ben = town.browser(town.ben)
    assert "Nobody answers for anybody" in ben.get("/moderation/vouches").text
    for method in ("GET", "POST"):
        is_there, was_never = (
            ben.open(f"/moderation/vouches/{one}", method=method, data={"reason": "Non."})
            for one in (link.public_id, uuid.uuid4())
        )
        pages_town.same_answer(is_there, was_never)
        assert is_there.status_code == 404


def test_an_administrator_notes_what_they_know(town: Town) -> None:
    admin, nour = administrator(town), newcomer(town)
    word, path = word_of(nour), f"/admin/buildings/{town.building.public_id}/newcomer"
    given = {"word": word, "kind": "note", "reason": "Vue à la permanence."}
    page = say(admin, path, step="look", word=word)
    assert "This word belongs to Nour N., lot 3." in page
    page = say(admin, path, step="confirm", word=word, reason="Vue à la permanence.")
    assert "Fill in this field" in page, "what is said has to be chosen"
    assert "Vue à la permanence." in page
    assert "Noted." in say(admin, path, step="confirm", **given)
    page = nour.get("/account/known").text
    assert "An administrator knows you" in page
    assert "Vue à la permanence." in page
    assert town.browser(town.moderator).get(path).status_code == 404
    # What turns out wrong is ended by an administrator, with a reason that the person reads.
    assert "Nour N." not in town.browser(town.moderator).get("/moderation/vouches").text
    listed = admin.get("/moderation/vouches").text
    assert "knows Nour N." in listed
    (end,) = set(re.findall(r"/moderation/vouches/[0-9a-f-]{36}", listed))
    assert "End an administrator’s note" in admin.get(end).text
    assert town.browser(town.moderator).get(end).status_code == 404
    assert "counts no more" in say(admin, end, reason="Une autre personne.")
    page = nour.get("/account/known").text
    assert "Not checked yet" in page
    assert "Une autre personne." in page
    far = f"/admin/buildings/{town.far_building.public_id}/newcomer"
    assert "there is no lot of the number" in say(admin, far, step="look", **{**given, "word": word_of(nour, "9")})


def test_an_administrator_ends_a_letter_without_learning_who_lives_where(town: Town) -> None:
    admin, path = administrator(town), f"/admin/buildings/{town.building.public_id}/not-here"
    assert path in admin.get(f"/admin/buildings/{town.building.public_id}").text
    given = {"login": "ana", "lot": "2", "reason": "La lettre a été volée."}
    ana, reads_building = town.browser(town.ana), f"{town.building.name}, lot "
    lot = re.search(rf"{reads_building}(\w+)", ana.get("/account/known").text)
    assert lot is not None
    answers = [say(admin, path, **{**given, "lot": one}) for one in ("3", lot[1])]
    assert "counts no more" in answers[0]
    assert answers[0] == answers[1]
    page = ana.get("/account/known").text
    assert "La lettre a été volée." in page
    assert "Not checked yet" in page
    assert "no such lot" in say(admin, path, **{**given, "lot": "Z9"})
    assert "Fill in this field" in say(admin, path, **{**given, "reason": ""})
    assert town.browser(town.moderator).get(path).status_code == 404


def test_who_lives_there_notes_nothing(town: Town) -> None:
    nour = newcomer(town)
    with town.home() as session:
        session.get_one(Resident, town.ben.id).role = Role.ADMINISTRATOR.value
    path = f"/admin/buildings/{town.building.public_id}/newcomer"
    page = say(town.browser(town.ben), path, word=word_of(nour), kind="note", reason="Je la connais.", step="confirm")
    assert "Somebody else decides" in page
    with town.store.read() as session:
        assert not assurance.of_resident(session, resident_id=residents.by_login(session, login="nour").id)
