"""One letter stops no other: whatever is in it, it ends as a sentence, and the next one is handled."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from activitypub.vocabulary import Create, Note, Offer
from federation import letters, stumbling
from federation.hatch import handlers
from instance.loans import Loan
from tests.town import strangers
from tests.town.houses import Town
from tests.town.strangers import PUBLIC, Stranger

LONG = "c" * 1500


@pytest.fixture
def stranger(town: Town) -> Stranger:
    return strangers.build(town)


def ended(stranger: Stranger) -> list[tuple[str, str]]:
    return [(one.state, one.sentence) for one in stranger.here.letters()]


# --- letters that nobody honest writes


def test_an_offer_for_a_day_that_nobody_can_mean_is_refused_in_words(stranger: Stranger) -> None:
    for name in ("hasBeginning", "hasEnd"):
        for moment in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:00Z"):
            letter = stranger.send(stranger.offer(**{name: moment}))
            assert (letter.state, letter.sentence) == ("refused", "names a day that nobody can mean")
    stranger.send(stranger.offer(hasBeginning=(stranger.town.now + timedelta(days=2)).isoformat()))
    [talk] = stranger.here.conversations()
    page = stranger.here.browser(stranger.odile)
    assert {page.get(url).status_code for url in (f"/conversations/{talk.public_id}", "/loans")} == {200}


def test_a_loan_is_not_told_for_a_day_that_nobody_can_mean(stranger: Stranger) -> None:
    lending = {"type": "palier:Lending", "act": "ask", "sequence": 1, "due": "9999-12-31"}
    asked = stranger.offer()
    asked["object"]["loan"] = lending
    letter = stranger.send(asked)
    assert (letter.state, letter.sentence) == ("refused", "names a day that nobody can mean")
    with stranger.here.home.read() as session:
        assert session.scalars(select(Loan)).all() == []


def test_a_reference_that_no_column_holds_is_none(stranger: Stranger) -> None:
    letter = stranger.send(stranger.create(stranger.private(context=f"{stranger.there.origin}/{LONG}")))
    assert (letter.state, letter.sentence) == ("handled", "delivered to its conversation")
    comment = stranger.comment(url=f"{stranger.there.origin}/{LONG}")
    assert stranger.send(stranger.create(comment)).state == "handled"


def test_a_host_that_no_column_holds_is_none(stranger: Stranger) -> None:
    actor = f"http://{LONG[:900]}/users/eve"
    odd = {**stranger.activity("Create", object=stranger.comment()), "actor": actor, "id": f"{actor}/1"}
    assert stranger.arrive(odd).status == 202
    assert stranger.here.letters() == []


def test_withdrawals_of_what_no_column_holds_leave_room_for_others(stranger: Stranger) -> None:
    for number in range(22):
        stranger.arrive(stranger.activity("Delete", object=f"{stranger.there.origin}/{LONG}{number}", to=[PUBLIC]))
    letter = stranger.send(stranger.create(stranger.comment()))
    assert letter.sentence == "pinned under the news it answers"


# --- what nobody foresaw


def test_one_that_nobody_foresaw_waits_and_is_refused_in_the_end(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise OverflowError

    with monkeypatch.context() as broken:
        broken.setattr(handlers, "HANDLERS", {**handlers.HANDLERS, (Offer, type(None)): fail})
        stranger.arrive(stranger.offer())
        stranger.send(stranger.create(stranger.comment()))
        assert ended(stranger) == [
            ("verified", "waits: our own programs fail at it (OverflowError)"),
            ("handled", "pinned under the news it answers"),
        ]
        for _ in stumbling.WAITS:
            assert ended(stranger)[0][0] == "verified"
            stranger.town.pass_time(hours=25)
            stranger.town.settle()
        assert ended(stranger)[0] == ("refused", "our own programs fail at it (OverflowError)")
        [refused, _] = stranger.here.letters()
        assert (refused.raw, refused.headers, refused.sender) == (b"", {}, "")


def test_one_that_failed_is_handled_once_that_is_mended(stranger: Stranger, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise KeyError("why")

    with monkeypatch.context() as broken:
        broken.setattr(handlers, "HANDLERS", {**handlers.HANDLERS, (Offer, type(None)): fail})
        stranger.send(stranger.offer())
    stranger.town.settle()
    assert ended(stranger) == [("verified", "waits: our own programs fail at it (KeyError)")]
    stranger.town.pass_time(hours=1)
    stranger.town.settle()
    assert ended(stranger) == [("handled", "taken to its conversation")]


def test_one_that_is_withdrawn_while_it_waits_does_not_hang_afterwards(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise KeyError("why")

    thing = stranger.comment()
    with monkeypatch.context() as broken:
        broken.setattr(handlers, "HANDLERS", {**handlers.HANDLERS, (Create, Note): fail})
        stranger.send(stranger.create(thing))
    stranger.send(stranger.activity("Delete", object=thing["id"], to=[PUBLIC]))
    stranger.town.pass_time(hours=1)
    stranger.town.settle()
    assert ended(stranger)[0] == ("refused", "its object was withdrawn before")


def test_the_courier_goes_on_as_well(stranger: Stranger, monkeypatch: pytest.MonkeyPatch) -> None:
    real = letters.weigh

    def weigh(session: object, *, activity: object, **more: object) -> letters.Need:
        if isinstance(activity, Offer):
            raise OverflowError
        return real(session, activity=activity, **more)

    monkeypatch.setattr(letters, "weigh", weigh)
    stranger.arrive(stranger.offer())
    stranger.send(stranger.create(stranger.comment()))
    assert ended(stranger) == [
        ("waiting", "waits: our own programs fail at it (OverflowError)"),
        ("handled", "pinned under the news it answers"),
    ]
    for _ in stumbling.WAITS:
        stranger.town.pass_time(hours=25)
        stranger.town.settle()
    assert ended(stranger)[0] == ("refused", "our own programs fail at it (OverflowError)")


def test_whoever_ends_the_process_ends_it(stranger: Stranger, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = iter((KeyboardInterrupt, SystemExit))

    def stop(*_: object) -> str:
        raise next(ends)

    monkeypatch.setattr(handlers, "HANDLERS", {**handlers.HANDLERS, (Offer, type(None)): stop})
    stranger.arrive(stranger.offer())
    for end in (KeyboardInterrupt, SystemExit):
        with pytest.raises(end):
            stranger.town.settle()
        assert ended(stranger) == [("verified", "")]
