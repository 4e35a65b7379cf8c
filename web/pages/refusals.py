"""What the domain's refusals say to a person: each code's sentence tells what to do."""

from typing import Final

from flask_babel import gettext, lazy_gettext

# Every code that `instance` can raise, in one literal table; a test compares it with the domain's source.
SENTENCES: Final = {
    "actor_unknown": lazy_gettext("Your public profile is not ready yet. Try again in a minute."),
    "byline_missing": lazy_gettext("Say how you sign outside the town, for example a first name."),
    "city_known": lazy_gettext("A city with this code is here already. Open it in the list to add quarters."),
    "code_dead": lazy_gettext("This code no longer opens anything. Ask for a new letter."),
    "email_shape": lazy_gettext("Write the e-mail address in full, like name@example.org, or leave it empty."),
    "email_taken": lazy_gettext("This e-mail address already belongs to an account."),
    "follow_malformed": lazy_gettext("Write an address that begins with https:// or a name like @news@town.example."),
    "follow_self": lazy_gettext("This belongs to your own town: nothing has to be followed."),
    "insee_shape": lazy_gettext("Write the five characters of the INSEE code, for example 13055, or 2A004 in Corsica."),
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
    "not_administrator": lazy_gettext("Only an administrator can do this."),
    "not_found": lazy_gettext("This is not here, or not for you to see."),
    "not_live": lazy_gettext("This notice has been taken down."),
    "not_moderator": lazy_gettext("Only somebody who looks after the board can do this."),
    "not_narrower": lazy_gettext("Choose fewer people than now. To reach more, hang a new notice."),
    "not_news": lazy_gettext("Only news can be commented on."),
    "not_set_up": lazy_gettext("This town cannot speak to others yet. Start it once more, then try again."),
    "not_your_building": lazy_gettext("This organisation does not write in this building."),
    "not_your_quarter": lazy_gettext("This organisation does not write in this quarter."),
    "not_yours": lazy_gettext("Only whoever wrote this can change it."),
    "not_yourself": lazy_gettext("You cannot do this to your own account."),
    "own_listing": lazy_gettext("This notice is your own."),
    "party": lazy_gettext("You wrote this or reported it yourself. Somebody else decides about it."),
    "password_long": lazy_gettext("Choose a password of at most 128 characters."),
    "password_short": lazy_gettext("Choose a password of at least 8 characters."),
    "peer_blocked": lazy_gettext("This town is blocked. Lift the block first."),
    "peer_is_us": lazy_gettext("This is your own address. Write the one of another town."),
    "peer_malformed": lazy_gettext("Write the address of the town as its browser shows it, for example town.example."),
    "peer_unknown": lazy_gettext("This town is not in the list."),
    "place_missing": lazy_gettext("Say which building this is for."),
    "postcode_shape": lazy_gettext("Write the five digits of the postcode, for example 13004."),
    "quarter_known": lazy_gettext("This city already has a quarter of this name."),
    "quarter_line": lazy_gettext(
        "Write the name of the quarter and its postcode of five digits, for example: La Blancarde 13004."
    ),
    "quarter_missing": lazy_gettext("Say which quarter this is for."),
    "quarter_open": lazy_gettext("This quarter is open: others know it by its name, which stays."),
    "quarter_twice": lazy_gettext("This quarter is there twice. Write each once."),
    "quarters_missing": lazy_gettext("Write at least one quarter, for example: La Blancarde 13004."),
    "quarters_too_many": lazy_gettext("At most 500 quarters go in at once. Enter them in parts."),
    "slug_shape": lazy_gettext("Choose 2 to 30 small letters without accents, digits or underscores."),
    "slug_taken": lazy_gettext("This short name is already in use. Choose another one."),
    "stranger": lazy_gettext("This does not come from whoever wrote it first."),
    "suspended": lazy_gettext("This account is suspended. Write to the town to know why."),
    "too_long": lazy_gettext("This is too long. Shorten it."),
    "would_stay": lazy_gettext("Nothing would leave as it is. Choose a narrower audience, or ask who runs this place."),
    "wrong_credentials": lazy_gettext("Login name and password do not go together. Check both."),
    "wrong_password": lazy_gettext("This is not your present password."),
}


def sentence(code: str) -> str:
    """The sentence for a code; an unknown one still says what to do."""
    known = SENTENCES.get(code)
    return str(known) if known is not None else gettext("This was not accepted. Check what you wrote.")
