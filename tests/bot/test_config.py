"""Settings: the file, the environment, and what wrong ones are told."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from bot.commands.options import options, usual_fields
from bot.config import RENAMED, ConfigError, Painting, Settings, load
from bot.fronts.base import settings_with_fronts
from stylize.recipes import Option, Recipe, Transfer

WHOLE = settings_with_fronts()
EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
BEFORE = Path(__file__).parent / "before" / "config.toml"


def write(path: Path, text: str) -> Path:
    file = path / "config.toml"
    file.write_text(text)
    return file


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path, monkeypatch):
    file = write(tmp_path, "[room]\nport = 1111\n[limits]\nwaiting = 7\n[painting]\nsize = 128\n")
    monkeypatch.setenv("STYLENET_LIMITS__WAITING", "8")
    monkeypatch.setenv("STYLENET_ROOM__PORT", "2222")
    settings = load(file, WHOLE, room={"port": 3333})
    assert settings.room.port == 3333
    assert settings.limits.waiting == 8
    assert settings.painting.size == 128


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[room]\nhost = '0.0.0.0'", "set a password"),
        ("[painting]\nsize = 5", "painting.size"),
        ("[painting]\nsize = 2000", "max_size"),
        ("[painting]\nsteps = 2000", "max_steps"),
        ("[painting]\nsteps = 'many'", "painting.steps"),
        ("[paintings]\nsize = 5", "no such setting"),
        ("[discord]\ntoken = 5", "discord.token"),
        ("store = 'data/pictures'", "store: must be a URL such as file:///folder"),
        ("[room", "not valid TOML"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, text, words):
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, text), WHOLE)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "steps"), [("", "auto"), ("steps = 'auto'", "auto"), ("steps = 7", 7)]
)
def test_a_studio_says_how_long_is_usual(tmp_path, text, steps):
    settings = load(write(tmp_path, f"[painting]\nmax_steps = 200\n{text}"))
    assert settings.painting.steps == steps
    assert Transfer.model_validate(usual_fields(Transfer, settings.painting)).steps == steps
    assert usual_fields(Transfer, settings.painting)["max_steps"] == 200
    assert options(settings.painting)["max_steps"].high == 200


def test_auto_is_usual_only_for_works_that_know_it():
    class Poster(Recipe):
        task: Literal["poster"] = "poster"
        steps: Annotated[int, Option("how often to improve it")] = Field(20, ge=1, le=1000)

    assert "steps" not in usual_fields(Poster, Painting())
    assert usual_fields(Poster, Painting(steps=50))["steps"] == 50


def test_a_missing_file_that_was_asked_for_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        load(tmp_path / "nowhere.toml")


def test_the_token_is_never_shown(tmp_path):
    file = write(tmp_path, "[discord]\ntoken = 'sesame'\nedit_seconds = 0")
    with pytest.raises(ConfigError) as caught:
        load(file, WHOLE)
    assert "sesame" not in str(caught.value)
    settings = load(write(tmp_path, "[discord]\ntoken = 'sesame'"), WHOLE)
    assert settings.discord.active
    assert "sesame" not in repr(settings) + settings.model_dump_json()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:sesame@127.0.0.1:port/none",
        "postgresql://me:sesame@x@127.0.0.1:sesame/none",
        "postgresql:me:sesame@127.0.0.1",
        "oracle://me:sesame@127.0.0.1/none",
        "sesame",
    ],
)
def test_a_database_that_is_none_is_explained_without_its_password(tmp_path, url):
    with pytest.raises(ConfigError, match="database: must be a URL such as") as caught:
        load(write(tmp_path, f"database = '{url}'"))
    assert "sesame" not in str(caught.value)


def test_the_databases_password_is_not_shown(tmp_path):
    file = write(
        tmp_path, "database = 'postgresql://me:sesame@host/none'\nstore = 's3://k:sesame@b'"
    )
    settings = load(file)
    assert "sesame" in settings.database_url
    assert "sesame" not in repr(settings) + str(settings)


def test_the_example_documents_every_key_with_its_default():
    documented = tomllib.loads(EXAMPLE.read_text())
    shown = {(s, k) for s, v in documented.items() if isinstance(v, dict) for k in v}
    defaults = WHOLE().model_dump(mode="json")
    wanted = {(s, k) for s, v in defaults.items() if isinstance(v, dict) for k in v}
    assert shown == wanted
    assert {k for k, v in documented.items() if not isinstance(v, dict)} == {
        k for k, v in defaults.items() if not isinstance(v, dict)
    }
    for section, key in wanted:
        assert documented[section][key] == defaults[section][key], f"{section}.{key}"


def test_a_file_of_the_version_before_means_what_it_meant():
    settings = load(BEFORE, WHOLE)
    secrets = {settings.discord.token, settings.room.password}
    assert {secret.get_secret_value() for secret in secrets} == {"a-secret", "another-secret"}
    taken = settings.model_dump(mode="json")
    for (section, key), value in flat(tomllib.loads(BEFORE.read_text())).items():
        if (section, key) not in {("discord", "token"), ("room", "password")}:
            section, _, key = RENAMED.get(f"{section}.{key}", f"{section}.{key}").partition(".")
            assert flat(taken)[section, key] == value, f"{section}.{key}"
    assert settings.renamed == tuple(
        f"{old} is called {new} now: please rename it in your settings"
        for old, new in RENAMED.items()
    )


def test_a_renamed_variable_of_the_environment_is_taken_over_and_told(tmp_path, monkeypatch):
    monkeypatch.setenv("STYLENET_DISCORD__PREFIX", "?")
    monkeypatch.setenv("STYLENET_PAINTING__WEIGHTS", "torchvision")
    settings = load(write(tmp_path, "[commands]\nhashtag = '#paint'"), WHOLE)
    assert (settings.commands.prefix, settings.commands.hashtag) == ("?", "#paint")
    assert settings.painting.encoder_weights == "torchvision"
    assert len(settings.renamed) == 2


@pytest.mark.parametrize("old", RENAMED)
def test_a_key_by_both_of_its_names_is_refused(tmp_path, monkeypatch, old):
    (section, key), (new_section, new_key) = old.split("."), RENAMED[old].split(".")
    monkeypatch.setenv(f"STYLENET_{new_section}__{new_key}".upper(), "#one")
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, f"[{section}]\n{key} = '#two'"), WHOLE)
    assert f"{old} is called {RENAMED[old]} now, and both are set: remove {old}" in str(
        caught.value
    )


def test_a_worker_passes_over_the_sections_of_the_fronts(tmp_path):
    file = write(tmp_path, "[discord]\nprefix = '?'\n[echo]\nvolume = 11\n[painting]\nsize = 64\n")
    settings = load(file)
    assert {*dict(settings)} == {*Settings.model_fields}
    assert settings.painting.size == 64
    with pytest.raises(ConfigError, match=r"painting\.sise"):
        load(write(tmp_path, "[painting]\nsise = 64"))


def flat(settings: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """Values by section and key; what is outside all sections is in the section ''."""
    return {
        (section if isinstance(inside, dict) else "", key): value
        for section, inside in settings.items()
        for key, value in (inside if isinstance(inside, dict) else {section: inside}).items()
    }
