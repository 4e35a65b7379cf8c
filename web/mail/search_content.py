"""What a mail about kept searches says: how many notices were found, one link, and no word of any of them."""

from flask_babel import gettext, ngettext

from web.mail.content import Action, Content


def found(*, place: str, url: str, stop_url: str, many: int) -> Content:
    """All that was found since the last one. What is looked for, and what was found, is on the page only."""
    return Content(
        subject=gettext("What you look for was hung"),
        heading=gettext("What you look for was hung"),
        sentences=(
            ngettext(
                "One new notice is like what you asked us to look out for.",
                "%(num)d new notices are like what you asked us to look out for.",
                many,
            ),
        ),
        action=Action(label=gettext("See what was found"), url=url),
        after=(gettext("We write once a day at most about this. On that page you can also stop looking."),),
        why=gettext("You confirmed this address at %(place)s to be told when somebody answers.", place=place),
        stop_url=stop_url,
    )
