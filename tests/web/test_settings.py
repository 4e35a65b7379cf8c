"""Settings are read once, wholly, and say what is wrong with them by name."""

from pathlib import Path

import pytest

from web import secret
from web.settings import TABLE, BadSetting, BadSettings, Settings, SideSettings

GOOD = {"PALIER_ORIGIN": "https://voisins.example", "PALIER_DATA": "/srv/palier"}


def test_defaults() -> None:
    settings = Settings.read(GOOD)
    assert settings.origin == "https://voisins.example"
    assert settings.authority == "voisins.example"
    assert settings.secure
    assert settings.name == "voisins.example"
    assert settings.home_database_url == "sqlite:////srv/palier/home/store.sqlite"
    assert settings.federation_database_url == "sqlite:////srv/palier/federation/store.sqlite"
    assert settings.secret_key_file == Path("/srv/palier/home/secret.key")
    assert (settings.bind, settings.default_locale, settings.threads) == ("127.0.0.1:8000", "fr", 32)
    assert not settings.development


@pytest.mark.parametrize(
    ("origin", "bind"),
    [
        ("http://127.0.0.1:8100", "127.0.0.1:8100"),
        ("http://voisins.localhost:8100", "127.0.0.1:8100"),
        ("http://[::1]:8100", "[::1]:8100"),
        ("https://voisins.example", "127.0.0.1:8000"),
    ],
)
def test_development_listens_on_its_own_origin(origin: str, bind: str) -> None:
    assert Settings.read({"PALIER_ORIGIN": origin, "PALIER_DEVELOPMENT": "1"}).bind == bind


def test_the_usual_port_is_dropped_and_another_kept() -> None:
    assert Settings.read({"PALIER_ORIGIN": "https://voisins.example:443"}).origin == "https://voisins.example"
    assert Settings.read({"PALIER_ORIGIN": "https://voisins.example:8443/"}).authority == "voisins.example:8443"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PALIER_ORIGIN", ""),
        ("PALIER_ORIGIN", "voisins.example"),
        ("PALIER_ORIGIN", "http://voisins.example"),
        ("PALIER_ORIGIN", "https://Voisins.example"),
        ("PALIER_ORIGIN", "https://voisins.example/path"),
        ("PALIER_ORIGIN", "https://me@voisins.example"),
        ("PALIER_ORIGIN", "https://voisins.example:99999"),
        ("PALIER_MEDIA_ORIGIN", "media.voisins.example"),
        ("PALIER_MEDIA_ORIGIN", "http://media.voisins.example"),
        ("PALIER_MEDIA_ORIGIN", "https://voisins.example"),
        ("PALIER_MEDIA_ORIGIN", "https://voisins.example:8443"),
        ("PALIER_NAME", "x" * 81),
        ("PALIER_HOME_DATABASE_URL", "mysql://localhost/x"),
        ("PALIER_FEDERATION_DATABASE_URL", "sqlite://"),
        ("PALIER_HOME_BROKER_URL", "amqp://localhost"),
        ("PALIER_DEVELOPMENT", "yes"),
        ("PALIER_BIND", "8000"),
        ("PALIER_BIND", "127.0.0.1:0"),
        ("PALIER_TRUSTED_PROXIES", "many"),
        ("PALIER_DEFAULT_LOCALE", "de"),
        ("PALIER_SOURCE_URL", "ftp://x"),
        ("PALIER_CONTACT_EMAIL", "nobody"),
        ("PALIER_LOG_LEVEL", "LOUD"),
        ("PALIER_THREADS", "1"),
    ],
)
def test_an_error_names_the_setting_what_it_got_and_what_it_wants(name: str, value: str) -> None:
    with pytest.raises(BadSettings) as raised:
        Settings.read(GOOD | {name: value})
    (problem,) = raised.value.problems
    wanted = next(setting.wants for setting in TABLE if setting.name == name)
    assert str(problem) == f"{name}: got {repr(value) if value else 'nothing'}, wants {wanted}"


def test_all_errors_are_told_at_once() -> None:
    with pytest.raises(BadSettings) as raised:
        Settings.read({"PALIER_ORIGIN": "x", "PALIER_THREADS": "x", "PALIER_BIND": "x"})
    assert {problem.name for problem in raised.value.problems} == {"PALIER_ORIGIN", "PALIER_THREADS", "PALIER_BIND"}


def test_a_mistyped_setting_is_refused_with_a_suggestion() -> None:
    with pytest.raises(BadSettings, match="did you mean PALIER_ORIGIN"):
        Settings.read(GOOD | {"PALIER_ORIGN": "x"})


def test_one_database_or_one_broker_for_both_sides_is_refused() -> None:
    both = {"PALIER_HOME_DATABASE_URL": "sqlite:////x/y", "PALIER_FEDERATION_DATABASE_URL": "sqlite:////x/y"}
    with pytest.raises(BadSettings, match="PALIER_FEDERATION_DATABASE_URL"):
        Settings.read(GOOD | both)
    both = {"PALIER_HOME_BROKER_URL": "redis://h/0", "PALIER_FEDERATION_BROKER_URL": "redis://h/0"}
    with pytest.raises(BadSettings, match="PALIER_FEDERATION_BROKER_URL"):
        Settings.read(GOOD | both)


def test_a_database_password_is_never_shown() -> None:
    with pytest.raises(BadSettings) as raised:
        Settings.read(GOOD | {"PALIER_HOME_DATABASE_URL": "mysql://me:hunter2@db/x"})
    assert "hunter2" not in str(raised.value)


def test_the_federation_side_never_learns_of_home() -> None:
    settings = Settings.read(GOOD)
    side = settings.for_federation()
    assert side == SideSettings.read(GOOD | {"PALIER_HOME_DATABASE_URL": "nonsense, and not looked at"})
    assert not any("home" in field or "secret" in field for field in SideSettings.__dataclass_fields__)


def test_the_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "home" / "secret.key"
    with pytest.raises(BadSetting, match="palier init"):
        secret.read(file)
    secret.ensure(file)
    first = secret.read(file)
    secret.ensure(file)
    assert secret.read(file) == first
    assert file.stat().st_mode & 0o777 == 0o600
    assert secret.derive(first, purpose="sessions") != secret.derive(first, purpose="letterbox")
