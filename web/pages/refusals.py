"""What the domain's refusals say to a person: each code's sentence tells what to do."""

from typing import Final

from flask_babel import gettext, lazy_gettext

# Every code that `instance` can raise, in one literal table; a test compares it with the domain's source.
SENTENCES: Final = {
    "byline_missing": lazy_gettext("Say how you sign outside the town, for example a first name."),
    "code_dead": lazy_gettext("This code no longer opens anything. Ask for a new letter."),
    "email_shape": lazy_gettext("Write the e-mail address in full, like name@example.org, or leave it empty."),
    "email_taken": lazy_gettext("This e-mail address already belongs to an account."),
    "is_staff": lazy_gettext("Only an administrator can do this to somebody who looks after the board."),
    "login_shape": lazy_gettext(
        "Choose 3 to 30 small letters without accents or digits; dot, dash and underscore may stand in between."
    ),
    "login_taken": lazy_gettext("Somebody already has this login name. Choose another one."),
    "lot_too_long": lazy_gettext("Write lot numbers of at most 12 characters."),
    "lots_missing": lazy_gettext("Write at least one lot number, for example 1-44."),
    "lots_too_many": lazy_gettext("A building has at most 2,000 lots here. Enter it in parts."),
    "lots_twice": lazy_gettext("A lot number is there twice. Write each once."),
    "missing": lazy_gettext("Fill in this field."),
    "no_home": lazy_gettext("No building is known for you yet, so there is no board to hang this on."),
    "no_thread": lazy_gettext("This conversation can no longer be found. Answer the notice itself."),
    "nobody": lazy_gettext("Nobody has this login name."),
    "not_found": lazy_gettext("This is not here, or not for you to see."),
    "not_live": lazy_gettext("This notice has been taken down."),
    "not_moderator": lazy_gettext("Only somebody who looks after the board can do this."),
    "not_narrower": lazy_gettext("Choose fewer people than now. To reach more, hang a new notice."),
    "not_news": lazy_gettext("Only news can be commented on."),
    "not_your_building": lazy_gettext("This organisation does not write in this building."),
    "not_your_quarter": lazy_gettext("This organisation does not write in this quarter."),
    "not_yours": lazy_gettext("Only whoever wrote this can change it."),
    "not_yourself": lazy_gettext("You cannot do this to your own account."),
    "own_listing": lazy_gettext("This notice is your own."),
    "password_long": lazy_gettext("Choose a password of at most 128 characters."),
    "password_short": lazy_gettext("Choose a password of at least 8 characters."),
    "place_missing": lazy_gettext("Say which building this is for."),
    "slug_shape": lazy_gettext("Choose 2 to 30 small letters without accents, digits or underscores."),
    "slug_taken": lazy_gettext("This short name is already in use. Choose another one."),
    "stranger": lazy_gettext("This does not come from whoever wrote it first."),
    "suspended": lazy_gettext("This account is suspended. Write to the town to know why."),
    "too_long": lazy_gettext("This is too long. Shorten it."),
    "wrong_credentials": lazy_gettext("Login name and password do not go together. Check both."),
    "wrong_password": lazy_gettext("This is not your present password."),
}


def sentence(code: str) -> str:
    """The sentence for a code; an unknown one still says what to do."""
    known = SENTENCES.get(code)
    return str(known) if known is not None else gettext("This was not accepted. Check what you wrote.")
