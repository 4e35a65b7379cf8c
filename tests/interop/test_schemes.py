"""Both ways of signing a request, in both directions, where nothing but the signature speaks for a letter."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from activitypub import keys, senders
from activitypub.senders import Scheme
from federation import addresses, identity
from federation.models import Letter
from instance.audience import Audience
from tests.interop import strangers
from tests.interop.conftest import Instance, missing
from tests.interop.dealings import await_ours, be_followed, follow, is_live, post
from tests.interop.strangers import Stranger

pytestmark = [pytest.mark.interop, pytest.mark.timeout(300)]
OURS, THEIRS = "ciq_julien", "club"
OLDER, NEWER = "draft-cavage", "rfc9421"


@pytest.fixture(scope="module")
def older_stranger(ours: Instance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stranger]:
    """Another Fedify, which knocks the older way first."""
    log = tmp_path_factory.mktemp("older") / "server.log"
    try:
        with strangers.fedify(log, first_knock=strangers.OLDER) as running:
            yield running
    except strangers.Unavailable as error:
        missing(error)


@pytest.fixture
def proofless(ours: Instance) -> Iterator[Instance]:
    """Ours, while its committee signs its requests and proves nothing else."""

    def give(pem: str | None) -> str | None:
        with ours.house.federation.write.begin() as session:
            actor = identity.find(session, OURS)
            assert actor is not None
            before, actor.prover_pem = actor.prover_pem, pem
            return before

    prover = give(None)
    yield ours
    give(prover)


def say(ours: Instance, stranger: Stranger, title: str) -> dict[str, object]:
    """Publish for their follower; how the one request was signed with which Fedify got it."""
    item = ours.house.publish(ours.ciq, ours.odile, title, audience=Audience.NETWORK)
    created = stranger.await_one("Create", object_id=addresses.news(ours.origin, OURS, item.public_id))
    return stranger.way(created["id"], at="taken")


def as_ours(ours: Instance, scheme: str) -> dict[str, object]:
    """What Fedify says of a letter that our committee signed this way, and nothing else speaks for."""
    return {"scheme": scheme, "hasProof": False, "signedBy": ours.actor(OURS), "status": 202}


# --- from here to there


def test_ours_is_taken_by_its_older_signature_alone_and_by_its_newer_when_they_ask(
    proofless: Instance, stranger: Stranger
) -> None:
    be_followed(proofless, stranger, by="asso", whom=OURS)
    first = say(proofless, stranger, "À l’ancienne")
    assert first == {"id": first["id"], **as_ours(proofless, OLDER)}
    stranger.press("ask", forNewer=True)
    try:
        say(proofless, stranger, "À quoi l’on répond la demande")
    finally:
        stranger.press("ask", forNewer=False)
    for title in ("À la nouvelle", "Encore à la nouvelle"):  # what was taken once is kept
        newer = say(proofless, stranger, title)
        assert newer == {"id": newer["id"], **as_ours(proofless, NEWER)}


def test_a_signature_of_somebody_else_is_not_taken(proofless: Instance, stranger: Stranger) -> None:
    """So that what is said above says something: with no proof, they do look at the signature."""
    url, me = f"{stranger.origin}/inbox", proofless.actor(OURS)
    for scheme in Scheme:
        doc = {"id": f"{me}#{scheme}", "type": "Like", "actor": me, "object": stranger.actor(THEIRS)}
        body = json.dumps(doc | {"@context": "https://www.w3.org/ns/activitystreams"}).encode()
        signing = {"method": "POST", "url": url, "body": body, "now": proofless.house.town.now}
        with proofless.house.federation.read() as session:
            actor = identity.find(session, OURS)
            assert actor is not None
            real, false = identity.key(actor).private_pem, keys.generate()
        answers = [
            post(url, body, senders.sign(scheme=scheme, key_pem=pem, key_id=f"{me}#main-key", **signing))
            for pem in (false, real)
        ]
        assert answers == [401, 202]


# --- from there to here


def hear(ours: Instance, stranger: Stranger, title: str) -> dict[str, object]:
    """Have the one of theirs that proves nothing publish; how the request was signed with which it came to hang."""
    follow(ours, stranger, whom=THEIRS, target=stranger.actor(THEIRS), own=OURS)
    made = stranger.press("publish", name=THEIRS, type="Article", title=title, content="<p>Ici.</p>")
    await_ours(ours, lambda: is_live(ours, made["id"]), "their article on our board")
    with ours.house.federation.read() as session:
        assert len(session.scalars(select(Letter).where(Letter.activity_uri == made["activity"])).all()) == 1
    return stranger.way(made["activity"], at="sent")


@pytest.mark.parametrize(("who", "scheme"), [("stranger", NEWER), ("older_stranger", OLDER)])
def test_theirs_is_taken_by_either_signature_alone(
    ours: Instance, request: pytest.FixtureRequest, who: str, scheme: str
) -> None:
    way = hear(ours, request.getfixturevalue(who), f"Signé {scheme}")
    assert way == {"id": way["id"], "scheme": scheme, "hasProof": False, "status": 202}
