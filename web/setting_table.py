"""The table of settings: each one's name, meaning, default, and on which side of the wall it may be known."""

from dataclasses import dataclass

from web import spellings

BUNDLED = spellings.BUNDLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One line of the table of settings: what the documentation must say and `read` obeys."""

    name: str
    meaning: str
    wants: str
    default: str | None
    home_only: bool = False


# The order is the order of the documentation. An empty default is computed in `web.settings` and its
# meaning says from what; None means that there is no default and the setting must be given.
TABLE: tuple[Setting, ...] = (
    Setting(
        name="PALIER_ORIGIN",
        meaning="The address people and other instances use: scheme, host and, if unusual, port.",
        wants="an address such as https://voisins.example, without a path (http:// only with PALIER_DEVELOPMENT=1)",
        default=None,
    ),
    Setting(
        name="PALIER_MEDIA_ORIGIN",
        meaning=(
            "Another host of yours that leads to the pages, for pictures that came from other towns: what a stranger"
            " drew never has the origin of the pages then. Without it they come from PALIER_ORIGIN."
        ),
        wants="an address such as https://media.voisins.example, with another host than PALIER_ORIGIN and as safe",
        default="",
        home_only=True,
    ),
    Setting(
        name="PALIER_NAME",
        meaning="The name of the place, shown at the top of every page; without it, the host of PALIER_ORIGIN.",
        wants="a name of at most 80 characters",
        default="",
    ),
    Setting(
        name="PALIER_DATA",
        meaning="The folder that keeps the stores, the keys, the files and the bundled brokers.",
        wants="the path of a folder",
        default="var",
    ),
    Setting(
        name="PALIER_HOME_DATABASE_URL",
        meaning="The home store, everything private; without it, a SQLite file in the data folder.",
        wants="sqlite:///… or postgresql+psycopg://user:password@host/database",
        default="",
        home_only=True,
    ),
    Setting(
        name="PALIER_FEDERATION_DATABASE_URL",
        meaning="The federation store, what is exchanged with others; without it, a SQLite file in the data folder.",
        wants="sqlite:///… or postgresql+psycopg://user:password@host/database, another one than the home store",
        default="",
    ),
    Setting(
        name="PALIER_HOME_BROKER_URL",
        meaning="The Valkey or Redis of the home side; `bundled` starts one of our own on a unix socket.",
        wants="bundled, redis://…, rediss://… or unix:///…",
        default=BUNDLED,
        home_only=True,
    ),
    Setting(
        name="PALIER_FEDERATION_BROKER_URL",
        meaning="The Valkey or Redis of the federation side; never the one of home.",
        wants="bundled, redis://…, rediss://… or unix:///…, another one than the home broker",
        default=BUNDLED,
    ),
    Setting(
        name="PALIER_DEVELOPMENT",
        meaning="1 allows plain http and other instances on private and loopback addresses. Never in production.",
        wants="0 or 1",
        default="0",
    ),
    Setting(
        name="PALIER_BIND",
        meaning="Where the web process listens; without it, the origin's own address in development, else the default.",
        wants="host:port, with a port from 1 to 65535",
        default="127.0.0.1:8000",
    ),
    Setting(
        name="PALIER_TRUSTED_PROXIES",
        meaning="How many reverse proxies stand in front and add X-Forwarded-* headers.",
        wants="a whole number from 0 to 5",
        default="0",
    ),
    Setting(
        name="PALIER_DEFAULT_LOCALE",
        meaning="The language shown to who has chosen none.",
        wants="fr or en",
        default="fr",
    ),
    Setting(
        name="PALIER_SECRET_KEY_FILE",
        meaning="The file holding the secret that signs sessions; made by `palier init` in the data folder.",
        wants="the path of a file",
        default="",
        home_only=True,
    ),
    Setting(
        name="PALIER_SOURCE_URL",
        meaning="Where the source of this very version is offered; without it, the pages offer it themselves.",
        wants="an http or https address",
        default="",
    ),
    Setting(
        name="PALIER_CONTACT_EMAIL",
        meaning="Where people and other operators can write.",
        wants="an e-mail address",
        default="",
    ),
    Setting(
        name="PALIER_LOG_LEVEL",
        meaning="How much the processes say.",
        wants="DEBUG, INFO, WARNING or ERROR",
        default="INFO",
    ),
    Setting(
        name="PALIER_THREADS",
        meaning="How many requests the web process answers at once.",
        wants="a whole number from 2 to 256",
        default="32",
    ),
    Setting(
        name="PALIER_LIVE_SCREENS",
        meaning=(
            "How many hall screens are told of changes at once, each with a thread of its own; the others ask twice a"
            " minute. For `live` in a process of its own, 2500 is fine."
        ),
        wants="a whole number from 0 to 5000",
        default="40",
        home_only=True,
    ),
    Setting(
        name="PALIER_SMTP_URL",
        meaning="The mail relay of this place; without it no mail is sent, and recovery cards are printed instead.",
        wants=(
            "smtps://user:password@host:465 or smtp://user:password@host:587, with % codes for unusual characters "
            "(smtp:// wants STARTTLS, except on this machine)"
        ),
        default="",
        home_only=True,
    ),
    Setting(
        name="PALIER_MAIL_FROM",
        meaning="The address that mail comes from; without it, palier@ and the host of PALIER_ORIGIN.",
        wants="an e-mail address without accents, such as voisins@voisins.example",
        default="",
        home_only=True,
    ),
)
