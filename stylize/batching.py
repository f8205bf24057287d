"""Several paintings evaluated as one batch: what fills a GPU that one small picture leaves idle.

Each painting goes on in a thread of its own, with its own content, styles, weights and optimiser.
Only their evaluations meet here: those of one shape become one batch.
"""

import queue
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

import torch
from torch import Tensor

from stylize.evaluate import evaluate
from stylize.targets import Losses, Targets, stack
from stylize.tiles import SIDE

PATIENCE = 0.01
"""Seconds that an evaluation waits for the paintings that have not asked yet."""


@dataclass(eq=False)
class _Request:
    """One painting's wish for the loss and the gradient of its *pixels*, (3, H, W)."""

    targets: Targets
    pixels: Tensor
    answer: Future[tuple[Losses, Tensor]] = field(default_factory=Future)


class Batcher:
    """Evaluates for all painters at once: give it to each as ``paint(…, evaluator=batcher)``.

    The results are those of ``evaluate``, but for rounding: sums over a batch may be formed in
    another order. ``close`` it when all painters are done.
    """

    def __init__(self) -> None:
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._painters = 0
        self._lock = threading.Lock()
        self._most = sys.maxsize
        """Paintings in a batch; fewer once that was too many for the memory."""
        self._stacked: tuple[list[Targets], Targets] | None = None
        self._thread = threading.Thread(target=self._serve, name="batcher", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let the thread end that evaluates."""
        self._requests.put(None)
        self._thread.join()

    @contextmanager
    def join(self) -> Iterator[Self]:
        """This, for the length of one painting: the others wait a little for its evaluations."""
        with self._lock:
            self._painters += 1
        try:
            yield self
        finally:
            with self._lock:
                self._painters -= 1
                if not self._painters:
                    self._stacked = None

    def __call__(self, targets: Targets, pixels: Tensor) -> tuple[Losses, Tensor]:
        """What ``evaluate`` returns for one painting; waits until it was its turn."""
        request = _Request(targets, pixels)
        self._requests.put(request)
        return request.answer.result()

    def _serve(self) -> None:
        while (first := self._requests.get()) is not None:
            self._round(first)
            del first  # nor is anything of it kept while nobody asks

    def _round(self, first: _Request) -> None:
        for batch in self._batches([first, *self._others()]):
            self._answer(batch)

    def _others(self) -> Iterator[_Request]:
        """What the other painters ask for, as far as it comes in time."""
        for _ in range(self._painters - 1):
            try:
                request = self._requests.get(timeout=PATIENCE)
            except queue.Empty:
                return
            if request is None:  # the end comes after these
                self._requests.put(None)
                return
            yield request

    def _batches(self, requests: Sequence[_Request]) -> Iterator[list[_Request]]:
        """Those that can be evaluated at once, in an order that stays."""
        alike: dict[object, list[_Request]] = {}
        for request in sorted(requests, key=lambda request: id(request.targets)):
            large = max(request.pixels.shape[-2:]) > SIDE  # fills the GPU alone
            shape = id(request) if large else request.pixels.shape
            alike.setdefault((request.targets.likeness, shape), []).append(request)
        most = self._most  # which may fall while these are answered
        for group in alike.values():
            for start in range(0, len(group), most):
                yield group[start : start + most]

    def _answer(self, batch: list[_Request]) -> None:
        out_of_memory = None
        try:
            answers = self._evaluate(batch)
        except torch.OutOfMemoryError as error:
            traceback.clear_frames(error.__traceback__)  # they hold what did not fit
            self._stacked = None
            out_of_memory = error.with_traceback(None)
        except Exception as error:
            for request in batch:
                request.answer.set_exception(error)
            return
        if out_of_memory is None:
            for request, answer in zip(batch, answers, strict=True):
                request.answer.set_result(answer)
        elif len(batch) == 1:
            batch[0].answer.set_exception(out_of_memory)
        else:
            self._most = min(self._most, len(batch) // 2)
            for half in self._batches(batch):
                self._answer(half)

    def _evaluate(self, batch: Sequence[_Request]) -> list[tuple[Losses, Tensor]]:
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
        kept = self._stacked
        if kept is None or kept[0] != targets:
            kept = self._stacked = targets, stack(targets)
        return kept[1]
