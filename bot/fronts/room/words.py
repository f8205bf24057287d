"""What the room says about a job, in sentences with light Markdown."""

from bot.job import Outcome, Status

WELCOME = (
    "Give me **a photograph and a style** and I paint the one in the manner of the other. "
    "Drop two pictures here, or take some from the samples. `!help` shows what else I can do."
)
FORGOTTEN = "Everything is deleted: your messages, your pictures and your paintings."
ARRIVING = "I am taking your pictures in."
LOST = "I was interrupted before I could take your pictures in. Please send them again."


def about(status: Status) -> str:
    """Where the job stands, for the person who asked."""
    if status.state == "queued":
        return _queued(status)
    if status.state == "running":
        return _running(status)
    if status.state == "cancelled":
        return "Stopped before it was finished."
    outcome = status.outcome or Outcome()
    if status.state == "failed":
        return outcome.error or "The painting failed, and I cannot say why."
    return _done(outcome)


def stopped(jobs: int) -> str:
    """The answer to ``!cancel``."""
    if jobs == 0:
        return "There is nothing to stop: you have no job in the queue."
    return "Stopped your job." if jobs == 1 else f"Stopped your {jobs} jobs."


def duration(seconds: float) -> str:
    """A length of time as people say it, such as ``40 seconds`` or ``3 minutes``."""
    if seconds < 1.5:
        return "a second"
    if seconds < 90:
        return f"{round(seconds)} seconds"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} minutes"
    return f"{round(seconds / 3600)} hours"


def _queued(status: Status) -> str:
    if status.position is None:
        return "Your pictures are in the queue."
    place = "You are next" if status.position == 1 else f"You are number {status.position}"
    if status.wait is None:
        return f"{place}."
    if status.wait < 1.5:
        return f"{place}: I start at once."
    return f"{place}: I start in about {duration(status.wait)}."


def _running(status: Status) -> str:
    progress = status.progress
    if progress is None:
        return "I am mixing the colours."
    said = f"Painting: step {progress.step} of {progress.steps}"
    if progress.seconds_left is None:
        return f"{said}."
    return f"{said}, about {duration(progress.seconds_left)} left."


def _done(outcome: Outcome) -> str:
    said = "Here is your painting"
    if outcome.width and outcome.height:
        said += f": **{outcome.width} × {outcome.height}**, done in {duration(outcome.seconds)}"
    return "\n".join([f"{said}.", *(f"• {note}" for note in outcome.notes)])
