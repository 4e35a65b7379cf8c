"""Correspondence: a letter from another city finds its conversation here, or opens one about a public listing.

It is threaded by its root letter: two residents there share one actor (their desk), so "same sender, same listing" must
not merge them. Every further letter has to name a letter of its thread and come from the actor who is in it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import conversations, prose
from instance.audience import Audience
from instance.base import Refused
from instance.conversations import Conversation, Message
from instance.listings import Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A private letter from another city, as the hatch read it.

    `reply_to_message` is set when it answers one of ours, `reply_to_uri` when it answers one of theirs,
    `listing` when it answers a listing directly; `thread` is its own name for the thread and
    `our_thread` the root message when that name is one we gave.
    """

    uri: str
    sender: str
    sender_name: str
    host: str
    html: str
    reply_to_message: uuid.UUID | None = None
    reply_to_uri: str | None = None
    listing: uuid.UUID | None = None
    thread: str | None = None
    our_thread: uuid.UUID | None = None


def receive(session: Session, *, letter: Letter, listing: Listing | None, now: datetime) -> Message:
    """Put a letter from another city where it belongs; the same letter twice changes nothing.

    Raises Refused("no_thread") when it names no letter and no listing of ours, Refused("stranger")
    when its sender is not the one in that conversation, Refused("not_live") when it opens a
    conversation about a listing that is no longer public.
    """
    known = session.scalar(select(Message).where(Message.remote_uri == letter.uri))
    if known is not None:
        return known
    conversation = _thread(session, letter=letter)
    if conversation is None:
        if listing is None:
            raise Refused("no_thread")
        conversation = _open(session, letter=letter, listing=listing, now=now)
    elif conversation.remote_actor != letter.sender:
        raise Refused("stranger")
    message = Message(conversation=conversation, html=prose.clean(letter.html), remote_uri=letter.uri, created_at=now)
    conversation.last_at = now
    session.add(message)
    session.flush()
    conversations.ring(session, conversation=conversation, by=None, cause=message.public_id, now=now)
    return message


def offer(session: Session, *, letter: Letter, listing: Listing | None, now: datetime) -> Conversation:
    """The conversation an offer of an agreement belongs to; where it opens one, it stands as its first letter.

    Raises Refused as `receive`, and "stranger" when its thread is about another listing.
    """
    known = session.scalar(select(Message).where(Message.remote_uri == letter.uri))
    if known is not None:
        return known.conversation
    conversation = _thread(session, letter=letter)
    if conversation is None:
        if listing is None:
            raise Refused("no_thread")
        conversation = _open(session, letter=letter, listing=listing, now=now)
        # Its words are those of the proposal: the reader's page has them, in the reader's language.
        session.add(Message(conversation=conversation, html="", remote_uri=letter.uri, created_at=now))
        session.flush()
    if conversation.remote_actor != letter.sender or (listing is not None and conversation.listing_id != listing.id):
        raise Refused("stranger")
    return conversation


def find(session: Session, *, letter: Letter) -> Conversation:
    """The conversation that a word about a loan belongs to. Raises Refused("no_thread"|"stranger")."""
    found = _thread(session, letter=letter)
    if found is None:
        raise Refused("no_thread")
    if found.remote_actor != letter.sender:
        raise Refused("stranger")
    return found


def _thread(session: Session, *, letter: Letter) -> Conversation | None:
    """The conversation a letter continues: by the letter it answers, else by the thread it names."""
    wanted = select(Conversation).join(Message)
    if letter.reply_to_message is not None:
        return session.scalar(wanted.where(Message.public_id == letter.reply_to_message))
    if letter.reply_to_uri is not None:
        found = session.scalar(wanted.where(Message.remote_uri == letter.reply_to_uri))
        if found is not None:
            return found
    if letter.our_thread is not None:
        return session.scalar(wanted.where(Message.public_id == letter.our_thread))
    if letter.thread is not None and letter.listing is None:
        # A fresh answer to the listing opens a thread of its own even if its software reuses a name.
        return _named(session, letter=letter)
    return None


def _named(session: Session, *, letter: Letter) -> Conversation | None:
    """The one thread its sender calls so: a name that others use too, or that means two, decides nothing."""
    wanted = select(Conversation).where(
        Conversation.remote_thread == letter.thread, Conversation.remote_actor == letter.sender
    )
    found = session.scalars(wanted.limit(2)).all()
    return found[0] if len(found) == 1 else None


def _open(session: Session, *, letter: Letter, listing: Listing, now: datetime) -> Conversation:
    if not listing.is_live or listing.audience is not Audience.NETWORK or listing.author_id is None:
        raise Refused("not_live")
    conversation = Conversation(
        listing=listing,
        owner_id=listing.author_id,
        remote_actor=letter.sender,
        remote_name=letter.sender_name[:200],
        remote_host=letter.host,
        remote_thread=letter.thread or letter.uri,
        byline=listing.byline,
        created_at=now,
        last_at=now,
    )
    session.add(conversation)
    session.flush()
    return conversation
