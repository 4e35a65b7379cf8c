"""Planted leaks: small patches to production code, each of which lets one private thing out by one way.

A patch may take several edits: the door and the courier know nothing private, so that for most ways something has to be
carried through the hatch first. Each text to be replaced must stand in its file exactly once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One replacement in one file."""

    file: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A patch, what it lets out, and where that must be found: by which channel, in a place with these words.

    `capture` names the line of `channels.CHANNELS` that is enough to see it.
    """

    name: str
    edits: Sequence[Edit]
    capture: str
    channel: str
    column: str
    place: str = ""


BOUNDARY: Final = "federation/hatch/boundary.py"
# The committee's profile carries the key of its row out: to the actor's own document, and from there anywhere.
CARRIED: Final = Edit(
    file=BOUNDARY,
    before="summary=prose.plain(prose.render(organisation.summary)),",
    after="summary=str(organisation.id),",
)

# What is planted together in one copy of the programme: each is sought where no other of its batch can show up.
FIRST: Final = (
    Leak(
        name="a last name in the body of an offer",
        edits=(
            Edit(
                file=BOUNDARY,
                before="        byline=byline,\n        quarter_name=quarter.name,",
                after='        byline=f"{byline} {listing.author.last_name}",\n        quarter_name=quarter.name,',
            ),
        ),
        capture="requests",
        channel="request",
        column="resident.last_name",
    ),
    Leak(
        name="a letter in a header of its own delivery",
        edits=(
            Edit(
                file="federation/http.py",
                before="{**headers, **more}",
                after='{**headers, **more, **({"Accept": body.hex()} if body else {})}',
            ),
        ),
        capture="requests",
        channel="request, head",
        column="message.html",
    ),
    Leak(
        name="a key in the address of a public page",
        edits=(
            CARRIED,
            Edit(
                file="web/fediverse.py",
                before='    answer.headers["Location"] = url\n',
                after='    answer.headers["Location"] = url\n    _note_address(answer)\n',
            ),
            Edit(
                file="web/fediverse.py",
                before="def _here() -> str:\n",
                after=(
                    "def _note_address(answer: Response) -> None:\n"
                    "    with _reading() as session:\n"
                    '        found = identity.find(session, "ciq_julien")\n'
                    '        answer.headers["Location"] += f"/{found.summary if found else 0}.html"\n'
                    "\n\n"
                    "def _here() -> str:\n"
                ),
            ),
        ),
        capture="doors",
        channel="door, head",
        column="organisation.id",
        place=": 303",
    ),
    Leak(
        name="what went wrong in the body of an error",
        edits=(
            Edit(
                file="web/door.py",
                before="exc_info=error)\n    return _answer(503)\n",
                after=(
                    "exc_info=error)\n"
                    "    answer = _answer(503)\n"
                    '    answer.set_data(codec.encode({"error": str(error)}))\n'
                    "    return answer\n"
                ),
            ),
        ),
        capture="door errors",
        channel="error",
        column="typed.letter",
    ),
    Leak(
        name="a title in a line of the log",
        edits=(
            Edit(
                file="federation/hatch/outbox.py",
                before="            return boundary.judge_notice(notice, version=change.version)\n",
                after=(
                    '            log.info("judging %s", notice.title if notice else None)\n'
                    "            return boundary.judge_notice(notice, version=change.version)\n"
                ),
            ),
        ),
        capture="log",
        channel="log",
        column="notice.title",
    ),
    Leak(
        name="a letter in the Link header of the answer to it",
        edits=(
            Edit(file="web/fediverse.py", before="    return _receipt(cast(", after="    answer = _receipt(cast("),
            Edit(
                file="web/fediverse.py",
                before=".take(arrival, nudge=_nudge))\n",
                after=(
                    ".take(arrival, nudge=_nudge))\n"
                    '    answer.headers["Link"] = f"<urn:letter:{arrival.body.hex()}>"\n'
                    "    return answer\n"
                ),
            ),
        ),
        capture="answers",
        channel="answer, head",
        column="message.html",
    ),
)
SECOND: Final = (
    Leak(
        name="an id from home as the id of a thread",
        edits=(Edit(file=BOUNDARY, before="root_id=root.public_id,", after="root_id=conversation.public_id,"),),
        capture="requests",
        channel="request",
        column="conversation.public_id",
    ),
    Leak(
        name="private letters in the desk's outbox",
        edits=(
            Edit(
                file="federation/publications.py",
                before="        public=False,\n        now=now,\n",
                after="        public=True,\n        now=now,\n",
            ),
            # Else its words are gone from there as soon as they have arrived.
            Edit(
                file="federation/recording.py",
                before="return activity.document_uri == activity.uri",
                after="return activity.document_uri == activity.uri and not activity.public",
            ),
        ),
        capture="doors",
        channel="door",
        column="message.html",
        place="/outbox?page=1",
    ),
    Leak(
        name="a key in a WebFinger alias",
        edits=(
            CARRIED,
            Edit(
                file="web/fediverse.py",
                before="profile_url=found.url)",
                after='profile_url=f"{found.url}?{found.summary}")',
            ),
        ),
        capture="doors",
        channel="door",
        column="organisation.id",
        place="/.well-known/webfinger",
    ),
    Leak(
        name="keys in the metadata of NodeInfo",
        edits=(
            CARRIED,
            Edit(
                file="web/fediverse.py",
                before="    doc = nodeinfo.document(\n",
                after=(
                    "    with _reading() as session:\n"
                    '        staff = [one.summary for one in identity.all_of(session, "Organization")]\n'
                    "    doc = nodeinfo.document(\n"
                    "        staff=staff,\n"
                ),
            ),
        ),
        capture="doors",
        channel="door",
        column="organisation.id",
        place="/nodeinfo/2.",
    ),
    Leak(
        name="a letter, packed, in the User-Agent",
        edits=(
            Edit(
                file="federation/http.py",
                before='            "User-Agent": self._user_agent,',
                after=(
                    '            "User-Agent": __import__("base64")'
                    '.b64encode(__import__("zlib").compress(body or b"")).decode(),'
                ),
            ),
        ),
        capture="requests",
        channel="request, head",
        column="message.html",
    ),
    Leak(
        name="a hashed last name in a property of an extension",
        edits=(
            Edit(
                file=BOUNDARY,
                before="        byline=byline,\n        quarter_name=quarter.name,",
                after='        byline=f"{byline}\\x1f{listing.author.last_name}",\n        quarter_name=quarter.name,',
            ),
            Edit(
                file="federation/translate.py",
                before="words.byline.format(byline=item.byline,",
                after='words.byline.format(byline=item.byline.partition("\\x1f")[0],',
            ),
            Edit(
                file="federation/translate.py",
                before='id=f"{addresses.proposal(uri)}#primary"',
                after=(
                    'id=f"{addresses.proposal(uri)}#" + __import__("hashlib").sha256('
                    'item.byline.partition("\\x1f")[2].encode()).hexdigest()'
                ),
            ),
        ),
        capture="requests",
        channel="request",
        column="resident.last_name",
    ),
    Leak(
        name="a last name on the hall's wall",
        edits=(
            Edit(
                file="instance/slides.py",
                before='_BY.c.name.label("organisation"),',
                after='_WRITER.c.last_name.label("organisation"),',
            ),
            Edit(
                file="instance/slides.py",
                before=".outerjoin(_BY, _BY.c.id == _NOTICE.c.organisation_id)",
                after=".outerjoin(_WRITER, _WRITER.c.id == _NOTICE.c.author_id)",
            ),
            Edit(
                file="instance/slides.py",
                before="_SLIDES: Final = (",
                after='_WRITER = _NOTICE.metadata.tables["resident"]\n_SLIDES: Final = (',
            ),
        ),
        capture="hall",
        channel="hall",
        column="resident.last_name",
    ),
    Leak(
        name="the title of a building's notice in the subject of a mail",
        edits=(
            Edit(
                file="web/mail/occasions.py",
                before="title=None if audience is Audience.BUILDING else subject.title or None,",
                after="title=subject.title or None,",
            ),
            Edit(
                file="web/mail/content.py",
                before='        subject=gettext("There is a letter for you"),\n',
                after='        subject=gettext("There is a letter for you") + f" ({title})",\n',
            ),
        ),
        capture="mails",
        channel="mail, head",
        column="notice.title",
    ),
)
BATCHES: Final = (FIRST, SECOND)
LEAKS: Final = (*FIRST, *SECOND)
