"""One's own e-mail address on the pages: proving it, changing it, and having no more mail."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from instance import mailboxes, residents, verification
from instance.audience import Audience
from instance.outgoing import Kind, OutgoingMail
from instance.residents import Resident
from tests.web import mail_town, pages_town
from tests.web.mail_town import MailTown, visitor
from tests.web.pages_town import NOW, ORIGIN, PASSWORD, Town
from web.frame import context
from web.mail import links

ANA, NEW = "ana@courriel.example", "une toute nouvelle phrase"


@pytest.fixture
def post(tmp_path: Path) -> Iterator[MailTown]:
    with mail_town.usual(tmp_path / "town") as made:
        yield made


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[Town]:
    """The same town without a relay."""
    yield from pages_town.build(tmp_path / "quiet")


def test_an_address_given_at_sign_up_counts_once_its_link_was_opened(post: MailTown) -> None:
    client = visitor(post.town)
    with post.town.home() as session:
        building = session.get_one(type(post.town.building), post.town.building.id)
        pepper = context.letterbox_pepper(post.settings)
        code = verification.issue(session, lot=building.lots[2], pepper=pepper, now=NOW)
    client.post("/join", data={"code": code})
    given = {"first_name": "Zoé", "last_name": "Rêvée", "login": "zoe", "password": PASSWORD}
    wrong = client.post("/join/details", data={**given, "email": "zoe@"})
    assert "Write the e-mail address in full" in wrong.text
    assert 'value="Zoé"' in wrong.text
    assert client.post("/join/details", data={**given, "email": "zoe@courriel.example"}).location == "/"
    with post.town.store.read() as session:
        assert residents.by_login(session, login="zoe").email is None
    page = client.get("/account").text
    assert "zoe@courriel.example is not confirmed yet" in page
    (parcel,) = post.deliver()
    path = post.link(parcel)
    stranger = visitor(post.town)
    assert stranger.get(path).status_code == 200
    assert "is not confirmed yet" in client.get("/account").text  # looking confirms nothing
    assert stranger.post(path).status_code == 302
    assert "zoe@courriel.example is confirmed" in client.get("/account").text
    assert stranger.post(path).status_code == 410


def test_a_new_address_waits_and_the_old_one_stays_until_then(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    client = post.browser(post.town.ana)
    client.post("/account/settings", data={"locale": "en", "email": "neuve@courriel.example"})
    page = client.get("/account").text
    assert f"{ANA} is confirmed" in page
    assert "neuve@courriel.example is not confirmed yet" in page
    client.post("/account/mail/again")
    assert len(post.deliver()) == 1  # the first link was replaced before it left
    client.post(post.link(post.office.received[-1]))
    assert "neuve@courriel.example is confirmed" in client.get("/account").text
    assert post.deliver()[0].to == [ANA]


def test_an_address_that_belongs_to_somebody_is_told_only_to_who_reads_it(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    client = post.browser(post.town.ben)
    answer = client.post("/account/settings", data={"locale": "en", "email": ANA})
    assert answer.status_code == 302
    (parcel,) = post.deliver()
    taken = client.post(post.link(parcel))
    assert (taken.status_code, "already belongs to an account" in taken.text) == (410, True)


def test_nobody_s_mailbox_is_filled_from_here(post: MailTown) -> None:
    client = post.browser(post.town.ben)
    client.post("/account/settings", data={"locale": "en", "email": "victim@courriel.example"})
    for _ in range(6):
        client.post("/account/mail/again")
        post.deliver()
    assert len(post.office.received) <= 3
    assert "Several mails went there today" in client.get("/account").text


def test_taking_an_address_back_is_told_to_it(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    client = post.browser(post.town.ana)
    client.post("/account/settings", data={"locale": "en", "email": ""})
    with post.town.store.read() as session:
        ana = session.get_one(Resident, post.town.ana.id)
        assert (ana.email, mailboxes.of(session, resident=ana)) == (None, None)
    (parcel,) = post.deliver()
    assert (parcel.to, "no longer has this e-mail address" in parcel.text) == ([ANA], True)


def test_a_changed_password_is_told(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    client = post.browser(post.town.ana)
    client.post("/account/password", data={"old": PASSWORD, "new": NEW})
    with post.town.store.read() as session:
        assert [row.kind for row in session.query(OutgoingMail)] == [Kind.PASSWORD]


def test_without_a_relay_an_address_is_for_signing_in_only(quiet: Town) -> None:
    client = quiet.browser(quiet.ana)
    client.post("/account/settings", data={"locale": "en", "email": ANA})
    answer = visitor(quiet).post("/sign-in", data={"name": ANA, "password": PASSWORD})
    assert answer.status_code == 302
    assert "Mail to you" not in client.get("/account").text
    listing = quiet.listing(by=quiet.ana, audience=Audience.INSTANCE)
    quiet.browser(quiet.cleo).post(f"/notices/{listing.public_id}/answer", data={"body": "Oui."})
    with quiet.store.read() as session:
        assert session.query(OutgoingMail).count() == 0


# --- stopping


def test_one_click_stops_the_mails_without_signing_in(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    post.town.app.config["WTF_CSRF_ENABLED"] = True
    url = links.stop(post.settings, resident=post.town.ana)
    program = visitor(post.town)
    assert program.get(url.removeprefix(ORIGIN)).status_code == 200
    assert wishes(post)  # a look stops nothing
    answer = program.post(url.removeprefix(ORIGIN), data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not wishes(post)
    made_up = url[:-1] + ("0" if url[-1] != "0" else "1")
    assert program.post(made_up.removeprefix(ORIGIN)).status_code == 404
    other = url.replace(str(post.town.ana.public_id), str(post.town.ben.public_id))
    assert program.post(other.removeprefix(ORIGIN)).status_code == 404
    # Every other form still wants its token.
    assert program.post("/recover", data={"name": "ana"}).status_code == 400


def wishes(post: MailTown) -> bool:
    with post.town.store.read() as session:
        box = mailboxes.of(session, resident=session.get_one(Resident, post.town.ana.id))
        return box is not None and box.hears_answers


def test_the_switch_on_ones_account(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    client = post.browser(post.town.ana)
    assert " checked" in client.get("/account").text
    client.post("/account/mail", data={})
    assert not wishes(post)
    client.post("/account/mail", data={"hears_answers": "1"})
    assert wishes(post)
