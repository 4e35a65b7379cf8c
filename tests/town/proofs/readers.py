"""Who may read which column: a literal table, to be reviewed line by line. What is not named is for nobody.

A canary may name further readers: those of its notice. Somebody's own row may be shown to them.
"""

from collections.abc import Mapping
from typing import Final

from tests.town.canaries import Canary

# Strangers in every form: visitors, other servers, the wire, the federation store, logs, files.
OUTSIDE: Final = "outside"
WALL: Final = "wall"  # whoever walks into the hall
NEIGHBOUR: Final = "neighbour"  # the same building
QUARTER: Final = "quarter"  # another building of the same quarter
ELSEWHERE: Final = "elsewhere"  # registered in another quarter
MODERATOR: Final = "moderator"
ADMINISTRATOR: Final = "administrator"
MAILBOX: Final = "mailbox"  # of one resident, named after it: they, their provider and the relays in between

# What an organisation, a quarter or the author of a public notice means everybody to read; and what came from another
# town, which may go back to where it came from.
PUBLIC: Final = frozenset(
    {
        "city.name",
        "quarter.name",
        "quarter.slug",
        "organisation.name",
        "organisation.slug",
        "organisation.summary",
        "organisation.public_id",
        "notice.origin_uri",
        "notice.origin_actor",
        "notice.origin_name",
        "notice.origin_host",
        "notice.origin_url",
        "conversation.remote_actor",
        "conversation.remote_host",
        "conversation.remote_thread",
        "message.remote_uri",
    }
)
# Of one's own building, and of who lives there: the story names these readers row by row.
AT_HOME: Final = frozenset({"building.name", "building.street", "building.public_id", "resident.last_name"})
# Of one's own lot, on one's own page "How you are known here": not of a neighbour's.
OWN_LOT: Final = frozenset({"lot.number", "lot.public_id"})
# A screen says where it hangs, and names nobody.
ON_THE_WALL: Final = frozenset({"building.name", "building.street"})
# Everybody registered: a first name and an initial, comments under news, postcodes of quarters.
REGISTERED: Final = PUBLIC | {
    "resident.first_name",
    "quarter.postcode",
    "comment.public_id",
    "notice.id",
}
BOARD_KEEPER: Final = REGISTERED | {
    "report.words",
    "report.author_name",
    "report.closed_at",
    "report.reason",
    "report.reporter_host",
    "report.public_id",
    "report.created_at",
    "referral.words",
    "referral.host",
    "referral.created_at",
    "measure.reason",
    "measure.target",
    "measure.created_at",
    "resident.public_id",
}
RUNS_THE_PLACE: Final = BOARD_KEEPER | {
    "resident.login",
    "resident.created_at",
    "city.insee",
    "quarter.district",
    "building.name",
    "building.street",
    "building.public_id",
    "lot.number",
    "address.id",  # of the national list, as are its streets
    "street.name",
    "screen.public_id",
    "screen.created_at",
    "change.created_at",
    "verdict.why",
    "organisation.created_at",
}

# A mail says whom it is for, who wrote, and leads to a page; a letter, a building's notice, a last name stay.
IN_A_MAIL: Final = PUBLIC | {"resident.first_name"}
OWN_IN_A_MAIL: Final = frozenset(
    {
        "resident.login",
        "resident.email",
        "resident.public_id",
        "mailbox.address",
        "pass.address",
        "pass.public_id",  # the first half of the link it is sent for
        "outgoing_mail.public_id",
        "outgoing_mail.address",
        "conversation.public_id",
        "loan.public_id",
    }
)

MAY_SEE: Final[Mapping[str, frozenset[str]]] = {
    OUTSIDE: PUBLIC,
    WALL: PUBLIC,
    NEIGHBOUR: REGISTERED,
    QUARTER: REGISTERED,
    ELSEWHERE: REGISTERED,
    MODERATOR: BOARD_KEEPER,
    ADMINISTRATOR: RUNS_THE_PLACE,
}


def may_see(reader: str, canary: Canary, *, resident: int | None = None) -> bool:
    """Whether a canary may stand in what this reader gets; `resident` is who they are, if anybody."""
    if reader.startswith(f"{MAILBOX} "):
        return _may_be_mailed(reader, canary)
    if resident is not None and canary.owner == resident and canary.column.startswith(OWN):
        return canary.column not in NEVER
    known = MAY_SEE.get(reader, PUBLIC)
    return canary.column in known or reader in canary.also


def _may_be_mailed(reader: str, canary: Canary) -> bool:
    own = reader == f"{MAILBOX} {canary.owner}" and canary.column in OWN_IN_A_MAIL
    return own or canary.column in IN_A_MAIL or reader in canary.also


# What one's own account shows of itself.
OWN: Final = (
    "resident.",
    "login.",
    "mailbox.address",
    "pass.address",
    "passkey.name",
    "passkey.public_id",
    "personal_block.public_id",
)
# Not even one's own: nobody reads a key or a hash on a page.
NEVER: Final = frozenset({"resident.id", "resident.password_hash", "login.id", "login.token_hash"})
