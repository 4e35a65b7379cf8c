"""The public pages of organisations and quarters."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from instance.audience import Audience
from tests.web import pages_town
from tests.web.pages_town import ORIGIN, Town

pytestmark = pytest.mark.sqlite


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def test_an_organisation_is_public_with_its_public_news(town: Town) -> None:
    town.item(audience=Audience.NETWORK, title="Fête du quartier")
    town.item(audience=Audience.QUARTER, title="Entre nous")
    town.item(audience=Audience.NETWORK, title="Chantier", organisation=town.developer)
    page = town.visitor().get("/@comite", headers={"Accept-Language": "en"}).text
    for word in ("Comité des Acacias", "Quarter committee", "verified", "Fête du quartier"):
        assert word in page
    for word in ("Entre nous", "Chantier", "Édith", "Plume", "/organisations/comite"):
        assert word not in page
    assert "@comite@voisins.localhost:8100" in page
    assert f'type="application/activity+json" href="{ORIGIN}/users/comite"' in page


def test_an_unverified_organisation_has_no_stamp(town: Town) -> None:
    assert 'class="stamp"' not in town.visitor().get("/@batisseurs").text


def test_an_opened_quarter_is_public_and_a_closed_one_is_not_there(town: Town) -> None:
    town.item(audience=Audience.NETWORK, title="Fête du quartier")
    page = town.visitor().get("/@les_acacias").text
    assert "Fête du quartier" in page
    assert "@les_acacias@" in page
    closed, none = town.visitor().get("/@le_port"), town.visitor().get("/@personne")
    assert closed.status_code == none.status_code == 404
    assert closed.text == none.text


def test_members_get_their_tools(town: Town) -> None:
    page = town.browser(town.editor).get("/@comite").text
    assert "/organisations/comite/news/new" in page
    assert "/organisations/comite/follows" in page
    assert "/organisations/comite/news/new" not in town.browser(town.ana).get("/@comite").text


def test_a_public_offer_shows_a_visitor_the_byline_only(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.NETWORK)
    page = town.visitor().get(f"/notices/{listing.public_id}", headers={"Accept-Language": "en"}).text
    assert "Une voisine" in page
    assert "Ana" not in page
    assert "Imaginaire" not in page
    assert "Sign in to answer" in page
    assert f"{ORIGIN}/users/instance/items/{listing.public_id}" in page
