"""How texts of other towns are shown: whole, under a title that is theirs, and a private one to nobody else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from activitypub.details import ProposalTerms, Purpose
from activitypub.vocabulary import PUBLIC, Article, Create, Event, Note
from federation.hatch import handlers, pinning, shown
from federation.hatch.incoming import Incoming
from instance.base import Refused
from instance.comments import Comment
from instance.news import NewsItem
from instance.notices import Notice

NOW = datetime(2027, 5, 11, 8, 0, 2, tzinfo=UTC)
OURS = "https://ici.example"
WHO = "https://la.example/users/asso"


def article(**more: Any) -> Article:
    given: dict[str, Any] = {"name": "Titre", "content": "<p>Le texte.</p>", "to": (PUBLIC,), **more}
    return Article(id="https://la.example/1", attributed_to=WHO, **given)


def note(**more: Any) -> Note:
    given: dict[str, Any] = {"content": "<p>Le texte.</p>", "to": (PUBLIC,), **more}
    return Note(id="https://la.example/1", attributed_to=WHO, **given)


def incoming(thing: Article | Event | Note) -> Incoming:
    return Incoming(
        activity=Create(id="https://la.example/1/activity", actor=WHO, object=thing),
        thing=thing,
        thing_uri=thing.id,
        author_uri=WHO,
        author_name="Asso",
        host="la.example",
        is_followed=True,
        terms=(None,),
        quarter=None,
        is_limited=False,
        keeps_loans=False,
        origin=OURS,
        received_at=NOW,
    )


def hung(session: Session, thing: Article | Note) -> NewsItem:
    handler = pinning.pin_news if isinstance(thing, Article) else pinning.pin_note
    assert handler(session, incoming(thing)) == pinning.HANGS
    return session.scalars(select(NewsItem)).one()


def test_a_post_about_a_link_keeps_it(home_session: Session) -> None:
    item = hung(home_session, article(content="", link="https://journal.example/?a=1&b=2"))
    assert 'href="https://journal.example/?a=1&amp;b=2"' in item.html


def test_a_question_keeps_its_answers_and_no_tag_of_theirs(home_session: Session) -> None:
    item = hung(home_session, note(content="<p>Quel jour ?</p>", options=("samedi", "<script>x</script>")))
    assert "<li>samedi</li>" in item.html
    assert "<script" not in item.html
    assert item.title == "Quel jour ?"


def test_a_warning_stands_for_what_it_warns_of(home_session: Session) -> None:
    item = hung(home_session, note(summary="Accident", content="<p>Détails.</p>"))
    assert (item.title, item.summary) == ("Accident", "Accident")
    assert "Détails" in item.html


@pytest.mark.parametrize(
    ("thing", "title"),
    [
        (article(name="Mairie\u202egro"), "Mairiegro"),
        (article(name=""), "Le texte."),
        (note(name="\u2800"), "Le texte."),
        (note(content=""), "https://la.example/1"),
    ],
)
def test_a_title_is_what_is_seen_of_it(home_session: Session, thing: Article | Note, title: str) -> None:
    assert hung(home_session, thing).title == title


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://la.example/@asso/1", "https://la.example/@asso/1"),
        ("https://phish.example/la.example/1", "https://la.example/1"),
        (None, "https://la.example/1"),
    ],
)
def test_one_reads_on_where_a_text_is_at_home(url: str | None, page: str) -> None:
    assert shown.page(article(url=url)) == page


OFFER, LATER = ProposalTerms(purpose=Purpose.OFFER), NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (note(proposal=OFFER), article(updated=LATER)),
        (article(), note(proposal=OFFER, updated=LATER)),
        (note(proposal=OFFER), note(updated=LATER)),
    ],
)
def test_an_update_makes_no_other_kind_of_a_notice(home_session: Session, first: Any, then: Any) -> None:
    """People have written and agreed about it: it stays the offer, or the news, that they read."""

    def pin(thing: Any) -> None:
        handler = pinning.pin_news if isinstance(thing, Article) else pinning.pin_note
        handler(home_session, incoming(thing))

    pin(first)
    (item,) = home_session.scalars(select(Notice)).all()
    before = (type(item), item.title, item.html, item.version)
    with pytest.raises(Refused, match="another_kind"):
        pin(then)
    home_session.expire_all()
    assert [(type(one), one.title, one.html, one.version) for one in home_session.scalars(select(Notice))] == [before]
    assert handlers.REFUSALS["another_kind"] == "it is of another kind than before"


@pytest.mark.parametrize("to", [(WHO,), (f"{OURS}/users/instance",)])
def test_a_private_answer_to_public_news_is_no_comment(home_session: Session, to: tuple[str, ...]) -> None:
    thing = note(to=to, in_reply_to=f"{OURS}/users/ciq/articles/6f1c2c1e-6d0f-4c1b-9a53-0d6f6a1b2c3d")
    try:
        sentence = pinning.pin_note(home_session, incoming(thing))
    except Refused as refusal:
        sentence = handlers.REFUSALS[refusal.code]
    assert sentence in {"a private letter to nobody here", "it answers nothing of ours"}
    for kind in (Comment, Notice):
        assert home_session.scalar(select(func.count()).select_from(kind)) == 0
