"""How often somebody may do what, by purpose, in one literal table: guessing is slow, and nobody is locked out.

To give a new page its limit, add its endpoint to the purpose it serves in `PURPOSES`; a page of another kind gets a
purpose of its own. What needs none is named in `UNLIMITED` with its reason. A test fails for a POST in neither.
All endpoints of a purpose share its counts. Guesses at one account from many addresses are slowed by `patience`.
"""

import ipaddress
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter

from web.frame import context
from web.settings import BUNDLED, Settings

LIMITER: Final = "palier_limiter"
UNKNOWN: Final = "unknown"


def address() -> str:
    """Where a request comes from: an IPv4 address, or the /64 of an IPv6 one, which is one household's."""
    try:
        found = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return UNKNOWN
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def account() -> str:
    """Who is signed in, wherever they are; a visitor's address otherwise."""
    resident = context.resident()
    return address() if resident is None else f"account {resident.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """So many in such a time, counted per `by`."""

    amount: str
    by: Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What pages have in common: why they are limited, by which rules, and which they are."""

    name: str
    rules: tuple[Rule, ...]
    endpoints: frozenset[str]
    methods: tuple[str, ...] = ("POST",)


# Generous where a whole workshop shares one address.
PURPOSES: Final = (
    Purpose(
        name="guessing a password",
        rules=(Rule(amount="20 per 15 minutes", by=address),),
        endpoints=frozenset({"account.sign_in"}),
    ),
    # By itself a code allows five tries.
    Purpose(
        name="guessing a letterbox code",
        rules=(Rule(amount="60 per hour", by=address),),
        endpoints=frozenset({"account.join", "account.join_details"}),
    ),
    # Whoever has no letter makes an account first; each is a row, and a new pair of hands for guessing.
    Purpose(
        name="signing up without a letter",
        rules=(Rule(amount="20 per hour", by=address), Rule(amount="60 per day", by=address)),
        endpoints=frozenset({"joining.without_letter"}),
    ),
    # A letterbox's, from an account that there is already; or eight letters off a wall, the same for a whole building
    # and for twenty minutes.
    Purpose(
        name="guessing a code of a home while signed in",
        rules=(Rule(amount="20 per hour", by=account), Rule(amount="60 per hour", by=address)),
        endpoints=frozenset({"joining.hall", "joining.letter"}),
    ),
    # Six letters that somebody reads out.
    Purpose(
        name="guessing a newcomer's word",
        rules=(Rule(amount="30 per hour", by=account),),
        endpoints=frozenset({"vouching.vouch", "proofs.attest"}),
    ),
    # Per account the domain makes one wait longer after each wrong code.
    Purpose(
        name="guessing a code of the second step",
        rules=(Rule(amount="30 per 15 minutes", by=address),),
        endpoints=frozenset({"second_step.step"}),
    ),
    # Six letters that somebody reads off a screen: wrong a few times, never a hundred times.
    Purpose(
        name="guessing a screen's code",
        rules=(Rule(amount="30 per hour", by=account),),
        endpoints=frozenset({"places.pair_screen", "screens.pair"}),
    ),
    # A card allows five tries by itself, and a link is too long to guess.
    Purpose(
        name="guessing a card or a link",
        rules=(Rule(amount="20 per hour", by=address),),
        endpoints=frozenset(
            {
                "asking.close_by_link",
                "asking.edit_by_link",
                "asking.renew_by_link",
                "mail_settings.confirm",
                "recovery.by_card",
                "recovery.by_link",
            }
        ),
    ),
    # Nothing can be guessed here; each question is a row in the store.
    Purpose(
        name="asking a passkey",
        rules=(Rule(amount="120 per 15 minutes", by=address),),
        endpoints=frozenset({"passkeys.question", "passkeys.answer"}),
    ),
    Purpose(
        name="changing what protects an account",
        rules=(Rule(amount="60 per hour", by=account),),
        endpoints=frozenset(
            {
                "security.change_password",
                "security.confirm",
                "security.close_browser",
                "security.close_others",
                "security.read_reset",
                "second_step.set_up",
                "second_step.confirm",
                "second_step.turn_off",
                "second_step.renew_codes",
                "second_step.ask_for_passkey",
                "passkeys.remove",
                "recovery.make_card",
            }
        ),
    ),
    # An address typed here gets mail.
    Purpose(
        name="sending mail",
        rules=(Rule(amount="20 per hour", by=account),),
        endpoints=frozenset({"account.change_settings", "mail_settings.again", "recovery.ask"}),
    ),
    Purpose(
        name="writing",
        rules=(Rule(amount="60 per hour", by=account), Rule(amount="300 per day", by=account)),
        endpoints=frozenset(
            {
                "asking.renew",
                "bookings.book",
                "bookings.windows",
                "comments.add",
                "conditions.add",
                "conversations.answer",
                "conversations.reply",
                "craftsmen.add",
                "craftsmen.edit",
                "documents.send",
                "follows.follow",
                "follows.look",
                "joining.word",
                "listings.compose",
                "loans.ask",
                "loans.lend_outside",
                "loans.longer",
                "loans.thank",
                "loans.wait",
                "relays.add",
                "meetings.pick",
                "meetings.propose",
                "news.compose",
                "notices.edit",
                "photos.add",
                "photos.reword",
                "search.keep",
                "skills.add",
                "skills.edit",
                "skills.skill",
            }
        ),
    ),
    Purpose(
        name="reporting",
        rules=(Rule(amount="20 per hour", by=account),),
        endpoints=frozenset({"reports.report"}),
    ),
    # A slip of the hand or a stolen session must not empty a town in a minute.
    Purpose(
        name="looking after the place",
        rules=(Rule(amount="600 per hour", by=account),),
        endpoints=frozenset(
            {
                "accords.accept",
                "accords.admission",
                "accords.approve",
                "accords.declare",
                "accords.declare_suggested",
                "accords.end",
                "accords.limit",
                "accords.market",
                "accords.promise",
                "accords.refuse",
                "accords.undeclare",
                "accords.unlimit",
                "blocklists.apply",
                "blocklists.preview",
                "accounts.change_role",
                "accounts.reinstate",
                "accounts.suspend",
                "accounts.take_away",
                "addresses.add_building",
                "addresses.put",
                "addresses.remove",
                "admin_recovery.card",
                "cities.add",
                "cities.add_quarters",
                "cities.marseille",
                "codes.one",
                "codes.sheet",
                "crossings.purge",
                "crossings.replay",
                "crossings.replay_all",
                "delivery.day",
                "erasures.take_back",
                "outlines.enter",
                "outlines.remove",
                "papers.decide",
                "papers.look",
                "residences.join",
                "residences.leave",
                "moderation.block",
                "moderation.block_one",
                "moderation.decide",
                "moderation.reinstate",
                "moderation.restore",
                "moderation.restore_beside",
                "moderation.restore_comment",
                "moderation.unblock",
                "organisations.add_building",
                "organisations.add_member",
                "organisations.describe",
                "organisations.index",
                "organisations.remove_member",
                "peers.add",
                "peers.follow",
                "peers.look",
                "peers.look_again",
                "peers.unfollow",
                "places.add_building",
                "places.answer_for",
                "places.install_screen",
                "places.open_quarter",
                "places.remove_screen",
                "places.rename_quarter",
                "letters.one",
                "letters.sheet",
                "proofs.end_home",
                "screens.remove",
                "vouches.end",
            }
        ),
    ),
    # Whoever types an address learns whether it is on the board here.
    Purpose(
        name="looking for a letterbox",
        rules=(Rule(amount="120 per hour", by=account),),
        endpoints=frozenset({"documents.send"}),
        methods=("GET",),
    ),
    # Each new display that asks is a row in the store.
    Purpose(
        name="asking to be paired",
        rules=(Rule(amount="60 per hour", by=address),),
        endpoints=frozenset({"hall.ask"}),
        methods=("GET",),
    ),
    Purpose(
        name="costly pages",
        rules=(Rule(amount="10 per hour", by=address),),
        endpoints=frozenset({"about.source"}),
        methods=("GET",),
    ),
)

# POSTs that are never limited, and why.
UNLIMITED: Final = {
    "account.change_hours": "one’s own switch",
    "account.language": "changes nothing but the language",
    "account.sign_out": "leaving is always possible",
    "asking.found": "taking back is always possible",
    "asking.stay": "taking back is always possible",
    "bookings.cancel": "taking back is always possible",
    "bookings.remove": "taking back is always possible",
    "comments.withdraw": "taking back is always possible",
    "conditions.remove": "taking back is always possible",
    "craftsmen.take_away": "taking back is always possible",
    "documents.withdraw": "taking back is always possible",
    "first_steps.later": "changes nothing but a cookie",
    "first_steps.resume": "changes nothing but a cookie",
    "follows.unfollow": "taking back is always possible",
    "joining.move_out": "leaving is always possible",
    "joining.stay": "one’s own answer",
    "loans.step": "each step is there once, and giving back is always possible",
    "loans.stop_waiting": "taking back is always possible",
    "mail_settings.hear_answers": "one’s own switch",
    "mail_settings.stop": "whoever wants no mail is obeyed",
    "meetings.call_off": "taking back is always possible",
    "notices.call_off": "taking back is always possible",
    "notices.narrow": "taking back is always possible",
    "notices.withdraw": "taking back is always possible",
    "photos.remove": "taking back is always possible",
    "removals.take_back": "taking back is always possible",
    "quiet.block": "whoever wants to be left alone is obeyed",
    "quiet.leave": "leaving is always possible",
    "quiet.mute": "one’s own switch",
    "skills.take_away": "taking back is always possible",
    "search.forget": "taking back is always possible",
    "quiet.unblock": "taking back is always possible",
    "relays.stop": "taking back is always possible",
    "vouching.take_back": "taking back is always possible",
}


def storage_address(settings: Settings) -> str:
    """Where counts are kept: in the process in the embedded default, else in the home broker that is named."""
    if settings.home_broker_url == BUNDLED:
        return "memory://"
    return settings.home_broker_url.replace("unix://", "redis+unix://", 1)


def install(app: Flask, *, settings: Settings) -> None:
    """Put the rules on the views that exist.

    The counts live in the process in the embedded default (there is one web process) and in the home
    broker where one is named; if that broker is down, the process counts by itself and people still sign in.
    """
    storage = storage_address(settings)
    limiter = Limiter(
        address,
        app=app,
        storage_uri=storage,
        strategy="moving-window",
        in_memory_fallback_enabled=storage != "memory://",
        key_prefix="palier",
    )
    app.extensions[LIMITER] = limiter
    for purpose in PURPOSES:
        for endpoint in sorted(purpose.endpoints & app.view_functions.keys()):
            _limit(app, limiter, purpose=purpose, endpoint=endpoint)


def _limit(app: Flask, limiter: Limiter, *, purpose: Purpose, endpoint: str) -> None:
    view = app.view_functions[endpoint]
    for rule in purpose.rules:
        shared = limiter.shared_limit(rule.amount, scope=purpose.name, key_func=rule.by, methods=list(purpose.methods))
        view = cast("Callable[..., ResponseReturnValue]", shared(view))
    app.view_functions[endpoint] = view


def seconds_to_wait() -> int:
    """How long until a request that was just refused would be let through."""
    limiter: Limiter = current_app.extensions[LIMITER]
    breached = [one for one in limiter.current_limits if one.breached]
    return max([1, *(math.ceil(one.window.reset_time - time.time()) for one in breached)])
