"""The button that cancels a job. All it needs is in its id, so it works after a restart, too."""

import re
from typing import Any, Self

import discord

from bot.fronts.discord import texts
from bot.fronts.discord.address import person_id
from bot.fronts.discord.response import respond
from bot.model import Job


class CancelButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"cancel:(?P<job>[a-z0-9-]+):(?P<person>\d+)",
):
    """Cancels one job for the person who asked for it, or for a moderator."""

    def __init__(self, job: str, person: int) -> None:
        super().__init__(
            discord.ui.Button(
                label="Cancel",
                style=discord.ButtonStyle.secondary,
                custom_id=f"cancel:{job}:{person}",
            )
        )
        self.job = job
        self.person = person

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],
        item: discord.ui.Item[discord.ui.View],
        match: re.Match[str],
        /,
    ) -> Self:
        return cls(match["job"], int(match["person"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        theirs = interaction.user.id == self.person
        if not theirs and not interaction.permissions.manage_messages:
            refuse = interaction.response.send_message
            await respond(lambda: refuse(texts.NOT_YOURS, ephemeral=True))
            return
        # The answer, which comes at once, edits the message. A press may be heard twice.
        first = await respond(interaction.response.defer) is not None
        cancelled = await interaction.client.studio.cancel(self.job, person_id(self.person))
        if first and not cancelled:
            await interaction.followup.send(texts.ENDED, ephemeral=True)


def cancel_view(job: Job, person: int) -> discord.ui.View:
    """What hangs below an acknowledgement."""
    return discord.ui.View(timeout=None).add_item(CancelButton(job.id, person))
