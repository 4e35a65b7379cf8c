"""What a genuine letter means: what it still lacks, whether it may be believed, and how it ends on this side."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub import codec, vocabulary
from activitypub.vocabulary import (
    Accept,
    Actor,
    Agreement,
    Announce,
    Article,
    Block,
    Create,
    Delete,
    Event,
    Flag,
    Follow,
    Ignore,
    Join,
    Move,
    Note,
    Offer,
    QuoteRequest,
    Reject,
    Undo,
    Update,
    identify,
)
from federation import absences, following, joins, peers, policy, quotes
from federation.models import GoneObject, Letter, LetterState

Writing: TypeAlias = Article | Event | Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The embedded object speaks for itself: same origin, and its author sent or passed on the letter."""

    word: Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """The object must come from its own host; `author`, if given, must turn out to have written it."""

    uri: str
    author: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """The sender says that its profile changed: it is fetched again, never taken from the letter."""

    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relocate:
    """The sender says that it lives elsewhere from now on: both documents are asked."""

    uri: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """An object is withdrawn by `by`."""

    uri: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """Nothing to believe beyond the signature."""

    object_uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """The letter ends here."""

    sentence: str
    refused: bool = False


WITHDRAWN: Final = "its object was withdrawn before"

_UNFOLLOWED = Over(sentence="passed on by somebody whom nobody here follows")
_UNKNOWN = Over(sentence="from an instance that nobody here approved yet", refused=True)
_FOREIGN = Over(sentence="the agreement is somebody else's", refused=True)

Need: TypeAlias = Ready | Fetch | Refresh | Relocate | Gone | Plain | Over


def weigh(session: Session, *, activity: vocabulary.Activity, strangers: Collection[str], origin: str) -> Need:
    """Say what a letter whose sender is certain still needs (FEP-fe34: embedded objects of others are refetched).

    `strangers` are hosts of which nothing is read, see `approvals`.
    """
    brings = isinstance(activity, Create | Update | Announce | Flag | Offer | Join | QuoteRequest)
    if brings and policy.authority(activity.actor) in strangers:
        return _UNKNOWN
    return _weigh_agreement(activity) or _needs(session, activity, origin=origin)


def _weigh_agreement(activity: vocabulary.Activity) -> Need | None:
    match activity:
        case Offer(object=Agreement()):
            return Plain()
        case Update(object=Agreement() as word):
            return Plain() if word.attributed_to == activity.actor else _FOREIGN
        case _:
            return None


def _needs(session: Session, activity: vocabulary.Activity, *, origin: str) -> Need:  # noqa: PLR0911 — one per case
    match activity:
        case Create() | Update():
            return _weigh_authored(activity, origin=origin)
        case Announce():
            # Before any fetch: a stranger's Announce must not make us knock anywhere.
            is_followed = peers.follows(session, remote_uri=activity.actor)
            return _weigh_announce(activity, origin=origin) if is_followed else _UNFOLLOWED
        case Delete():
            return _weigh_delete(identify(activity.object), by=activity.actor)
        case Undo():
            return _weigh_undo(activity)
        case Flag() | Follow() | Accept() | Reject() | Block() | Join() | QuoteRequest():
            return Plain()
        case Move():
            return _weigh_move(session, activity)
        case Offer() | Ignore():
            return Over(sentence="of a kind that is not read here")


def _weigh_authored(activity: Create | Update, *, origin: str) -> Need:  # noqa: PLR0911 — one return per case
    word = activity.object
    match word:
        case Actor() if word.id == activity.actor:
            return Refresh(uri=word.id)
        case Actor():
            return Over(sentence="speaks of another actor", refused=True)
        case Event() if _is_for_group(word, by=activity.actor):
            return _fetch(word.id, author=word.attributed_to, origin=origin)
        case Article() | Event() | Note() if word.attributed_to != activity.actor:
            return Over(sentence="the text is somebody else's", refused=True)
        case Article() | Event() | Note():
            if policy.same_origin(word.id, activity.actor) and policy.fit([word.id]):
                return Ready(word=word)
            return _fetch(word.id, author=activity.actor, origin=origin)
        case str():
            return _fetch(word, author=activity.actor, origin=origin)
        case _:
            return Over(sentence="of a kind that is not shown here")


def _is_for_group(word: Event, *, by: str) -> bool:
    """Whether somebody announces for a group of their own host, as Mobilizon has it; the host has to confirm it."""
    return word.attributed_to != by and policy.same_origin(word.attributed_to, by)


def _weigh_announce(activity: Announce, *, origin: str) -> Need:
    inner = activity.object
    if isinstance(inner, Delete):
        if not policy.same_origin(activity.actor, inner.actor):
            return Over(sentence="a withdrawal of another host, passed on", refused=True)
        return _weigh_delete(identify(inner.object), by=inner.actor)
    author = inner.actor if isinstance(inner, Create | Update) else None
    word = inner.object if isinstance(inner, Create | Update) else inner
    if author is not None and isinstance(word, Event) and _is_for_group(word, by=author):
        author = word.attributed_to
    match word:
        case Article() | Event() | Note():
            owned = word.attributed_to == (author or word.attributed_to)
            if owned and policy.same_origin(word.id, word.attributed_to, activity.actor) and policy.fit([word.id]):
                return Ready(word=word)
            return _fetch(word.id, author=author, origin=origin)
        case str():
            return _fetch(word, author=author, origin=origin)
        case _:
            return Over(sentence="passed on, of a kind that is not shown here")


def _weigh_move(session: Session, activity: Move) -> Need:
    if activity.object != activity.actor:
        return Over(sentence="moves somebody else", refused=True)
    if not peers.follows(session, remote_uri=activity.actor):
        # Before any fetch: whom nobody here follows may live where they like.
        return Over(sentence="nobody here follows whoever moves")
    return Relocate(uri=activity.actor, target=activity.target)


def _weigh_delete(uri: str, *, by: str) -> Need:
    if uri != by and not policy.same_origin(uri, by):
        return Over(sentence="withdraws what is another host's", refused=True)
    return Gone(uri=uri, by=by)


def _weigh_undo(activity: Undo) -> Need:
    word = activity.object
    if isinstance(word, Follow | str):
        return Plain()
    if isinstance(word, Announce) and word.actor == activity.actor:
        return Plain(object_uri=identify(word.object))
    return Over(sentence="takes back what was never counted here")


def _fetch(uri: str, *, author: str | None, origin: str) -> Need:
    if policy.authority(uri) == policy.authority(origin):
        return Over(sentence="is about something of ours; not counted")
    if not policy.fit([uri]):
        return Over(sentence="names an object at an address that cannot be used", refused=True)
    return Fetch(uri=uri, author=author)


# --- how it ends here


def hold(session: Session, *, letter: Letter, word: Writing, now: datetime) -> None:
    """Seal a letter whose object may be believed: home may open it."""
    if is_gone(session, uri=word.id, by=word.attributed_to):
        finish(session, letter=letter, sentence=WITHDRAWN, now=now, refused=True)
        return
    seal(letter, word=word)
    session.flush()


def is_gone(session: Session, *, uri: str, by: str) -> bool:
    """Whether its author withdrew an object."""
    return session.get(GoneObject, (uri, by)) is not None


def seal(letter: Letter, *, word: Writing) -> None:
    """Let home open a letter whose object is known not to be withdrawn."""
    letter.object_uri = word.id
    letter.author_uri = word.attributed_to
    letter.content = codec.encode(codec.write(word))
    _hand_over(letter)


def _seal(session: Session, letter: Letter) -> None:
    _hand_over(letter)
    session.flush()


def _hand_over(letter: Letter) -> None:
    """From here on it is tried at home, which counts its own tries and says its own sentences."""
    letter.state = LetterState.VERIFIED
    letter.sentence = ""
    letter.attempts = 0
    letter.due_at = None


def close(
    session: Session, *, letter: Letter, activity: vocabulary.Activity, need: Need, origin: str, now: datetime
) -> None:
    """End, or seal for home, a genuine letter that needs nothing from the network any more."""
    match need:
        case Ready():
            hold(session, letter=letter, word=need.word, now=now)
        case Over():
            finish(session, letter=letter, sentence=need.sentence, now=now, refused=need.refused)
        case Gone():
            _close_gone(session, letter=letter, gone=need, now=now)
        case Plain() if isinstance(activity, Join):
            _close_join(session, letter=letter, asked=activity, origin=origin, now=now)
        case Plain() if isinstance(activity, QuoteRequest):
            told = quotes.receive(session, asked=activity, origin=origin, now=now)
            finish(session, letter=letter, sentence=told, now=now)
        case Plain() | Fetch() | Refresh() | Relocate():
            _close_plain(session, letter=letter, activity=activity, need=need, origin=origin, now=now)


def _close_gone(session: Session, *, letter: Letter, gone: Gone, now: datetime) -> None:
    """Remember a withdrawal; whether `by` may withdraw it is decided by who wrote it, as far as we were told."""
    if gone.uri == gone.by:
        # Whoever holds an old key could say so: its host is asked first. See `doubts`.
        absences.doubt(session, actor_uri=gone.uri, cause=absences.Cause.DELETE, now=now)
        finish(session, letter=letter, sentence="says that it is gone: its host is asked", now=now)
        return
    author = session.scalar(
        select(Letter.author_uri)
        .where(
            Letter.object_uri == gone.uri,
            Letter.author_uri.is_not(None),
            Letter.type.in_(("Create", "Update", "Announce")),
        )
        .order_by(Letter.id)
        .limit(1)
    )
    if author is not None and author != gone.by:
        finish(session, letter=letter, sentence="withdraws what somebody else wrote", now=now, refused=True)
        return
    if not is_gone(session, uri=gone.uri, by=gone.by):
        session.add(GoneObject(uri=gone.uri, by=gone.by, at=now))
    letter.object_uri = gone.uri
    letter.author_uri = gone.by
    _seal(session, letter)


def _close_plain(
    session: Session, *, letter: Letter, activity: vocabulary.Activity, need: Need, origin: str, now: datetime
) -> None:
    sentence: str | None = None
    match activity:
        case Follow():
            sentence = following.receive(session, asked=activity, origin=origin, now=now)
        case Accept(result=Agreement()):
            sentence = None
        case Accept() | Reject():
            sentence = following.decide(session, answer=activity, origin=origin, now=now)
        case Block():
            sentence = following.blocked_by(session, word=activity, origin=origin, now=now)
        case Undo(object=Follow() as undone):
            sentence = following.undo(session, undone=undone, by=activity.actor, origin=origin, now=now)
        case Undo(object=str() as undone):
            sentence = following.undo(session, undone=undone, by=activity.actor, origin=origin, now=now)
            sentence = sentence or "takes back what was never counted here"
        case _:
            sentence = None
    if sentence is not None:
        finish(session, letter=letter, sentence=sentence, now=now)
        return
    letter.object_uri = need.object_uri if isinstance(need, Plain) else None
    letter.author_uri = activity.actor
    _seal(session, letter)


def _close_join(session: Session, *, letter: Letter, asked: Join, origin: str, now: datetime) -> None:
    """Answer, and forget who asked: where somebody means to be is nobody's business here."""
    finish(session, letter=letter, sentence=joins.receive(session, asked=asked, origin=origin, now=now), now=now)
    # That it came is kept by its host and its digest, so that a copy is still known as one.
    letter.actor_uri = letter.activity_uri = ""
    letter.object_uri = letter.author_uri = None
    session.flush()


def finish(session: Session, *, letter: Letter, sentence: str, now: datetime, refused: bool = False) -> None:
    """End a letter with its sentence and forget what it said; who sent it, and that it came, is kept."""
    letter.state = LetterState.REFUSED if refused else LetterState.HANDLED
    letter.sentence = sentence
    letter.raw = b""
    letter.content = None
    letter.headers = {}
    letter.sender = ""
    letter.handled_at = now
    letter.due_at = None
    session.flush()
