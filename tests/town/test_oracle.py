"""P4, existence: what is not for somebody answers them exactly as what never was. Here the pages.

`test_oracle_accounts` has names and codes, `test_oracle_door` what other servers ask, `tests.bench.oracle` how long
each answer takes.
"""

import ast
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import MapAdapter, Rule

from federation import block_plans
from instance import (
    conversations,
    evidence,
    halls,
    logins,
    mailboxes,
    passes,
    places,
    reports,
)
from instance.audience import Audience
from instance.base import Row
from instance.comments import Comment
from instance.conversations import Conversation
from instance.listings import Listing
from instance.notices import Notice
from instance.passes import Pass, Purpose
from instance.places import Building, Quarter
from instance.residents import Resident, Role
from tests import keys
from tests.town.houses import PASSWORD, House, Town
from tests.town.proofs import objects, pairs
from tests.town.proofs.oracle import NEVER, Told, never, told
from web import secret, stores
from web.frame import kiosk
from web.live import application
from web.mail import links
from web.pages import meetings as meeting_pages
from web.pages import quiet as quiet_pages
from web.settings import Settings

ROOT = Path(__file__).parents[2]
# What people fill in on pages that they should not even know of.
SAID = {"body": "Bonjour", "reason": "Parce que", "title": "Un mot", "new": "une phrase nouvelle", "password": PASSWORD}
SAID |= {"days": "3", "due": "2030-05-12", "pickup": "2030-05-11T18:00", "terms": "1", "words": "Merci"}
SAID |= {"trade": "plumber", "name": "Les Tuyaux", "done": "Une fuite.", "independent": "y"}
SAID |= {"slot": "2030-05-11T18:00:00+00:00", "weekday": "1", "begins": "18:00", "ends": "20:00", "place": "Ici"}
# As a browser sends it: written once, and not fifty thousand times.
SENT = {"data": urlencode(SAID), "content_type": "application/x-www-form-urlencoded"}


@pytest.fixture
def house(town: Town, monkeypatch: pytest.MonkeyPatch) -> House:
    keys.install(monkeypatch)
    made = town.build("marseille")
    made.environ |= {"PALIER_SMTP_URL": "smtp://127.0.0.1:9", "PALIER_MAIL_FROM": "voisins@voisins.example"}
    return made


def keep(house: House, row: type[Row], id_: int, **values: object) -> None:
    """Change a row by hand."""
    with house.home.write.begin() as session:
        found = session.get_one(row, id_)
        for name, value in values.items():
            setattr(found, name, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A building with everything that a building has, and three who are not of it."""

    house: House
    there: dict[str, list[str]]  # what is there, by the argument of a route
    readers: dict[str, Resident | None]
    slip: str


@pytest.fixture
def scene(house: House) -> Scene:
    quarter = house.quarter("Saint Julien")
    far = _other_building(house, quarter)
    home, beside = house.building(quarter), house.building(quarter, name="Le Mûrier")
    odile, amir = house.resident("Odile", building=home), house.resident("Amir", building=home)
    readers = {
        "visitor": None,
        "another building": house.resident("Bea", building=beside),
        "another quarter": house.resident("Chloe", building=far),
        "moderator": house.resident("Maud", building=far),
        "moderator of another quarter": house.resident("Mila", building=far),
    }
    writer = readers["another building"]
    assert writer is not None
    house.organisation("amis", writer=writer)
    maud = readers["moderator"]
    assert maud is not None
    keep(house, Resident, maud.id, role=Role.MODERATOR.value)
    slip = house.offer(odile, "Escabeau", audience=Audience.BUILDING, byline=None)
    talk = house.do(conversations.answer, listing=slip, by=amir, body="Bonjour")
    assert isinstance(talk, Conversation)
    loan, *between = pairs.kept_between(house, talk, odile=odile, amir=amir)
    screen, key = _screen(house, home)
    for_staff = {"report": _report(house, slip, odile).public_id, "slip": slip.public_id}
    with house.home.write.begin() as session:
        logins.open_login(session, resident=session.get_one(Resident, odile.id), now=house.town.now)
        login = session.scalars(select(logins.Login.public_id)).first()
        message = session.scalars(select(conversations.Message.public_id)).first()
    private = [talk.public_id, message, loan, home.public_id, odile.public_id, screen.public_id, login]
    private += [*between, *for_staff.values(), *pairs.vouched(house, odile)]
    objects.live(house, building=home, odile=odile, amir=amir, judge=maud)
    tom = objects.suspended(house, building=home, judge=maud)
    mila = readers["moderator of another quarter"]
    assert mila is not None
    keep(house, Resident, mila.id, role=Role.MODERATOR.value, desk_quarter_id=far.quarter_id)
    private += [tom.public_id, *_hidden(house)]
    _open_the_other_side(house)
    kept = objects.every(house, readers=[one.id for one in readers.values() if one is not None], real=REAL)
    private += [one for many in kept.values() for one in many if one not in private]
    there = {
        "public_id": [str(one) for one in private],
        "screen_id": [str(screen.public_id)],
        "slug": ["les_caillols"],  # a quarter that is not opened yet
        "insee": ["13055"],
        "host": ["barnabe.localhost"],
        "key": [key, _waiting_display(house)],
        "token": _ended_links(house, odile),
        "draft": [_list_of_blocks(house)],
        "delivery_id": ["1"],
        "follow_id": ["1"],
    }
    return Scene(house=house, there=there, readers=readers, slip=str(slip.public_id))


def _hidden(house: House) -> list[uuid.UUID]:
    """What moderators took down in the building."""
    with house.home.read() as session:
        found = [
            session.scalars(select(kind.public_id).where(kind.state == "hidden")).all() for kind in (Notice, Comment)
        ]
    assert all(found)
    return [one for many in found for one in many]


def _open_the_other_side(house: House) -> None:
    """A known town that is followed, so that follows and deliveries exist."""
    there = house.town.build("barnabe")
    there.quarter("Saint Barnabé")
    house.town.settle()
    house.add_peer(there)
    house.follow(f"{there.origin}/users/saint_barnabe")
    house.town.settle()


def _list_of_blocks(house: House) -> str:
    """A list that an administrator looks at before it holds."""
    with house.federation.write.begin() as session:
        return str(block_plans.keep(session, data=b"bruyante.example", loosen=False, now=house.town.now))


def _other_building(house: House, near: Quarter) -> Building:
    """A building of another quarter of the same city."""
    with house.home.write.begin() as session:
        city = session.get_one(Quarter, near.id).city
        given = {"postcode": "13013", "district": 13, "now": house.town.now}
        made = places.add_quarter(session, city=city, name="Les Caillols", **given)
    return house.building(made, name="La Rotonde")


def _report(house: House, slip: Listing, by: Resident) -> reports.Report:
    given = {"target": evidence.Target.NOTICE, "public_id": slip.public_id, "reader": house.reader(by)}
    made = house.do(reports.report, by=by, reason="x", **given)
    assert isinstance(made, reports.Report)
    return made


def _screen(house: House, building: Building) -> tuple[halls.Screen, str]:
    """A screen that was switched off, and its key."""
    with house.home.write.begin() as session:
        made, key = halls.install(session, building=session.get_one(Building, building.id), now=house.town.now)
        halls.remove(session, public_id=made.public_id, now=house.town.now)
    return made, key


def _waiting_display(house: House) -> str:
    with house.home.write.begin() as session:
        return halls.ask(session, now=house.town.now)


def _ended_links(house: House, resident: Resident) -> list[str]:
    """Links of mails: used, too old, and replaced by a newer one."""
    secret.ensure(Settings.read(house.environ).secret_key_file)
    key, found = links.key(Settings.read(house.environ)), []
    house.do(mailboxes.prove, resident=resident, address="odile@voisins.example")
    for purpose in Purpose:
        for ended in ({"used_at": house.town.now}, {"expires_at": house.town.now}, {}):
            made = house.do(passes.grant, purpose=purpose, to=resident, address="odile@voisins.example")
            assert isinstance(made, Pass)
            keep(house, Pass, made.id, **ended)
            found.append(passes.token(made, key=key))
        house.do(passes.grant, purpose=purpose, to=resident, address="odile@voisins.example")
    return found


# --- routes

# What says nothing of anything stored: files that all browsers load, names in the programme itself, a seal that has to
# be right, what is public by its nature.
OPEN = {"filename": "door.svg", "kind": "card", "ceremony": "sign_in", "target": "notice", "seal": "word"}
OPEN |= {"step": "confirm"}
# Arguments that are one of a few words: a route is asked with each of them.
WORDS = {"target": [one.value for one in evidence.Target]}
# Tables of which something is there in the building; of the others a row that ties to nothing is asked for.
REAL = ("notice", "comment", "conversation", "message", "loan", "waiter", "meeting", "widening", "report", "decision")
REAL += ("condition", "thanks", "skill", "recommendation", "lookout", "paper", "screen", "building", "lot", "resident")
REAL += ("occupancy", "login", "change")


def _routes(app: Flask, argument: str) -> list[Rule]:
    """Every route with this argument: a new one is asked like all others."""
    return [rule for rule in app.url_map.iter_rules() if argument in rule.arguments]


def _answers(client: FlaskClient, app: Flask, *, argument: str, asked: str) -> Iterator[tuple[str, Told]]:
    """What each route with this argument says; the other arguments are what everybody knows, or never were."""
    others = OPEN | dict.fromkeys(("screen_id", "public_id", "draft"), str(NEVER)) | {"slug": "amis"}
    adapter = app.url_map.bind("localhost")
    for rule in _routes(app, argument):
        values = {name: asked if name == argument else others.get(name, "9999") for name in rule.arguments}
        yield from _of_words(client, adapter, rule, values, argument=argument, asked=asked)


def _of_words(
    client: FlaskClient, adapter: MapAdapter, rule: Rule, values: dict[str, str], *, argument: str, asked: str
) -> Iterator[tuple[str, Told]]:
    """What a route says with each word that one of its arguments may be."""
    several = next((name for name in WORDS if name in rule.arguments), None)
    for word in WORDS[several] if several is not None else [""]:
        given = {**values, several: word} if several is not None else values
        name = rule.rule.replace(f"<{several}>", word)
        yield from _of_rule(client, adapter, rule, given, name=name, argument=argument, asked=asked)


def _of_rule(
    client: FlaskClient,
    adapter: MapAdapter,
    rule: Rule,
    values: dict[str, str],
    *,
    name: str,
    argument: str,
    asked: str,
) -> Iterator[tuple[str, Told]]:
    typed: dict[str, object] = dict(values)
    if argument == "public_id" and "screen_id" in rule.arguments:
        typed["screen_id"] = asked
    for one in set(typed) & {"public_id", "screen_id", "draft"}:
        typed[one] = uuid.UUID(str(typed[one]))
    for method in sorted({"GET", "POST"} & set(rule.methods or ())):
        address = adapter.build(rule.endpoint, typed, method=method)
        # A number stands in a page by chance; in an address it is between slashes.
        mark = f"/{asked}/" if len(asked) < 4 else asked
        yield f"{method} {name}", told(client.open(address, method=method, **SENT), asked=mark)


def test_every_argument_of_a_page_is_asked_for(scene: Scene) -> None:
    named = {name for rule in scene.house.pages.url_map.iter_rules() for name in rule.arguments}
    assert named == {*scene.there, *OPEN}
    assert not set(scene.there) & set(OPEN)


@pytest.mark.timeout(900)
def test_a_page_of_what_is_private_is_the_page_of_what_never_was(scene: Scene, engine_name: str) -> None:
    if engine_name != "sqlite":
        pytest.skip("what a page says is the same on every engine; it is asked fifty thousand times")
    house, many, asked_before = scene.house, 0, {}
    for who, somebody in scene.readers.items():
        for argument, private in scene.there.items():
            # Moderators are shown what was reported, which quarters there are, and towns: that is theirs to look after.
            for one in private if who != "moderator" else _not_for_moderators(argument, private):
                given = {"argument": argument}
                key = (who, argument, never(one))
                if key not in asked_before:
                    asked_before[key] = dict(_answers(house.browser(somebody), house.pages, asked=never(one), **given))
                was_never = asked_before[key]
                is_there = dict(_answers(house.browser(somebody), house.pages, asked=one, **given))
                assert [name for name in was_never if was_never[name] != is_there[name]] == [], (who, argument, one)
                assert not [name for name, (status, *_) in is_there.items() if status == 429]
                many += len(is_there)
    assert many > 500


def _not_for_moderators(argument: str, private: list[str]) -> list[str]:
    return private[:4] if argument == "public_id" else [] if argument in {"slug", "insee", "host"} else private


def test_the_comparison_sees_what_is_there(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A control: to whom it belongs, a page of something that is there is another one."""
    house, odile = scene.house, scene.there["public_id"][4]
    with house.home.read() as session:
        known = session.scalars(select(Resident).where(Resident.public_id == uuid.UUID(odile))).one()
    talk = scene.there["public_id"][0]
    # What one page has to say would stand on whichever page is asked for next.
    for pages in (meeting_pages, quiet_pages):
        monkeypatch.setattr(pages, "flash", lambda _said: None)
    is_there, was_never = (
        dict(_answers(house.browser(known), house.pages, argument="public_id", asked=one))
        for one in (talk, never(talk))
    )
    other = {name for name in is_there if is_there[name] != was_never[name]}
    talk_of = "/conversations/<uuid:public_id>"
    # Whoever has left has nobody to block there any more.
    steps = ("leave", "meeting/call-off", "meeting/pick", "mute")
    assert other == {
        *(f"GET {talk_of}{one}" for one in ("", "/loan", "/meeting", "/meeting.ics", "/quiet")),
        *(f"POST {talk_of}{one}" for one in ("", "/loan", "/meeting", *(f"/{one}" for one in steps))),
        *(f"{method} /report/person/<uuid:public_id>" for method in ("GET", "POST")),
    }


# Words after a question mark in an address: where they name something that is stored, they are asked, too.
ASKED = {
    "from": "/neighbours/skills?from={}",
    "again": "/listings/new?kind=request&again={}",
    "since": None,
    "before": "/?before={}",
}
# Of the language, the theme, where to go on to, what a form searches, a picture’s size, or the state of one’s own page.
SAYS_NOTHING = {"lang", "theme", "next", "kind", "show", "q", "address", "after", "meeting", "size", "circle", "trade"}
SAYS_NOTHING |= {"where", "lot", "day", "uri"}


def test_every_word_after_a_question_mark_is_asked_for(scene: Scene) -> None:
    named = {
        ast.literal_eval(call.args[0])
        for file in (ROOT / "web").rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "request.args.get"
        and isinstance(call.args[0], ast.Constant)
    }
    assert named - {"resource", "have"} == {*ASKED, *SAYS_NOTHING}, "of the pages; the door has its own test"
    one = scene.there["public_id"][scene.there["public_id"].index(scene.slip)]
    for who, somebody in scene.readers.items():
        for address in filter(None, ASKED.values()):
            is_there, was_never = (
                told(scene.house.browser(somebody).get(address.format(asked)), asked=asked)
                for asked in (one, never(one))
            )
            assert is_there == was_never, (who, address)


# --- keys of screens


def test_a_stream_for_a_screen_that_was_switched_off_is_that_of_none(scene: Scene) -> None:
    house = scene.house
    settings = Settings.read(house.environ)
    app = application.create_app(settings, now=lambda: house.town.now)
    for key in scene.there["key"]:
        is_there, was_never = (told(app.test_client().get(f"/live/hall/{one}"), asked=one) for one in (key, never(key)))
        assert is_there == was_never
        assert is_there[0] == 404
        by_cookie = [_with_cookie(app, "/live/hall", settings, one) for one in (key, never(key))]
        assert by_cookie == [is_there, is_there]
    for store in stores.of(app).values():
        store.close()


def test_a_browser_that_was_a_screen_is_told_what_any_browser_is(scene: Scene) -> None:
    settings, key = Settings.read(scene.house.environ), scene.there["key"][0]
    is_there, was_never = (_with_cookie(scene.house.pages, "/hall", settings, one) for one in (key, never(key)))
    assert is_there == was_never
    assert is_there[0] == 302


def _with_cookie(app: Flask, address: str, settings: Settings, key: str) -> Told:
    client = app.test_client()
    client.set_cookie(kiosk.name(settings), key)
    return told(client.get(address), asked=key)
