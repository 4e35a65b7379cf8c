"""From a row to a mail that arrived at a real SMTP server: what it says, to whom, when, and how often."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path

import pytest

from instance import addresses, conversations, mailboxes, outgoing, recovery
from instance.audience import Audience
from instance.conversations import Conversation, Message
from instance.outgoing import Kind, State
from instance.residents import Resident
from tests.web import mail_town
from tests.web.mail_town import LETTER, MailTown, one
from tests.web.pages_town import ORIGIN
from web.mail import links, relay
from web.mail.samples import SAMPLES

ANA = "ana@courriel.example"
BEN = "ben@courriel.example"
CLEO = "cleo@courriel.example"


@pytest.fixture
def post(tmp_path: Path) -> Iterator[MailTown]:
    with mail_town.usual(tmp_path / "town") as made:
        yield made


def words(html: str) -> list[str]:
    """The sentences of the HTML form, without what is between angle brackets."""
    body = re.sub(r"<(style|title)\b.*?</\1>", "", html, flags=re.DOTALL)
    return [" ".join(unescape(one).split()) for one in re.split(r"<[^>]+>", body) if unescape(one).strip()]


# --- the form of a mail


@pytest.mark.parametrize(
    ("language", "subject", "sentence"),
    [
        (
            "fr",
            "Une lettre vous attend · Ville d’Exemple",
            "Cléo vous a écrit au sujet de «\xa0Une grande échelle\xa0».",
        ),
        ("en", "There is a letter for you · Ville d’Exemple", "Cléo wrote to you about “Une grande échelle”."),
    ],
)
def test_an_answer_is_told_in_ones_own_language(post: MailTown, language: str, subject: str, sentence: str) -> None:
    post.prove(post.town.ana, ANA)
    post.speaks(post.town.ana, language)
    conversation = post.answered(post.town.listing(by=post.town.ana, audience=Audience.INSTANCE), by=post.town.cleo)
    post.later(minutes=3)
    parcel = one(post.deliver())
    mail = parcel.mail
    assert (parcel.to, parcel.sender) == ([ANA], "voisins@voisins.example")
    assert mail["Subject"] == subject
    assert mail["To"] == ANA
    assert mail["From"].addresses[0].addr_spec == "voisins@voisins.example"
    assert mail["From"].addresses[0].display_name == "Ville d’Exemple"
    assert mail["Reply-To"] == "mairie@voisins.example"
    assert mail["Content-Language"] == language
    assert sentence in parcel.text
    assert " ".join(sentence.split()) in words(parcel.html)
    assert f'<html lang="{language}">' in parcel.html
    assert post.link(parcel) == f"/conversations/{conversation}"


def test_the_headers_that_mail_programs_look_for(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    post.answered(post.town.listing(by=post.town.ana, audience=Audience.QUARTER), by=post.town.ben)
    post.later(minutes=3)
    mail = one(post.deliver()).mail
    row = one(post.mails())
    assert mail["Message-ID"] == f"<{row.public_id}@voisins.example>"
    assert parsedate_to_datetime(mail["Date"]) == post.moment
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "<answers.voisins.localhost>"
    assert mail["List-Unsubscribe"] == f"<{links.stop(post.settings, resident=post.town.ana)}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert {part["Content-Transfer-Encoding"] for part in mail.iter_parts()} == {"quoted-printable"}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", SAMPLES)
def test_both_forms_of_every_kind_say_the_same(post: MailTown, kind: str, language: str) -> None:
    client = post.browser(post.town.ana)
    html = client.get(f"/design/mail/{kind}.html?lang={language}").text
    text = client.get(f"/design/mail/{kind}.txt?lang={language}").text
    # Both are made of one content; what differs is the mark's brackets and the words before an address.
    said = " ".join(re.sub(r"[\[\]]", "", text).split())
    missing = [one for one in words(html) if one not in said and not one.startswith("•")]
    assert missing == []
    links_of_html = set(re.findall(r'href="([^"]+)"', html))
    assert links_of_html == set(re.findall(r"http://\S+", text))
    assert f'lang="{language}"' in html


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_mail_loads_nothing_and_tells_nobody_that_it_was_opened(post: MailTown, kind: str) -> None:
    html = post.browser(post.town.ana).get(f"/design/mail/{kind}.html").text
    assert not re.search(r"<(img|link|script|iframe|object|video|form)\b|url\(|@import|src=|background=", html)
    assert all(one.startswith(f"{ORIGIN}/") for one in re.findall(r'href="([^"]+)"', html))


# --- who is told what


def test_what_hangs_in_a_building_is_not_named_in_a_mail(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    listing = post.town.listing(by=post.town.ana, audience=Audience.BUILDING, title="Perceuse cachée au 3e")
    post.answered(listing, by=post.town.ben)
    post.later(minutes=3)
    parcel = one(post.deliver())
    for part in (parcel.text, parcel.html, str(parcel.mail["Subject"])):
        assert not re.search("Perceuse|Ben|Fictif|Sémaphore|rue Imaginaire", part)
    assert "a notice in your building" in parcel.text
    assert "stays in here" in parcel.text


@pytest.mark.parametrize("audience", list(Audience))
def test_a_mail_carries_nothing_of_a_letter_nor_of_anybody_else(post: MailTown, audience: Audience) -> None:
    town = post.town
    for resident, address in ((town.ana, ANA), (town.ben, BEN), (town.cleo, CLEO)):
        post.prove(resident, address)
    listing = town.listing(by=town.ana, audience=audience)
    post.answered(listing, by=town.ben)
    post.later(minutes=3)
    parcel = one(post.deliver())
    assert parcel.to == [ANA]
    everything = parcel.raw.decode() + parcel.text + parcel.html + str(parcel.mail["Subject"])
    canaries = [
        "4471",
        "descends",
        LETTER[:20],
        BEN,
        CLEO,
        "Fictif",
        "Inventée",
        "Imaginaire",
        "Pour changer une ampoule",
    ]
    canaries += [str(town.ben.public_id), str(town.building.public_id), str(listing.public_id), "Une voisine"]
    assert [one for one in canaries if one in everything] == []
    # The detector sees: the same search finds what is meant to be there.
    assert ANA in everything


def test_the_one_who_wrote_is_not_told_and_the_other_is(post: MailTown) -> None:
    town = post.town
    post.prove(town.ana, ANA)
    post.prove(town.cleo, CLEO)
    conversation = post.answered(town.listing(by=town.ana, audience=Audience.INSTANCE), by=town.cleo)
    post.later(minutes=3)
    assert one(post.deliver()).to == [ANA]
    post.wrote(conversation, by=town.ana)
    post.later(minutes=3)
    assert one(post.deliver()).to == [CLEO]


def test_nothing_is_written_to_an_address_nobody_proved(post: MailTown) -> None:
    town = post.town
    with town.home() as session:
        session.get_one(Resident, town.ana.id).email = ANA
    post.answered(town.listing(by=town.ana, audience=Audience.INSTANCE), by=town.cleo)
    with town.home() as session:
        recovery.ask(session, name=ANA, now=post.moment)
    post.later(minutes=3)
    assert post.deliver() == []
    assert post.mails() == []


# --- how often, and when


def test_one_mail_a_day_and_conversation_unless_one_answered(post: MailTown) -> None:
    town = post.town
    post.prove(town.ana, ANA)
    conversation = post.answered(town.listing(by=town.ana, audience=Audience.INSTANCE), by=town.cleo)
    post.wrote(conversation, by=town.cleo)
    post.later(minutes=3)
    assert len(post.deliver()) == 1
    post.wrote(conversation, by=town.cleo)
    post.later(hours=2)
    assert post.deliver() == []
    post.wrote(conversation, by=town.ana)
    post.later(minutes=1)
    post.wrote(conversation, by=town.cleo)
    post.later(minutes=3)
    assert len(post.deliver()) == 1
    post.later(days=1, hours=1)
    post.wrote(conversation, by=town.cleo)
    post.later(minutes=3)
    assert len(post.deliver()) == 1


def test_who_answers_before_the_mail_leaves_gets_none(post: MailTown) -> None:
    town = post.town
    post.prove(town.ana, ANA)
    conversation = post.answered(town.listing(by=town.ana, audience=Audience.INSTANCE), by=town.cleo)
    post.later(minutes=1)
    post.wrote(conversation, by=town.ana)
    post.later(minutes=3)
    assert post.deliver() == []
    assert one(post.mails()).state == State.DROPPED


def test_two_rings_at_one_instant_are_one_mail(post: MailTown) -> None:
    town = post.town
    post.prove(town.ana, ANA)
    conversation = post.answered(town.listing(by=town.ana, audience=Audience.INSTANCE), by=town.cleo)
    with town.home() as session:  # what another process would have written, not seeing the first
        first = one(outgoing_rows(session))
        outgoing.post(
            session,
            kind=Kind.ANSWER,
            cause="letter:another",
            to=session.get_one(Resident, town.ana.id),
            subject_id=first.subject_id,
            now=post.moment,
        )
    post.later(minutes=3)
    assert len(post.deliver()) == 1
    assert sorted(row.state for row in post.mails()) == ["dropped", "sent"]
    assert conversation is not None


def outgoing_rows(session) -> list[outgoing.OutgoingMail]:
    return list(session.query(outgoing.OutgoingMail))


def test_nobody_is_rung_at_night(post: MailTown) -> None:
    town = post.town
    post.prove(town.ana, ANA)
    town.moment[0] = datetime(2027, 5, 11, 20, 30, tzinfo=UTC)  # half past ten in the evening by the town's clock
    post.answered(town.listing(by=town.ana, audience=Audience.INSTANCE), by=town.cleo)
    post.later(hours=3)
    assert post.deliver() == []
    town.moment[0] = datetime(2027, 5, 12, 6, 0, tzinfo=UTC)
    assert len(post.deliver()) == 1


def test_a_reset_does_not_wait_for_the_morning(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    post.town.moment[0] = datetime(2027, 5, 11, 23, 30, tzinfo=UTC)
    with post.town.home() as session:
        recovery.ask(session, name="ana", now=post.moment)
    assert post.link(one(post.deliver())).startswith("/recover/link/")


def test_no_mail_for_who_does_not_wish_it_or_is_suspended(post: MailTown) -> None:
    town = post.town
    post.prove(town.ana, ANA)
    listing = town.listing(by=town.ana, audience=Audience.INSTANCE)
    conversation = post.answered(listing, by=town.cleo)
    with town.home() as session:
        mailboxes.hear_answers(session, resident=session.get_one(Resident, town.ana.id), wanted=False)
    post.later(minutes=3)
    assert post.deliver() == []
    post.wrote(conversation, by=town.cleo)
    assert len(post.mails()) == 1
    with town.home() as session:
        mailboxes.hear_answers(session, resident=session.get_one(Resident, town.ana.id), wanted=True)
        session.get_one(Resident, town.ana.id).state = "suspended"
    post.later(days=2)
    post.wrote(conversation, by=town.cleo)
    post.later(minutes=3)
    assert post.deliver() == []


# --- other occasions


def test_a_new_address_is_asked_and_the_former_one_told(post: MailTown) -> None:
    town = post.town
    post.prove(town.ana, ANA)
    with town.home() as session:
        ana = session.get_one(Resident, town.ana.id)
        addresses.ask(session, resident=ana, address="Nouvelle@Courriel.Example", now=post.moment)
    asked = one(post.deliver())
    assert asked.to == ["Nouvelle@courriel.example"]
    assert "ana" not in asked.text.lower()  # whoever else reads it learns no name
    with town.home() as session:
        assert session.get_one(Resident, town.ana.id).email == ANA
        token = post.link(asked).rpartition("/")[2]
        addresses.confirm(session, token=token, key=links.key(post.settings), now=post.moment)
    told = one(post.deliver())
    assert told.to == [ANA]
    assert "no longer has this e-mail address" in told.text
    assert all(row.address is None for row in post.mails())


def test_a_conversation_with_another_town_names_its_byline_and_its_town(post: MailTown) -> None:
    town = post.town
    post.prove(town.ana, ANA)
    listing = town.listing(by=town.ana, audience=Audience.NETWORK, title="Cours de tricot")
    with town.home() as session:
        conversation = Conversation(
            listing_id=listing.id,
            owner_id=town.ana.id,
            remote_actor="https://ailleurs.example/users/instance",
            remote_name="Camille\r\nBcc: tout@ailleurs.example",
            remote_host="ailleurs.example",
            byline="Ana",
            created_at=post.moment,
            last_at=post.moment,
        )
        session.add(conversation)
        session.flush()
        message = Message(
            conversation=conversation, html="<p>Bonjour</p>", remote_uri="https://x", created_at=post.moment
        )
        session.add(message)
        session.flush()
        conversations.ring(session, conversation=conversation, by=None, cause=message.public_id, now=post.moment)
    post.later(minutes=3)
    parcel = one(post.deliver())
    assert parcel.to == [ANA]
    assert "from ailleurs.example, wrote to you about “Cours de tricot”" in " ".join(parcel.text.split())
    assert parcel.mail["Bcc"] is None
    assert "Bonjour" not in parcel.text


def test_delays_grow() -> None:
    assert [outgoing.delay(tries) for tries in (1, 2, 3)] == [timedelta(minutes=m) for m in (1, 3, 9)]
    assert outgoing.delay(50) == outgoing.LONGEST_DELAY


def test_a_relay_is_found_in_the_settings(post: MailTown) -> None:
    assert relay.of(post.settings) is not None
