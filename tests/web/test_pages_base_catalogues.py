"""Both languages are complete: nothing new in the source, nothing empty, nothing doubtful, nothing left over."""

import re

import pytest
from babel.messages.catalog import Catalog

from web import catalogues


@pytest.mark.parametrize("locale", catalogues.LOCALES)
def test_the_catalogue_is_complete(locale: str) -> None:
    assert catalogues.problems(locale) == []


# No page loads these: a contract of import-linter holds it.
TERMINAL = ("web/commands/", "web/terminal/", "web/cli.py")


def terminal_only(source: Catalog) -> set[str]:
    """The sentences that stand nowhere but in the source of the terminal; of the source itself, never of a catalogue,
    which may be older."""
    return {
        one.id if isinstance(one.id, str) else one.id[0]
        for one in source
        if one.locations and all(file.startswith(TERMINAL) for file, _ in one.locations)
    }


def test_a_sentence_that_a_page_shows_as_well_is_no_sentence_of_the_terminal() -> None:
    source = Catalog()
    for file in ("web/commands/init.py", "web/terminal/kinds.py"):
        source.add("both of the terminal", locations=[(file, 0)])
    for file in ("web/commands/init.py", "web/templates/base.html"):
        source.add("a template, too", locations=[(file, 0)])
    for file in ("web/pages/refusals.py", "web/cli.py"):
        source.add("a page, too", locations=[(file, 0)])
    source.add(("counted", "counted too"), locations=[("web/cli.py", 0)])
    source.add("counted", locations=[("web/templates/base.html", 0)])
    source.add("from nowhere")
    assert terminal_only(source) == {"both of the terminal"}


def test_what_is_left_to_the_terminal_stands_in_no_other_file() -> None:
    left = terminal_only(catalogues.extract())
    assert "Make folders, keys, tables, the instance's own actors and a first administrator." in left
    for file in catalogues.ROOT.rglob("*"):
        name = f"web/{file.relative_to(catalogues.ROOT).as_posix()}"
        if file.suffix in {".py", ".html", ".txt"} and not name.startswith(TERMINAL):
            text = file.read_text("utf-8")
            # By any of the gettexts; a template may write it in single quotes.
            ways = ('text("', '_("', "_('")
            assert [one for one in left for way in ways if f"{way}{one}{way[-1]}" in text] == [], name


def test_residents_never_read_our_jargon() -> None:
    # The terminal speaks to operators, who run an instance and know the word.
    left = terminal_only(catalogues.extract())
    for one in catalogues.read("fr"):
        if (one.id if isinstance(one.id, str) else one.id[0]) in left:
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


def test_no_template_glues_words_with_signs_that_languages_write_in_their_own_way() -> None:
    # French has a space before a colon, and other quotes: such a sign is part of a sentence of the catalogues.
    glued = re.compile(r"[}>]\s?[:;!?]\s|[“”«»]\s?\{[{%]|[%}]\}\s?[“”«»]")
    for file in sorted(catalogues.ROOT.rglob("*.html")) + sorted(catalogues.ROOT.rglob("*.txt")):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            assert not glued.search(re.sub(r'style="[^"]*"', "", line)), f"{file.name}:{number}: {line.strip()}"
