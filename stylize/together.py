"""Several paintings seen at one look: what fills a GPU that one small picture leaves idle.

Each painting goes on in a thread of its own, with its own content, styles, weights and optimiser.
Only their evaluations meet here: those of one shape become one batch.
"""

import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor

from stylize.evaluate import evaluate
from stylize.targets import Losses, Targets, stack
from stylize.tiles import SIDE

PATIENCE = 0.01
"""Seconds that a look waits for the paintings that have not asked yet."""


@dataclass(eq=False)
class _Request:
    """One painting's wish for the loss and the gradient of its *pixels*, (3, H, W)."""

    targets: Targets
    pixels: Tensor
    answer: Future[tuple[Losses, Tensor]] = field(default_factory=Future)


class Together:
    """Evaluates for all painters at once: give it to each as ``paint(…, look=together)``.

    The results are those of ``evaluate``, but for rounding: sums over a batch may be formed in
    another order. ``close`` it when all painters are done.
    """

    def __init__(self) -> None:
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._seats = 0
        self._lock = threading.Lock()
        self._stacked: tuple[list[Targets], Targets] | None = None
        self._thread = threading.Thread(target=self._serve, name="together", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let the thread end that evaluates."""
        self._requests.put(None)
        self._thread.join()

    @contextmanager
    def seat(self) -> Iterator[None]:
        """For the length of one painting: the others wait a little for its evaluations."""
        with self._lock:
            self._seats += 1
        try:
            yield
        finally:
            with self._lock:
                self._seats -= 1

    def __call__(self, targets: Targets, pixels: Tensor) -> tuple[Losses, Tensor]:
        """What ``evaluate`` returns for one painting; waits until it was its turn."""
        if max(pixels.shape[-2:]) > SIDE:
            return evaluate(targets, pixels)  # fills the GPU alone
        request = _Request(targets, pixels)
        self._requests.put(request)
        return request.answer.result()

    def _serve(self) -> None:
        while (first := self._requests.get()) is not None:
            requests = [first, *self._others()]
            for batch in _batches(requests):
                self._answer(batch)

    def _others(self) -> Iterator[_Request]:
        """What the other painters ask for, as far as it comes in time."""
        for _ in range(self._seats - 1):
            try:
                request = self._requests.get(timeout=PATIENCE)
            except queue.Empty:
                return
            if request is None:  # the end comes after these
                self._requests.put(None)
                return
            yield request

    def _answer(self, batch: list[_Request]) -> None:
        try:
            answers = self._look(batch)
        except torch.OutOfMemoryError as error:
            if len(batch) == 1:
                batch[0].answer.set_exception(error)
                return
            for request in batch:  # what does not fit at once may fit one by one
                self._answer([request])
        except Exception as error:
            for request in batch:
                request.answer.set_exception(error)
        else:
            for request, answer in zip(batch, answers, strict=True):
                request.answer.set_result(answer)

    def _look(self, batch: Sequence[_Request]) -> list[tuple[Losses, Tensor]]:
        if len(batch) == 1:
            return [evaluate(batch[0].targets, batch[0].pixels)]
        pixels = torch.stack([request.pixels for request in batch])
        terms, gradients = evaluate(self._stack([request.targets for request in batch]), pixels)
        return [
            ({name: term[index] for name, term in terms.items()}, gradients[index])
            for index in range(len(batch))
        ]

    def _stack(self, targets: list[Targets]) -> Targets:
        """All as one; while the same paintings meet again and again, copied only once."""
        if self._stacked is None or not _same(self._stacked[0], targets):
            self._stacked = targets, stack(targets)
        return self._stacked[1]


def _batches(requests: Sequence[_Request]) -> list[list[_Request]]:
    """Those that can be seen at once, each batch in an order that stays from look to look."""
    batches: dict[object, list[_Request]] = {}
    for request in sorted(requests, key=lambda request: id(request.targets)):
        alike = request.targets.likeness, request.pixels.shape
        batches.setdefault(alike, []).append(request)
    return list(batches.values())


def _same(some: Sequence[object], others: Sequence[object]) -> bool:
    return len(some) == len(others) and all(a is b for a, b in zip(some, others, strict=True))
