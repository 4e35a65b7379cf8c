"""How long things are kept, in words that the register of processing shows (GDPR art. 30)."""

from enum import StrEnum


class Kept(StrEnum):
    """How long something is kept."""

    PLACE = "as long as the place exists"
    ACCOUNT = "until the account is erased"
    HOME = "until the resident moves out or the account is erased"
    NOTICE = (
        "six months after the notice came down, later while a letter, a loan or an open report about it is kept;"
        " of one that crossed between towns five years, but after the six months without words or place"
    )
    TALK = "twelve months after the last letter, later while a loan, a meeting or a slot of it is kept"
    MEETING = "thirty days after its moment; proposals that came to nothing, until their last moment"
    LOAN = "thirty days after it ended"
    BOOKING = "thirty days after its moment"
    CLIPPING = "until the notice comes down, deleted within the hour that follows; half a year where moderators hid it"
    PHOTO = "thirty days after the notice came down; half a year where moderators took it down"
    LINE = "three days after it was told that the thing is back, or until the notice comes down"
    SIGNED_IN = "thirty days after it was last used, half a year after sign-in at the latest"
    MINUTES = "ten minutes, deleted within the hour that follows"
    CODE = "thirty days after use or expiry"
    ADDRESS = "until the address is taken back or the account is erased"
    LINK = "one day after use or expiry"
    TYPED = "until the worker has looked at it, one day at most"
    MAIL = "seven days after it was sent, without the address; thirty days when it failed"
    CARD = "thirty days after use or replacement"
    WIDENING = "until its last ring opened or none will, a day and a half at most beyond its notice"
    FOUND = "thirty days after it was found"
    PAIRING = "an hour after the code ran out"
    CONSENT = "until the neighbour no longer agrees or the account is erased"
    MARK = "until the neighbour no longer agrees, or with the notice"
    WORD = "one day, deleted within the hour that follows"
    SKILL = "until it is taken away, the resident moves out or the account is erased; while there is a letter about it"
    ADVICE = "two years after it was written; until it is taken away, the resident moves out or the account is erased"
    PROOF = "until the resident moves out or the account is erased; thirty days after it was taken back"
    PAPER = "the key until somebody looked, seven days at most; what came of it, thirty days"
    FILE = "one year after the case is closed"
    BOOK = "two years: proof of what crossed and why"
