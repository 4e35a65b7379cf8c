"""The forms around a notice: compose, edit, narrow, answer, comment, reply, report."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from flask_babel import lazy_gettext
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired

from instance import happenings
from instance.audience import Audience
from instance.happenings import Happening
from instance.needs import Need
from instance.rings import Pace
from web.frame.forms import PageForm
from web.pages.attached import PhotosForm
from web.views.reach import Door, Home

NEEDED: Final = lazy_gettext("Fill in this field.")
ONE_OF_THESE: Final = lazy_gettext("Choose one of these.")
NO_DOOR: Final = lazy_gettext("Choose who will see this.")
WORDS: Final = tuple(one.word for one in Audience)


class AudienceForm(PageForm):
    """Who will see it: asked first, never preselected; and which home or quarter, for somebody with several."""

    audience = RadioField(
        lazy_gettext("Who will see this?"),
        [InputRequired(NO_DOOR), AnyOf(WORDS, message=NO_DOOR)],
        validate_choice=False,
    )
    building = SelectField(lazy_gettext("Which building?"), validate_choice=False)

    def offer(self, *, doors: Iterable[Door], homes: Iterable[Home]) -> None:
        """Say which doors and buildings there are to choose from."""
        self.audience.choices = [(one.audience.word, one.who) for one in doors]
        self.building.choices = [("", lazy_gettext("Choose…")), *((one.value, one.name) for one in homes)]

    def chosen(self) -> Audience:
        """The audience, once validated."""
        return Audience.parse(self.audience.data)


class NarrowForm(AudienceForm):
    """Let fewer people see it."""


class ListingForm(AudienceForm, PhotosForm):
    """An offer or a request, and photographs of it."""

    title = StringField(lazy_gettext("In one line"), [InputRequired(NEEDED)])
    body = TextAreaField(lazy_gettext("Details"), [InputRequired(NEEDED)])
    byline = StringField(lazy_gettext("How you sign outside the town"))
    neighbour = SelectField(lazy_gettext("For whom?"), validate_choice=False)

    def relay(self, neighbours: Iterable[tuple[str, str]]) -> None:
        """Say for whom one may write beside oneself: their public ids and what one calls them."""
        self.neighbour.choices = [("", lazy_gettext("For myself")), *neighbours]


class RequestForm(ListingForm):
    """A request: also what it is for, and how fast it reaches further than the building."""

    need = RadioField(
        lazy_gettext("What is it about?"),
        [AnyOf([one.value for one in Need], message=ONE_OF_THESE)],
        default=Need.OTHER.value,
        validate_choice=False,
    )
    pace = SelectField(
        lazy_gettext("How fast does it go round?"),
        [AnyOf([one.value for one in Pace], message=ONE_OF_THESE)],
        default=Pace.AT_ONCE.value,
        validate_choice=False,
    )

    def time(self, *, needs: Iterable[tuple[str, str]], paces: Iterable[tuple[str, str]]) -> None:
        """Say what there is to choose from."""
        self.need.choices, self.pace.choices = list(needs), list(paces)


class DateForm(PageForm):
    """When and where what news announces takes place."""

    begins = StringField(lazy_gettext("Begins"))
    ends = StringField(lazy_gettext("Ends"))
    place = StringField(lazy_gettext("Place"))

    @property
    def is_used(self) -> bool:
        """Whether something of it was typed, or is wrong."""
        return any(one.data or one.errors for one in (self.begins, self.ends, self.place))

    def happening(self, *, now: datetime, before: Happening | None = None) -> Happening | None:
        """What was typed. Raises Refused as `happenings.read`."""
        said = {one.name: one.data or "" for one in (self.begins, self.ends, self.place)}
        return happenings.read(**said, now=now, before=before)


class NewsForm(AudienceForm, DateForm):
    """A piece of news."""

    quarter = SelectField(lazy_gettext("Which quarter does it concern?"), validate_choice=False)
    title = StringField(lazy_gettext("Headline"), [InputRequired(NEEDED)])
    summary = TextAreaField(lazy_gettext("Summary"), [InputRequired(NEEDED)])
    body = TextAreaField(lazy_gettext("Text"), [InputRequired(NEEDED)])
    urgent_until = StringField(lazy_gettext("Urgent until"))


class EditListingForm(PageForm):
    """The words of an offer or a request."""

    title = StringField(lazy_gettext("In one line"), [InputRequired(NEEDED)])
    body = TextAreaField(lazy_gettext("Details"), [InputRequired(NEEDED)])


class EditNewsForm(DateForm):
    """The words of news."""

    title = StringField(lazy_gettext("Headline"), [InputRequired(NEEDED)])
    summary = TextAreaField(lazy_gettext("Summary"), [InputRequired(NEEDED)])
    body = TextAreaField(lazy_gettext("Text"), [InputRequired(NEEDED)])


class AnswerForm(PageForm):
    """A private answer; `byline` signs it where it leaves for another town."""

    body = TextAreaField(lazy_gettext("Your answer"), [InputRequired(NEEDED)])
    byline = StringField(lazy_gettext("How you sign outside the town"))


class CommentForm(PageForm):
    """A comment under news."""

    body = TextAreaField(lazy_gettext("Your comment"), [InputRequired(NEEDED)])


class ReplyForm(PageForm):
    """A letter in a conversation."""

    body = TextAreaField(lazy_gettext("Your letter"), [InputRequired(NEEDED)])


class ReportForm(PageForm):
    """What is wrong, in one's own words."""

    reason = TextAreaField(lazy_gettext("What is wrong with it?"), [InputRequired(NEEDED)])
