"""`./run`: two instances side by side on this machine, introduced to each other, with something to try.

Each is a whole `palier serve` with its own stores, keys and processes; this process prepares them,
starts them, brings them together through their own stores, and stops them together.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import func, select

from federation import identity, peers
from federation.models import Direction, Follow, FollowState
from web import stores, tongue
from web.commands import init
from web.demo import guide, seed
from web.demo.people import BARNABE, MARSEILLE, Scene
from web.frame import context
from web.processes import roles, supervisor
from web.settings import Settings
from web.terminal import printing

FOLDER = Path("var/demo")
DONE = "ready"
PATIENCE_SECONDS = 90.0
# Two loopback addresses and not two names: any browser opens both, and a cookie of one is no cookie of the other.
HOSTS = ("127.0.0.1", "127.0.0.2")
PORTS = (8100, 8200)
SCENES: Mapping[str, Scene] = {"marseille": MARSEILLE, "saint-barnabe": BARNABE}

Say = Callable[[str], str]


class Stopped(Exception):
    """The demonstration cannot go on; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """One of the two: its settings, its opened stores, its scene."""

    name: str
    settings: Settings
    scene: Scene
    home: stores.Store
    federation: stores.Store

    @property
    def origin(self) -> str:
        """Its address."""
        return self.settings.origin

    @property
    def log(self) -> Path:
        """Where its processes write what they did."""
        return self.settings.data / "palier.log"


def environments(*, folder: Path, ports: tuple[int, int], locale: str) -> dict[str, dict[str, str]]:
    """The settings of the two instances by name, as `palier serve` reads them."""
    addresses = [f"{host}:{port}" for host, port in zip(HOSTS, ports, strict=True)]
    return {
        name: _environment(name, address=address, folder=folder, locale=locale)
        for name, address in zip(SCENES, addresses, strict=True)
    }


def _environment(name: str, *, address: str, folder: Path, locale: str) -> dict[str, str]:
    return {
        "PALIER_ORIGIN": f"http://{address}",
        "PALIER_NAME": SCENES[name].name,
        "PALIER_DATA": str(folder / name),
        "PALIER_DEVELOPMENT": "1",
        "PALIER_DEFAULT_LOCALE": locale,
        "PALIER_LOG_LEVEL": "INFO",
    }


def run(
    *, fresh: bool, locale: str, ports: tuple[int, int] | None = None, folder: Path = FOLDER, as_json: bool = False
) -> None:
    """Prepare, start, introduce, explain, and wait for Ctrl-C.

    Without `ports`, those of last time: an instance's address is part of everything it ever published. With `as_json`
    standard output gets one document, once both are up, and people are told on standard error.
    Raises Stopped.
    """
    say = tongue.of(locale).say
    console = Console(highlight=False, stderr=as_json)
    folder = folder.absolute()
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    known = _known_ports(folder)
    settings = environments(folder=folder, ports=ports or known or PORTS, locale=locale)
    for number in (signal.SIGINT, signal.SIGTERM):
        # Said expressly: a shell starts what it puts in the background with Ctrl-C ignored.
        signal.signal(number, _interrupt)
    try:
        _check_ports(ports, known=known, say=say)
        _check_addresses([Settings.read(one).bind for one in settings.values()], say=say)
        with _running(folder, settings=settings, console=console, say=say) as (towns, servers):
            keys = _screen_keys(towns)
            if as_json:
                click.echo(printing.encode(guide.values(towns=towns, keys=keys)))
            else:
                console.print(guide.text(say, towns=towns, keys=keys), soft_wrap=True)
            _watch(servers, folder=folder, say=say)
    except KeyboardInterrupt:
        console.print("\n" + say("Everything has stopped. ./run goes on from here, ./run --fresh starts over."))


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _known_ports(folder: Path) -> tuple[int, int] | None:
    """Where the demonstration of last time listens, if it got ready."""
    try:
        first, second = (folder / DONE).read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return None
    return int(first), int(second)


def _check_ports(ports: tuple[int, int] | None, *, known: tuple[int, int] | None, say: Say) -> None:
    if known and ports and ports != known:
        shown = " ".join(map(str, known))
        raise Stopped(
            say("The demonstration of last time lives at ports {ports}: keep them, or add --fresh.").format(ports=shown)
        )


def _check_addresses(addresses: Sequence[str], *, say: Say) -> None:
    for address in addresses:
        if roles.busy(address):
            raise Stopped(
                say(
                    "{address} is in use. Another ./run may be open: stop it there with Ctrl-C."
                    " Or choose other ports: ./run --fresh --ports 8300 8400"
                ).format(address=address)
            )


@contextmanager
def _running(
    folder: Path, *, settings: Mapping[str, dict[str, str]], console: Console, say: Say
) -> Iterator[tuple[Sequence[Town], Sequence[subprocess.Popen[bytes]]]]:
    """Both instances, prepared, up, and acquainted; stopped together at the end, whatever happens."""
    resumed = _known_ports(folder) is not None
    if not resumed:
        # A preparation that was cut short is worth nothing: begin again.
        shutil.rmtree(folder, ignore_errors=True)
    towns = [_open(name, environ=environ) for name, environ in settings.items()]
    servers: list[subprocess.Popen[bytes]] = []
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=console, transient=True) as progress:
            _prepare(towns, progress=progress, say=say)
            servers += _start(towns, settings=settings, progress=progress, say=say)
            if not resumed:
                _bring_together(towns, progress=progress, say=say)
        ports = [town.settings.bind.rpartition(":")[2] for town in towns]
        (folder / DONE).write_text(" ".join(ports), encoding="ascii")
        yield towns, servers
    finally:
        _stop(servers)
        for town in towns:
            town.home.close()
            town.federation.close()


def _open(name: str, *, environ: Mapping[str, str]) -> Town:
    settings = Settings.read(environ)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    init.prepare(settings, now=datetime.now(UTC))
    return Town(
        name=name,
        settings=settings,
        scene=SCENES[name],
        home=stores.open_store(settings.home_database_url),
        federation=stores.open_store(settings.federation_database_url),
    )


def _prepare(towns: Sequence[Town], *, progress: Progress, say: Say) -> None:
    for town in towns:
        task = progress.add_task(
            say("{place}: residents and buildings").format(place=town.scene.name), total=len(town.scene.people)
        )
        with town.home.write.begin() as session:
            if seed.is_settled(session):
                progress.update(task, completed=len(town.scene.people))
                continue
            pepper = context.letterbox_pepper(town.settings)
            seed.settle_in(
                session,
                scene=town.scene,
                pepper=pepper,
                now=datetime.now(UTC),
                advance=partial(progress.advance, task),
            )


def _start(
    towns: Sequence[Town], *, settings: Mapping[str, dict[str, str]], progress: Progress, say: Say
) -> list[subprocess.Popen[bytes]]:
    task = progress.add_task(say("Starting both"), total=len(towns))
    servers = []
    for town in towns:
        with town.log.open("ab") as log:
            servers.append(
                subprocess.Popen(
                    [sys.executable, "-m", "web.cli", "serve"],
                    env={**_bare_environment(), **settings[town.name]},
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    # Ctrl-C reaches this process only, which then stops both in order.
                    start_new_session=True,
                    preexec_fn=partial(supervisor.die_with_parent, os.getpid()),  # noqa: PLW1509 - no thread runs yet
                )
            )
    for town, server in zip(towns, servers, strict=True):
        _wait(
            partial(_is_up, town, server),
            why=say("{place} did not start; its log is {log}").format(place=town.scene.name, log=town.log),
        )
        progress.advance(task)
    return servers


def _is_up(town: Town, server: "subprocess.Popen[bytes]") -> bool:
    return server.poll() is not None or roles.listening(town.settings.bind)


def _bare_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PALIER_")}


def _bring_together(towns: Sequence[Town], *, progress: Progress, say: Say) -> None:
    """Let each follow the other as an administrator would, then publish, then watch it arrive."""
    task = progress.add_task(say("Introducing the two places to each other"), total=3)
    _wait(lambda: all(_has_actors(town) for town in towns), why=say("The public profiles were not made in time."))
    for town, other in (towns, reversed(towns)):
        _follow(town, other=other)
    _wait(
        lambda: all(_is_followed(town) for town in towns),
        why=say("The two places did not get acquainted in time; see {log}").format(log=towns[0].log),
    )
    progress.advance(task)
    for town in towns:
        with town.home.write.begin() as session:
            seed.hang_up(session, scene=town.scene, root=town.settings.home_data, now=datetime.now(UTC))
    for town, other in (towns, reversed(towns)):
        _wait(
            partial(_has_all, town, titles=guide.titles_beyond(other.scene)),
            why=say("What one place published did not arrive in the other; see {log}").format(log=town.log),
        )
    progress.advance(task)
    with towns[1].home.write.begin() as session:
        seed.answer(
            session,
            title=guide.DRILL,
            login="camille",
            body="Bonjour, serait-elle libre samedi matin ? Je peux passer la prendre.",
            byline="Camille, de Saint-Barnabé",
            now=datetime.now(UTC),
        )
    progress.advance(task)


def _has_actors(town: Town) -> bool:
    with town.home.read() as session:
        wanted = seed.quarter_slugs(session, scene=town.scene)
    wanted += [publisher.slug for publisher in town.scene.publishers]
    with town.federation.read() as session:
        return all(identity.find(session, username) for username in wanted)


def _follow(town: Town, *, other: Town) -> None:
    with other.home.read() as session:
        targets = [identity.DESK, *seed.quarter_slugs(session, scene=other.scene)]
    with town.federation.write.begin() as session:
        now = datetime.now(UTC)
        peers.add(session, host=other.settings.authority, now=now)
        for username in targets:
            target = identity.uri(other.origin, username)
            peers.follow(session, own_username=identity.APPLICATION, target=target, now=now)
        # The garden association follows the committee's news from its own page.
        if town.scene is MARSEILLE:
            target = identity.uri(other.origin, "ciq_saint_barnabe")
            peers.follow(session, own_username="jardins_saint_julien", target=target, now=now)


def _is_followed(town: Town) -> bool:
    with town.federation.read() as session:
        waiting = session.scalar(
            select(func.count())
            .select_from(Follow)
            .where(Follow.direction == Direction.OUT, Follow.state != FollowState.ACCEPTED)
        )
    return not waiting


def _has_all(town: Town, *, titles: Sequence[str]) -> bool:
    with town.home.read() as session:
        return all(seed.hangs(session, title=title) for title in titles)


def _screen_keys(towns: Sequence[Town]) -> Mapping[str, str]:
    """A fresh hall screen for each first building: a key can be read only when it is made."""
    keys = {}
    for town in towns:
        with town.home.write.begin() as session:
            keys[town.name] = seed.put_up_screen(session, scene=town.scene, now=datetime.now(UTC))
    return keys


def _wait(is_done: Callable[[], bool], *, why: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_done():
        if time.monotonic() > deadline:
            raise Stopped(why)
        time.sleep(0.2)


def _watch(servers: Sequence[subprocess.Popen[bytes]], *, folder: Path, say: Say) -> None:
    """Wait until somebody presses Ctrl-C or one of the two ends by itself."""
    while all(server.poll() is None for server in servers):
        time.sleep(0.5)
    raise Stopped(say("One of the two has stopped by itself; see the logs in {folder}").format(folder=folder))


def _stop(servers: Sequence[subprocess.Popen[bytes]]) -> None:
    for server in servers:
        server.terminate()
    for server in servers:
        try:
            server.wait(timeout=supervisor.GRACE_SECONDS * 2)
        except subprocess.TimeoutExpired:
            server.kill()
