"""The forms in which staff say why, by which rule of the house, and for how long."""

from flask_babel import lazy_gettext
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice

from instance.decisions import Rule
from web.acts.deciding import Verdict
from web.frame.forms import PageForm
from web.views.decisions import RULES
from web.views.desk import SPANS


class ReasonForm(PageForm):
    """Why; it stays in the moderators' book."""

    reason = TextAreaField(lazy_gettext("Reason"))


class VerdictForm(ReasonForm):
    """Why, by which rule, and for how long where an account is suspended."""

    rule = SelectField(
        lazy_gettext("Rule of the house"),
        choices=[
            SelectChoice("", lazy_gettext("Choose a rule")),
            *(SelectChoice(one.value, word) for one, word in RULES.items()),
        ],
        default="",
    )
    days = SelectField(
        lazy_gettext("If you suspend, for how long"),
        choices=[SelectChoice(str(number or ""), word) for number, word in SPANS.items()],
        default="7",
    )

    def verdict(self) -> Verdict:
        """What the form says."""
        return Verdict(
            reason=self.reason.data or "",
            rule=Rule(self.rule.data) if self.rule.data else None,
            days=int(self.days.data) if self.days.data else None,
        )


class ReportForm(VerdictForm):
    """What is decided on a report, and what the town it is about is told, if anything."""

    told = TextAreaField(lazy_gettext("What that town reads"))
