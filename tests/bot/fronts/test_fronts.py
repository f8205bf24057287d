"""Fronts are found, bring their section of the settings, and are refused in words."""

from importlib.metadata import EntryPoint, EntryPoints

import pytest
from pydantic import SecretStr

from bot.cli import main
from bot.config import load
from bot.fronts.base import Front, FrontSettings, found, settings_with_fronts


class EchoSettings(FrontSettings):
    volume: int = 5
    key: SecretStr = SecretStr("")


class Echo(Front):
    """A chat that an installed package brings."""

    name = "echo"
    Settings = EchoSettings


class Limits(Front):
    name = "limits"


@pytest.fixture
def install(monkeypatch):
    """Let a package bring what stands here under a name."""
    found.cache_clear()
    settings_with_fronts.cache_clear()

    def install(value: str) -> None:
        point = EntryPoint("echo", f"{__name__}:{value}", "stylenet.fronts")
        monkeypatch.setattr("stylize.plugins.entry_points", lambda group: EntryPoints([point]))

    yield install
    found.cache_clear()
    settings_with_fronts.cache_clear()


def test_ours_are_in_their_folders():
    assert set(found()) == {"bluesky", "discord", "mastodon", "matrix", "room"}


def test_an_installed_front_brings_its_own_section(install, tmp_path, monkeypatch):
    install("Echo")
    assert set(found()) == {"bluesky", "discord", "mastodon", "matrix", "room", "echo"}
    file = tmp_path / "config.toml"
    file.write_text("[echo]\nvolume = 7\nenabled = false")
    monkeypatch.setenv("STYLENET_ECHO__KEY", "sesame")
    settings = load(file, settings_with_fronts())
    assert (settings.echo.volume, settings.echo.active) == (7, False)
    assert settings.echo.key.get_secret_value() == "sesame"
    assert load(file).painting.size == 256  # a worker has other things to do


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Limits", "is called limits, as another section of the settings is"),
        ("EchoSettings", "is no Front"),
        ("Nowhere", "cannot be imported"),
    ],
)
def test_one_that_cannot_be_used_ends_the_start_in_a_sentence(install, capsys, value, words):
    install(value)
    with pytest.raises(SystemExit) as ended:
        main(["check"])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err
