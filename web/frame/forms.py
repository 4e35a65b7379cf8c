"""The one form class of the pages: typed values are kept, and a refusal of the domain lands at its field."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import Field

from federation.base import PeerRefused
from instance.base import Refused
from web.frame import context
from web.pages import refusals

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One line of the error summary: what is wrong, and the id of the field to jump to."""

    field_id: str | None
    label: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[T]):
    """What a form asked for is done and committed; `what` is what came of it."""

    what: T


class PageForm(FlaskForm):  # type: ignore[misc]  # the library ships no types; subclasses of this one are clean
    """Base of every form. Labels are lazy translations; validation beyond presence is the domain's."""

    # WTForms' own list of what is wrong with the form as a whole.
    form_errors: list[str]

    def carry_out(self, act: Callable[[], T], *, commit: Callable[[], None] = context.commit) -> Done[T] | None:
        """Do what the form asks for and commit it: at home, unless `commit` says where.

        None when it was not sent, lacks something or was refused: then nothing is changed, what was typed is kept, and
        the form says what is wrong.
        """
        if not self.validate_on_submit():
            return None
        try:
            what = act()
        except (Refused, PeerRefused) as refused:
            context.rollback()
            self.refuse(refused)
            return None
        commit()
        return Done(what=what)

    def refuse(self, refused: Refused | PeerRefused) -> None:
        """Turn a refusal into a sentence, at its field if the form has it, else above all fields."""
        message = refusals.sentence(refused.code)
        if refused.field and refused.field in self._fields:
            field = self._fields[refused.field]
            field.errors = [*field.errors, message]
        else:
            self.form_errors = [*self.form_errors, message]

    def wait(self, field: str, *, seconds: int) -> None:
        """Say at a field how long to wait before the next try."""
        self[field].errors = [*self[field].errors, in_a_while(seconds)]

    @property
    def problems(self) -> list[Problem]:
        """Everything that is wrong, in the order of the page."""
        above = [Problem(field_id=None, label="", message=str(one)) for one in self.form_errors]
        inside = [
            Problem(field_id=field.id, label=str(field.label.text), message=str(message))
            for field in self._fields.values()
            for message in field.errors
        ]
        return above + inside


def described(field: Field, hint: str | None) -> dict[str, str]:
    """The attribute that ties a control to its hint and to what is wrong with it, for templates."""
    ids = [*([f"{field.id}-hint"] if hint else []), *([f"{field.id}-error"] if field.errors else [])]
    return {"aria-describedby": " ".join(ids)} if ids else {}


def in_a_while(seconds: int) -> str:
    """A sentence that says when to try again."""
    if seconds < 60:
        return str(
            ngettext(
                "Too many tries. Wait one second, then try again.",
                "Too many tries. Wait %(num)d seconds, then try again.",
                seconds,
            )
        )
    minutes = -(-seconds // 60)
    return str(
        ngettext(
            "Too many tries. Wait one minute, then try again.",
            "Too many tries. Wait %(num)d minutes, then try again.",
            minutes,
        )
    )
