"""How fast a department's addresses come in and are found: `python -m tests.bench.import_addresses [LINES RESIDENCES]`.

Lines of the national address base with all their columns, and residences of the register, all invented. The imports run
in processes of their own, so that the peak is the command's; the searches in this one. On SQLite, and on PostgreSQL.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from instance import spelling, streets
from tests import servers
from web import stores
from web.settings import Settings

LINES, RESIDENCES = 300_000, 26_000
A_STREET = 14
SEARCHES = 400
HEAD = (
    "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;code_insee_ancienne_commune;"
    "nom_ancienne_commune;x;y;lon;lat;type_position;alias;nom_ld;libelle_acheminement;nom_afnor;source_position;"
    "source_nom_voie;certification_commune;cad_parcelles\n"
)
REGISTER_HEAD = (
    "Numéro d'immatriculation,Nom d’usage de la copropriété,Numéro et Voie (adresse de référence),"
    "Code postal (adresse de référence),Commune (adresse de référence),Nombre total de lots,"
    "Nombre de lots à usage d’habitation\n"
)
SYLLABLES = [
    "ba",
    "bel",
    "cam",
    "cor",
    "dan",
    "del",
    "fu",
    "gan",
    "gri",
    "hou",
    "jo",
    "lan",
    "lis",
    "mar",
    "mon",
    "nel",
    "or",
    "pa",
    "pri",
    "quo",
    "ro",
    "rus",
    "sal",
    "tal",
    "vi",
    "zan",
]
KINDS = ("Rue", "Rue", "Rue", "Avenue", "Boulevard", "Impasse", "Chemin", "Traverse", "Place", "Allée")
TIES = (" ", " de ", " de la ", " du ", " des ")
FIRST = ("", "", "", "Jean ", "Marie ", "Docteur ", "Saint-", "Général ")


def _streets(draw: random.Random, *, count: int) -> list[str]:
    made = set[str]()
    while len(made) < count:
        word = "".join(draw.choices(SYLLABLES, k=draw.randint(2, 4))).title()
        made.add(f"{draw.choice(KINDS)}{draw.choice(TIES)}{draw.choice(FIRST)}{word}")
    return sorted(made)


def _lines(names: list[str], *, count: int) -> Iterator[str]:
    yield HEAD
    for place in range(count):
        street, number = place // A_STREET, place % A_STREET + 1
        district = street % 16 + 1
        insee, postcode = f"132{district:02}", f"130{district:02}"
        yield (
            f"{insee}_{street:04}_{number:05};{insee}_{street:04};{number};;{names[street]};{postcode};{insee};Marseille"
            f" {district}e Arrondissement;;;893214.5;6247613.2;5.412345;43.312345;entrée;;;MARSEILLE;NOM AFNOR;commune;"
            "commune;1;13201000A0001\n"
        )


def _register(names: list[str], *, count: int) -> Iterator[str]:
    yield REGISTER_HEAD
    for place in range(count):
        street, number = place % len(names), place // len(names) + 1
        district = street % 16 + 1
        line, city = f"{number} {names[street].upper()}", f"Marseille {district}e Arrondissement"
        yield f"AA{place:07},,{line},130{district:02},{city},24,12\n"


def _run(words: list[str], *, environ: Mapping[str, str]) -> tuple[float, float]:
    """Seconds on the clock and the peak in MiB of one command."""
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "web.cli", *words], env=environ, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, words
    return time.monotonic() - began, used.ru_maxrss / 1024


def _import(folder: Path, *, environ: Mapping[str, str], names: list[str], count: int, residences: int) -> None:
    addresses, register = folder / "adresses.csv", folder / "register.csv"
    # Line by line: a child's peak begins with the size its parent had.
    for file, lines in ((addresses, _lines(names, count=count)), (register, _register(names, count=residences))):
        with file.open("w", encoding="utf-8") as out:
            out.writelines(lines)
    # One quarter a district, so that each postcode is one quarter's.
    _run(["init", "--quiet", "--city", "Marseille", "--insee", "13055", *_quarters()], environ=environ)
    for what, words, many in (
        ("addresses, tried", ["addresses", "import", str(addresses), "--dry-run"], count),
        ("addresses, first time", ["addresses", "import", str(addresses)], count),
        ("addresses, taken again", ["addresses", "import", str(addresses)], count),
        ("residences, first time", ["buildings", "import-rnic", str(register)], residences),
        ("residences, taken again", ["buildings", "import-rnic", str(register)], residences),
    ):
        seconds, peak = _run(words, environ=environ)
        print(f"  {what:24} {seconds:6.1f} s, {many / seconds:7.0f} lines a second, peak {peak:.0f} MiB", flush=True)


def _quarters() -> list[str]:
    return [word for one in range(1, 17) for word in ("--quarter", f"Quartier {one} 130{one:02}")]


def _slipped(draw: random.Random, name: str) -> str:
    """A street as somebody types it in a hurry: short, without accents, one letter wrong."""
    typed = spelling.spell(name)
    word = max(typed.split(), key=len)
    at = draw.randrange(len(word))
    return typed.replace(word, word[:at] + draw.choice("aeinrst") + word[at + 1 :])


def _search(url: str, *, names: list[str], count: int) -> None:
    draw, store = random.Random(7), stores.open_store(url)
    used = names[: count // A_STREET]
    for what, slips in (("right", False), ("one slip", True)):
        times, found = [], 0
        with store.read() as session:
            for _ in range(SEARCHES):
                name, number = draw.choice(used), draw.randint(1, A_STREET)
                typed = f"{number} {_slipped(draw, name) if slips else name}"
                began = time.perf_counter()
                first = streets.search(session, text=typed)[:5]
                times.append((time.perf_counter() - began) * 1000)
                found += f"{number} {name}" in [one.line for one in first]
        cuts = statistics.quantiles(times, n=100)
        print(
            f"  search, {what:16} p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms, in the first five {found}/{SEARCHES}",
            flush=True,
        )
    store.close()


def _measure(engine: str, *, urls: Mapping[str, str], count: int, residences: int) -> None:
    names = _streets(random.Random(4), count=-(-count // A_STREET))
    print(f"{engine}: {count} addresses in {len(names)} streets, {residences} residences", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PALIER_")},
            "PALIER_ORIGIN": "http://127.0.0.1:8000",
            "PALIER_DEVELOPMENT": "1",
            "PALIER_DATA": str(Path(scratch) / "data"),
            **urls,
        }
        _import(Path(scratch), environ=environ, names=names, count=count, residences=residences)
        _search(Settings.read(environ).home_database_url, names=names, count=count)


def main() -> None:
    """Both engines, one after the other."""
    count, residences = map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (LINES, RESIDENCES)
    _measure("SQLite", urls={}, count=count, residences=residences)
    with servers.postgresql() as cluster:
        urls = {
            "PALIER_HOME_DATABASE_URL": cluster.make("home", None),
            "PALIER_FEDERATION_DATABASE_URL": cluster.make("federation", None),
        }
        _measure("PostgreSQL", urls=urls, count=count, residences=residences)


if __name__ == "__main__":
    main()
