"""Lines of open data about invented streets, and ways to bring them into a store."""

import io
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from instance.imports import ban, rnic, tables
from instance.imports.stage import Stage
from instance.places import Quarter
from tests.instance.neighbourhood import NOW

HEAD = "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;x;y;certification_commune\n"
REGISTER_HEAD = (
    "EPCI,Commune,Numéro d'immatriculation,Identification du représentant légal,Nom d’usage de la copropriété,"
    "Numéro et Voie (adresse de référence),Code postal (adresse de référence),Commune (adresse de référence),"
    "Adresse complémentaire 1,Nombre total de lots,Nombre de lots à usage d’habitation\n"
)
Given = tuple[str, int, str, str, str, str]


def line(
    id_: str, number: object, street: str, *, suffix: str = "", postcode: str = "99000", insee: str = "99001"
) -> str:
    """One line of the address base."""
    return f"{id_};99001_0010;{number};{suffix};{street};{postcode};{insee};Ville-d’Essai;1.5;2.5;1\n"


def residence(
    number: str,
    street: str,
    *,
    name: str = "",
    postcode: str = "99000",
    commune: str = "Ville-d’Essai",
    more: str = "",
    lots: object = 4,
    dwellings: object = "",
) -> str:
    """One line of the register."""
    return f"x,99001,{number},NE PAS LIRE,{name},{street},{postcode},{commune},{more},{lots},{dwellings}\n"


def check(session: Session, text: str | bytes) -> ban.Found:
    """What a file of addresses would change."""
    with Stage() as stage:
        found = ban.check(session, lines=_lines(text), stage=stage)
        if not found.told.wrong:
            ban.compare(session, stage=stage, found=found)
    return found


def enter(session: Session, text: str | bytes, *, now: datetime = NOW) -> ban.Found:
    """Bring a file of addresses in."""
    with Stage() as stage:
        found = ban.check(session, lines=_lines(text), stage=stage)
        assert not found.told.wrong, found.told.first
        ban.compare(session, stage=stage, found=found)
        ban.enter(session, stage=stage, now=now)
    session.expire_all()
    return found


def enter_addresses(session: Session, streets: Iterable[tuple[str, int]]) -> None:
    """Bring streets in, each with the numbers from 1."""
    rows = [
        line(f"99001_{place:04}_{number:05}", number, name)
        for place, (name, numbers) in enumerate(streets)
        for number in range(1, numbers + 1)
    ]
    enter(session, HEAD + "".join(rows))


def enter_register(session: Session, text: str, *, quarter: Quarter | None = None, now: datetime = NOW) -> rnic.Found:
    """Bring a register in; it was checked, and the check told the same."""
    checked = rnic.check(session, lines=_lines(text), quarter=quarter)
    found = rnic.enter(session, lines=_lines(text), quarter=quarter, now=now)
    assert checked == found
    session.expire_all()
    return found


def _lines(text: str | bytes) -> Iterable[str]:
    return tables.lines(io.BytesIO(text.encode() if isinstance(text, str) else text))
