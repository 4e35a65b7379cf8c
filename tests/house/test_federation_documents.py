"""The example documents are what the code makes: each is read back, shown somewhere, and says nothing private."""

import json

import pytest

from activitypub import codec
from activitypub.vocabulary import Create, Unspoken
from tests.house import generated, samples

SHOWN = "\n".join(path.read_text("utf-8") for path in generated.documents() if path.parent.name == "federation")


@pytest.mark.parametrize("name", sorted(samples.blocks()))
def test_every_example_stands_in_a_document(name: str) -> None:
    assert f"<!-- generated: {name} -->\n{samples.blocks()[name]}\n<!-- end -->" in SHOWN


@pytest.mark.parametrize("name", sorted(samples.WORDS))
def test_an_example_is_read_back_as_what_it_was(name: str) -> None:
    word = samples.WORDS[name]()
    found = codec.read_word(codec.load(codec.encode(codec.write(word))))
    assert found == word
    assert not isinstance(found, Unspoken)


@pytest.mark.parametrize("name", sorted(samples.WORDS))
def test_what_is_printed_is_what_is_sent(name: str) -> None:
    printed = samples.blocks()[name].removeprefix("```json\n").removesuffix("\n```")
    assert json.loads(printed) == codec.write(samples.WORDS[name]())


@pytest.mark.parametrize("name", ["letter-question", "letter-reply"])
def test_a_letter_is_for_one_receiver(name: str) -> None:
    word = samples.WORDS[name]()
    assert isinstance(word, Create)
    assert len(word.to) == 1
    assert word.cc == ()
