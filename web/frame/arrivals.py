"""How a browser becomes signed in once the first proof is given: at once, or by way of the second step."""

from typing import Final

from flask import flash, redirect, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from instance import logins, second_factor
from instance.residents import Resident, State
from instance.second_factor import Keys
from web import secret
from web.frame import browsers, context, entrance, moments, patience
from web.settings import Settings

# The token of a sign-in that waits for its second step, in the visitor's own cookie.
HALFWAY: Final = "halfway"


def keys(of: Settings | None = None) -> Keys:
    """The keys of the second step, outside the database; `of` serves commands without a request."""
    read = secret.read((of or context.settings()).secret_key_file)
    return Keys(
        sealing=secret.derive(read, purpose="second factor"), pepper=secret.derive(read, purpose="recovery codes")
    )


def after_password(resident: Resident, *, onward: str) -> Response:
    """The password was right: on to the second step if there is one, else in."""
    if not second_factor.is_on(context.home(), resident=resident):
        return arrive(resident, onward=onward)
    token = logins.open_halfway(context.home(), resident=resident, now=context.now())
    context.commit()
    entrance.renew_session()
    session[HALFWAY] = token
    return redirect(url_for("second_step.step", next=onward))


def halfway() -> Resident | None:
    """Who gave a right password in this browser some minutes ago."""
    token = session.get(HALFWAY)
    if not token:
        return None
    return logins.halfway(context.home(), token=token, now=context.now())


def arrive(resident: Resident, *, onward: str) -> Response:
    """Sign this browser in, from an empty cookie, and go on; a suspended account has one page to go to."""
    if token := session.get(HALFWAY):
        logins.close_halfway(context.home(), token=token)
    token = logins.open_login(context.home(), resident=resident, now=context.now(), browser=browsers.present())
    told = second_factor.of(context.home(), resident=resident)
    context.commit()
    entrance.open_browser(resident=resident, token=token)
    patience.know_this_browser(resident)
    if told is not None and told.reset_at is not None:
        flash(
            gettext(
                "On %(day)s an administrator took away your second step and passkeys. You can set them up again.",
                day=moments.day(told.reset_at),
            )
        )
    return redirect(onward if resident.state == State.ACTIVE else url_for("decisions.index"))
