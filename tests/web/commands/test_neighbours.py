"""Towns, follows, deliveries, letters and the boundary's book from the terminal, on each engine."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub import keys
from federation.models import (
    Activity,
    Delivery,
    DeliveryState,
    Direction,
    FollowState,
    Letter,
    LetterState,
    Lookup,
    LookupState,
    OwnActor,
    Peer,
    PeerState,
    RemoteActor,
)
from federation.neighbours import TheirOutlines
from instance import journal, listings, residents
from instance.audience import Audience
from instance.journal import Outcome
from tests.web import staff_town
from tests.web.commands.offices import Office
from tests.web.pages_town import NOW, ORIGIN
from tests.web.staff_town import COMMITTEE_THERE, ELSEWHERE, QUARTER_THERE, THERE


def test_towns_are_added_shown_and_looked_up_again(office: Office) -> None:
    assert [one["host"] for one in office.json("peers", "list")["peers"]] == [ELSEWHERE]
    shown = office.json("peers", "show", ELSEWHERE)
    assert {one["handle"] for one in shown["directory"]} >= {f"@le_moulin@{ELSEWHERE}", f"@comite_voisin@{ELSEWHERE}"}
    added = office.json("peers", "add", "http://autre.localhost:8300/about")
    assert (added["host"], added["state"]) == ("autre.localhost:8300", "new")
    assert office.refused("peers", "add", "pas une adresse")["code"] == "peer_malformed"
    assert office.refused("peers", "add", ORIGIN)["code"] == "peer_is_us"
    assert office.refused("peers", "show", "x.example")["code"] == "peer_unknown"
    assert office.refused("peers", "check", status=2)["code"] == "usage"
    assert office.refused("peers", "check", ELSEWHERE, "x.example")["code"] == "peer_unknown"
    assert len(office.json("peers", "check", "--all")["peers"]) == 2
    with office.outside() as session:
        assert all(one.due_at is not None for one in session.scalars(select(Peer)))


def test_checking_waits_for_the_courier(office: Office) -> None:
    stop = threading.Event()

    def courier() -> None:
        while not stop.wait(0.3):
            with office.outside() as session:
                for one in session.scalars(select(Peer).where(Peer.due_at.is_not(None))):
                    one.checked_at, one.due_at, one.state = datetime.now(UTC), None, PeerState.UNREACHABLE
                    one.last_error = "no answer in time"

    with office.outside() as session:
        session.scalars(select(Peer)).one().due_at = None
    thread = threading.Thread(target=courier)
    thread.start()
    try:
        (one,) = office.json("peers", "check", ELSEWHERE, "--wait", "100")["peers"]
    finally:
        stop.set()
        thread.join()
    assert (one["state"], one["why"]) == ("unreachable", "No answer in time.")


def test_a_marketplace_is_chosen(office: Office) -> None:
    assert office.json("peers", "market", ELSEWHERE)["market"] == "none"
    for wish in ("flohmarkt", "none", "proposal"):
        assert office.json("peers", "market", ELSEWHERE, wish)["market"] == wish
    assert office.refused("peers", "market", "x.example", "proposal")["code"] == "peer_unknown"


def test_somebody_is_looked_at_first(office: Office) -> None:
    for organisation in ((), ("--organisation", "comite")):
        wish = office.json("follows", "look", f"@le_moulin@{ELSEWHERE}", *organisation)
        assert wish == {"target": f"@le_moulin@{ELSEWHERE}", "state": "wanted"}
    with office.outside() as session:
        for row in session.scalars(select(Lookup)):
            seen = {"uri": QUARTER_THERE, "kind": "Group", "name": "Le Moulin", "handle": "@x@y", "summary": "<p>s</p>"}
            row.state, row.found = LookupState.FOUND, {**seen, "pieces": []}
    found = office.json("follows", "look", f"@le_moulin@{ELSEWHERE}")
    assert (found["state"], found["name"], found["summary"], found["newest"]) == ("found", "Le Moulin", "s", [])
    with office.outside() as session:
        for row in session.scalars(select(Lookup)):
            row.state, row.found, row.last_error = LookupState.FAILED, None, "answered 404"
    assert office.json("follows", "look", f"@le_moulin@{ELSEWHERE}")["why"] == "It answered with error 404."
    assert office.refused("follows", "look", "nonsense")["code"] == "follow_malformed"


def test_follows_of_the_town_and_of_an_organisation(office: Office) -> None:
    for organisation in ((), ("--organisation", "comite")):
        wish = office.json("follows", "add", f"@le_moulin@{ELSEWHERE}", *organisation)
        assert wish["state"] == "wanted"
        assert office.json("follows", "add", f"@LE_MOULIN@{ELSEWHERE}", *organisation) == wish
        assert office.json("follows", "list", *organisation)["follows"] == [wish]
        unknown = office.refused("follows", "end", f"@le_moulain@{ELSEWHERE}", *organisation)
        assert unknown["code"] == "not_found"
        assert f"@le_moulin@{ELSEWHERE}" in unknown["sentence"]
        assert office.json("follows", "end", f"@le_moulin@{ELSEWHERE}", *organisation)["state"] == "ended"
        assert office.json("follows", "list", *organisation)["follows"] == []
    with office.outside() as session:
        staff_town.follow(session, own_username="palier", remote=QUARTER_THERE, state=FollowState.ACCEPTED)
    (held,) = office.json("follows", "list")["follows"]
    assert (held["name"], held["state"], held["uri"]) == ("Le Moulin", "accepted", QUARTER_THERE)
    office.json("follows", "end", QUARTER_THERE)
    assert office.refused("follows", "add", "nonsense")["code"] == "follow_malformed"
    assert office.refused("follows", "add", f"{ORIGIN}/users/comite")["code"] == "follow_self"
    assert office.refused("follows", "add", f"@x@{ELSEWHERE}", "--organisation", "nobody")["field"] == "organisation"


def test_followers_are_listed(office: Office) -> None:
    with office.outside() as session:
        staff_town.follow(
            session,
            own_username="comite",
            remote=COMMITTEE_THERE,
            state=FollowState.ACCEPTED,
            direction=Direction.IN,
        )
    (one,) = office.json("followers", "list")["followers"]
    assert (one["name"], one["host"], one["ours"]) == ("Comité du Moulin", ELSEWHERE, "comite")


def _owe(session: Session, *, number: int, state: DeliveryState, blanked: bool = False) -> str:
    activity = Activity(
        uri=f"{ORIGIN}/activities/{number}",
        actor_username="palier",
        type="Create",
        body=b"{}",
        created_at=NOW,
        public=not blanked,
        blanked=blanked,
    )
    session.add(activity)
    session.flush()
    session.add(
        Delivery(
            activity_id=activity.id,
            inbox=f"{THERE}/inbox",
            host=ELSEWHERE,
            object_uri=f"{ORIGIN}/objects/{number}",
            state=state,
            attempts=3,
            due_at=NOW,
            last_status=500,
            created_at=NOW,
        )
    )
    session.flush()
    return activity.uri


def test_deliveries_are_listed_and_tried_again(office: Office) -> None:
    states = (DeliveryState.DUE, DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.ABANDONED)
    with office.outside() as session:
        due, sent, failed, over = (_owe(session, number=n, state=state) for n, state in enumerate(states))
        blank = _owe(session, number=9, state=DeliveryState.ABANDONED, blanked=True)
    listed = office.json("deliveries", "list")["deliveries"]
    assert [one["activity"] for one in listed] == [blank, over, failed, due]
    assert [one["retry"] for one in listed] == [False, True, True, False]
    assert listed[-1]["why"] == "It answered with error 500."
    assert [one["activity"] for one in office.json("deliveries", "list", "--state", "sent")["deliveries"]] == [sent]
    page = office.json("deliveries", "failing", "--limit", "2")
    rest = office.json("deliveries", "failing", "--after", page["next"])
    assert [one["activity"] for one in (*page["deliveries"], *rest["deliveries"])] == [blank, over, failed]
    assert office.json("deliveries", "failing", "--host", "x.example")["deliveries"] == []
    assert office.refused("deliveries", "failing", "--after", "no such")["field"] == "after"
    assert office.refused("deliveries", "retry", status=2)["code"] == "usage"
    assert office.refused("deliveries", "retry", due)["code"] == "not_found"
    assert [one["activity"] for one in office.json("deliveries", "retry", failed)["retried"]] == [failed]
    assert [one["activity"] for one in office.json("deliveries", "retry", "--host", ELSEWHERE)["retried"]] == [over]
    assert office.json("deliveries", "retry", "--all")["retried"] == []


def test_what_waits_for_a_town_is_given_up_once_somebody_is_sure(office: Office) -> None:
    states = (DeliveryState.DUE, DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.ABANDONED)
    with office.outside() as session:
        for number, state in enumerate(states):
            _owe(session, number=number, state=state)
    assert office.refused("deliveries", "purge", ELSEWHERE)["code"] == "not_confirmed"
    assert office.json("deliveries", "purge", ELSEWHERE, "--yes")["purged"] == 3
    assert office.json("deliveries", "list")["deliveries"] == []
    assert office.json("deliveries", "purge", ELSEWHERE, "--yes")["purged"] == 0
    shown = office.json("peers", "show", ELSEWHERE)
    assert (shown["waiting"], shown["failed"], shown["health"]) == (0, 0, "never")


def test_one_day_of_the_book_as_a_table(office: Office) -> None:
    with office.home() as session:
        ana = residents.by_login(session, login="ana")
        for title, audience in (("Reste ici", Audience.BUILDING), ("Part au loin", Audience.NETWORK)):
            listings.offer(session, by=ana, title=title, body="x", audience=audience, now=NOW, byline="Une voisine")
        changes = [one for one in journal.unjudged(session) if one.subject == "notice"]
        for change, outcome in zip(changes, (Outcome.WITHHOLD, Outcome.ANNOUNCE), strict=True):
            journal.conclude(session, change=change, outcome=outcome, why="audience building", now=NOW)
    found = office.json("crossings", "day", "--day", NOW.date().isoformat())
    assert [one["what"] for one in found["left"]] == ["Offer"]
    assert [(one["why"], one["count"]) for one in found["stayed"]] == [("It is for one building, so it stays.", 1)]
    told = office.told("crossings", "day", "--day", NOW.date().isoformat())
    assert "Part au loin" not in told + str(found)
    assert len(told.splitlines()) == 3


def _letter(session: Session, *, number: int, state: LetterState, sentence: str = "") -> None:
    session.add(
        Letter(
            activity_uri=f"{THERE}/activities/{number}",
            dedupe_key=f"{number:064x}",
            type="Create",
            actor_uri=COMMITTEE_THERE,
            host=ELSEWHERE,
            target="/inbox",
            headers={},
            raw=b"secret words",
            received_at=NOW + timedelta(seconds=number),
            state=state,
            sentence=sentence,
        )
    )


def test_letters_say_why_they_were_refused_and_nothing_more(office: Office) -> None:
    with office.outside() as session:
        _letter(session, number=1, state=LetterState.REFUSED, sentence="no signature")
        _letter(session, number=2, state=LetterState.WAITING)
        _letter(session, number=3, state=LetterState.HANDLED)
    listed = office.json("letters", "list")["letters"]
    assert [one["state"] for one in listed] == ["waiting", "refused"]
    assert "secret words" not in str(listed)
    shown = office.json("letters", "show", listed[1]["id"])
    assert (shown["why"], shown["actor"]) == ("It was not signed.", COMMITTEE_THERE)
    page = office.json("letters", "list", "--limit", "1")
    assert office.json("letters", "list", "--after", page["next"])["letters"] == [shown]
    assert len(office.json("letters", "list", "--state", "handled", "--host", ELSEWHERE)["letters"]) == 1
    assert office.refused("letters", "show", "no such letter")["code"] == "not_found"


def test_the_boundary_s_book_shows_no_title_of_what_stayed(office: Office) -> None:
    with office.home() as session:
        ana = residents.by_login(session, login="ana")
        for title, audience in (("Reste ici", Audience.BUILDING), ("Part au loin", Audience.NETWORK)):
            listings.offer(session, by=ana, title=title, body="x", audience=audience, now=NOW, byline="Une voisine")
        changes = [one for one in journal.unjudged(session) if one.subject == "notice"]
        for change, outcome in zip(changes, (Outcome.WITHHOLD, Outcome.ANNOUNCE), strict=True):
            journal.conclude(session, change=change, outcome=outcome, why="published", now=NOW)
    found = office.json("crossings", "list", "--subject", "notice")["crossings"]
    assert [(one["outcome"], one["title"]) for one in found] == [("announce", "Part au loin"), ("withhold", None)]
    assert "Reste ici" not in office.told("crossings", "list")
    assert [one["id"] for one in office.json("crossings", "list", "--outcome", "withhold")["crossings"]] == [
        found[1]["id"]
    ]
    page = office.json("crossings", "list", "--limit", "1")
    assert office.json("crossings", "list", "--after", page["next"])["crossings"][0]["id"] == found[1]["id"]
    assert office.refused("crossings", "list", "--outcome", "lost", status=2)["field"] == "outcome"


# --- charters, limits, requests, lists


def _desk_and_quarter(office: Office) -> None:
    with office.outside() as session:
        for username, kind, name in (("instance", "Service", "Entraide"), ("les_acacias", "Group", "Les Acacias")):
            session.add(
                OwnActor(
                    username=username,
                    kind=kind,
                    name=name,
                    summary="",
                    published=NOW,
                    created_at=NOW,
                    key_id=f"{ORIGIN}/users/{username}#main-key",
                    private_pem="",
                    public_pem="",
                    prover_pem=keys.generate_prover(),
                )
            )


def test_charters_from_the_terminal(office: Office) -> None:
    _desk_and_quarter(office)
    sign = ("charters", "sign", ELSEWHERE, "--news", "no", "--offers", "neighbours", "--reports", "yes")
    signed = office.json(*sign)
    assert (signed["ours"]["news"], signed["theirs"]) == ("no", None)
    pair = (ELSEWHERE, "les_acacias", QUARTER_THERE)
    assert [one["name"] for one in office.json("charters", "declare", *pair)["quarters"]] == ["Le Moulin"]
    assert office.refused("charters", "declare", ELSEWHERE, "nobody", QUARTER_THERE)["code"] == "quarter_unknown"
    assert office.json("charters", "undeclare", *pair)["quarters"] == []
    assert office.refused("charters", "undeclare", *pair)["code"] == "quarter_unknown"
    (line,) = office.json("charters", "list")["charters"]
    assert (line["host"], line["theirs"]) == (ELSEWHERE, "nothing said")
    assert office.json("charters", "end", ELSEWHERE)["ours"] is None
    assert office.refused("charters", "end", ELSEWHERE)["code"] == "charter_unknown"
    assert office.refused("charters", "show", "x.example")["code"] == "peer_unknown"


def test_what_a_map_suggests_is_listed_and_declared(office: Office) -> None:
    _desk_and_quarter(office)
    with office.outside() as session:
        near = [{"own": "les_acacias", "their": QUARTER_THERE}]
        session.add(TheirOutlines(host=ELSEWHERE, shown=1, near=near, checked_at=NOW, due_at=NOW))
    shown = office.json("charters", "show", ELSEWHERE)["beside"]
    assert shown == [{"own": "les_acacias", "their": QUARTER_THERE, "name": "Le Moulin"}]
    done = office.json("charters", "declare-suggested", ELSEWHERE)
    assert ([one["name"] for one in done["quarters"]], done["beside"]) == (["Le Moulin"], [])
    assert office.refused("charters", "declare-suggested", "x.example")["code"] == "peer_unknown"


def test_a_town_is_limited_and_requests_are_answered(office: Office) -> None:
    limit = ("peers", "limit", ELSEWHERE, "--as", "modo", "--reason", "Bruit.")
    assert office.json(*limit) == {"host": ELSEWHERE, "state": "limited"}
    assert office.json("peers", "unlimit", *limit[2:])["state"] == "known"
    assert office.refused("peers", "unlimit", *limit[2:])["code"] == "peer_unknown"
    assert office.json("peers", "admission") == {"admission": "open"}
    assert office.json("peers", "admission", "approval") == {"admission": "approval"}
    with office.outside() as session:
        for one in (COMMITTEE_THERE, QUARTER_THERE):
            session.add(
                RemoteActor(uri=one, host=ELSEWHERE, kind="Group", username="x", inbox=f"{THERE}/inbox", fetched_at=NOW)
            )
            staff_town.follow(
                session, own_username="comite", remote=one, state=FollowState.PENDING, direction=Direction.IN
            )
    first, second = office.json("followers", "waiting")["waiting"]
    assert office.json("followers", "refuse", first["activity"])["state"] == "refused"
    assert office.refused("followers", "accept", first["activity"])["code"] == "follow_unknown"
    assert office.json("peers", "approve", ELSEWHERE)["accepted"] == 1
    assert office.json("followers", "waiting")["waiting"] == []
    assert office.refused("peers", "approve", "x.example")["code"] == "peer_unknown"
    assert second["host"] == ELSEWHERE


def test_lists_of_blocks_from_the_terminal(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "liste.csv"
    file.write_text("#domain,#severity\nbad.example,suspend\nloud.example,silence\nexa***.com,suspend\n")
    listed = ("peers", "import-blocklist", str(file))
    seen = office.json(*listed)
    assert (seen["new"], seen["applied"]) == (["bad.example", "loud.example"], False)
    assert [(one["line"], one["code"]) for one in seen["problems"]] == [(4, "obfuscated")]
    assert office.refused(*listed, "--apply", status=2)["code"] == "usage"
    assert office.refused(*listed, "--apply", "--as", "modo")["field"] == "reason"
    assert office.json(*listed, "--apply", "--as", "modo", "--reason", "Liste commune")["applied"] is True
    assert office.json(*listed)["same"] == 2
    assert office.json("peers", "export-blocklist")["csv"].splitlines()[1:] == [
        "bad.example,suspend,false,false,,false",
        "loud.example,silence,false,false,,false",
    ]
