"""What a server tells, as far as the bot reads it: https://docs.joinmastodon.org/entities.

Servers tell more than this, and relatives of Mastodon less, so what is not vital has a default.
Ids are strings: they outgrow what a double holds.
"""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Entity(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class Account(_Entity):
    id: str
    acct: str
    """``ann``, or ``ann@example.social`` if of another server."""
    bot: bool = False
    note: str = ""
    """The profile's text, as HTML."""


class Mention(_Entity):
    id: str
    acct: str


class Focus(_Entity):
    x: float = 0.0
    y: float = 0.0
    """-1 to 1 each: what of a picture is to stay seen where it is cropped."""


class Meta(_Entity):
    focus: Focus | None = None


class Attachment(_Entity):
    id: str
    type: str
    """``image``, ``gifv``, ``video``, ``audio``, ``unknown``."""
    url: str | None = None
    """None while it is processed, and where the server has not fetched it."""
    preview_url: str | None = None
    description: str | None = None
    meta: Meta | None = None


class Post(_Entity):
    """What Mastodon calls a status."""

    id: str
    account: Account
    created_at: datetime
    edited_at: datetime | None = None
    content: str = ""
    """HTML."""
    visibility: str = "public"
    spoiler_text: str = ""
    sensitive: bool = False
    muted: bool = False
    """Whether the bot's owner wants to hear no more of its thread."""
    language: str | None = None
    in_reply_to_id: str | None = None
    mentions: tuple[Mention, ...] = ()
    media_attachments: tuple[Attachment, ...] = ()
    quote: "Quote | None" = None
    card: "Card | None" = None

    def mentions_account(self, account: str) -> bool:
        return any(mention.id == account for mention in self.mentions)


class Card(_Entity):
    """The preview of a page that is linked to."""

    url: str = ""


class Quote(_Entity):
    """What a post quotes, if the bot may see it."""

    quoted_status: Post | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_post(cls, told: Any) -> Any:
        """Relatives tell the quoted post itself."""
        return {"quoted_status": told} if isinstance(told, dict) and "account" in told else told


class Notification(_Entity):
    id: str
    type: str
    status: Post | None = None


class Thread(_Entity):
    descendants: tuple[Post, ...] = ()


class Limits(_Entity):
    """What a server takes, by its ``/api/v2/instance``."""

    characters: int = 500
    attachments: int = 4
    picture_bytes: int = 8_000_000
    alt_characters: int = 1500
    streaming: str = ""
    """The address of its stream."""

    @classmethod
    def of(cls, instance: dict[str, object]) -> Self:
        """From what a server says of itself; what it does not say is as usual."""
        told = _Instance.model_validate(instance)
        posts, media = told.configuration.statuses, told.configuration.media_attachments
        return cls(
            characters=posts.max_characters,
            attachments=posts.max_media_attachments,
            picture_bytes=media.image_size_limit,
            alt_characters=media.description_limit,
            streaming=told.configuration.urls.streaming or "",
        )


class _Posts(_Entity):
    max_characters: int = 500
    max_media_attachments: int = 4


class _Media(_Entity):
    image_size_limit: int = 8_000_000
    description_limit: int = 1500


class _Urls(_Entity):
    streaming: str | None = None


class _Configuration(_Entity):
    statuses: _Posts = _Posts()
    media_attachments: _Media = _Media()
    urls: _Urls = _Urls()


class _Instance(_Entity):
    configuration: _Configuration = Field(default=_Configuration())
