"""Hanging an offer or a request: the audience door first, three fields, and a look at what leaves before it does."""

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from instance import listings, notices, organisations, relays, rings
from instance.audience import Audience
from instance.base import Refused
from instance.listings import Direction, Listing
from instance.needs import Need
from instance.places import Building
from instance.relays import Relayed
from instance.residents import Resident
from instance.rings import Pace
from web.frame import context
from web.pages import attached, composing
from web.pages.notice_forms import ListingForm, RequestForm
from web.views import askings, reach

pages = Blueprint("listings", __name__)


@pages.route("/listings/new", methods=["GET", "POST"])
def compose() -> str | Response:
    """Compose an offer or a request; without a kind, ask which."""
    resident = context.require_resident()
    direction = _direction()
    homes = reach.homes_of(context.home(), resident=resident, now=context.now())
    if direction is None or not homes:
        return _choose(resident, has_home=bool(homes))
    form = RequestForm() if direction is Direction.REQUEST else ListingForm()
    _offer_doors(form, resident=resident, homes=homes)
    hang = partial(_hang, form, resident=resident, homes=homes)
    again = partial(_composer, form, direction=direction, several=len(homes) > 1)
    if request.method == "GET":
        _copy_earlier(form)
    elif composing.asked(composing.LOOK):
        return composing.look(form, hang=hang)
    elif not composing.asked(composing.EDIT) and form.validate_on_submit():
        return composing.take(form, hang=hang, again=again, later=_later(form))
    return again()


def _direction() -> Direction | None:
    try:
        return Direction(request.args.get("kind", ""))
    except ValueError:
        return None


def _choose(resident: Resident, *, has_home: bool) -> str:
    writes_for = organisations.of_resident(context.home(), resident=resident)
    return render_template(
        "listings/choose.html",
        has_home=has_home,
        organisations=[(one.name, url_for("news.compose", slug=one.slug)) for one in writes_for],
    )


def _offer_doors(form: ListingForm, *, resident: Resident, homes: Sequence[Building]) -> None:
    doors = reach.for_resident(context.home(), resident=resident, place=context.settings().name, now=context.now())
    form.offer(doors=doors, homes=reach.homes(homes))
    held = relays.of_resident(context.home(), resident=resident)
    form.relay((str(one.public_id), one.called) for one in held)
    if isinstance(form, RequestForm):
        steps = {one.audience for one in doors} > {Audience.BUILDING}
        form.time(needs=askings.kinds(), paces=askings.paces(now=context.now(), steps=steps))


def _copy_earlier(form: ListingForm) -> None:
    """Take over the words of one's own earlier notice (`?again=`), never its audience."""
    try:
        public_id = uuid.UUID(request.args.get("again", ""))
        earlier = notices.find(context.home(), public_id=public_id, reader=context.reader())
    except (ValueError, Refused):
        return
    if isinstance(earlier, Listing) and earlier.author_id == context.reader().resident_id:
        form.title.data, form.body.data = earlier.title, earlier.body
        if isinstance(form, RequestForm) and earlier.need is not None:
            form.need.data = earlier.need


def _composer(form: ListingForm, *, direction: Direction, several: bool) -> str:
    return render_template(
        "listings/compose.html",
        form=form,
        direction=direction.value,
        several=several,
        whom=dict(form.audience.choices),
        longest=notices.LONGEST_TITLE,
        until=askings.until(now=context.now()),
    )


def _hang(form: ListingForm, *, resident: Resident, homes: Sequence[Building]) -> Listing:
    # Drawn first: from here to the commit nobody waits for a picture.
    pictures = attached.draw(form) if _is_last(form) else ()
    building = homes[0] if len(homes) == 1 else reach.chosen(homes, value=form.building.data)
    if building is None:
        raise Refused("place_missing", field="building")
    given: dict[str, Any] = {
        "by": resident,
        "title": form.title.data,
        "body": form.body.data,
        "audience": form.chosen(),
        "now": context.now(),
        "building": building,
        "byline": form.byline.data,
    }
    relayed = _relayed(form, resident=resident)
    if isinstance(form, RequestForm):
        hung = rings.ask(context.home(), need=Need(form.need.data), pace=_pace(form), **given)
    else:
        hung = listings.offer(context.home(), **given)
    if relayed is not None:
        relays.mark(context.home(), notice=hung, relayed=relayed)
    attached.hang(hung, attached=pictures, by=resident)
    return hung


def _is_last(form: ListingForm) -> bool:
    """Whether this hangs it: what leaves town is only looked at before."""
    return form.chosen() is not Audience.NETWORK or composing.asked(composing.PUBLISH)


def _relayed(form: ListingForm, *, resident: Resident) -> Relayed | None:
    """For whom somebody writes, None for themselves. Raises Refused("neighbour_unknown", field="neighbour")."""
    if not form.neighbour.data:
        return None
    try:
        return relays.find(context.home(), public_id=uuid.UUID(form.neighbour.data), by=resident)
    except (ValueError, Refused):
        raise Refused("neighbour_unknown", field="neighbour") from None


def _pace(form: RequestForm) -> Pace:
    """How fast it goes round; while what leaves town is looked at, as if it were there already."""
    return Pace(form.pace.data) if _is_last(form) else Pace.AT_ONCE


def _later(form: ListingForm) -> str | None:
    """When it would leave town, if it begins in the building."""
    return askings.leaves(form.pace.data, now=context.now()) if isinstance(form, RequestForm) else None
