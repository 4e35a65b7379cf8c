"""Both directions with a server written by others (Fedify): real processes, plain http, host:port on both sides."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from activitypub.vocabulary import PUBLIC
from federation import addresses, peers
from federation.models import Delivery, DeliveryState, Follow
from instance import comments, conversations, listings, notices
from instance.audience import Audience
from instance.conversations import Conversation
from instance.notices import Notice
from tests.interop.conftest import Instance
from tests.interop.strangers import Stranger, until

# Everything here shares two running servers; the first test also waits for them to start.
pytestmark = [pytest.mark.interop, pytest.mark.timeout(300)]

DESK = "instance"


def await_ours(ours: Instance, true: Callable[[], Any], what: str) -> Any:
    """Wait for something at our side; a failure tells what became of each letter."""
    try:
        return until(true, what)
    except AssertionError as error:
        log = ours.log.read_text()[-3000:]
        raise AssertionError(f"{error}\nletters here: {ours.sentences()}\n{log}") from None


def be_followed(ours: Instance, stranger: Stranger, *, by: str, whom: str) -> None:
    """Have one of theirs follow one of ours, and see it accepted on both sides."""
    target = ours.actor(whom)
    pair = (whom, stranger.actor(by))
    if ours.follow_states(direction="in").get(pair) == "accepted":
        return
    asked = stranger.press("follow", name=by, target=target)
    await_ours(ours, lambda: ours.follow_states(direction="in").get(pair) == "accepted", f"{by} follows {whom}")
    stranger.await_one("Accept", objectId=asked["id"], actor=target)


def follow(ours: Instance, stranger: Stranger, *, whom: str, target: str, own: str) -> None:
    """Have one of ours follow one of theirs, and wait for their consent."""
    pair = (own, stranger.actor(whom))
    ours.house.follow(target, own_username=own)
    await_ours(ours, lambda: ours.follow_states(direction="out").get(pair) == "accepted", f"{own} follows {whom}")


def notice_from(ours: Instance, uri: str) -> Notice | None:
    with ours.house.home.read() as session:
        return session.scalar(select(Notice).where(Notice.origin_uri == uri))


def is_live(ours: Instance, uri: str) -> Notice | None:
    found = notice_from(ours, uri)
    return found if found is not None and found.state == "live" else None


def about(ours: Instance, notice: Notice) -> list[Conversation]:
    return [one for one in ours.house.conversations() if one.listing_id == notice.id]


def status_of(url: str) -> int:
    request = urllib.request.Request(url, headers={"Accept": "application/activity+json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return int(error.code)


# --- finding each other


def test_each_finds_the_other_under_host_and_port(ours: Instance, stranger: Stranger) -> None:
    actor = ours.actor("ciq_julien")
    # Fedify asks for acct: by https only, so it asks by address; the acct: form is asked here.
    found = stranger.press("webfinger", resource=actor)
    assert found["subject"] == f"acct:ciq_julien@{ours.house.host}"
    assert [one["href"] for one in found["links"] if one["rel"] == "self"] == [actor]
    asked = f"{ours.origin}/.well-known/webfinger?resource={quote(found['subject'])}"
    with urllib.request.urlopen(asked, timeout=10) as answer:
        assert json.load(answer) == found
    kinds = {name: stranger.press("look", target=ours.actor(name))["type"] for name in (DESK, "saint_julien")}
    assert kinds == {DESK: "Service", "saint_julien": "Group"}
    assert stranger.press("look", target=actor)["type"] == "Organization"
    # Ours asks theirs by handle, so by acct: and over http.
    follow(ours, stranger, whom="asso", target=f"@asso@{stranger.host}", own="ciq_julien")
    stranger.await_one("Follow", actor=actor, objectId=stranger.actor("asso"))


# --- from here to there


def test_news_reaches_followers_is_changed_and_taken_back(ours: Instance, stranger: Stranger) -> None:
    be_followed(ours, stranger, by="asso", whom="saint_julien")
    be_followed(ours, stranger, by="lucie", whom="ciq_julien")
    item = ours.house.publish(ours.ciq, ours.odile, "Fête de la rue", audience=Audience.NETWORK)
    uri = addresses.news(ours.origin, "ciq_julien", item.public_id)

    created = stranger.await_one("Create", object_id=uri)
    assert created["object"]["type"] == "Article"
    assert created["object"]["name"] == "Fête de la rue"
    assert "en détail" in created["object"]["content"]
    assert created["object"]["attributedTo"] == created["actor"] == ours.actor("ciq_julien")
    assert PUBLIC in created["object"]["to"]
    # The quarter passes it on twice: the whole activity for forums, the bare id for microblogs.
    quarter = ours.actor("saint_julien")
    passed_on = until(lambda: len(found := stranger.got("Announce", actor=quarter)) > 1 and found, "two Announces")
    forms = [(one["object"]["type"], one["objectId"]) for one in passed_on]
    assert forms == [("Create", created["id"]), ("Article", uri)]
    assert stranger.press("look", target=uri)["name"] == "Fête de la rue"

    ours.house.do(notices.edit, notice=item, by=ours.odile, title="Fête reportée", body="En juin.")
    assert stranger.await_one("Update", object_id=uri)["object"]["name"] == "Fête reportée"

    ours.house.do(notices.withdraw, notice=item, by=ours.odile)
    assert stranger.await_one("Delete", objectId=uri)["object"]["type"] == "Tombstone"
    assert status_of(uri) == 410


def test_what_stays_at_home_does_not_arrive(ours: Instance, stranger: Stranger) -> None:
    be_followed(ours, stranger, by="asso", whom=DESK)
    be_followed(ours, stranger, by="asso", whom="ciq_julien")
    stays = ours.house.offer(ours.odile, "Escabeau", audience=Audience.BUILDING)
    ours.house.publish(ours.ciq, ours.odile, "Réunion du quartier", audience=Audience.QUARTER)
    ours.house.offer(ours.odile, "Échelle", audience=Audience.NETWORK)
    until(lambda: "Échelle" in json.dumps(stranger.press("received"), ensure_ascii=False), "the offer that crosses")
    everything = json.dumps(stranger.press("received"), ensure_ascii=False)
    assert "Escabeau" not in everything
    assert "Réunion" not in everything
    assert status_of(addresses.listing(ours.origin, stays.public_id)) == 404


def test_an_offer_is_answered_and_the_answer_answered(ours: Instance, stranger: Stranger) -> None:
    be_followed(ours, stranger, by="asso", whom=DESK)
    offer = ours.house.offer(ours.odile, "Perceuse", audience=Audience.NETWORK)
    uri = addresses.listing(ours.origin, offer.public_id)
    shown = stranger.await_one("Create", object_id=uri)["object"]
    assert (shown["type"], shown["name"], shown["summary"]) == ("Note", None, None)
    assert "Perceuse" in shown["content"]
    assert "Une voisine" in shown["content"]
    assert "Odile" not in shown["content"]

    # Two of theirs answer: two conversations.
    words = {"lucie": "Libre samedi ?", "asso": "Pour notre jardin, jeudi ?"}
    sent = {
        name: stranger.press("reply", name=name, to=ours.actor(DESK), inReplyTo=uri, content=f"<p>{text}</p>")["id"]
        for name, text in words.items()
    }
    await_ours(ours, lambda: len(about(ours, offer)) == 2, "two conversations")
    by_actor = {one.remote_actor: one for one in about(ours, offer)}
    assert set(by_actor) == {stranger.actor(name) for name in words}
    lucies = by_actor[stranger.actor("lucie")]
    assert lucies.remote_name == "Lucie Lointaine"
    assert [one.html for one in lucies.messages] == ["<p>Libre samedi ?</p>"]

    # Ours answers one of them, who alone gets it, in a thread that it can follow.
    ours.house.do(conversations.reply, conversation=lucies, by=ours.odile, body="Samedi, volontiers.")
    back = stranger.await_one("Create", object_inReplyTo=sent["lucie"])
    letter = back["object"]
    assert "Samedi, volontiers." in letter["content"]
    assert "Une voisine" in letter["content"]
    assert letter["to"] == [stranger.actor("lucie")]
    assert letter["attributedTo"] == back["actor"] == ours.actor(DESK)
    assert letter["context"]
    assert letter["tags"] == [{"type": "Mention", "href": stranger.actor("lucie"), "name": f"@lucie@{stranger.host}"}]
    assert status_of(letter["id"]) == 404

    # They answer our letter, not the listing: the same conversation goes on. Somebody else cannot slip in.
    stranger.press("reply", name="asso", to=ours.actor(DESK), inReplyTo=letter["id"], content="<p>Et moi ?</p>")
    stranger.press("reply", name="lucie", to=ours.actor(DESK), inReplyTo=letter["id"], content="<p>Merci !</p>")

    def texts() -> dict[str | None, list[str]]:
        return {one.remote_actor: [message.html for message in one.messages] for one in about(ours, offer)}

    await_ours(ours, lambda: len(texts()[stranger.actor("lucie")]) == 3, "the third letter")
    assert texts()[stranger.actor("lucie")][2] == "<p>Merci !</p>"
    assert texts()[stranger.actor("asso")] == ["<p>Pour notre jardin, jeudi ?</p>"]
    assert len(texts()) == 2
    assert any(state == "refused" and "not the one" in sentence for _, state, sentence in ours.sentences())


def test_narrowing_an_offer_leaves_as_delete(ours: Instance, stranger: Stranger) -> None:
    be_followed(ours, stranger, by="asso", whom=DESK)
    offer = ours.house.offer(ours.odile, "Remorque", audience=Audience.NETWORK)
    uri = addresses.listing(ours.origin, offer.public_id)
    stranger.await_one("Create", object_id=uri)
    ours.house.do(listings.narrow, listing=offer, by=ours.odile, audience=Audience.BUILDING)
    stranger.await_one("Delete", objectId=uri)
    assert status_of(uri) == 410


def test_nothing_more_is_sent_to_who_follows_no_longer(ours: Instance, stranger: Stranger) -> None:
    be_followed(ours, stranger, by="lucie", whom="saint_julien")
    stranger.press("unfollow", name="lucie", target=ours.actor("saint_julien"))
    pair = ("saint_julien", stranger.actor("lucie"))
    await_ours(ours, lambda: ours.follow_states(direction="in").get(pair) == "ended", "the end of a follow")


# --- from there to here


def test_their_news_hangs_here_is_changed_and_comes_down(ours: Instance, stranger: Stranger) -> None:
    follow(ours, stranger, whom="asso", target=stranger.actor("asso"), own="ciq_julien")
    article = stranger.press("publish", name="asso", type="Article", title="Trocs de plants", content="<p>Au parc.</p>")
    short = stranger.press("publish", name="asso", type="Note", content="<p>Il reste des plants.</p>")
    hung = await_ours(ours, lambda: is_live(ours, article["id"]), "their article on our board")
    assert (hung.title, hung.html) == ("Trocs de plants", "<p>Au parc.</p>")
    assert (hung.origin_actor, hung.origin_name) == (stranger.actor("asso"), "Association des Jardins Lointains")
    assert await_ours(ours, lambda: is_live(ours, short["id"]), "their note").title == "Il reste des plants."

    stranger.press("edit", id=article["id"], content="<p>Sous la halle.</p>")
    changed = "<p>Sous la halle.</p>"
    await_ours(ours, lambda: notice_from(ours, article["id"]).html == changed, "their Update")

    stranger.press("withdraw", id=article["id"])
    await_ours(ours, lambda: not is_live(ours, article["id"]), "their Delete")
    assert is_live(ours, short["id"])


def test_their_public_answer_is_pinned_under_our_news(ours: Instance, stranger: Stranger) -> None:
    item = ours.house.publish(ours.ciq, ours.odile, "Piste cyclable", audience=Audience.NETWORK)
    uri = addresses.news(ours.origin, "ciq_julien", item.public_id)
    be_followed(ours, stranger, by="lucie", whom="ciq_julien")
    await_ours(ours, lambda: status_of(uri) == 200, "the news")
    stranger.press(
        "reply", name="lucie", to=ours.actor("ciq_julien"), inReplyTo=uri, content="<p>Enfin !</p>", isPublic=True
    )

    def said() -> list[str]:
        with ours.house.home.read() as session:
            wanted = select(comments.Comment.html).where(comments.Comment.notice_id == item.id)
            return list(session.scalars(wanted))

    await_ours(ours, lambda: said() == ["<p>Enfin !</p>"], "their comment")


def test_after_unfollowing_they_are_told(ours: Instance, stranger: Stranger) -> None:
    me = ours.actor("ciq_julien")
    follow(ours, stranger, whom="lucie", target=stranger.actor("lucie"), own="ciq_julien")
    assert stranger.press("followers", name="lucie") == [me]
    with ours.house.federation.write.begin() as session:
        wanted = select(Follow.id).where(Follow.remote_uri == stranger.actor("lucie"), Follow.direction == "out")
        peers.unfollow(session, follow_id=session.scalars(wanted).one(), now=ours.house.town.now)
    undone = stranger.await_one("Undo", actor=me)
    assert undone["object"]["type"] == "Follow"
    assert until(lambda: stranger.press("followers", name="lucie") == [], "no follower left")


# --- and when all is done


def test_nothing_was_lost_or_misunderstood(ours: Instance, stranger: Stranger) -> None:
    """The last of this file: it looks back on all the others."""

    def owed() -> list[tuple[str, str]]:
        with ours.house.federation.read() as session:
            wanted = select(Delivery).where(Delivery.state != DeliveryState.SENT)
            return [(one.inbox, one.state) for one in session.scalars(wanted)]

    until(lambda: not owed(), "every delivery made")
    assert stranger.press("received")["refused"] == []
    ids = [one["id"] for one in stranger.press("received")["received"]]
    assert len(ids) == len(set(ids)), "something arrived twice"
    refused = [sentence for _, state, sentence in ours.sentences() if state == "refused"]
    assert refused in ([], ["its sender is not the one it belongs to"])
