"""The forms of standing offers: a weekly window, and one slot to book."""

from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired

from instance import slots
from web.frame.forms import PageForm
from web.pages.notice_forms import NEEDED
from web.views import bookings as views


class WindowForm(PageForm):
    """A weekly window: the day, from when until when, how long a slot is, where."""

    weekday = SelectField(lazy_gettext("Day of the week"), validate_choice=False)
    begins = StringField(lazy_gettext("From"), [InputRequired(NEEDED)], default="18:00")
    ends = StringField(lazy_gettext("To"), [InputRequired(NEEDED)], default="20:00")
    minutes = SelectField(lazy_gettext("Each neighbour has"), validate_choice=False, default="30")
    place = StringField(lazy_gettext("Where"), [InputRequired(NEEDED)])
    first = StringField(lazy_gettext("First day"))
    last = StringField(lazy_gettext("Last day"))

    def offer(self) -> None:
        """Say what there is to choose from."""
        self.weekday.choices = views.weekdays()
        self.minutes.choices = [(str(one), gettext("%(minutes)s minutes", minutes=one)) for one in slots.LENGTHS]


class BookForm(PageForm):
    """One slot."""

    slot = RadioField(
        lazy_gettext("When would suit you?"),
        [InputRequired(lazy_gettext("Choose a free time."))],
        validate_choice=False,
    )
