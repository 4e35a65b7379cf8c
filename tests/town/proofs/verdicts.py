"""What was found, less what its reader may see: the leaks."""

from collections.abc import Iterable

from tests.town.proofs import channels, crawl, readers
from tests.town.proofs.haystacks import Haystack
from tests.town.proofs.searching import Found, Search
from tests.town.proofs.story import Story


def leaks(story: Story, captured: Iterable[Haystack]) -> list[Found]:
    """Everything that somebody could read whom it is not for."""
    captured = list(captured)  # errors mark canaries of their own
    people = {reader: somebody.id for somebody, reader in crawl.people(story)}
    search = Search(story.canaries)
    return [one for one in search.find(captured) if not _is_meant(one, resident=people.get(one.reader))]


def _is_meant(found: Found, *, resident: int | None) -> bool:
    if found.reader == channels.IN_TRANSIT and any(who.startswith("host ") for who in found.canary.also):
        return True
    return readers.may_see(found.reader, found.canary, resident=resident)
