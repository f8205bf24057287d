"""What the bot says in Discord, in sentences."""

from collections.abc import Sequence
from functools import partial

from bot import texts
from bot.fronts.discord.refusals import Refusal
from bot.model import Order, Progress, Status
from bot.texts import MIXING, duration, noted, queued

NOT_YOURS = "Only the person who asked for this, or a moderator, can cancel it."
ENDED = "This job has ended already."
A_COPY = "• The PNG is too large for this channel, so this is a compressed copy."
UNTOLD = (
    "This job has ended, but I could not bring you its answer, neither here nor in a direct "
    "message. Ask again in another channel, or allow me direct messages in your privacy settings."
)
NO_VOICE = "🔇"
"""The reaction that is left where the bot can say nothing at all."""
_BECAUSE = {
    Refusal.TOO_LARGE: "even a compressed copy is too large for this channel",
    Refusal.EXPLICIT: "Discord's filter for explicit pictures did not let it through",
    Refusal.MODERATED: "automatic moderation blocked my message",
    Refusal.FILES: "Discord did not take its file",
}
_REFUSED = "Discord did not take my message"
_ADVICE = {
    Refusal.TOO_LARGE: "Ask for a smaller one with `size`.",
    Refusal.EXPLICIT: "Ask again in an age-restricted channel, or with other pictures.",
    Refusal.MODERATED: (
        "Ask again in a direct message to me, or ask a moderator to let my messages through."
    ),
    Refusal.FILES: "Ask again in another channel or in a direct message to me.",
}
LONGEST_ALT = 1024
"""Of an alt text, in characters."""
BAR = 10
"""Length of the progress bar in characters."""


def progress(order: Order, status: Status) -> str:
    """Where a queued or running job stands, and how its *order* was read."""
    return noted(_progress(status), order.notes)


def _progress(status: Status) -> str:
    if status.state == "queued":
        return queued(status)
    if status.progress is None or status.progress.step == 0:
        return MIXING
    return _running(status.progress, status.fraction)


def left_out(roles: Sequence[str]) -> list[str]:
    """What a person reads in place of the files under *roles*, beside the painting."""
    are = "is" if len(roles) == 1 else "are"
    return [f"• The {' and '.join(roles)} {are} too large for this channel."] if roles else []


def surplus(roles: Sequence[str]) -> list[str]:
    """The same of files that are too many for one message."""
    have = "has" if len(roles) == 1 else "have"
    return [f"• The {' and '.join(roles)} {have} no room in this message."] if roles else []


def refused(refusal: Refusal) -> str:
    """What a person reads in place of a painting that Discord does not take, and what to do."""
    return f"It is done, but {_BECAUSE.get(refusal, _REFUSED)}. " + _ADVICE.get(
        refusal,
        "Ask again in another channel or in a direct message to me and, if that does not help, "
        "tell the studio's owner, who finds the reason in the log.",
    )


def elsewhere(channel: int, refusal: Refusal) -> str:
    """Why an answer is a direct message instead of one in *channel*."""
    if refusal is Refusal.CLOSED:
        return f"I cannot post in <#{channel}> any more. "
    return f"I could not answer in <#{channel}>: {_BECAUSE.get(refusal, _REFUSED)}. "


forgotten = partial(
    texts.forgotten_here,
    stays="What I posted in Discord stays there",
    remedy="whoever looks after the channel can delete it",
)
"""As of ``Incoming``."""


def missing(permissions: list[str], place: str) -> str:
    """What to tell a person where the bot may not work."""
    names = " and ".join(f"**{name.replace('_', ' ').title()}**" for name in permissions)
    which = "permission" if len(permissions) == 1 else "permissions"
    return f"I cannot paint in {place}: I need the {which} {names} there."


def _running(report: Progress, fraction: float) -> str:
    full = round(fraction * BAR)
    text = f"`{'▰' * full}{'▱' * (BAR - full)}` {fraction:.0%}, {report.place}"
    if report.seconds_left is not None:
        text += f", about {duration(report.seconds_left)} left"
    return text
