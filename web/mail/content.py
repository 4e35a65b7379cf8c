"""What each kind of mail says, in the language being spoken: sentences, one link, and nothing of what others wrote.

Both forms of a mail, plain text and HTML, are made of the same content: they cannot say different things.
"""

from dataclasses import dataclass

from flask_babel import gettext

from instance.audience import Audience


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something a mail leads to."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A mail to one person.

    `others` are what one may do instead of `action`; `audience` draws the mark of the notice it is about; `why` stands
    in the small print.
    """

    subject: str
    heading: str
    sentences: tuple[str, ...]
    action: Action | None
    after: tuple[str, ...]
    why: str
    audience: Audience | None = None
    stop_url: str | None = None
    others: tuple[Action, ...] = ()


def confirm(*, place: str, url: str) -> Content:
    """Is this address yours?"""
    return Content(
        subject=gettext("Confirm your e-mail address"),
        heading=gettext("Is this your address?"),
        sentences=(
            gettext("Somebody at %(place)s gave this address as their own.", place=place),
            gettext("If it was you, open this page and confirm it there. Until then we write nothing else to you."),
        ),
        action=Action(label=gettext("Confirm this address"), url=url),
        after=(
            gettext("The link works once, for two days."),
            gettext("If it was not you, leave this mail alone: nothing more will come."),
        ),
        why=gettext("You get this mail because somebody typed this address at %(place)s.", place=place),
    )


def reset(*, place: str, url: str, login: str) -> Content:
    """A new password."""
    return Content(
        subject=gettext("Choose a new password"),
        heading=gettext("Choose a new password"),
        sentences=(
            gettext(
                "Somebody asked for a new password for the account %(login)s at %(place)s.", login=login, place=place
            ),
            gettext("If it was you, open this page and choose one."),
        ),
        action=Action(label=gettext("Choose a new password"), url=url),
        after=(
            gettext("The link works once, for one hour."),
            gettext("If it was not you, leave this mail alone: your password stays as it is."),
        ),
        why=_account(place),
    )


def answer(
    *,
    place: str,
    url: str,
    stop_url: str,
    audience: Audience,
    title: str | None,
    who: str | None,
    town: str | None,
    asked: bool = False,
) -> Content:
    """Somebody answered you. What hangs in a building is not named: its words never leave this place.

    `asked` says that it is about what a neighbour may be asked for, not about a notice.
    """
    if asked and title is None:
        first = gettext("There is a new letter for you from somebody in your building.")
    elif audience is Audience.BUILDING or title is None:
        first = (
            gettext("There is a new letter for you about a notice in your building.")
            if audience is Audience.BUILDING
            else gettext("There is a new letter for you about a notice that was taken down.")
        )
    elif who is None:
        first = gettext("There is a new letter for you about “%(title)s”.", title=title)
    elif town is None:
        first = gettext("%(who)s wrote to you about “%(title)s”.", who=who, title=title)
    else:
        first = gettext("%(who)s, from %(town)s, wrote to you about “%(title)s”.", who=who, town=town, title=title)
    return Content(
        subject=gettext("There is a letter for you"),
        heading=gettext("Somebody wrote to you") if asked else gettext("Somebody answered you"),
        sentences=(first, gettext("The letter itself stays at %(place)s. Only the two of you read it.", place=place)),
        action=Action(label=gettext("Read the letter"), url=url),
        after=(gettext("We write once a day at most about one conversation, and never in your quiet hours."),),
        why=gettext("You confirmed this address at %(place)s to be told when somebody answers.", place=place),
        audience=audience,
        stop_url=stop_url,
    )


def meeting(*, place: str, url: str, stop_url: str, audience: Audience, agreed: bool) -> Content:
    """A meeting was agreed on, or called off. When and where stays here, and so does with whom."""
    said = gettext("A meeting is agreed on") if agreed else gettext("A meeting was called off")
    return Content(
        subject=said,
        heading=said,
        sentences=(
            gettext("The other one chose a moment of those you proposed.")
            if agreed
            else gettext("The meeting you had agreed on will not be. You can propose other moments."),
            gettext("When, where and with whom stays at %(place)s.", place=place),
        ),
        action=Action(label=gettext("Look at it"), url=url),
        after=(gettext("Both of you can call a meeting off at any time."),) if agreed else (),
        why=gettext("You confirmed this address at %(place)s to be told when somebody answers.", place=place),
        audience=audience,
        stop_url=stop_url,
    )


def ending(
    *,
    place: str,
    renew_url: str | None,
    close_url: str,
    edit_url: str,
    stop_url: str,
    audience: Audience,
    title: str | None,
    tomorrow: bool,
) -> Content:
    """Your notice ends. What hangs in a building is not named. `renew_url` is None where nothing would be gained."""
    if title is None:
        first = (
            gettext("A notice of yours in your building comes down tomorrow.")
            if tomorrow
            else gettext("A notice of yours in your building comes down today.")
        )
    elif tomorrow:
        first = gettext("“%(title)s” comes down tomorrow.", title=title)
    else:
        first = gettext("“%(title)s” comes down today.", title=title)
    close = Action(label=gettext("Take it down now"), url=close_url)
    edit = Action(label=gettext("Change its words"), url=edit_url)
    renew = Action(label=gettext("Let it hang longer"), url=renew_url) if renew_url is not None else None
    return Content(
        subject=gettext("Your notice ends tomorrow") if tomorrow else gettext("Your notice ends today"),
        heading=gettext("Your notice ends tomorrow") if tomorrow else gettext("Your notice ends today"),
        sentences=(first, gettext("You need not do anything: it comes down by itself.")),
        action=renew or close,
        others=(edit, close) if renew is not None else (edit,),
        after=(
            gettext("These links work without signing in, until the notice changes. A page asks before it does it."),
        ),
        why=gettext("You confirmed this address at %(place)s to be told about your notices.", place=place),
        audience=audience,
        stop_url=stop_url,
    )


def password(*, place: str, url: str, login: str) -> Content:
    """Your password was changed."""
    return Content(
        subject=gettext("Your password was changed"),
        heading=gettext("Your password was changed"),
        sentences=(
            gettext("The password of the account %(login)s at %(place)s is a new one.", login=login, place=place),
            gettext("All browsers were signed out."),
        ),
        action=Action(label=gettext("Open my account"), url=url),
        after=(_not_you(),),
        why=_account(place),
    )


def address(*, place: str, url: str, login: str) -> Content:
    """To the former address: it no longer is the account's."""
    return Content(
        subject=gettext("Your e-mail address was changed"),
        heading=gettext("This address is no longer used"),
        sentences=(
            gettext("The account %(login)s at %(place)s no longer has this e-mail address.", login=login, place=place),
            gettext("We will not write to it any more."),
        ),
        action=Action(label=gettext("Open my account"), url=url),
        after=(_not_you(),),
        why=_account(place),
    )


def card(*, place: str, url: str, login: str) -> Content:
    """An administrator printed a recovery card for this account."""
    return Content(
        subject=gettext("A recovery card was printed for you"),
        heading=gettext("A recovery card was printed for you"),
        sentences=(
            gettext(
                "An administrator of %(place)s printed a recovery card for the account %(login)s.",
                login=login,
                place=place,
            ),
            gettext("Whoever has it can choose a new password, once, for two weeks."),
        ),
        action=Action(label=gettext("Open my account"), url=url),
        after=(
            gettext(
                "If you did not ask for it, print a card of your own under “My account”: it replaces the other one."
            ),
        ),
        why=_account(place),
    )


def trial(*, place: str, url: str) -> Content:
    """What `palier mail test` sends."""
    return Content(
        subject=gettext("Mail from %(place)s arrives", place=place),
        heading=gettext("Mail arrives"),
        sentences=(gettext("The relay of %(place)s took this mail, and here it is.", place=place),),
        action=Action(label=gettext("Open %(place)s", place=place), url=url),
        after=(gettext("Look at its source: SPF, DKIM and DMARC should say “pass”."),),
        why=gettext("You get this mail because whoever runs %(place)s tried it out.", place=place),
    )


def _account(place: str) -> str:
    return gettext("You get this mail because it concerns your account at %(place)s.", place=place)


def _not_you() -> str:
    return gettext(
        "If it was not you, choose a new password with your recovery card, or speak to whoever runs this place."
    )
