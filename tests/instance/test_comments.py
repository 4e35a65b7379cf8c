"""Comments under news, ours and those of other cities."""

import uuid

import pytest

from instance import comments, news, notices
from instance.audience import Audience, Reader
from instance.base import Refused
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, Neighbourhood


def add(town: Neighbourhood, notice: notices.Notice, by: object, body: str = "**Bravo**") -> comments.Comment:
    return comments.add(town.session, notice=notice, by=by, body=body, now=NOW)


def welcome(town: Neighbourhood, notice: notices.Notice, n: int = 1, html: str = "<p>Bonjour</p>") -> comments.Comment:
    return comments.welcome(town.session, notice=notice, origin=neighbourhood.origin(n), html=html, now=NOW)


def test_comments_stand_in_order_under_news(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    item = town.post(ines, town.organisation(ines), Audience.NETWORK)
    first, second, third = add(town, item, ines), welcome(town, item), add(town, item, ines, "x <b>y</b>")
    assert list(comments.under(town.session, notice=item)) == [first, second, third]
    assert (first.html, third.html) == ("<p><strong>Bravo</strong></p>\n", "<p>x &lt;b&gt;y&lt;/b&gt;</p>\n")
    assert (second.author, second.origin_host) == (None, "ailleurs.example")


def test_what_cannot_be_commented_on(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    item = town.post(ines, town.organisation(ines), Audience.NETWORK)
    for notice, body, code in (
        (town.offer(ines, Audience.BUILDING), "x", "not_news"),
        (item, " \n", "missing"),
        (item, "x" * 2001, "too_long"),
    ):
        with pytest.raises(Refused, match=code):
            add(town, notice, ines, body)
    notices.withdraw(town.session, notice=item, by=ines, now=NOW)
    for act in (lambda: add(town, item, ines), lambda: welcome(town, item)):
        with pytest.raises(Refused, match="not_live"):
            act()


@pytest.mark.parametrize("audience", [Audience.INSTANCE, Audience.QUARTER])
def test_nobody_elsewhere_answers_what_is_not_for_everybody(town: Neighbourhood, audience: Audience) -> None:
    ines = town.resident(town.lilas)
    item = town.post(ines, town.organisation(ines, quarter=town.north), audience)
    with pytest.raises(Refused, match="not_live"):
        welcome(town, item)


def test_a_second_copy_changes_nothing(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    item = town.post(ines, town.organisation(ines), Audience.NETWORK)
    assert welcome(town, item) is welcome(town, item, html="<p>autre</p>")
    assert [one.html for one in comments.under(town.session, notice=item)] == ["<p>Bonjour</p>"]


def test_a_long_one_is_cut_without_leaving_a_tag_open(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    item = town.post(ines, town.organisation(ines), Audience.NETWORK)
    link = '<a href="https://ailleurs.example/a/long/address">x</a>'
    for n in range(60):
        html = welcome(town, item, n, html="x" * (comments.LONGEST_BODY * 4 - n) + link).html
        assert html.count("<a ") == html.count("</a>")
        assert html.count('"') % 2 == 0


def test_withdrawing(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    item = town.post(ines, town.organisation(ines), Audience.NETWORK)
    ours, theirs = add(town, item, ines), welcome(town, item)
    for comment in (ours, theirs):
        with pytest.raises(Refused, match="not_yours"):
            comments.withdraw(town.session, comment=comment, by=zoe)
    with pytest.raises(Refused, match="stranger"):
        comments.farewell(town.session, uri=theirs.origin_uri, actor_host="evil.example")
    assert comments.farewell(town.session, uri="https://x.example/", actor_host="x.example") is None
    comments.withdraw(town.session, comment=ours, by=ines)
    comments.farewell(town.session, uri=theirs.origin_uri, actor_host="ailleurs.example")
    assert comments.under(town.session, notice=item) == []
    assert (ours.html, theirs.html) == ("", "")
    assert welcome(town, item) is theirs, "gone stays gone"
    assert comments.under(town.session, notice=item) == []


def test_a_comment_is_seen_by_whoever_sees_its_news(town: Neighbourhood) -> None:
    ines, far = town.resident(town.lilas), town.resident(town.far)
    comment = add(town, town.post(ines, town.organisation(ines, quarter=town.north), Audience.QUARTER), ines)
    assert comments.find(town.session, public_id=comment.public_id, reader=town.reader(ines)) is comment
    for public_id, reader in (
        (comment.public_id, town.reader(far)),
        (comment.public_id, Reader()),
        (uuid.uuid4(), town.reader(ines)),
    ):
        with pytest.raises(Refused, match="not_found"):
            comments.find(town.session, public_id=public_id, reader=reader)


def test_comments_under_news_from_elsewhere_stay_here(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    item = news.welcome(
        town.session, origin=neighbourhood.origin(), title="t", summary="s", html="x", language="fr", now=NOW
    )
    assert add(town, item, ines).origin_uri is None
    with pytest.raises(Refused, match="not_live"):
        welcome(town, item, 2)
