"""Acts that could lock somebody out want the password or a passkey again, if it was not given a moment ago.

A view says `if (asked := freshness.ask()) is not None: return asked` before it does anything. The page that asks
carries on what was sent: one more field, the same form, the same address.
"""

from typing import Final

from flask import make_response, render_template, request, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import PasswordField

from instance import logins, passkeys
from instance.base import Refused
from web.frame import ceremonies, context, entrance, patience
from web.frame.forms import PageForm

FIELD: Final = "present_password"
# Never written back into a page.
NOT_CARRIED: Final = frozenset({FIELD, "csrf_token", "password", "old", "new"})


class ProofForm(PageForm):
    """The present password, once more."""

    present_password = PasswordField(lazy_gettext("Present password"))


def is_fresh() -> bool:
    """Whether this browser's owner gave password or passkey within the last quarter of an hour."""
    return logins.is_fresh(entrance.login(), now=context.now())


def ask() -> Response | None:
    """None to go on; else the page that asks for the password and then does what was asked for."""
    if is_fresh():
        return None
    form = ProofForm()
    given = request.form.get(FIELD)
    if given is None:
        return _page(form)
    if _proved(form, password=given):
        return None
    context.rollback()
    return _page(form)


def _proved(form: ProofForm, *, password: str) -> bool:
    resident = context.require_resident()
    who = patience.own(resident)
    if seconds := patience.begin(who):
        form.wait("present_password", seconds=seconds)
    elif logins.is_password(resident, password=password):
        patience.forget(who)
        logins.prove(context.home(), token=entrance.token(), now=context.now())
        return True
    else:
        form.refuse(Refused("wrong_password", field="present_password"))
    return False


def _page(form: ProofForm) -> Response:
    posted = request.method == "POST"
    onward = request.full_path.rstrip("?")
    return make_response(
        render_template(
            "account/confirm.html",
            form=form,
            action=onward if posted else url_for("security.confirm", next=onward),
            carried=[pair for pair in request.form.items(multi=True) if pair[0] not in NOT_CARRIED],
            passkey=ceremonies.name(context.settings()) is not None
            and passkeys.count(context.home(), resident=context.require_resident()) > 0,
        )
    )
