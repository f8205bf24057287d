"""Which pictures belong to a command: how many, in which order, and what each of them is for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.commands.options import CommandError
from bot.model import Upload
from stylize.recipes import Input
from stylize.recipes.base import roles_of

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class Wanted:
    """The pictures that a command asks its front for."""

    inputs: tuple[Input, ...]
    """Those that belong to it now, in the order of the pictures."""
    last: bool = False
    """Whether the newest picture of the place may be used where pictures are missing."""
    content: str | None = None
    """Whose avatar comes first, as their mention is written there."""
    weights: int = 0
    """How many numbers were given, one for each picture of the input that has weights."""
    too_many: str = ""
    """What to do with more pictures."""
    notes: tuple[str, ...] = ()
    """As of ``Given``: part of what went wrong."""

    @property
    def least(self) -> int:
        return sum(one.least for one in self.inputs)

    @property
    def enough(self) -> int:
        """The same, but for as many of those that have weights as numbers were given."""
        weights = self.weights
        return sum(weights if one.weights and weights else one.least for one in self.inputs)

    @property
    def most(self) -> int:
        return sum(one.most for one in self.inputs)

    def assign(self, uploads: Sequence[Upload]) -> tuple[Upload, ...]:
        """*uploads* with what each is for, in the order of the inputs.

        One whose role is known keeps it, the others take what is left in their order. Raises
        CommandError, saying what to do, unless they suit the command.
        """
        self.check(len(uploads))
        roles = self.roles(len(uploads))
        known = [one.role for one in self.inputs]
        left = Counter(roles) - Counter(upload.role for upload in uploads)
        open_roles = left.elements()
        given = [
            upload if upload.role in known else replace(upload, role=next(open_roles, ""))
            for upload in uploads
        ]
        if Counter(upload.role for upload in given) != Counter(roles):
            raise CommandError(f"I need {self._in_words()}. {_missing(left)}")
        return tuple(sorted(given, key=lambda upload: known.index(upload.role)))

    def roles(self, count: int) -> list[str]:
        """What each of *count* pictures is for."""
        return roles_of(self.inputs, count)

    def check(self, count: int) -> None:
        """Raise CommandError, saying what to do, unless *count* pictures suit the command."""
        if self.least <= count <= self.most:
            self._check_weights(self.roles(count))
            return
        hint = ""
        if count > self.most:
            hint = self.too_many and f" {self.too_many}"
        elif count < self.least:
            hint = " Attach them to your message, or reply to a message that has them."
        seen = said(count, "picture")
        raise CommandError(f"I need {self._in_words()}. I see {seen}.{hint}")

    def _check_weights(self, roles: list[str]) -> None:
        for one in self.inputs if self.weights else ():
            count = roles.count(one.role)
            if one.weights and count != self.weights:
                are = "is" if self.weights == 1 else "are"
                raise CommandError(
                    f"There {are} {said(self.weights, 'weight')} for {said(count, one.role)}: "
                    f"give one number for each {one.role} picture."
                )

    def _in_words(self) -> str:
        """What is needed, such as ``two pictures: first the content, then the style``."""
        always = [one for one in self.inputs if one.when is None]
        last = [one.called or f"the {one.role}" for one in self.inputs if one.when]
        begun = ", then ".join(["", *last[:-1]]) + (f", and last {last[-1]}" if last else "")
        if any((one.least, one.most) != (1, 1) for one in always):
            return " and then ".join(map(_each, always)) + begun
        pictures = said(self.most, "picture")
        if len(self.inputs) == 1:
            return pictures
        order = ", then ".join(one.called or f"the {one.role}" for one in always)
        return f"{pictures}: first {order}{begun}"


def _each(one: Input) -> str:
    if one.most == 1:
        each = one.called or f"a {one.role} picture"
        return each if one.least else f"{each}, if you wish"
    if one.least == one.most:
        return said(one.least, f"{one.role} picture")
    least = "up" if one.least == 0 else number(one.least)
    return f"{least} to {said(one.most, f'{one.role} picture')}"


def _missing(left: Mapping[str, int]) -> str:
    """What is not there, in a sentence."""
    roles = " and ".join(role.replace("_", " ") for role in left)
    return f"There is none for the {roles}."


def number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def said(count: int, noun: str) -> str:
    """*count* things in words, such as ``two styles``."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"
