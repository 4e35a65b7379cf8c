"""Which language the terminal is spoken to in, and its sentences; loads nothing of the application.

Helps and click's own words go through the same catalogue as the pages. What the pages' tables say lazily (refusals,
states) is spoken inside `web.frame.offstage.speaking`, which gives Flask-Babel the same language.
"""

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from web import tongue

# Python's own gettext, which click speaks through, asks this variable before all others.
FIRST: Final = "LANGUAGE"


def locale() -> str:
    """The language of who reads the terminal: French unless the environment says another one."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    if spoken in {"", "C", "POSIX"} or spoken.startswith(("fr", "C.")):
        return "fr"
    return "en"


def say(sentence: str) -> str:
    """A sentence in the terminal's language; the English itself where no catalogue is compiled."""
    return tongue.of(locale()).say(sentence)


@contextmanager
def spoken() -> Iterator[None]:
    """Let click speak the terminal's language until the end of the block."""
    before = os.environ.get(FIRST)
    os.environ[FIRST] = locale()
    gettext.bindtextdomain(tongue.DOMAIN, tongue.FOLDER)
    try:
        yield
    finally:
        if before is None:
            del os.environ[FIRST]
        else:
            os.environ[FIRST] = before


def say_later(sentence: str) -> str:
    """Mark a sentence for the catalogue; `say` speaks it when it is shown."""
    return sentence


def say_later_of(one: str, many: str) -> tuple[str, str]:
    """Mark a sentence that counts."""
    return one, many


# What click says by itself: marked here, because the catalogue is filled from our own source.
CLICK: Final = (
    say_later("Aborted!"),
    say_later("Options"),
    say_later("Positional arguments"),
    say_later("Commands"),
    say_later("Missing command."),
    say_later("default: {default}"),
    say_later("Show the version and exit."),
    say_later("Show this message and exit."),
    say_later("Error: {message}"),
    say_later("Try '{command} {option}' for help."),
    say_later("Invalid value: {message}"),
    say_later("Invalid value for {param_hint}: {message}"),
    say_later("Missing argument"),
    say_later("Missing option"),
    say_later("No such option {name!r}."),
    say_later("No such command {name!r}."),
    say_later("Usage:"),
    say_later("Option {name!r} does not take a value."),
    say_later("Choose from:\n\t{choices}"),
    say_later("Repeat for confirmation"),
    say_later("Error: The two entered values do not match."),
    say_later("Error: invalid input"),
    say_later("{value!r} is not a valid {number_type}."),
    say_later("{value} is not in the range {range}."),
    say_later("{value!r} is not a valid UUID."),
    say_later("file"),
    say_later("directory"),
    say_later("path"),
    say_later("{name} {filename!r} does not exist."),
    say_later("{name} {filename!r} is a file."),
    say_later("{name} {filename!r} is a directory."),
    say_later("{name} {filename!r} is not readable."),
    say_later_of("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    say_later_of("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    say_later_of("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    say_later("required"),
)
