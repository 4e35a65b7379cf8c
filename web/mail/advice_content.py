"""What a mail about a recommendation says: that its two years are nearly over, and no word of it."""

from datetime import date

from flask_babel import format_date, gettext

from web.mail.content import Action, Content


def advice(*, place: str, url: str, stop_url: str, day: date) -> Content:
    """A recommendation of one's own ends. Whom one recommends is on the page only: it never leaves the town."""
    return Content(
        subject=gettext("A recommendation of yours ends"),
        heading=gettext("A recommendation of yours ends"),
        sentences=(
            gettext(
                "You recommended a craftsman two years ago. What you wrote comes down on %(day)s.",
                day=format_date(day, "d MMMM"),
            ),
            gettext("If you would call them again, change or confirm it: it stands for two more years."),
        ),
        action=Action(label=gettext("Look at what you recommend"), url=url),
        after=(gettext("You need not do anything: it comes down by itself."),),
        why=gettext("You confirmed this address at %(place)s to be told about your notices.", place=place),
        stop_url=stop_url,
    )
