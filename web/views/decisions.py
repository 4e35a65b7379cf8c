"""Decisions in words: for whom they concern, in the mail that tells of them, and where a moderator chooses a rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from instance import suspensions
from instance.decisions import Decision, Rule
from instance.evidence import Target
from instance.moderation import Step
from instance.reports import Report

# The rules of the house: whoever runs a place may add to them on paper, and none may be decided by but these.
RULES: Final[Mapping[Rule, LazyString]] = {
    Rule.LAW: lazy_gettext("Nothing that the law forbids"),
    Rule.RESPECT: lazy_gettext("No insults, threats or contempt"),
    Rule.PRIVACY: lazy_gettext(
        "Nobody’s private life: no names, addresses or pictures of others without their consent"
    ),
    Rule.HONESTY: lazy_gettext("No fraud, and nobody poses as somebody else"),
    Rule.TRADE: lazy_gettext("No advertising and no business among the notices of neighbours"),
    Rule.PLACE: lazy_gettext("What hangs here concerns neighbours, once, in the right place"),
}
ABOUT: Final[Mapping[str, LazyString]] = {
    Target.NOTICE: lazy_gettext("your notice"),
    Target.COMMENT: lazy_gettext("your comment"),
    Target.MESSAGE: lazy_gettext("a letter of yours"),
    Target.PERSON: lazy_gettext("how you treat others here"),
    Target.LOAN: lazy_gettext("a loan you have a part in"),
    Target.THANKS: lazy_gettext("your thanks after a loan"),
    Target.SKILL: lazy_gettext("what you said you can be asked for"),
    Target.RECOMMENDATION: lazy_gettext("a craftsman you recommend"),
    Target.ORGANISATION: lazy_gettext("an organisation you write for"),
    Target.TOWN: lazy_gettext("this town"),
    suspensions.ACCOUNT: lazy_gettext("your account"),
}
FILED: Final[Mapping[Target, LazyString]] = {
    Target.NOTICE: lazy_gettext("A notice"),
    Target.COMMENT: lazy_gettext("A comment"),
    Target.MESSAGE: lazy_gettext("A letter"),
    Target.PERSON: lazy_gettext("A person"),
    Target.LOAN: lazy_gettext("A loan"),
    Target.THANKS: lazy_gettext("Thanks after a loan"),
    Target.SKILL: lazy_gettext("What somebody can be asked for"),
    Target.RECOMMENDATION: lazy_gettext("A recommended craftsman"),
    Target.ORGANISATION: lazy_gettext("An organisation"),
    Target.TOWN: lazy_gettext("This town"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One decision. `words` is what it is about, as it was then; `how` is how it came to be looked at."""

    what: str
    at: datetime
    about: str
    words: str
    reason: str
    rule: str | None
    until: datetime | None
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """Something one reported, and whether it was looked at: never what became of anybody."""

    what: str
    at: datetime
    looked_at: datetime | None


def what(decision: Decision) -> str:
    """What was decided, in one sentence. Raises KeyError for a step that concerns nobody."""
    step = Step(decision.step)
    if step is Step.HIDE:
        return gettext("What you wrote was taken down.")
    if step is Step.RESTORE:
        return gettext("What had been taken down is back where it was.")
    if step is Step.WARN:
        return gettext("You are asked to keep to the rules of the house. Nothing else happens.")
    if step is Step.SUSPEND:
        return gettext("Your account is suspended: your notices are hidden, and you cannot use it.")
    return {Step.REINSTATE: gettext("You can use your account again. Your notices stay hidden for now.")}[step]


def told(decision: Decision) -> Told:
    """A decision for whom it concerns."""
    return Told(
        what=what(decision),
        at=decision.created_at,
        about=str(ABOUT[decision.about]),
        words=decision.words,
        reason=decision.reason,
        rule=str(RULES[Rule(decision.rule)]) if decision.rule is not None else None,
        until=decision.until,
        how=gettext("Somebody had reported it; a person decided.")
        if decision.reported
        else gettext("A person decided, without a report."),
    )


def filed(report: Report) -> Filed:
    """One's own report."""
    return Filed(what=str(FILED[Target(report.target)]), at=report.created_at, looked_at=report.closed_at)
