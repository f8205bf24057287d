"""What is said of jobs, in the same sentences in every front."""

from collections.abc import Sequence
from textwrap import shorten

from bot.model import File, Order, Outcome, Status

JOINERS = "\u200d\ufe0f"
"""What holds an emoji of several together, such as a family."""
ARRIVING = "I am taking your pictures in."
NEXT = "You are next"
MIXING = "I am mixing the colours."
PAUSED = "I am closing for a while. What you asked for is kept, and goes on when I am back."
UNREADABLE = (
    "Another version of this studio wrote your job down, and I cannot read it. "
    "Please send your pictures again."
)
SORRY = "Something went wrong on my side; it is in the studio's log. Please try again later."


def queued(status: Status) -> str:
    """Its place in the queue, and the wait if it can be guessed."""
    if status.position is None:
        return "Your pictures are in the queue."
    place = f"You are number {status.position} in the queue" if status.position > 1 else NEXT
    if status.wait is None:
        return f"{place}."
    if status.wait < 1.5:
        return f"{place}: I start at once."
    return f"{place}: I start in about {duration(status.wait)}."


def going(status: Status) -> str:
    """Where a queued or running job stands."""
    if status.state == "queued":
        return queued(status)
    progress = status.progress
    if progress is None or progress.step == 0:
        return MIXING
    said = sentence(progress.place)
    if progress.seconds_left is None:
        return f"{said}."
    return f"{said}, about {duration(progress.seconds_left)} left."


def ended(status: Status) -> str:
    """What remains of the progress when a job has ended and the answer is elsewhere."""
    if status.state == "cancelled":
        return "Cancelled."
    if status.state == "failed" or status.outcome is None:
        return "This did not work out."
    return f"Done in {duration(status.outcome.seconds)}."


def done(order: Order, outcome: Outcome, *, options: str = "") -> str:
    """What came of *order*, how large and how quick; with *options*, those that ask for the same
    again; and notes."""
    text = f"Here is your {order.recipe.noun}: {outcome.width} × {outcome.height}"
    text = text if outcome.width else "Here it is"
    text += f", done in {duration(outcome.seconds)}"
    text += f" with `{options}`." if options else "."
    return noted(text, outcome.notes)


def noted(text: str, notes: Sequence[str]) -> str:
    """*text* with *notes* below, each in a line of its own."""
    return "\n".join([text, *(f"• {note}" for note in notes)])


def sentence(text: str) -> str:
    """*text* with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def duration(seconds: float) -> str:
    """A length of time as people say it, such as ``40 seconds`` or ``3 minutes``."""
    if seconds < 1.5:
        return "a second"
    if seconds < 90:
        return f"{round(seconds)} seconds"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} minutes"
    return f"{round(seconds / 3600)} hours"


def describe(order: Order, most: int) -> str:
    """What is made of *order*, for those who cannot see it, in *most* characters.

    A picture is what its owner says of it, or else what its file is called.
    """
    names = [one.alt or one.name.removeprefix("SPOILER_") for one in order.pictures]
    return shortened(order.recipe.told(names), most)


def alt_of(file: File, order: Order, most: int) -> str:
    """What to say of a *file*, made of *order*, to those who cannot see or hear it, in *most*
    characters: what its work says or, where it says nothing, what it was made of.
    """
    if file.alt:
        return shortened(file.alt, most)
    made = describe(order, most)
    if file.role in ("result", "copy"):
        return made
    return shortened(f"{file.role.capitalize()}: {made}", most)


def forgotten(jobs: int) -> str:
    """What to say when all is forgotten: beside so many jobs, nothing is kept of a person."""
    if jobs == 0:
        return "I keep nothing of yours."
    kept = "your job, its" if jobs == 1 else f"your {jobs} jobs, their"
    return f"Deleted: {kept} pictures and paintings."


def forgotten_here(jobs: int, posts: int | None, *, stays: str, remedy: str) -> str:
    """As of ``Incoming.forgotten``, where the bot cannot delete what it posted: that *stays*, says
    half a sentence, and *remedy* who can, to somebody who asked for it."""
    kept = forgotten(jobs)
    if posts is not None:
        return f"{kept} {stays}: {remedy}."
    return f"{kept} {stays}." if jobs else kept


def shortened(text: str, most: int) -> str:
    """*text* in *most* characters, cut between words, or where a script has no spaces, anywhere."""
    if len(text) <= most:
        return text
    cut = shorten(text, most, placeholder=" …")
    return cut if len(cut) > most // 2 else text[: most - 1].rstrip(f"{JOINERS} ") + "…"
