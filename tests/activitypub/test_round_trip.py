"""What we write we read back as the same word, whatever the word."""

from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from activitypub import codec
from activitypub import details as d
from activitypub import vocabulary as v
from activitypub.spoken import SPOKEN

PRINTABLE = st.characters(codec="utf-8", exclude_characters="\x00")
TEXTS = st.text(PRINTABLE, max_size=20)
WORDS = st.text(PRINTABLE, min_size=1, max_size=12)
URIS = st.builds(
    "https://{}.example/{}".format,
    st.sampled_from(["endoume", "marseille", "h%C3%A9"]),
    st.text("abcdefghijklmnop0123456789-_~é", max_size=12),
)
WHEN = st.datetimes(timezones=st.just(UTC))
AUDIENCES = st.lists(URIS | st.just(v.PUBLIC), max_size=3, unique=True).map(tuple)
MANY = st.lists(URIS, max_size=3).map(tuple)
LANGUAGES = st.sampled_from(["fr", "en", "oc", "pt-BR"])
COUNTS = st.integers(0, 10_000)


def maybe(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | values


PICTURES = st.builds(
    d.Picture,
    url=URIS,
    media_type=st.sampled_from(["image/png", "image/webp", None]),
    alt=maybe(WORDS),
    width=maybe(COUNTS),
    height=maybe(COUNTS),
)
TAGS = st.one_of(
    st.builds(d.Mention, href=URIS, name=maybe(TEXTS)),
    st.builds(d.Hashtag, name=WORDS, href=maybe(URIS)),
    st.builds(
        d.ObjectLink,
        href=URIS,
        rel=st.lists(WORDS, max_size=2).map(tuple),
        media_type=maybe(WORDS),
        name=maybe(TEXTS),
    ),
)
COORDINATES = st.floats(-180, 180)
PARTS = ("street", "postal_code", "locality", "region", "country")
POSTAL = st.builds(d.PostalAddress, **dict.fromkeys(PARTS, maybe(TEXTS))).filter(lambda one: one != d.PostalAddress())
PLACES = st.builds(
    d.Place,
    id=maybe(URIS),
    name=WORDS,
    latitude=maybe(COORDINATES),
    longitude=maybe(COORDINATES),
    address=maybe(POSTAL),
)
MEASURES = st.builds(d.Measure, unit=WORDS, value=WORDS)
INTENTS = st.builds(
    d.Intent,
    id=maybe(URIS),
    action=maybe(st.sampled_from(d.Action)),
    conforms_to=maybe(URIS),
    quantity=maybe(MEASURES),
    available=maybe(MEASURES),
    minimum=maybe(MEASURES),
)
TERMS = st.builds(
    d.ProposalTerms,
    purpose=st.sampled_from(d.Purpose),
    primary=maybe(INTENTS),
    reciprocal=maybe(INTENTS),
    unit_based=maybe(st.booleans()),
)
COMMITMENTS = st.builds(
    d.Commitment,
    id=maybe(URIS),
    satisfies=URIS,
    quantity=maybe(MEASURES),
    begins=maybe(WHEN),
    ends=maybe(WHEN),
)
LENDINGS = st.builds(
    d.Lending,
    state=maybe(st.just("agreed")),
    act=maybe(st.just("ask")),
    version=COUNTS,
    heard=COUNTS,
    sequence=COUNTS,
    asker=maybe(st.sampled_from(["lender", "borrower"])),
    terms=COUNTS,
    pick_up=maybe(WHEN),
    due=maybe(st.dates()),
    place=maybe(st.just("Devant la mairie")),
    longer_until=maybe(st.dates()),
).filter(lambda one: (one.state is None) is not (one.act is None))
STANDARDS = st.lists(st.builds(d.Standard, href=URIS, name=maybe(TEXTS)), max_size=2).map(tuple)
GENERATORS = st.builds(d.Generator, id=maybe(URIS), implements=STANDARDS).filter(lambda one: one != d.Generator())
ACTORS = st.builds(
    v.Actor,
    id=URIS,
    kind=st.sampled_from(v.ActorKind),
    username=WORDS,
    inbox=URIS,
    name=maybe(TEXTS),
    summary=maybe(TEXTS),
    url=maybe(URIS),
    outbox=maybe(URIS),
    followers=maybe(URIS),
    following=maybe(URIS),
    shared_inbox=maybe(URIS),
    key=maybe(st.builds(d.PublicKey, id=URIS, owner=URIS, pem=TEXTS)),
    manually_approves=st.booleans(),
    discoverable=st.booleans(),
    indexable=st.booleans(),
    published=maybe(WHEN),
    updated=maybe(WHEN),
    attributed_to=maybe(URIS),
    streams=MANY,
    moved_to=maybe(URIS),
    also_known_as=MANY,
    featured=maybe(URIS),
    posting_restricted=maybe(st.booleans()),
    webfinger=maybe(TEXTS),
    icon=maybe(PICTURES),
    attribution_domains=st.lists(WORDS, max_size=2).map(tuple),
    implements=STANDARDS,
    generator=maybe(GENERATORS),
)
SPREAD = {
    "id": URIS,
    "attributed_to": URIS,
    "content": TEXTS,
    "summary": maybe(TEXTS),
    "url": maybe(URIS),
    "published": maybe(WHEN),
    "updated": maybe(WHEN),
    "to": AUDIENCES,
    "cc": AUDIENCES,
    "audience": maybe(URIS),
    "context": maybe(URIS),
    "replies": maybe(URIS),
    "in_reply_to": maybe(URIS),
    "language": maybe(LANGUAGES),
    "tags": st.lists(TAGS, max_size=2).map(tuple),
    "quotable_by": maybe(AUDIENCES),
}
SEVERAL = st.lists(PICTURES, max_size=2).map(tuple)
# Where a text stands elsewhere than its page is not told from what it is about.
ABOUT = st.builds("https://elsewhere.example/{}".format, st.text("abc", max_size=3))
ARTICLES = st.builds(
    v.Article, name=TEXTS, attachments=SEVERAL, image=maybe(PICTURES), link=ABOUT, **SPREAD
) | st.builds(
    v.Article,
    name=TEXTS,
    attachments=SEVERAL,
    image=maybe(PICTURES),
    **{**SPREAD, "url": st.none()},
)
EVENTS = st.builds(
    v.Event,
    name=WORDS,
    start=WHEN,
    end=maybe(WHEN),
    timezone=maybe(WORDS),
    attachments=SEVERAL,
    location=maybe(PLACES),
    organizers=MANY,
    join_mode=maybe(st.sampled_from(d.JoinMode)),
    participation_url=maybe(URIS),
    status=maybe(st.sampled_from(d.EventStatus)),
    category=maybe(WORDS),
    is_online=maybe(st.booleans()),
    has_comments=maybe(st.booleans()),
    **{key: value for key, value in SPREAD.items() if key != "in_reply_to"},
)
AGREEMENTS = st.builds(
    v.Agreement,
    id=maybe(URIS),
    attributed_to=maybe(URIS),
    stipulates=COMMITMENTS,
    reciprocal=maybe(COMMITMENTS),
    url=maybe(URIS),
    context=maybe(URIS),
    lending=maybe(LENDINGS),
)
NOTES = st.builds(
    v.Note,
    name=maybe(TEXTS),
    attachments=SEVERAL,
    location=maybe(PLACES),
    proposal=maybe(TERMS),
    options=st.lists(WORDS, max_size=3).map(tuple),
    **SPREAD,
)
PROPOSALS = st.builds(
    v.Proposal,
    id=URIS,
    attributed_to=URIS,
    terms=TERMS,
    name=maybe(TEXTS),
    content=maybe(TEXTS),
    url=maybe(URIS),
    published=maybe(WHEN),
    updated=maybe(WHEN),
    to=AUDIENCES,
    cc=AUDIENCES,
    location=maybe(PLACES),
)
TOMBSTONES = st.builds(v.Tombstone, id=URIS, former_type=maybe(st.just("Note")), deleted=maybe(WHEN))
UNSPOKEN = st.builds(v.Unspoken, type=st.sampled_from(["Like", "Add", "ChatMessage"]), id=maybe(URIS))
AUTHORIZATIONS = st.builds(v.QuoteAuthorization, id=URIS, attributed_to=URIS, interacting=URIS, target=URIS)
OBJECTS = st.one_of(ARTICLES, NOTES, EVENTS, AGREEMENTS, PROPOSALS, TOMBSTONES, AUTHORIZATIONS)


def deeds(objects: st.SearchStrategy) -> st.SearchStrategy:
    shared = {
        "id": URIS | st.just(""),
        "actor": URIS,
        "to": AUDIENCES,
        "cc": AUDIENCES,
        "audience": maybe(URIS),
        "published": maybe(WHEN),
    }
    transitive = (v.Create, v.Update, v.Delete, v.Announce, v.Undo, v.Offer, v.Ignore)
    return st.one_of(
        *(st.builds(kind, object=objects | URIS, **shared) for kind in transitive),
        *(st.builds(kind, object=URIS, **shared) for kind in (v.Follow, v.Block, v.Join)),
        st.builds(v.Move, object=URIS, target=URIS, **shared),
        st.builds(v.QuoteRequest, object=URIS, instrument=URIS, **shared),
        st.builds(v.Accept, object=objects | URIS, result=maybe(AGREEMENTS | URIS), **shared),
        st.builds(v.Reject, object=objects | URIS, content=maybe(WORDS), **shared),
        st.builds(v.Flag, object=st.lists(URIS, min_size=1, max_size=3).map(tuple), content=maybe(WORDS), **shared),
    )


DEEDS = deeds(st.one_of(deeds(OBJECTS), OBJECTS, ACTORS, UNSPOKEN))
ITEMS = st.lists(st.one_of(URIS, DEEDS, OBJECTS, ACTORS), max_size=3).map(tuple)
COLLECTIONS = st.builds(
    v.Collection,
    id=URIS,
    total=maybe(COUNTS),
    first=maybe(URIS),
    last=maybe(URIS),
    items=ITEMS,
    attributed_to=maybe(URIS),
)
PAGES = st.builds(
    v.CollectionPage,
    id=URIS,
    part_of=maybe(URIS),
    items=ITEMS,
    next=maybe(URIS),
    prev=maybe(URIS),
    total=maybe(COUNTS),
)


@given(st.one_of(ACTORS, OBJECTS, DEEDS, COLLECTIONS, PAGES, UNSPOKEN))
def test_every_word_survives_the_wire(word: v.Word) -> None:
    raw = codec.encode(codec.write(word))
    assert codec.read_word(codec.load(raw)) == word
    assert codec.encode(codec.write(codec.read_word(codec.load(raw)))) == raw


def test_the_strategies_leave_no_word_out() -> None:
    tried = {v.Actor, v.Article, v.Note, v.Event, v.Agreement, v.Proposal, v.Tombstone, v.Collection, v.CollectionPage}
    tried |= {v.Create, v.Update, v.Delete, v.Announce, v.Accept, v.Reject, v.Undo, v.Follow, v.Block, v.Flag}
    tried |= {v.Move, v.Join, v.Offer, v.Ignore}
    tried |= {v.QuoteRequest, v.QuoteAuthorization}
    assert set(SPOKEN.values()) == tried
