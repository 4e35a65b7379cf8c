"""A ladder that is promised, and pictures of it, for tests of what two neighbours keep about a loan."""

import io
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from PIL import Image
from sqlalchemy.orm import Session

from instance import conditions, conversations, hours, loans, pictures
from instance.audience import Audience
from instance.conditions import Condition, Moment
from instance.lending import Act
from instance.loans import Loan
from instance.residents import Resident
from tests.instance.neighbourhood import Neighbourhood


def _drawn() -> pictures.Picture:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, "PNG")
    return pictures.draw(out.getvalue())


PICTURE = _drawn()


@dataclass(slots=True)
class Lent:
    """Ana lends a ladder to Ben; Cleo, who lives in the same building, has no part in it."""

    town: Neighbourhood
    root: Path
    people: dict[str, Resident]
    loan: Loan

    @property
    def session(self) -> Session:
        """The session of the town."""
        return self.town.session

    def move(self, *steps: tuple[str, Act]) -> None:
        """Take steps, each by whom."""
        for who, act in steps:
            loans.move(self.session, loan=self.loan, act=act, by=self.people[who], now=self.town.now)

    def put(self, who: str, moment: Moment, *, words: str = "Une rayure") -> Condition:
        """A photograph of the ladder."""
        given = {"loan": self.loan, "by": self.people[who], "picture": PICTURE, "now": self.town.now}
        return conditions.put(self.session, root=self.root, moment=moment, words=words, **given)

    def files(self) -> list[str]:
        """What lies on the disk."""
        return sorted(one.name for one in self.root.rglob("*") if one.is_file())


def promise(town: Neighbourhood, people: dict[str, Resident]) -> Loan:
    """Ben asks Ana for a ladder, and she agrees."""
    ladder = town.offer(people["ana"], Audience.BUILDING)
    talk = conversations.answer(town.session, listing=ladder, by=people["ben"], body="Bonjour.", now=town.now)
    pickup = town.now + timedelta(days=1)
    terms = {"pickup_at": pickup, "due_on": hours.town_day(pickup), "place": "", "now": town.now}
    loan = loans.ask(town.session, conversation=talk, by=people["ben"], **terms)
    loans.agree(town.session, loan=loan, by=people["ana"], terms=1, now=town.now)
    return loan


def build(town: Neighbourhood, root: Path) -> Lent:
    """The ladder is promised."""
    people = {name: town.resident(town.lilas, name=name.title()) for name in ("ana", "ben", "cleo")}
    return Lent(town=town, root=root, people=people, loan=promise(town, people))
