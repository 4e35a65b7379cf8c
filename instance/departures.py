"""Somebody elsewhere is gone, as their own town confirms: what they wrote comes down here, words and all."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import comments, notices
from instance.comments import Comment
from instance.notices import Notice, State


def farewell(session: Session, *, actor_uri: str, now: datetime) -> int:
    """Take down what an actor of another town wrote, notices and comments; letters stay with whom they were for.

    Returns how many came down; doing it again takes nothing more.
    """
    hung = select(Notice).where(Notice.origin_actor == actor_uri, Notice.state == State.LIVE.value)
    said = select(Comment).where(Comment.origin_actor == actor_uri, Comment.state == State.LIVE.value)
    gone = 0
    for notice in session.scalars(hung).all():
        if notice.origin_uri and notice.origin_host:
            notices.farewell(session, uri=notice.origin_uri, actor_host=notice.origin_host, now=now)
            gone += 1
    for comment in session.scalars(said).all():
        if comment.origin_uri and comment.origin_host:
            comments.farewell(session, uri=comment.origin_uri, actor_host=comment.origin_host)
            gone += 1
    return gone
