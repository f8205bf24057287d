"""Jobs, messages and options as JSON: what the page and other programs see."""

from typing import TypedDict

from bot.fronts.web.media import url_of
from bot.model import Outcome, State, Status
from bot.options import Option


class JobView(TypedDict):
    """A job: where it stands and what came of it. None is what does not apply, or not yet."""

    id: str
    state: State
    position: int | None
    wait: float | None
    progress: float
    step: int | None
    steps: int | None
    preview: str | None
    result_url: str | None
    film_url: str | None
    error: str | None
    width: int
    height: int


class MessageView(TypedDict):
    """A message of the chat; ``captions`` say what each of its ``pictures`` is for."""

    id: int
    author: str
    text: str
    pictures: list[str]
    captions: list[str]
    job: JobView | None


class OptionView(TypedDict):
    """An option of a painting; numbers lie between ``low`` and ``high``."""

    name: str
    about: str
    example: str
    choices: list[str]
    kind: str
    low: float
    high: float


KINDS = {int: "whole", float: "number", bool: "flag", str: "text"}
"""What a form should ask for, in the page's words."""


def job_view(status: Status) -> JobView:
    """A job's status as the page sees it."""
    progress = status.progress if status.state == "running" else None
    outcome = status.outcome or Outcome()
    done = status.state == "done"
    return JobView(
        id=status.job,
        state=status.state,
        position=status.position,
        wait=status.wait,
        progress=status.fraction,
        step=progress.step if progress else None,
        steps=progress.steps if progress else None,
        preview=_data_url(progress.preview) if progress and progress.preview else None,
        result_url=url_of(outcome.result) if done and outcome.result else None,
        film_url=url_of(outcome.film) if done and outcome.film else None,
        error=outcome.error,
        width=outcome.width,
        height=outcome.height,
    )


def option_view(option: Option) -> OptionView:
    """An option as the page sees it."""
    return OptionView(
        name=option.name,
        about=option.about,
        example=option.example,
        choices=list(option.choices),
        kind=KINDS[option.kind],
        low=option.low,
        high=option.high,
    )


def _data_url(jpeg: str) -> str:
    return f"data:image/jpeg;base64,{jpeg}"
