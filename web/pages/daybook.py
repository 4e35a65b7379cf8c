"""What left this server on one day: a page and a table for somebody who has to answer for it."""

from datetime import date
from typing import Final

from flask import Blueprint, Response, abort, render_template, request

from instance import hours
from web.frame import context, guards, moments
from web.pages import refusals
from web.views import daybook
from web.views.daybook import Day

pages = Blueprint("daybook", __name__, url_prefix="/admin/day")
pages.before_request(guards.administrators_only)

# Calendars of this earth have no day beside these, and a day more must be one, too.
FIRST: Final = date(2020, 1, 1)
LAST: Final = date(2999, 12, 31)


@pages.get("")
def index() -> str:
    """One day, today without `day`; what is no day is said, and today shown."""
    wish = request.args.get("day", "")
    day = _day(wish)
    shown = _read(day or hours.town_day(context.now()), limit=daybook.SHOWN)
    return render_template(
        "crossings/day.html",
        book=shown,
        noon=moments.noon,
        is_today=shown.day == hours.town_day(context.now()),
        typed=wish if day is None else shown.day.isoformat(),
        problem=refusals.sentence("day_shape") if day is None and wish else "",
        counts={
            "stayed": daybook.total(shown.stayed),
            "refused": daybook.total(shown.refused),
            "failed": daybook.total(shown.failed),
        },
    )


@pages.get("/table.csv")
def export() -> Response:
    """One day as a table, whole; today without `day`."""
    wish = request.args.get("day", "")
    day = _day(wish) if wish else hours.town_day(context.now())
    if day is None:
        abort(404)
    answer = Response(daybook.table(_read(day, limit=daybook.MOST)), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="day-{day.isoformat()}.csv"'
    return answer


def _read(day: date, *, limit: int) -> Day:
    return daybook.read(context.home(), outside=context.federation(), day=day, limit=limit)


def _day(wish: str) -> date | None:
    try:
        day = moments.read_day(wish)
    except ValueError:
        return None
    return day if day is not None and FIRST <= day <= LAST else None
