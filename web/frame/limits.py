"""How often one address may try, in one literal table: guessing is slow, and nobody is locked out."""

from collections.abc import Callable
from typing import Final, cast

from flask import Flask
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from web.settings import BUNDLED, Settings

# By endpoint, for POST. Generous where a whole workshop shares one address: a code allows five tries by itself.
RULES: Final = {
    "account.sign_in": "20 per 15 minutes",
    "account.join": "60 per hour",
    "account.join_details": "60 per hour",
    "account.change_password": "10 per hour",
    "reports.report": "20 per hour",
    # Six letters that somebody reads off a screen: wrong a few times, never a hundred times.
    "places.pair_screen": "30 per hour",
    "screens.pair": "30 per hour",
}
# Costly to answer, so limited for GET as well.
READING: Final = {"about.source": "10 per hour", "hall.ask": "60 per hour"}


def install(app: Flask, *, settings: Settings) -> None:
    """Put the rules on the views that exist.

    The counts live in the process in the embedded default (there is one web process) and in the home
    broker where one is named; if that broker is down, the process counts by itself and people still sign in.
    """
    storage = "memory://" if settings.home_broker_url == BUNDLED else settings.home_broker_url
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=storage.replace("unix://", "redis+unix://", 1),
        strategy="moving-window",
        in_memory_fallback_enabled=storage != "memory://",
        key_prefix="palier",
    )
    for methods, rules in ((["POST"], RULES), (["GET"], READING)):
        for endpoint, rule in rules.items():
            if endpoint in app.view_functions:
                limited = limiter.limit(rule, methods=methods)(app.view_functions[endpoint])
                app.view_functions[endpoint] = cast("Callable[..., ResponseReturnValue]", limited)
