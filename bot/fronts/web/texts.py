"""What the room says about a job, in sentences with light Markdown."""

from bot.model import Order, Outcome, Status
from bot.texts import done, ended, going

WELCOME = (
    "Give me **a photograph and a style** and I paint the one in the manner of the other. "
    "Drop two pictures here, or take some from the samples. `!help` shows what else I can do."
)
FORGOTTEN = "Everything is deleted: your messages, your pictures and your paintings."
NO_AVATARS = (
    "`content=@somebody` paints the avatar of a person in Discord. Here nobody has one: drop the "
    "picture itself, before the style."
)
NO_NEWEST = (
    "There is no picture in the last messages here, so `last` finds none: drop your pictures here."
)
LOST = "I was interrupted before I could take your pictures in. Please send them again."


def about(status: Status, order: Order | None = None) -> str:
    """Where the job stands, for the person who asked; with its *order*, what came of it."""
    if status.state in ("queued", "running"):
        return going(status)
    if status.state == "cancelled":
        return "Cancelled before it was finished."
    outcome = status.outcome or Outcome()
    if status.state == "failed":
        return outcome.error or "This failed, and I cannot say why."
    return done(order, outcome) if order else ended(status)
