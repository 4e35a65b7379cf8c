"""Words in a language that is known beforehand: on paper and on the terminal, where no request chooses one.

Loads nothing of the application, so that a command that forks holds none of it.
"""

import gettext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "translations"
DOMAIN: Final = "messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """One language. `locale` is one of `web.frame.locale.LOCALES`."""

    locale: str
    _words: gettext.NullTranslations

    def say(self, sentence: str, **values: object) -> str:
        """The sentence in this language, `%(name)s` filled from the values."""
        said = self._words.gettext(sentence) if sentence else ""
        return said % values if values else said

    def ngettext(self, one: str, many: str, num: int, **values: object) -> str:
        """The sentence that goes with a number, which it may name as `%(num)d`."""
        return self._words.ngettext(one, many, num) % {"num": num, **values}


@cache
def of(locale: str) -> Tongue:
    """The words of a language; the English sentences themselves where its catalogue is not compiled."""
    words = gettext.translation(DOMAIN, FOLDER, languages=[locale], fallback=True)
    return Tongue(locale=locale, _words=words)
