"""The stream behind a hall's screen, from the application that the `live` process serves."""

from collections.abc import Iterator
from itertools import islice

from tests.town.proofs import readers
from tests.town.proofs.haystacks import Haystack
from tests.town.proofs.story import Story
from web import stores
from web.live import application
from web.settings import Settings

# How long to wait for the same screen again, then all its parts with the first beat.
FIRST_EVENTS = 2


def stream(story: Story) -> Iterator[Haystack]:
    """What a screen gets that was just switched on."""
    app = application.create_app(Settings.read(story.here.environ), now=lambda: story.town.now)
    hub = application.hub_of(app)
    hub.start()
    try:
        answer = app.test_client().get(f"/live/hall/{story.wall_key}")
        data = b"".join(islice(answer.iter_encoded(), FIRST_EVENTS))
        answer.close()
    finally:
        hub.stop()
        hub.wait_for_end()
        for store in stores.of(app).values():
            store.close()
    assert b"event: part" in data
    yield Haystack(channel="hall, live", place="/live/hall", reader=readers.WALL, data=data)
    yield Haystack(channel="hall, head", place="/live/hall", reader=readers.WALL, data=str(answer.headers).encode())
