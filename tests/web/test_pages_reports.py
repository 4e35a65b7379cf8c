"""The one way to report something."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from instance import reports
from instance.audience import Audience
from tests.web import pages_town
from tests.web.pages_town import Town

pytestmark = pytest.mark.sqlite


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def filed(town: Town) -> list[reports.Report]:
    with town.store.read() as session:
        return list(reports.open_reports(session, by=None))


def test_a_notice_is_reported_with_its_words_and_a_reason(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    browser = town.browser(town.ben)
    link = f"/report/notice/{listing.public_id}"
    assert link in browser.get(f"/notices/{listing.public_id}").text
    assert "Une grande échelle" in browser.get(link).text
    page = browser.post(link, data={"reason": "C'est une arnaque."}, follow_redirects=True).text
    assert "We have received it" in page
    (report,) = filed(town)
    assert (report.reason, report.reporter_id) == ("C'est une arnaque.", town.ben.id)
    assert "Une grande échelle" in report.excerpt


def test_a_letter_is_reported_by_whoever_received_it(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    town.browser(town.ben).post(f"/notices/{listing.public_id}/answer", data={"body": "Gros mots"})
    ana = town.browser(town.ana)
    path = ana.get("/conversations").text.split('href="/conversations/')[1].split('"')[0]
    page = ana.get(f"/conversations/{path}").text
    link = "/report/message/" + page.split('href="/report/message/')[1].split('"')[0]
    assert "Gros mots" in ana.get(link).text
    ana.post(link, data={"reason": "Insultant"})
    assert [one.target for one in filed(town)] == ["message"]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 1001])
def test_a_report_needs_a_reason_of_reasonable_length(town: Town, reason: str) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    page = town.browser(town.ben).post(f"/report/notice/{listing.public_id}", data={"reason": reason}).text
    assert 'role="alert"' in page
    assert reason.strip() in page
    assert not filed(town)


def test_nothing_is_filed_about_what_cannot_be_seen(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    for public_id in (listing.public_id, uuid.uuid4()):
        answer = town.browser(town.cleo).post(f"/report/notice/{public_id}", data={"reason": "Rien"})
        assert answer.status_code == 404
    assert not filed(town)
