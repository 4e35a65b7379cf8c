"""What /design shows its components with: invented notices, letters, times and forms, in the reader's language."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext, lazy_gettext
from markupsafe import Markup
from wtforms import (
    BooleanField,
    FileField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice

from instance.audience import Audience
from instance.base import Refused
from instance.happenings import Happening
from instance.slides import Slide
from web.frame.forms import PageForm
from web.frame.parts import Day, Slot, Step
from web.frame.slips import Byline, Date, Slip
from web.views import happenings, walls
from web.views.leaving import Leaving
from web.views.letters import Letter
from web.views.walls import Message


class SampleForm(PageForm):
    """One field of each sort."""

    audience = RadioField(
        lazy_gettext("Who will see this?"), choices=[SelectChoice(one.word, one.word) for one in Audience]
    )
    title = StringField(lazy_gettext("In one line"))
    body = TextAreaField(lazy_gettext("Details"))
    floor = SelectField(
        lazy_gettext("Floor"), choices=[SelectChoice(str(one), str(one)) for one in range(5)], default="3"
    )
    picture = FileField(lazy_gettext("A picture"))
    password = PasswordField(lazy_gettext("Password"))
    closed = StringField(lazy_gettext("Street"))
    told = BooleanField(lazy_gettext("Tell me by e-mail when somebody answers"), default=True)
    pace = RadioField(
        lazy_gettext("How often?"),
        choices=[
            SelectChoice("once", lazy_gettext("Once")),
            SelectChoice("weekly", lazy_gettext("Every week")),
            SelectChoice("monthly", lazy_gettext("Every month")),
        ],
        default="weekly",
    )
    slot = RadioField(lazy_gettext("When does it suit you?"), default="thu-10")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """The forms of one pane: as they open, and as a refusal leaves them. Ids differ from pane to pane."""

    plain: SampleForm
    wrong: SampleForm


def forms(theme: str) -> Forms:
    """The forms for the pane of one theme."""
    plain, wrong = SampleForm(None, prefix=f"{theme}-plain"), SampleForm(None, prefix=f"{theme}-wrong")
    plain.closed.data = gettext("12 Sample street")
    plain.audience.data = Audience.QUARTER.word
    wrong.title.errors = [gettext("Fill in this field.")]
    wrong.pace.errors = [gettext("Fill in this field.")]
    wrong.refuse(Refused("no_home"))
    return Forms(plain=plain, wrong=wrong)


def _date(begins: datetime, *, place: str) -> Date:
    return Date(words=happenings.when(Happening(begins=begins)), place=place, begins=begins)


def slips(now: datetime) -> Sequence[Slip]:
    """One slip of each kind, from each audience, with every line a slip can have."""
    here, quarter = gettext("12 Sample street"), gettext("Sample quarter")
    committee = Byline(name=gettext("Committee of the Sample quarter"), verified=True)
    manager = Byline(name=gettext("Sample Property"), verified=True)
    return (
        Slip(
            kind="request",
            title=gettext("A tall ladder for Saturday morning"),
            excerpt=gettext("To change a bulb on the landing of the third floor. Back by noon."),
            audience=Audience.BUILDING,
            place=here,
            byline=Byline(name="Nadia Exemple"),
            since=now,
        ),
        Slip(
            kind="offer",
            title=gettext("A pressure cooker to lend"),
            excerpt=gettext("Eight litres, with its book. Come and fetch it any evening."),
            audience=Audience.QUARTER,
            place=quarter,
            byline=Byline(name="Nadia E."),
            since=now - timedelta(days=1),
            status=gettext("lent until Saturday"),
        ),
        Slip(
            kind="news",
            title=gettext("The small market moves to the school square"),
            excerpt=gettext("From the first Tuesday of next month, 8 am to 1 pm, during the works."),
            audience=Audience.NETWORK,
            byline=committee,
            since=now - timedelta(days=3),
            url="#slips",
        ),
        Slip(
            kind="works",
            title=gettext("Water off on Thursday, 9 am to noon"),
            excerpt=gettext("The main pipe of the street is replaced. Fill a bucket the evening before."),
            audience=Audience.INSTANCE,
            byline=committee,
            since=now - timedelta(days=2),
            until=now + timedelta(days=2),
        ),
        Slip(
            kind="event",
            title=gettext("Soup in the courtyard, Friday 7 pm"),
            date=_date(now + timedelta(days=2), place=gettext("Courtyard")),
            excerpt=gettext("Bring a bowl and a chair. If it rains, in the hall."),
            audience=Audience.BUILDING,
            place=here,
            byline=Byline(name="Léo Exemple"),
            since=now - timedelta(days=1),
        ),
        Slip(
            kind="fault",
            title=gettext("Lift B: technician on Thursday at 9 am"),
            excerpt=gettext("It stays on the ground floor until then. The stairs of lift A are open."),
            audience=Audience.BUILDING,
            place=here,
            byline=manager,
            since=now,
            urgent=True,
        ),
        Slip(
            kind="assembly",
            title=gettext("Assembly of the owners on 3 December at 6 pm"),
            excerpt=gettext("The convening letter lists what is voted. Powers of attorney until the day before."),
            audience=Audience.BUILDING,
            place=here,
            byline=manager,
            since=now - timedelta(days=9),
        ),
        Slip(
            kind="offer",
            title=gettext("Apricots from the garden"),
            excerpt=gettext("Two crates too many. Bring a basket."),
            audience=Audience.NETWORK,
            byline=Byline(name="Léo", town=gettext("a neighbouring town")),
            since=now - timedelta(days=9),
        ),
    )


def bylines() -> Sequence[Byline]:
    """Every way to sign."""
    return (
        Byline(name="Nadia Exemple"),
        Byline(name=gettext("Committee of the Sample quarter"), verified=True, url="#bylines"),
        Byline(name="Léo", town=gettext("a neighbouring town")),
    )


def leaving(now: datetime) -> Leaving:
    """An offer that is about to leave town."""
    return Leaving(
        kind="offer",
        title=gettext("A pressure cooker to lend"),
        summary=None,
        body=Markup("<p>{}</p>").format(gettext("Eight litres, with its book. Come and fetch it any evening.")),
        signed=gettext("A neighbour of the Sample quarter"),
        quarter=gettext("Sample quarter"),
        day=now,
        hosts=("voisine.example", "ville.example"),
    )


def letters(now: datetime, *, theme: str) -> Sequence[Letter]:
    """Two letters, one of each side."""
    words = (
        ("Nadia Exemple", False, gettext("Good evening. Is the ladder free on Saturday?"), now - timedelta(days=1)),
        (gettext("You"), True, gettext("It is. Ring at the second floor, on the left."), now),
    )
    return tuple(
        Letter(
            anchor=f"{theme}-letter-{number}",
            name=name,
            mine=mine,
            body=Markup("<p>{}</p>").format(said),
            written_at=moment,
            report_url=None if mine else "#conversation",
        )
        for number, (name, mine, said, moment) in enumerate(words)
    )


def days() -> Sequence[Day]:
    """Times over two days: free, chosen, taken."""
    taken = gettext("taken")
    return (
        Day(
            name=gettext("Thursday 26 November"),
            slots=(
                Slot(value="thu-9", hours=gettext("9 to 10 am"), free=False, note=taken),
                Slot(value="thu-10", hours=gettext("10 to 11 am")),
                Slot(value="thu-18", hours=gettext("6 to 7 pm")),
            ),
        ),
        Day(
            name=gettext("Friday 27 November"),
            slots=(
                Slot(value="fri-9", hours=gettext("9 to 10 am")),
                Slot(value="fri-18", hours=gettext("6 to 7 pm"), free=False, note=taken),
            ),
        ),
    )


def hung(now: datetime) -> Sequence[Message]:
    """A message of each kind as it hangs in a hall, the longest title included."""
    here = Audience.BUILDING
    return (
        _hung(kind="request", title=gettext("A tall ladder for Saturday morning"), audience=here, now=now),
        _hung(
            kind="news",
            title=gettext("The small market moves to the school square"),
            summary=gettext("From the first Tuesday of next month, 8 am to 1 pm, during the works."),
            organisation=gettext("Committee of the Sample quarter"),
            audience=Audience.NETWORK,
            now=now,
        ),
    )


def urgent(now: datetime) -> Message:
    """What takes the whole wall."""
    return _hung(
        kind="news",
        title=gettext("Water off on Thursday, 9 am to noon"),
        summary=gettext("The main pipe of the street is replaced. Fill a bucket the evening before."),
        organisation=gettext("Sample Property"),
        audience=Audience.BUILDING,
        urgent_until=now + timedelta(hours=3),
        now=now,
    )


def _hung(
    *,
    kind: str,
    title: str,
    audience: Audience,
    now: datetime,
    summary: str = "",
    organisation: str | None = None,
    urgent_until: datetime | None = None,
) -> Message:
    slide = Slide(
        notice=uuid.UUID(int=0),
        kind=kind,
        title=title,
        summary=summary,
        audience=audience,
        organisation=organisation,
        city=None,
        since=now,
        until=None,
        urgent_until=urgent_until,
    )
    return walls.message(slide, origin="https://voisins.example")


def steps() -> Sequence[Step]:
    """A path whose first step is behind."""
    return (
        Step(name=gettext("Open a quarter"), url="#path", done=True),
        Step(name=gettext("Add a building")),
        Step(name=gettext("Print the letters")),
    )
