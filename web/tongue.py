"""Words in a language that is known beforehand: on paper and on the terminal, where no request chooses one."""

import gettext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from babel.dates import format_date

FOLDER: Final = Path(__file__).parent / "translations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """One language. `locale` is one of `web.frame.locale.LOCALES`."""

    locale: str
    _words: gettext.NullTranslations

    def say(self, sentence: str, **values: object) -> str:
        """The sentence in this language, `%(name)s` filled from the values."""
        said = self._words.gettext(sentence)
        return said % values if values else said

    def ngettext(self, one: str, many: str, num: int, **values: object) -> str:
        """The sentence that goes with a number, which it may name as `%(num)d`."""
        return self._words.ngettext(one, many, num) % {"num": num, **values}

    def day(self, moment: date) -> str:
        """A day in full, with its year."""
        return format_date(moment, format="long", locale=self.locale)


def of(locale: str) -> Tongue:
    """The words of a language; the English sentences themselves where its catalogue is not compiled."""
    words = gettext.translation("messages", FOLDER, languages=[locale], fallback=True)
    return Tongue(locale=locale, _words=words)
