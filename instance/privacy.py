"""The register of processing: every column of the home store, why it is kept and for how long (GDPR art. 30).

A test compares it with the metadata: a column without an entry fails, and so does an entry without a column. Another
compares its periods with the rules of `forgetting`: it promises nothing that nobody does.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from instance.retention import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Why a table's columns are kept, and how long."""

    purpose: str
    kept: Kept
    columns: frozenset[str]


def _entry(purpose: str, kept: Kept, columns: str) -> Entry:
    return Entry(purpose=purpose, kept=kept, columns=frozenset(columns.split()))


_KEYS = "id public_id created_at"

REGISTER: Mapping[str, Entry] = {
    "city": _entry("to know which city this is", Kept.PLACE, f"{_KEYS} name insee"),
    "quarter": _entry(
        "to hang notices in the right quarter", Kept.PLACE, f"{_KEYS} city_id name slug postcode district opened_at"
    ),
    "outline": _entry("to see which quarters lie side by side", Kept.PLACE, "quarter_id wkt version entered_at"),
    "building": _entry(
        "to give each building its own board",
        Kept.PLACE,
        f"{_KEYS} quarter_id name street postcode installer_id residence_id delivered_on",
    ),
    "residence": _entry(
        "to know a co-owned residence again in the national register", Kept.PLACE, f"{_KEYS} number name street lots"
    ),
    "street": _entry("to find an address as it is typed", Kept.PLACE, f"{_KEYS} city_id postcode name spelled"),
    "street_piece": _entry("to find an address as it is typed", Kept.PLACE, "letters street_id size"),
    "address": _entry(
        "to find an address of the national address base", Kept.PLACE, "id street_id number suffix gone_at"
    ),
    "building_address": _entry("to know at which addresses a building stands", Kept.PLACE, "building_id address_id"),
    "lot": _entry("to send a code to the right letterbox", Kept.PLACE, f"{_KEYS} building_id number position"),
    "pairing": _entry(
        "to recognise the display that shows a code, until somebody typed it",
        Kept.PAIRING,
        f"{_KEYS} secret_hash code_hash drawn expires_at",
    ),
    "screen": _entry(
        "to let a hall screen show its building's wall", Kept.PLACE, f"{_KEYS} building_id key_hash removed_at"
    ),
    "resident": _entry(
        "to sign in, to be named to neighbours, to be written to",
        Kept.ACCOUNT,
        f"{_KEYS} login first_name last_name email password_hash locale role state suspended_until desk_quarter_id",
    ),
    "occupancy": _entry("to open the board of one's own building", Kept.HOME, f"{_KEYS} resident_id lot_id asked_at"),
    "proof": _entry(
        "to open a building to whoever is known to live there, and to take that back",
        Kept.PROOF,
        f"{_KEYS} resident_id lot_id kind by_id household_id reason revoked_at",
    ),
    "paper": _entry(
        "to let an administrator look once at a paper that shows where somebody lives, and to say what came of it",
        Kept.PAPER,
        f"{_KEYS} resident_id lot_id state key expires_at by_id opened_at ended_at why words",
    ),
    "introduction": _entry(
        "to let somebody new be known again by a word they read out",
        Kept.WORD,
        f"{_KEYS} resident_id lot_number drawn word_hash expires_at",
    ),
    "login": _entry(
        "to stay signed in on a browser, and to find it again in the list of one's browsers",
        Kept.SIGNED_IN,
        f"{_KEYS} resident_id token_hash expires_at used_on proved_at family system",
    ),
    "halfway_login": _entry(
        "to wait for the second step after the password", Kept.MINUTES, f"{_KEYS} resident_id token_hash expires_at"
    ),
    "second_factor": _entry(
        "to ask for a code or a passkey after the password",
        Kept.ACCOUNT,
        f"{_KEYS} resident_id sealed proposed by_passkey last_step misses wait_until reset_at",
    ),
    "spare_code": _entry(
        "to sign in when telephone or key are lost", Kept.ACCOUNT, f"{_KEYS} resident_id code_hash used_at"
    ),
    "passkey": _entry(
        "to sign in with a key of one's own device",
        Kept.ACCOUNT,
        f"{_KEYS} resident_id handle credential_id public_key sign_count name used_on",
    ),
    "passkey_challenge": _entry(
        "to take the answer of a passkey once", Kept.MINUTES, f"{_KEYS} challenge_hash ceremony resident_id expires_at"
    ),
    "letterbox_code": _entry(
        "to prove that somebody opens a letterbox",
        Kept.CODE,
        f"{_KEYS} lot_id selector secret_hash expires_at tries_left used_at",
    ),
    "mailbox": _entry(
        "to write only to an address its owner proved, and only about what they wish",
        Kept.ADDRESS,
        f"{_KEYS} resident_id address confirmed_at hears_answers",
    ),
    "pass": _entry(
        "to confirm an address or reset a password by a link that works once",
        Kept.LINK,
        f"{_KEYS} purpose resident_id address expires_at used_at",
    ),
    "outgoing_mail": _entry(
        "to send a mail once, and to know what the relay did not take",
        Kept.MAIL,
        f"{_KEYS} kind cause resident_id subject_id address state due_at tries said ended_at",
    ),
    "recovery_request": _entry("to look for an account without saying whether it exists", Kept.TYPED, f"{_KEYS} name"),
    "recovery_card": _entry(
        "to set a new password with a printed card",
        Kept.CARD,
        f"{_KEYS} resident_id by_id selector secret_hash tries_left expires_at ended_at",
    ),
    "organisation": _entry(
        "to publish in an organisation's name",
        Kept.PLACE,
        f"{_KEYS} slug name kind summary quarter_id verified_at version",
    ),
    "membership": _entry(
        "to know who may write for an organisation", Kept.ACCOUNT, f"{_KEYS} organisation_id resident_id"
    ),
    "notice": _entry(
        "to hang a slip on the board it was meant for",
        Kept.NOTICE,
        f"{_KEYS} family title body html language reach circle building_id quarter_id author_id organisation_id"
        " state search_text version reached_network updated_at expires_at origin_uri origin_actor origin_name"
        " origin_host origin_url",
    ),
    "listing": _entry(
        "to tell offers from requests, how long each makes sense, and sign them",
        Kept.NOTICE,
        "id direction byline need",
    ),
    "widening": _entry(
        "to let a request reach further, as far and as fast as its author said",
        Kept.WIDENING,
        f"{_KEYS} listing_id pace ring furthest byline next_at",
    ),
    "relayed": _entry(
        "to write for a neighbour without internet, and to show that they agreed; for the writer's eyes only",
        Kept.CONSENT,
        f"{_KEYS} resident_id called consent consented_on",
    ),
    "relayed_notice": _entry(
        "to say on a notice that it is for a neighbour, and to take it down when they no longer agree",
        Kept.MARK,
        "notice_id relayed_id",
    ),
    "news_item": _entry(
        "to say in brief what the news is, and when and where what it announces takes place",
        Kept.NOTICE,
        "id summary urgent_until begins_at ends_at place called_off",
    ),
    "skill": _entry(
        "to say what neighbours may ask somebody for, as far as they said",
        Kept.SKILL,
        f"{_KEYS} author_id reach circle building_id quarter_id state updated_at title sorted_by found_by",
    ),
    "recommendation": _entry(
        "to tell neighbours of a craftsman, signed by whoever had work done",
        Kept.ADVICE,
        f"{_KEYS} author_id reach circle building_id quarter_id state updated_at trade name name_key phone site done"
        " expires_at",
    ),
    "comment": _entry(
        "to talk under the news",
        Kept.NOTICE,
        f"{_KEYS} notice_id author_id html state origin_uri origin_actor origin_name origin_host origin_updated",
    ),
    "conversation": _entry(
        "to answer a listing, or to ask a neighbour, in private",
        Kept.TALK,
        f"{_KEYS} listing_id skill_id owner_id opener_id remote_actor remote_name remote_host remote_thread byline"
        " last_at",
    ),
    "message": _entry(
        "to answer a listing in private", Kept.TALK, f"{_KEYS} conversation_id author_id html remote_uri"
    ),
    "meeting": _entry(
        "to agree on a moment and a place",
        Kept.MEETING,
        f"{_KEYS} conversation_id proposer_id building_id place first_at second_at third_at agreed_at state over_at",
    ),
    "aside": _entry(
        "to keep a conversation away from whoever left or muted it, unseen by the other",
        Kept.TALK,
        f"{_KEYS} conversation_id resident_id kind until",
    ),
    "personal_block": _entry(
        "to keep somebody away from whoever wishes so, unseen by them and by staff",
        Kept.ACCOUNT,
        f"{_KEYS} resident_id blocked_id",
    ),
    "quiet_hours": _entry(
        "to write no mail at hours, nor of more new conversations, than somebody wishes",
        Kept.ACCOUNT,
        f"{_KEYS} resident_id begins ends most_new",
    ),
    "loan": _entry(
        "to know who has what, from when and until when",
        Kept.LOAN,
        f"{_KEYS} listing_id conversation_id lender_id borrower_id state moved_at asker terms pickup_at place due_on"
        " wished_on",
    ),
    "bond": _entry(
        "to keep a loan across two towns the same in both",
        Kept.TALK,
        f"{_KEYS} conversation_id listing_id actor leads keeps version sequence offer_uri amount unit turned_away wish"
        " wished_at terms pickup_at day place asked agreed_to",
    ),
    "far_desk": _entry("to know which towns keep loans as this one does", Kept.PLACE, "actor"),
    "thanks": _entry("to thank the other one of a loan", Kept.LOAN, f"{_KEYS} loan_id side words"),
    "clipping": _entry(
        "to show the pictures of what comes from other towns; the picture itself is a file of the same name",
        Kept.CLIPPING,
        f"{_KEYS} notice_id position alt width height",
    ),
    "condition": _entry(
        "to show the two of a loan how the thing was; the picture itself is a file of the same name",
        Kept.LOAN,
        f"{_KEYS} loan_id side moment position words width height",
    ),
    "waiter": _entry(
        "to tell whoever waits for a thing that it is back", Kept.LINE, f"{_KEYS} listing_id resident_id told_at"
    ),
    "photo": _entry(
        "to show what is offered or asked for; the picture itself is a file of the same name",
        Kept.PHOTO,
        f"{_KEYS} listing_id position alt width height",
    ),
    "opening": _entry(
        "to say when and where an offer can be had",
        Kept.NOTICE,
        f"{_KEYS} listing_id weekday begins ends minutes first_on last_on place",
    ),
    "booking": _entry(
        "to keep one slot for one neighbour",
        Kept.BOOKING,
        f"{_KEYS} listing_id conversation_id booker_id starts_at ends_at place state moved_at",
    ),
    "arrival": _entry("to hold new notices against kept searches", Kept.TYPED, f"{_KEYS} notice_id"),
    "lookout": _entry(
        "to tell somebody when what they look for is hung; nobody else learns of it",
        Kept.ACCOUNT,
        f"{_KEYS} resident_id words kind place circles",
    ),
    "lookout_key": _entry("to find whose kept search a notice may be for", Kept.ACCOUNT, "circle stem lookout_id"),
    "lookout_find": _entry(
        "to tell of a notice once, and of all of a day in one mail",
        Kept.FOUND,
        f"{_KEYS} lookout_id notice_id tell_at told_at",
    ),
    "report": _entry(
        "to let anybody say that something is wrong",
        Kept.FILE,
        f"{_KEYS} target target_id words author_id author_name building_id quarter_id stays reason reporter_id"
        " reporter_host closed_at",
    ),
    "referral": _entry(
        "to tell another town what is wrong with something of theirs, and to show what was told",
        Kept.FILE,
        f"{_KEYS} report_id host actor_uri object_uri words",
    ),
    "measure": _entry("to account for what moderators did", Kept.FILE, f"{_KEYS} step target reason by_id quarter_id"),
    "decision": _entry(
        "to tell somebody what was decided about them, why, and by which rule",
        Kept.FILE,
        f"{_KEYS} resident_id step about words reason rule until reported stays",
    ),
    "change": _entry(
        "to ask the boundary about every change once", Kept.BOOK, f"{_KEYS} subject subject_id version pending"
    ),
    "verdict": _entry("to show what left and what was withheld", Kept.BOOK, "change_id outcome why decided_at"),
}
