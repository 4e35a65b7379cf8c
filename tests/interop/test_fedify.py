"""Both directions with a server written by others (Fedify): real processes, plain http, host:port on both sides."""

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import select

from activitypub import keys, signatures
from activitypub.vocabulary import PUBLIC
from activitypub.wire import stamp
from federation import addresses, peers
from federation.models import Delivery, DeliveryState, Follow
from instance import comments, conversations, listings, news, notices, reports
from instance.audience import Audience
from instance.evidence import Target
from instance.happenings import Happening
from instance.moderation import Step
from instance.news import NewsItem
from instance.residents import Resident, Role
from tests.interop.conftest import Instance
from tests.interop.dealings import about, await_ours, be_followed, follow, is_live, notice_from, post, status_of
from tests.interop.strangers import Stranger, until
from web.acts import referring
from web.acts.deciding import Verdict

# Everything here shares two running servers; the first test also waits for them to start.
pytestmark = [pytest.mark.interop, pytest.mark.timeout(300)]

DESK = "instance"
# What ends a letter that somebody else brought, altered: its origin knows nothing of it.
UNCONFIRMED = "answered 404"


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


# --- events


BEGINS = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=30)


def test_our_event_is_one_there_and_a_join_gets_its_receipt(ours: Instance, stranger: Stranger) -> None:
    be_followed(ours, stranger, by="asso", whom="ciq_julien")
    when = Happening(begins=BEGINS, ends=BEGINS + timedelta(hours=2), place="Place des Essais")
    item = ours.house.publish(ours.ciq, ours.odile, "Bal", audience=Audience.NETWORK, happening=when)
    uri = addresses.event(ours.origin, "ciq_julien", item.public_id)
    shown = stranger.await_one("Create", object_id=uri)["object"]
    assert (shown["type"], shown["name"], shown["place"]) == ("Event", "Bal", "Place des Essais")
    moments = [datetime.fromisoformat(shown[name]) for name in ("startTime", "endTime")]
    assert moments == [when.begins, when.ends]
    # Software without events shows the words: the date stands in them.
    assert all("Place des Essais" in shown[name] for name in ("summary", "content"))

    asked = stranger.press("join", name="lucie", event=uri, by=ours.actor("ciq_julien"))
    stranger.await_one("Ignore", objectId=asked["id"], actor=ours.actor("ciq_julien"))

    ours.house.do(news.call_off, item=item, by=ours.odile)
    changed = stranger.await_one("Update", object_id=uri)
    assert "Annulé. " in changed["object"]["content"]
    assert stranger.press("letter", id=changed["id"])["object"]["ical:status"] == "CANCELLED"


def test_their_event_hangs_here_with_its_date_and_is_moved(ours: Instance, stranger: Stranger) -> None:
    follow(ours, stranger, whom="asso", target=stranger.actor("asso"), own="ciq_julien")
    given = {"title": "Vide-grenier", "content": "<p>Venez.</p>", "place": "Sous la halle"}
    made = stranger.press("publish", name="asso", type="Event", startTime=stamp(BEGINS), **given)

    def happening() -> Happening | None:
        found = is_live(ours, made["id"])
        return found.happening if isinstance(found, NewsItem) else None

    await_ours(ours, lambda: happening() == Happening(begins=BEGINS, place="Sous la halle"), "their event")
    later = BEGINS + timedelta(days=1)
    stranger.press("edit", id=made["id"], startTime=stamp(later))
    await_ours(ours, lambda: happening() == Happening(begins=later, place="Sous la halle"), "its other day")


# --- reports


def test_their_report_reaches_the_moderators(ours: Instance, stranger: Stranger) -> None:
    item = ours.house.publish(ours.ciq, ours.odile, "Tombola", audience=Audience.NETWORK)
    uri = addresses.news(ours.origin, "ciq_julien", item.public_id)
    await_ours(ours, lambda: status_of(uri) == 200, "the news")
    stranger.press("report", name="lucie", about=uri, by=ours.actor("ciq_julien"), content="Une arnaque ?")

    def filed() -> list[tuple[object, ...]]:
        with ours.house.home.read() as session:
            found = reports.open_reports(session, by=None)
            return [(one.target_id, one.reporter_host, one.reporter_id, one.reason) for one in found]

    await_ours(ours, filed, "their report")
    assert filed() == [(item.public_id, stranger.host, None, "Une arnaque ?")]


def test_our_report_arrives_in_the_moderators_words_and_names_nobody(ours: Instance, stranger: Stranger) -> None:
    follow(ours, stranger, whom="asso", target=stranger.actor("asso"), own="ciq_julien")
    sold = stranger.press("publish", name="asso", type="Article", title="Vente", content="<p>Encore.</p>")["id"]
    hung = await_ours(ours, lambda: is_live(ours, sold), "what is reported")
    ben, modo = (
        ours.house.resident(name, building=ours.house.building(ours.quarter, name=f"Chez {name}"))
        for name in ("Ben", "Modo")
    )
    ours.house.do(
        reports.report,
        target=Target.NOTICE,
        public_id=hung.public_id,
        reason="Ben n'y croit pas.",
        by=ben,
        reader=ours.house.reader(ben),
    )
    with ours.house.home.write.begin() as home, ours.house.federation.read() as outside:
        moderator = home.get_one(Resident, modo.id)
        moderator.role = Role.MODERATOR.value
        [entry] = [one for one in reports.open_reports(home, by=None) if one.target_id == hung.public_id]
        referring.decide(
            home,
            outside=outside,
            entry=entry,
            step=Step.DISMISS,
            verdict=Verdict(reason="Vu."),
            told="Deux fois la même vente.",
            by=moderator,
            now=ours.house.town.now,
        )
    flag = stranger.await_one("Flag", actor=f"{ours.origin}/actor")
    assert (flag["content"], flag["to"]) == ("Deux fois la même vente.", [stranger.actor("asso")])
    assert flag["objectIds"] == [stranger.actor("asso"), sold]
    assert "Ben" not in json.dumps(stranger.press("letter", id=flag["id"]), ensure_ascii=False)


# --- object proofs: whoever brings it


def test_what_others_hand_on_is_believed_by_its_proof_alone(ours: Instance, stranger: Stranger) -> None:
    follow(ours, stranger, whom="asso", target=stranger.actor("asso"), own="ciq_julien")
    for text, is_altered in (("De main en main", False), ("Retouchée", True)):
        # As Fedify sends it, and to nobody; its own host gives it to nobody who asks.
        kept = stranger.press("publish", name="asso", type="Note", content=f"<p>{text}</p>", isKept=True)
        document = until(lambda kept=kept: stranger.press("letter", id=kept["activity"]), "what Fedify wrote")
        assert document["proof"]["cryptosuite"] == "eddsa-jcs-2022"
        if is_altered:
            document["object"]["content"] = "<p>Autre chose</p>"
        body = json.dumps(document).encode()
        url = f"{ours.origin}/inbox"
        bearer = {"key_pem": keys.generate(), "key_id": "http://127.0.0.9:9/users/eve#main-key"}
        headers = signatures.sign(method="POST", url=url, body=body, now=ours.house.town.now, **bearer)
        assert post(url, body, headers) == 202
        if is_altered:
            await_ours(ours, lambda: UNCONFIRMED in [sentence for *_, sentence in ours.sentences()], "a refusal")
            assert notice_from(ours, kept["id"]) is None
        else:
            await_ours(ours, lambda kept=kept: is_live(ours, kept["id"]), "what somebody else brought")


def test_they_believe_ours_by_its_proof_alone(ours: Instance, stranger: Stranger) -> None:
    be_followed(ours, stranger, by="asso", whom="ciq_julien")
    item = ours.house.publish(ours.ciq, ours.odile, "Preuve", audience=Audience.NETWORK)
    uri = addresses.news(ours.origin, "ciq_julien", item.public_id)
    document = stranger.press("letter", id=stranger.await_one("Create", object_id=uri)["id"])
    forged = document | {"object": document["object"] | {"name": "Fraude"}}
    assert [stranger.press("verify", document=one)["isProven"] for one in (document, forged)] == [True, False]
    # Its inbox says the same, without any signature of who brings it.
    answers = [
        post(f"{stranger.origin}/inbox", json.dumps(one).encode(), {"Content-Type": "application/activity+json"})
        for one in (document, forged)
    ]
    assert answers == [202, 401]


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
    assert sorted(refused) in ([], sorted([UNCONFIRMED, "its sender is not the one it belongs to"]))
