"""The forms of what stands beside the board: a skill, a letter that asks for it, a recommended craftsman."""

from collections.abc import Sequence
from typing import Final

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from instance import residents
from instance.audience import Audience
from instance.base import Refused
from instance.nearby import Nearby
from instance.places import Building
from instance.recommendations import Trade
from web.frame import context
from web.frame.forms import PageForm
from web.pages.notice_forms import NEEDED, AudienceForm
from web.views import reach
from web.views.beside import TRADES


class BesideForm(AudienceForm):
    """Something that stands in a circle: never further than the form says."""

    furthest: Audience

    def open_doors(self) -> None:
        """Say which doors and buildings there are to choose from, for whoever is signed in."""
        resident, session = context.require_resident(), context.home()
        place, now = context.settings().name, context.now()
        doors = reach.for_resident(session, resident=resident, place=place, now=now) if self.homes else ()
        near = tuple(one for one in doors if one.audience <= self.furthest)
        self.offer(doors=near, homes=reach.homes(self.homes))

    @property
    def homes(self) -> Sequence[Building]:
        """The buildings one can write for."""
        return residents.buildings_of(context.home(), resident=context.require_resident())

    @property
    def several(self) -> bool:
        """Whether one has to say which building."""
        return len(self.homes) > 1

    @property
    def whom(self) -> dict[str, str]:
        """Who stands behind each door."""
        return dict(self.audience.choices)

    def where(self) -> Building | None:
        """The building that was chosen, or the only one. Raises Refused("place_missing", field="building")."""
        homes = self.homes
        found = homes[0] if len(homes) == 1 else reach.chosen(homes, value=self.building.data)
        if found is None and homes:
            raise Refused("place_missing", field="building")
        return found

    def show_circle(self, row: Nearby) -> None:
        """Fill in where it stands now."""
        self.audience.data = row.audience.word
        self.building.data = str(row.building.public_id) if row.building is not None else ""


class SkillForm(BesideForm):
    """One thing that neighbours may ask for."""

    furthest = Audience.QUARTER

    title = StringField(lazy_gettext("Neighbours may ask me for"), [InputRequired(NEEDED)])


class AskForm(PageForm):
    """The letter that asks for it."""

    body = TextAreaField(lazy_gettext("Your letter"), [InputRequired(NEEDED)])


class CraftsmanForm(BesideForm):
    """Whom one recommends, how to reach them, and what they did."""

    furthest = Audience.INSTANCE

    trade = SelectField(lazy_gettext("Trade"), [InputRequired(lazy_gettext("Choose a trade."))], validate_choice=False)
    name = StringField(lazy_gettext("Name of the business"), [InputRequired(NEEDED)])
    phone = StringField(lazy_gettext("Its telephone"))
    site = StringField(lazy_gettext("Its page on the web"))
    done = TextAreaField(lazy_gettext("What they did for you"), [InputRequired(NEEDED)])
    independent = BooleanField(
        lazy_gettext("This is not my business, nor that of anybody I live with."),
        [InputRequired(lazy_gettext("Only those who have no part in a business recommend it here."))],
    )

    def open_doors(self) -> None:
        """As of any; and say which trades there are, in the order of the reader's alphabet, the others last."""
        super().open_doors()
        self.trade.choices = [("", gettext("Choose…")), *((one.value, word) for one, word in in_order())]


LAST: Final = Trade.OTHER


def in_order() -> list[tuple[Trade, str]]:
    """The trades by their names in the language being read; what is none of them comes last."""
    named = [(one, str(word)) for one, word in TRADES.items()]
    return sorted(named, key=lambda one: (one[0] is LAST, one[1].casefold()))
