"""The section ``[discord]``."""

from pydantic import Field, SecretStr

from bot.fronts.base import FrontSettings


class DiscordSettings(FrontSettings):
    """The Discord front."""

    token: SecretStr = SecretStr("")
    edit_seconds: float = Field(default=3, ge=0.1)

    @property
    def active(self) -> bool:
        return self.enabled and bool(self.token.get_secret_value())
