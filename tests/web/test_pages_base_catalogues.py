"""Both languages are complete: nothing new in the source, nothing empty, nothing doubtful, nothing left over."""

import re

import pytest

from web import catalogues


@pytest.mark.parametrize("locale", catalogues.LOCALES)
def test_the_catalogue_is_complete(locale: str) -> None:
    assert catalogues.problems(locale) == []


TERMINAL = ("web/commands/", "web/terminal/", "web/cli.py", "web/doctor.py")


def test_residents_never_read_our_jargon() -> None:
    for one in catalogues.read("fr"):
        # The terminal speaks to operators, who run an instance and know the word.
        if one.locations and all(file.startswith(TERMINAL) for file, _ in one.locations):
            continue
        texts = one.string if isinstance(one.string, (tuple, list)) else (one.string,)
        for text in texts:
            assert not any(word in text.lower() for word in ("instance", "fédération", "fédiverse", "activitypub")), (
                text
            )
            # What stands in braces is filled in by the terminal ({name!r}), and read by nobody.
            assert "!" not in re.sub(r"\{[^{}]*\}", "", text), text


def test_no_sentence_has_a_bare_percent_sign() -> None:
    # Templates always format: a lone % swallows what follows it, or ends the page in an error.
    for locale in catalogues.LOCALES:
        for message in catalogues.read(locale):
            texts = [message.string] if isinstance(message.string, str) else message.string or []
            for text in texts:
                assert not re.search(r"%(?!\(|%)", text), text
