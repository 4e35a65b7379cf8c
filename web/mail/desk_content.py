"""What mails of the moderators' desk say: a decision to whom it concerns, and to who reported that it was looked at."""

from flask_babel import gettext

from web.frame import moments
from web.mail.content import Action, Content
from web.views.decisions import Told


def decision(*, place: str, url: str, told: Told, stays: bool, write_to: str) -> Content:
    """What was decided, why, by which rule, how to object (regulation EU 2022/2065, art. 17).

    `stays` is for what belongs to a building or to two people: neither words nor reason go into a mail.
    """
    sentences = [told.what, gettext("It is about: %(what)s", what=told.about)]
    if told.until is not None:
        sentences.append(gettext("Until %(day)s.", day=moments.day(told.until)))
    if told.rule is not None:
        sentences.append(gettext("Rule of the house: %(rule)s", rule=told.rule))
    if stays:
        sentences.append(
            gettext("The reason stays at %(place)s. The page shows it, with the words it is about.", place=place)
        )
    else:
        sentences.append(gettext("Why: %(reason)s", reason=told.reason))
    sentences.append(told.how)
    return Content(
        subject=gettext("A decision about you"),
        heading=gettext("A decision about you"),
        sentences=tuple(sentences),
        action=Action(label=gettext("Read the decision"), url=url),
        after=(_object(write_to),),
        why=_account(place),
    )


def _object(write_to: str) -> str:
    if not write_to:
        return gettext(
            "If you do not agree, write within six months to whoever runs this place, or go to see them. You may also"
            " go to a court."
        )
    return gettext(
        "If you do not agree, write within six months to %(address)s: somebody who had no part in it looks again. You"
        " may also go to a court.",
        address=write_to,
    )


def looked(*, place: str, url: str, login: str) -> Content:
    """What somebody reported was looked at; what was decided about anybody is not said."""
    del login
    return Content(
        subject=gettext("What you reported was looked at"),
        heading=gettext("What you reported was looked at"),
        sentences=(gettext("Thank you. Whatever was decided is told to whoever it concerns, and to nobody else."),),
        action=Action(label=gettext("Open my account"), url=url),
        after=(),
        why=_account(place),
    )


def document(*, place: str, url: str, login: str) -> Content:
    """What came of a document; what it was, and which building, is not said."""
    del login
    return Content(
        subject=gettext("About the document you sent"),
        heading=gettext("About the document you sent"),
        sentences=(
            gettext("There is an answer at %(place)s.", place=place),
            gettext("Whatever it is, the picture is deleted."),
        ),
        action=Action(label=gettext("Read the answer"), url=url),
        after=(),
        why=_account(place),
    )


def _account(place: str) -> str:
    return gettext("You get this mail because it concerns your account at %(place)s.", place=place)
