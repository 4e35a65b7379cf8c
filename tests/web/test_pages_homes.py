"""Homes on the pages: moving out, and who is asked whether they still live there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from instance.audience import Audience
from tests.web import pages_town
from tests.web.pages_town import Town
from tests.web.test_pages_joining import administrator, hung, reads, say

pytestmark = pytest.mark.sqlite


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def test_moving_out_says_what_ends_and_leaves_the_account(town: Town) -> None:
    notices, ana = hung(town), town.browser(town.ana)
    (path,) = set(re.findall(r"/account/homes/[0-9a-f-]{36}/move-out", ana.get("/account/known").text))
    assert town.browser(town.ben).get(path).status_code == 404
    assert "Moving out of Le Sémaphore, lot 1" in ana.get(path).text
    assert reads(ana, notices) == set(Audience)
    assert "Your account remains" in say(ana, path)
    assert reads(town.browser(town.ben), notices) == set(), "no home is left"
    assert "The board opens when it is known where you live" in ana.get("/").text
    assert ana.post(path).status_code == 404


def test_who_is_asked_answers_on_their_own_pages(town: Town) -> None:
    admin, ana = administrator(town), town.browser(town.ana)
    code = {"lot": "1", "paper": "page"}
    path = f"/admin/buildings/{town.building.public_id}/codes"
    admin.post(path, data=code)
    assert "Do you still live there?" not in ana.get("/").text
    assert "Ana" not in admin.post(path, data={**code, "former": "ask"}).text
    assert "Do you still live there?" in ana.get("/").text
    assert "Do you still live there?" not in town.browser(town.ben).get("/").text
    (stay,) = set(re.findall(r"/account/homes/[0-9a-f-]{36}/stay", ana.get("/account/known").text))
    assert town.browser(town.ben).post(stay).status_code == 404
    assert "you still live there" in say(ana, stay)
    assert "Do you still live there?" not in ana.get("/").text
