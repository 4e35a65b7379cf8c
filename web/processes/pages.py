"""The process of the pages, when the two sides are served apart."""

from web.processes import embedded, server
from web.settings import Settings


def run(settings: Settings) -> None:
    """Serve the pages alone until told to stop."""
    server.serve(lambda: server.Served(embedded.pages(settings)), settings=settings)
