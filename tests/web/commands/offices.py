"""A fictional town on given stores, and its command line called as a terminal calls it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from instance import reading, reports, residents
from instance.evidence import Target
from instance.notices import Notice
from instance.reports import Report
from instance.residents import Resident, Role
from tests.conftest import StoreUrls
from tests.web import pages_town, staff_town
from tests.web.pages_town import NOW, ORIGIN, PASSWORD
from web import cli, secret, stores, tables
from web.settings import Settings

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The town with its stores, and `palier` in it."""

    environ: Mapping[str, str]
    settings: Settings
    stores: Mapping[str, stores.Store]

    def run(self, *words: str, stdin: str | bytes | None = None, lang: str = "en_GB.UTF-8") -> Result:
        """Call `palier` in this process."""
        environ = {**self.environ, "LANG": lang, "LC_ALL": None, "LC_MESSAGES": None}
        return CliRunner().invoke(cli.palier, list(words), env=environ, input=stdin, prog_name="palier")

    def told(self, *words: str, stdin: str | bytes | None = None) -> str:
        """What a command that succeeds says on standard output."""
        done = self.run(*words, stdin=stdin)
        assert (done.exit_code, done.stderr) == (0, ""), done.output
        return done.stdout

    def json(self, *words: str, stdin: str | bytes | None = None) -> Any:
        """The document of a command that succeeds."""
        return json.loads(self.told(*words, "--json", stdin=stdin))

    def refused(self, *words: str, status: int = 1, stdin: str | bytes | None = None) -> Mapping[str, Any]:
        """The error of a command that fails, which is the only thing it says and has changed nothing at all."""
        before = self.everything()
        done = self.run(*words, "--json", stdin=stdin)
        assert (done.exit_code, done.stdout) == (status, ""), done.output
        found: Mapping[str, Any] = json.loads(done.stderr)["error"]
        assert found["sentence"]
        assert "Traceback" not in done.stderr
        assert self.everything() == before
        return found

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of both stores."""
        rows = {}
        for side, metadata in (("home", tables.HOME), ("federation", tables.FEDERATION)):
            with self.stores[side].read() as session:
                for table in metadata.sorted_tables:
                    rows[f"{side}.{table.name}"] = sorted(map(tuple, session.execute(table.select())), key=repr)
        return rows

    @contextmanager
    def home(self) -> Iterator[Session]:
        """The home store, committed at the end."""
        with self.stores["home"].write() as session:
            yield session
            session.commit()

    @contextmanager
    def outside(self) -> Iterator[Session]:
        """The federation store, committed at the end."""
        with self.stores["federation"].write() as session:
            yield session
            session.commit()

    def report(self, *, by: str, notice: Notice, reason: str = "Ce n'est pas une annonce.") -> Report:
        """Somebody reports a notice they can see."""
        with self.home() as session:
            somebody = residents.by_login(session, login=by)
            return reports.report(
                session,
                target=Target.NOTICE,
                public_id=notice.public_id,
                reason=reason,
                by=somebody,
                reader=reading.reader(session, resident=somebody, now=NOW),
                now=NOW,
            )


def build(urls: StoreUrls, *, folder: Path) -> Iterator[Office]:
    """Fill two empty stores; closes them afterwards."""
    environ = {
        "PALIER_ORIGIN": ORIGIN,
        "PALIER_NAME": "Ville d'Exemple",
        "PALIER_DATA": str(folder / "data"),
        "PALIER_DEVELOPMENT": "1",
        "PALIER_HOME_DATABASE_URL": urls.home,
        "PALIER_FEDERATION_DATABASE_URL": urls.federation,
    }
    settings = Settings.read(environ)
    secret.ensure(settings.secret_key_file)
    opened = {"home": stores.open_store(urls.home), "federation": stores.open_store(urls.federation)}
    office = Office(environ=environ, settings=settings, stores=opened)
    with office.home() as session:
        pages_town._fill(session)
        _administrator(session)
    with office.outside() as session:
        staff_town._fill(session)
    yield office
    for store in opened.values():
        store.close()


def _administrator(session: Session) -> Resident:
    return residents.register(
        session,
        login="adele",
        first_name="Adèle",
        last_name="Régie",
        password=PASSWORD,
        email=None,
        locale="en",
        now=NOW,
        role=Role.ADMINISTRATOR,
    )
