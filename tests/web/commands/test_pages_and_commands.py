"""Everything that staff and editors can do on a page can be done by a command: compared with the map of addresses."""

from pathlib import Path

import click
import pytest

from tests.web import pages_place
from web import cli, stores

# A page action that is not here fails the test below: give it a command, then a line.
COMMANDS = {
    "accords.accept": "followers accept",
    "accords.admission": "peers admission",
    "accords.approve": "peers approve",
    "accords.declare": "charters declare",
    "accords.declare_suggested": "charters declare-suggested",
    "accords.end": "charters end",
    "accords.limit": "peers limit",
    "accords.market": "peers market",
    "accords.promise": "charters sign",
    "accords.refuse": "followers refuse",
    "accords.undeclare": "charters undeclare",
    "accords.unlimit": "peers unlimit",
    "accounts.change_role": "accounts role",
    "accounts.suspend": "accounts suspend",
    "accounts.reinstate": "accounts reinstate",
    "accounts.take_away": "accounts unlock",
    "addresses.add_building": "buildings add",
    "addresses.put": "addresses put",
    "addresses.remove": "addresses remove",
    "admin_recovery.card": "accounts card",
    "asking.close_by_link": "listings withdraw",
    "asking.edit_by_link": "news edit",
    "asking.found": "listings found",
    "asking.renew": "listings renew",
    "asking.renew_by_link": "listings renew",
    "asking.stay": "listings stay",
    "blocklists.apply": "peers import-blocklist",
    "blocklists.preview": "peers import-blocklist",
    "cities.add": "cities add",
    "cities.add_quarters": "quarters add",
    "cities.marseille": "quarters load-marseille",
    "codes.one": "codes one",
    "codes.sheet": "codes sheet",
    "crossings.purge": "deliveries purge",
    "crossings.replay": "deliveries retry",
    "crossings.replay_all": "deliveries retry",
    "delivery.day": "buildings delivered",
    "erasures.take_back": "accounts take-back",
    "follows.follow": "follows add",
    "follows.look": "follows look",
    "follows.unfollow": "follows end",
    "listings.compose": "listings offer",
    "moderation.block": "peers block",
    "moderation.block_one": "peers block",
    "moderation.unblock": "peers unblock",
    "moderation.decide": "reports hide",
    "moderation.reinstate": "accounts reinstate",
    "moderation.restore": "reports restore",
    "moderation.restore_beside": "reports restore-beside",
    "moderation.restore_comment": "reports restore-comment",
    "letters.one": "codes one",
    "letters.sheet": "codes sheet",
    "news.compose": "news post",
    "notices.edit": "news edit",
    "notices.call_off": "news call-off",
    "notices.narrow": "news narrow",
    "notices.withdraw": "news withdraw",
    "organisations.index": "organisations found",
    "organisations.describe": "organisations describe",
    "organisations.add_member": "members add",
    "organisations.remove_member": "members remove",
    "organisations.add_building": "organisations answer-for",
    "outlines.enter": "quarters outlines",
    "outlines.remove": "quarters remove-outline",
    "peers.add": "peers add",
    "peers.look_again": "peers check",
    "peers.follow": "follows add",
    "peers.look": "follows look",
    "peers.unfollow": "follows end",
    "places.add_building": "buildings add",
    "places.answer_for": "buildings answered-by",
    "places.open_quarter": "quarters open",
    "places.install_screen": "screens install",
    "places.rename_quarter": "quarters rename",
    "places.pair_screen": "screens pair",
    "places.remove_screen": "screens remove",
    "proofs.attest": "proofs attest",
    "residences.join": "buildings residence",
    "residences.leave": "buildings residence",
    "proofs.end_home": "proofs end-home",
    "screens.pair": "screens pair",
    "screens.remove": "screens remove",
    "vouches.end": "proofs end",
}
# What somebody does for themselves, signed in: their own account, their own words, their own complaint.
ONES_OWN = {
    "account",
    "bookings",
    "comments",
    "conditions",
    "conversations",
    "craftsmen",
    "documents",
    "first_steps",
    "loans",
    "joining",
    "mail_settings",
    "meetings",
    "passkeys",
    "photos",
    "quiet",
    "recovery",
    "relays",
    "removals",
    "reports",
    "search",
    "second_step",
    "security",
    "skills",
    "vouching",
}
# A paper that is seen once is shown on a page: a terminal keeps what it showed, and a file would stay.
ON_PAGES_ONLY = {"papers.look", "papers.decide"}
# It reads its file first and begins to write when there is something to write.
WRITES_LATE = {"quarters outlines"}
# Steps of one form that are several commands.
MORE = {
    "moderation.decide": ("reports suspend", "reports warn", "reports dismiss"),
    "listings.compose": ("listings request",),
}


@pytest.fixture
def endpoints(tmp_path: Path) -> set[str]:
    app = pages_place.make(tmp_path).app
    for store in stores.of(app).values():
        store.close()
    return {one.endpoint for one in app.url_map.iter_rules() if "POST" in (one.methods or ())}


def test_every_action_of_a_page_has_a_command(endpoints: set[str]) -> None:
    wanted = {one for one in endpoints if one.partition(".")[0] not in ONES_OWN}
    assert wanted >= ON_PAGES_ONLY
    wanted -= ON_PAGES_ONLY
    assert wanted - set(COMMANDS) == set(), "a page can do what no command can"
    assert set(COMMANDS) - wanted == set(), "no page does this any more"


@pytest.mark.parametrize("words", sorted({*COMMANDS.values(), *(one for many in MORE.values() for one in many)}))
def test_the_command_is_there_and_writes(words: str) -> None:
    noun, verb = words.split()
    group = cli.palier.get_command(click.Context(cli.palier), noun)
    assert isinstance(group, click.Group)
    assert getattr(group.commands[verb], "writes", False) != (words in WRITES_LATE)


def test_the_list_of_commands_loads_none() -> None:
    for name, (module, _) in cli.COMMANDS.items():
        assert module == f"web.commands.{name}"
    text = cli.palier.get_help(click.Context(cli.palier, info_name="palier"))
    assert all(name in text for name in cli.COMMANDS)
