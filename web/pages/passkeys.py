"""Passkeys: adding and removing them, and the questions and answers that a browser's script carries as JSON."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, session, url_for
from flask_babel import gettext, lazy_gettext
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from werkzeug.wrappers import Response
from wtforms import StringField

from instance import logins, passkeys, second_factor
from instance.base import Refused
from instance.passkeys import Ceremony
from instance.residents import Resident
from web.frame import arrivals, ceremonies, context, entrance, freshness
from web.frame.forms import PageForm
from web.pages import refusals

pages = Blueprint("passkeys", __name__)

# The open question of this browser, in its own cookie: the challenge itself and the handle of a new key.
CHALLENGE: Final = "passkey_challenge"
HANDLE: Final = "passkey_handle"


class NameForm(PageForm):
    """What a key is called by its owner."""

    name = StringField(lazy_gettext("Name of this passkey"))


# --- pages


@pages.get("/account/passkeys/new")
def new() -> str | Response:
    """Add a passkey, or say why this place can have none."""
    if ceremonies.name(context.settings()) is None:
        return render_template("account/passkey_new.html", form=None)
    if (asked := freshness.ask()) is not None:
        return asked
    return render_template("account/passkey_new.html", form=NameForm(None))


@pages.post("/account/passkeys/<uuid:public_id>/remove")
def remove(public_id: uuid.UUID) -> Response:
    """Forget a passkey."""
    if (asked := freshness.ask()) is not None:
        return asked
    name = passkeys.remove(context.home(), resident=context.require_resident(), public_id=public_id)
    context.commit()
    flash(gettext("The passkey %(name)s no longer opens your account.", name=name))
    return redirect(url_for("security.page", _anchor="passkeys"))


# --- questions and answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a ceremony goes: whom it is about (None: anybody), and what follows a genuine answer (where to go on)."""

    whom: Callable[[], Resident | None]
    then: Callable[[Resident | None, bytes, dict[str, Any]], Response]


def _anybody() -> None:
    return None


def _halfway() -> Resident:
    found = arrivals.halfway()
    if found is None:
        raise Refused("passkey_late")
    return found


def _fresh() -> Resident:
    if not freshness.is_fresh():
        raise Refused("not_fresh")
    return context.require_resident()


def _said() -> dict[str, Any]:
    """The body of a request as an object of JSON; Flask answers 400 or 415 to anything that is none."""
    body = request.get_json()
    if not isinstance(body, dict):
        abort(400)
    return body


def _credential(said: dict[str, Any]) -> dict[str, Any]:
    sent = said.get("credential")
    if not isinstance(sent, dict):
        raise Refused("passkey_unreadable")
    return sent


def _refused(refused: Refused) -> Response:
    answer = jsonify(message=refusals.sentence(refused.code))
    answer.status_code = 403
    return answer


@pages.post("/passkeys/<ceremony>/question")
def question(ceremony: str) -> Response:
    """A fresh challenge, with everything a browser needs to answer it."""
    way = WAYS.get(ceremony) or abort(404)
    try:
        options = _options(Ceremony(ceremony), resident=way.whom())
    except Refused as refused:
        context.rollback()
        return _refused(refused)
    context.commit()
    return jsonify(options)


def _options(ceremony: Ceremony, *, resident: Resident | None) -> dict[str, Any]:
    home, settings = context.home(), context.settings()
    challenge = passkeys.ask(home, ceremony=ceremony, resident=resident, now=context.now())
    session[CHALLENGE] = bytes_to_base64url(challenge)
    known = [] if resident is None else [one.credential_id for one in passkeys.of_resident(home, resident=resident)]
    if ceremony is not Ceremony.ADD or resident is None:
        return ceremonies.to_show(settings, ceremony=ceremony, challenge=challenge, allowed=known)
    handle = passkeys.handle_of(home, resident=resident)
    session[HANDLE] = bytes_to_base64url(handle)
    return ceremonies.to_add(settings, challenge=challenge, handle=handle, login=resident.login, known=known)


@pages.post("/passkeys/<ceremony>/answer")
def answer(ceremony: str) -> Response:
    """The browser's answer: used up first, then checked, then carried out."""
    way = WAYS.get(ceremony) or abort(404)
    said = _said()
    try:
        resident = way.whom()
        challenge = base64url_to_bytes(session.pop(CHALLENGE, ""))
        passkeys.answer(
            context.home(), challenge=challenge, ceremony=Ceremony(ceremony), resident=resident, now=context.now()
        )
        context.commit()  # it answers once, whatever comes next
        return way.then(resident, challenge, said)
    except Refused as refused:
        context.rollback()
        return _refused(refused)


def _add(resident: Resident | None, challenge: bytes, said: dict[str, Any]) -> Response:
    assert resident is not None
    offered = ceremonies.offered(context.settings(), challenge=challenge, sent=_credential(said))
    passkeys.add(
        context.home(),
        resident=resident,
        name=str(said.get("name") or ""),
        handle=base64url_to_bytes(session.pop(HANDLE, "")),
        offered=offered,
        now=context.now(),
    )
    context.commit()
    flash(gettext("The passkey is added. You can sign in with it."))
    return jsonify(next=url_for("security.page", _anchor="passkeys"))


def _accepted(ceremony: Ceremony, resident: Resident | None, challenge: bytes, said: dict[str, Any]) -> Resident:
    """Whose key answered. The signature is checked here, the rest is the domain's."""
    sent = _credential(said)
    passkey = passkeys.find(context.home(), credential_id=ceremonies.credential_id(sent))
    shown = ceremonies.shown(
        context.settings(), ceremony=ceremony, challenge=challenge, sent=sent, public_key=passkey.public_key
    )
    return passkeys.accept(context.home(), shown=shown, resident=resident, now=context.now())


def _sign_in(_resident: Resident | None, challenge: bytes, said: dict[str, Any]) -> Response:
    """The device checked who holds it, so a passkey alone is both steps."""
    found = _accepted(Ceremony.SIGN_IN, None, challenge, said)
    return _arrive(found, said)


def _second_step(resident: Resident | None, challenge: bytes, said: dict[str, Any]) -> Response:
    found = _accepted(Ceremony.SECOND_STEP, resident, challenge, said)
    second_factor.forgive(context.home(), resident=found)
    return _arrive(found, said)


def _arrive(resident: Resident, said: dict[str, Any]) -> Response:
    wish = said.get("next")
    onward = entrance.local_path(wish if isinstance(wish, str) else None) or "/"
    return jsonify(next=arrivals.arrive(resident, onward=onward).location)


def _prove(resident: Resident | None, challenge: bytes, said: dict[str, Any]) -> Response:
    _accepted(Ceremony.PROVE, resident, challenge, said)
    logins.prove(context.home(), token=entrance.token(), now=context.now())
    context.commit()
    return jsonify(next=None)


WAYS: Final = {
    Ceremony.SIGN_IN.value: Way(whom=_anybody, then=_sign_in),
    Ceremony.SECOND_STEP.value: Way(whom=_halfway, then=_second_step),
    Ceremony.PROVE.value: Way(whom=context.require_resident, then=_prove),
    Ceremony.ADD.value: Way(whom=_fresh, then=_add),
}
