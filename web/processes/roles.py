"""Which process does what: the parts of an instance, named before the fork and loaded after it."""

import importlib
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from web import logs
from web.processes import brokers, supervisor
from web.settings import BUNDLED, TABLE, Settings, SideSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A kind of process: the module it becomes, and which side of the wall it stands on."""

    module: str
    home: bool
    listens: bool = False


# The modules are names and not imports: what a process loads before the fork, every child holds.
ROLES: Mapping[str, Role] = {
    "web": Role(module="web.processes.embedded", home=True, listens=True),
    "pages": Role(module="web.processes.pages", home=True, listens=True),
    "door": Role(module="web.processes.door", home=False, listens=True),
    "live": Role(module="web.processes.live", home=True, listens=True),
    "home": Role(module="web.home_worker", home=True),
    "courier": Role(module="web.courier", home=False),
    "mail": Role(module="web.mail_worker", home=True),
}
EMBEDDED = ("web", "home", "courier")

# What every child needs anyway, loaded once and shared. Nothing of ours but the light modules above.
SHARED = (
    "sqlalchemy.orm",
    "sqlalchemy.dialects.sqlite",
    "flask",
    "flask_sqlalchemy",
    "redis",
    "rq",
    "cryptography.x509",
)


def parts(settings: Settings, *, label: str = "") -> list[supervisor.Part]:
    """All processes of one embedded instance."""
    found = []
    for side, folder in (("home", settings.home_data), ("federation", settings.federation_data)):
        setting = settings.home_broker_url if side == "home" else settings.federation_broker_url
        if setting == BUNDLED:
            url = brokers.address(setting, folder=folder)
            found.append(
                supervisor.Part(
                    name=f"{label}{side} broker",
                    main=partial(keep_broker, folder),
                    ready=partial(brokers.answers, url),
                    stage=0,
                )
            )
    found.extend(
        supervisor.Part(
            name=f"{label}{name}",
            main=partial(become, name, settings=settings if ROLES[name].home else settings.for_federation()),
            ready=partial(listening, settings.bind) if ROLES[name].listens else supervisor.always,
        )
        # Where no relay is named nothing is ever sent, and the process would only take memory.
        for name in (*EMBEDDED, *(("mail",) if settings.smtp_url else ()))
    )
    return found


def share() -> None:
    """Load what all children need, so that they share its memory."""
    for name in SHARED:
        importlib.import_module(name)


def become(name: str, *, settings: Settings | SideSettings) -> None:
    """Load the role's module and run it until told to stop."""
    role = ROLES[name]
    if not role.home:
        _forget_home()
    logs.install(level=settings.log_level, name=name, force=True)
    importlib.import_module(role.module).run(settings)


def keep_broker(folder: Path) -> None:
    """Become the bundled broker of a side.

    A broker that already answers on that socket is somebody's orphan or another command's: it is
    used as it is, and watched until it goes.
    """
    url = brokers.address(BUNDLED, folder=folder)
    while brokers.answers(url):
        time.sleep(1)
    command = brokers.command(folder)
    os.umask(0o077)
    os.execv(command[0], command)  # noqa: S606  # our own packaged server, by path, without a shell


def listening(bind: str) -> bool:
    """Whether something accepts connections there."""
    try:
        socket.create_connection(address_of(bind), timeout=1).close()
    except OSError:
        return False
    return True


def busy(bind: str) -> bool:
    """Whether the address cannot be listened on because somebody does already."""
    host, port = address_of(bind)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def address_of(bind: str) -> tuple[str, int]:
    """Host and port of a PALIER_BIND."""
    host, _, port = bind.rpartition(":")
    return host.strip("[]"), int(port)


def _forget_home() -> None:
    for setting in TABLE:
        if setting.home_only:
            os.environ.pop(setting.name, None)
