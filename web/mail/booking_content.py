"""What mails about bookings say: what happened in one sentence, one link; when, where and with whom stay here."""

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from instance.audience import Audience
from instance.bookings import News
from web.mail.content import Action, Content

HEADINGS: Final[Mapping[News, LazyString]] = {
    News.BOOKED: lazy_gettext("A time of your offer is booked"),
    News.CANCELLED: lazy_gettext("A booking was called off"),
    News.OFFER_GONE: lazy_gettext("A booking ends with its offer"),
}
SENTENCES: Final[Mapping[News, LazyString]] = {
    News.BOOKED: lazy_gettext("When, where and with whom are on the page. If it does not suit you, call it off there."),
    News.CANCELLED: lazy_gettext("There is nothing to do."),
    News.OFFER_GONE: lazy_gettext("The offer hangs no longer, so what was booked of it is called off."),
}


def booking(*, place: str, url: str, stop_url: str, news: News, audience: Audience, title: str | None) -> Content:
    """Something about a booking; `title` is None for what hangs in a building: its words never leave this place."""
    about = (
        gettext("It is about a notice in your building.")
        if title is None
        else gettext("It is about “%(title)s”.", title=title)
    )
    return Content(
        subject=str(HEADINGS[news]),
        heading=str(HEADINGS[news]),
        sentences=(about, str(SENTENCES[news])),
        action=Action(label=gettext("Open this booking"), url=url),
        after=(),
        why=gettext("You confirmed this address at %(place)s to be told when somebody answers.", place=place),
        audience=audience,
        stop_url=stop_url,
    )
