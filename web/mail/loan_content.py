"""What mails about loans say: where it stands in one sentence, one link, and nobody's name."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from flask_babel import format_date, gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from instance.audience import Audience
from instance.lending import News
from web.mail.content import Action, Content

HEADINGS: Final[Mapping[News, LazyString]] = {
    News.ASKED: lazy_gettext("A loan is proposed to you"),
    News.AGREED: lazy_gettext("The loan is agreed"),
    News.CALLED_OFF: lazy_gettext("The loan was called off"),
    News.WISH: lazy_gettext("A few more days are asked for"),
    News.LONGER: lazy_gettext("You can keep it longer"),
    News.EVE: lazy_gettext("To bring back tomorrow"),
    News.DAY: lazy_gettext("To bring back today"),
    News.AFTER: lazy_gettext("Something you borrowed"),
}
SENTENCES: Final[Mapping[News, LazyString]] = {
    News.ASKED: lazy_gettext("When, where and until when are on the page. You can agree there, or propose otherwise."),
    News.AGREED: lazy_gettext("When and where it is picked up is on the page."),
    News.CALLED_OFF: lazy_gettext("There is nothing to do."),
    News.WISH: lazy_gettext("You can agree on the page. If you leave it, the day stays as it is."),
    News.LONGER: lazy_gettext("The new day is on the page."),
    News.EVE: lazy_gettext("Tomorrow is the day that you agreed on. If you need it longer, you can ask on the page."),
    News.DAY: lazy_gettext("Today is the day that you agreed on. If you need it longer, you can ask on the page."),
}


def loan(*, place: str, url: str, stop_url: str, news: News, due_on: date | None, title: str | None) -> Content:
    """Something about a loan; `title` is None for what hangs in a building: its words never leave this place."""
    return Content(
        subject=str(HEADINGS[news]),
        heading=str(HEADINGS[news]),
        sentences=(*_about(title), _sentence(news, due_on=due_on)),
        action=Action(label=gettext("Open this loan"), url=url),
        after=(),
        why=_why(place),
        stop_url=stop_url,
    )


def _sentence(news: News, *, due_on: date | None) -> str:
    if news is not News.AFTER:
        return str(SENTENCES[news])
    return gettext(
        "You agreed to bring it back by %(day)s. On the page you can say that you gave it back, or ask for more time.",
        day=format_date(due_on, "EEEE d MMMM") if due_on is not None else "",
    )


def back(*, place: str, url: str, stop_url: str, audience: Audience, title: str | None) -> Content:
    """What somebody waits for is there again."""
    return Content(
        subject=gettext("It is back"),
        heading=gettext("It is back"),
        sentences=(*_about(title), gettext("What you waited for is there again. You can ask for it.")),
        action=Action(label=gettext("Open the notice"), url=url),
        after=(gettext("If you no longer need it, there is nothing to do."),),
        why=_why(place),
        audience=audience,
        stop_url=stop_url,
    )


def _about(title: str | None) -> tuple[str, ...]:
    if title is None:
        return (gettext("It is about a notice in your building."),)
    return (gettext("It is about “%(title)s”.", title=title),)


def _why(place: str) -> str:
    return gettext("You confirmed this address at %(place)s to be told when somebody answers.", place=place)
