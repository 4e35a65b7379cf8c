"""What was found, less what its reader may see: the leaks."""

from collections.abc import Iterable

from tests.town.proofs import crawl, readers
from tests.town.proofs.haystacks import Haystack
from tests.town.proofs.searching import Found, Search
from tests.town.proofs.story import Story


def leaks(story: Story, captured: Iterable[Haystack]) -> list[Found]:
    """Everything that somebody could read whom it is not for."""
    captured = list(captured)  # errors mark canaries of their own
    people = {reader: somebody.id for somebody, reader in crawl.people(story)}
    search = Search(story.canaries)
    return [
        one
        for one in search.find(captured)
        if not readers.may_see(one.reader, one.canary, resident=people.get(one.reader))
    ]
