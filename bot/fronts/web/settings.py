"""The section ``[room]``."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from bot.fronts.base import FrontSettings

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class RoomSettings(FrontSettings):
    """The local room, a chat page in the browser."""

    host: str = "127.0.0.1"
    port: int = Field(default=8017, ge=0, le=65535)
    password: SecretStr = SecretStr("")
    hosts: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _open_only_with_password(self) -> Self:
        if self.host not in LOOPBACK and not self.password.get_secret_value():
            raise ValueError(
                f"binding the room to {self.host} lets others in: set a password, "
                "or keep host = '127.0.0.1'"
            )
        return self
