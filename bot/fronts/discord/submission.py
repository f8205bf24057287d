"""How a message or a slash command becomes a job of the studio."""

from collections.abc import Sequence

from bot.commands import Paint
from bot.fronts.discord.address import FRONT, Address, job_id, person_id
from bot.model import Upload
from bot.studio import Studio


async def submit(
    studio: Studio, event: int, address: Address, paint: Paint, uploads: Sequence[Upload]
) -> None:
    """Submit what the message or interaction *event* asks for; see ``Studio.submit``."""
    await studio.submit(
        id=job_id(event),
        front=FRONT,
        person=person_id(address.person),
        address=address.model_dump(),
        paint=paint,
        uploads=uploads,
    )
