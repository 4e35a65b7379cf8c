"""The forms of lending: a proposal, a thing lent elsewhere, thanks."""

from flask_babel import lazy_gettext
from wtforms import StringField
from wtforms.validators import InputRequired

from web.frame.forms import PageForm
from web.pages.notice_forms import NEEDED


class AskForm(PageForm):
    """When and where it is picked up, and until when it is lent."""

    pickup = StringField(lazy_gettext("Picked up on"), [InputRequired(NEEDED)])
    place = StringField(lazy_gettext("Where"))
    due = StringField(lazy_gettext("Brought back by"), [InputRequired(NEEDED)])


class OutsideForm(PageForm):
    """Until when it is lent, as far as its lender knows."""

    due = StringField(lazy_gettext("Until"))


class ThanksForm(PageForm):
    """One sentence."""

    words = StringField(lazy_gettext("A word of thanks"), [InputRequired(NEEDED)])
