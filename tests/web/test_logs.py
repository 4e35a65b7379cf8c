"""A log says where something broke and never quotes the row it broke on."""

import io
import logging
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from gunicorn.config import Config
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from instance import residents
from instance.residents import Resident
from tests.house.sources import ROOT
from web import logs
from web.processes.server import Log

NAME, EMAIL = "Cnryfourcade", "cnry.fourcade@voisins.example"


def written(error: BaseException, *, words: str = "it broke") -> str:
    """What our formatter makes of a failure that another formatter has already written down."""
    record = logging.LogRecord(
        "palier", logging.ERROR, __file__, 1, words, (), (type(error), error, error.__traceback__)
    )
    logging.Formatter().format(record)
    return logs.Discreet("%(levelname)s %(message)s").format(record)


def caught(act: object) -> BaseException:
    try:
        act()  # type: ignore[operator]
    except Exception as error:
        return error
    raise AssertionError


@pytest.fixture
def somebody(home_session: Session) -> Resident:
    made = residents.register(
        home_session,
        login="cnry.login",
        first_name="Odile",
        last_name=NAME,
        password="un mot de passe long",
        email=EMAIL,
        locale="fr",
        now=datetime(2027, 5, 11, tzinfo=UTC),
    )
    home_session.commit()
    return made


@pytest.mark.parametrize("change", [{"id": 1, "login": "another"}, {"id": 1, "role": None}])
def test_a_broken_rule_of_the_database_quotes_no_row(
    home_session: Session, somebody: Resident, change: dict[str, object]
) -> None:
    row = home_session.execute(select(Resident.__table__)).mappings().one()
    error = caught(lambda: home_session.execute(insert(Resident.__table__).values({**row, **change})))
    assert isinstance(error, IntegrityError)
    log = written(error).lower()
    assert "integrityerror" in log
    assert "test_logs.py" in log
    for private in (NAME, EMAIL, "cnry.login", "odile", str(somebody.public_id), somebody.password_hash):
        assert private.lower() not in log


def test_a_store_that_is_away_is_named(home_session: Session) -> None:
    error = caught(lambda: home_session.execute(text("SELECT 1 FROM nowhere")))
    assert type(error).__name__ in written(error)
    away = OperationalError("select", {}, Exception("database is locked\nDETAIL: Odile"))
    assert "database is locked" in written(away)
    assert "Odile" not in written(away)


@pytest.mark.parametrize(
    "breaks", [lambda: int(NAME), lambda: {}[NAME], lambda: residents.Role(NAME), lambda: getattr(None, NAME)]
)
def test_what_an_exception_quotes_is_left_out(breaks: object) -> None:
    error = caught(breaks)
    assert NAME not in written(error)
    assert type(error).__name__ in written(error)


def test_all_that_led_to_a_failure_is_told_in_order() -> None:
    def outer() -> None:
        try:
            int(NAME)
        except ValueError as error:
            message = f"no {NAME}"
            raise RuntimeError(message) from error

    log = written(caught(outer))
    assert log.startswith("ERROR it broke\nTraceback")
    assert log.index("ValueError") < log.index("RuntimeError")
    assert " in outer" in log
    assert NAME not in log


def test_the_systems_own_word_is_kept() -> None:
    log = written(caught(lambda: open(f"/nowhere/{NAME}")))  # noqa: PTH123, SIM115
    assert "FileNotFoundError: No such file or directory" in log
    assert NAME not in log


def test_gunicorn_names_no_address() -> None:
    log = Log(Config())
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(log.error_log.handlers[0].formatter)
    log.error_log.handlers = [handler]
    try:
        int(NAME)
    except ValueError as error:
        log.exception("Error handling request %s", "/hall/a-key-that-opens-a-wall")
        log.exception(error)  # noqa: TRY401 - as gunicorn does
    assert "Error handling request" in said.getvalue()
    assert "ValueError" in said.getvalue()
    assert "wall" not in said.getvalue()
    assert NAME not in said.getvalue()


def test_a_process_of_ours_logs_discreetly() -> None:
    program = f"""
import logging
from web import logs
logs.install(level="INFO", name="door", force=True)
try:
    int("{NAME}")
except ValueError:
    logging.getLogger("any.library").exception("it broke")
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "door     ERROR it broke" in done.stderr
    assert "ValueError" in done.stderr
    assert NAME not in done.stderr
