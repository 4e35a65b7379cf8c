"""Mails about what a neighbour may be asked for: what stays in a building is not named, and neither is who asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from instance import conversations, skills
from instance.audience import Audience
from instance.residents import Resident
from tests.web import mail_town
from tests.web.mail_town import MailTown, one

ANA, TITLE = "ana@courriel.example", "Tenir une échelle"


@pytest.fixture
def post(tmp_path: Path) -> Iterator[MailTown]:
    with mail_town.usual(tmp_path / "town") as made:
        yield made


def asked(post: MailTown, audience: Audience) -> str:
    """Ben asks Ana for what she offered; the mail she gets, in both forms."""
    post.prove(post.town.ana, ANA)
    with post.town.home() as session:
        ana, ben = session.get_one(Resident, post.town.ana.id), session.get_one(Resident, post.town.ben.id)
        skill = skills.offer(session, by=ana, title=TITLE, audience=audience, building=None, now=post.moment)
        conversations.ask(session, skill=skill, by=ben, body="Samedi, dix minutes ?", now=post.moment)
    post.later(minutes=5)
    parcel = one(post.deliver())
    assert parcel.mail["Subject"].startswith("There is a letter for you")
    said = " ".join(f"{parcel.text} {parcel.html}".split())
    assert "Samedi" not in said
    assert "Somebody wrote to you" in said
    return said


def test_what_stays_in_a_building_is_not_named(post: MailTown) -> None:
    said = asked(post, Audience.BUILDING)
    assert "from somebody in your building" in said
    assert "échelle" not in said
    assert post.town.ben.first_name not in said


def test_what_the_quarter_reads_is_named(post: MailTown) -> None:
    said = asked(post, Audience.QUARTER)
    assert TITLE in said
    assert post.town.ben.first_name in said
