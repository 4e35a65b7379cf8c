"""What stands beside the board in the demonstration: what its people may be asked for, and whom they recommend."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from instance import recommendations, residents, skills
from instance.audience import Audience

SKILLS: Final = (
    ("odile", "Arroser les plantes et relever le courrier", Audience.QUARTER),
    ("amir", "Regonfler ou réparer un vélo", Audience.QUARTER),
    ("gisele.prototype", "Expliquer un courrier de la caisse de retraite", Audience.BUILDING),
)
# Nobody's number: the French numbering plan keeps 04 65 71 for works of fiction.
RECOMMENDED: Final = (
    (
        "odile",
        "plumber",
        "Les Tuyaux Fictifs",
        "04 65 71 00 00",
        "Une fuite sous l’évier, le jour même.",
        Audience.QUARTER,
    ),
    ("amir", "plumber", "Les Tuyaux Fictifs SARL", "", "Le chauffe-eau changé en une matinée.", Audience.QUARTER),
    (
        "karima.fantaisie",
        "electrician",
        "Ampère Exemple",
        "",
        "Le tableau refait, prix annoncé avant.",
        Audience.INSTANCE,
    ),
)


def put_up(session: Session, *, logins: Collection[str], now: datetime) -> None:
    """Say it for those of them who live in this place."""
    for login, title, audience in SKILLS:
        if login in logins:
            by = residents.by_login(session, login=login)
            skills.offer(session, by=by, title=title, audience=audience, building=None, now=now)
    for login, trade, name, phone, done, audience in RECOMMENDED:
        if login in logins:
            by = residents.by_login(session, login=login)
            words = recommendations.read(trade=trade, name=name, phone=phone, site="", done=done)
            recommendations.write(session, by=by, words=words, audience=audience, building=None, now=now)
