"""A report of ours finds whoever can act on it: the author, or the community of a forum."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from activitypub import codec
from federation import complaints, peers
from federation.http import Client
from federation.models import Activity, Delivery, FollowState
from federation.shareables import Complaint
from tests.federation.mail import Receive, Settle, create, meet, only
from tests.federation.neighbours import OURS, Neighbour
from web import stores

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
SOME = UUID("6f1c2c1e-6d0f-4c1b-9a53-0d6f6a1b2c3d")


@pytest.mark.parametrize(("kind", "is_forum"), [("Person", True), ("Organization", False)])
def test_what_a_forum_passed_on_is_reported_to_its_community(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    client: Client,
    peer: Neighbour,
    pems: list[str],
    clock: datetime,
    kind: str,
    is_forum: bool,
) -> None:
    author = peer.actor("/u/alice", pem=pems[0], kind=kind)
    community = peer.actor("/c/ville", pem=pems[1], kind="Group")
    for one in (author, community):
        meet(town, client, one, clock)
    with town.write.begin() as session:
        wish = peers.follow(session, own_username="instance", target=community, now=clock - timedelta(days=9))
        wish.remote_uri, wish.state = community, FollowState.ACCEPTED
    post = create(author, to=[PUBLIC, community], audience=community)
    peer.show("/u/alice/notes/n1", post["object"])
    passed_on = {"id": f"{community}/acts/1", "type": "Announce", "actor": community, "to": [PUBLIC], "object": post}
    receive(passed_on, pem=pems[1])
    settle()
    uri = post["object"]["id"]
    assert (only(town).state, only(town).object_uri) == ("verified", uri)

    complaint = Complaint(complaint_id=SOME, to_actor=author, object_uri=uri, words="Deux fois.")
    with town.write.begin() as session:
        done = complaints.refer(session, complaint=complaint, change=SOME, origin=OURS, now=clock)
        [row], [parcel] = session.scalars(select(Activity)).all(), session.scalars(select(Delivery)).all()
        doc = codec.load(row.body)
    assert done.left
    told = {name: doc[name] for name in ("actor", "to", "object", "content", "summary")}
    words = {"content": "Deux fois.", "summary": "Deux fois."}
    if is_forum:
        # Lemmy: one receiver, the community, and no Application; PieFed: one object.
        assert told == {"actor": f"{OURS}/users/instance", "to": [community], "object": uri, **words}
        assert parcel.inbox == f"{community}/inbox"
    else:
        assert told == {"actor": f"{OURS}/actor", "to": [author], "object": [author, uri], **words}
        assert parcel.inbox == f"{author}/inbox"
