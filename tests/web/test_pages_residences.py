"""Which buildings are one residence, on the pages of administrators, and that it widens nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from instance.audience import Audience
from tests.web import staff_town
from tests.web.staff_town import Staff

pytestmark = pytest.mark.sqlite


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    yield from staff_town.build(tmp_path)


def test_a_building_joins_the_residence_of_another_one_and_is_taken_out(staff: Staff) -> None:
    town, admin = staff.town, staff.town.browser(staff.administrator)
    near, far = town.building, town.far_building
    path, its_path = (f"/admin/buildings/{one.public_id}/residence" for one in (near, far))
    assert path in admin.get(f"/admin/buildings/{near.public_id}").text

    def say(**data: str) -> str:
        return admin.post(path, data=data, follow_redirects=True).text

    assert "Fill in this field" in say(other="")
    assert "No building here is called so" in say(other="Nulle Part")
    assert "This is the same building" in say(other=near.name, number="AA1")
    assert "Neither of the two has a residence yet" in say(other=f"{far.name}, {far.street}")
    assert "This is no number of the register" in say(other=far.name, number="?")
    assert far.name not in admin.get(path).text
    assert far.name in say(other=f"{far.name}, {far.street}", number="AA1234567")
    assert near.name in admin.get(its_path).text
    assert "AA1234567" in admin.get(its_path).text
    notice = town.listing(by=town.ana, audience=Audience.BUILDING)
    assert town.browser(town.ben).get(f"/notices/{notice.public_id}").status_code == 200
    assert town.browser(town.cleo).get(f"/notices/{notice.public_id}").status_code == 404
    page = admin.post(f"{its_path}/leave", follow_redirects=True).text
    assert near.name not in page
    assert "It has no other building here" in admin.get(path).text
