"""What is counted and measured. docs/monitoring.md says what each figure is good for.

Labels have few values, all known beforehand: never a job, never a person.
"""

import asyncio
import logging

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from bot.model import Job, Status

GIBIBYTE = 2**30
LAG_EVERY_SECONDS = 0.1

disable_created_metrics()  # type: ignore[no-untyped-call]  # twice the series, and no use

JOBS = Gauge("stylenet_jobs", "Jobs that wait (queued) and that are painted (running).", ["state"])
OLDEST = Gauge("stylenet_oldest_queued_seconds", "For how long the first in the queue has waited.")
WAIT = Histogram(
    "stylenet_wait_seconds",
    "From the request until a worker took the job, of jobs that were answered.",
    buckets=(1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 3 * 3600),
)
PAINTING = Histogram(
    "stylenet_painting_seconds",
    "From the moment a worker took the job until the painting was kept.",
    buckets=(1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600),
)
GPU_MEMORY = Histogram(
    "stylenet_gpu_memory_bytes",
    "The most memory of the GPU that was in use during a painting.",
    buckets=[size * GIBIBYTE for size in (1, 2, 4, 8, 12, 16, 24, 40, 80)],
)
ENDED = Counter("stylenet_jobs_ended_total", "Answered jobs by how they ended.", ["state"])
FAILED = Counter(
    "stylenet_failures_total",
    "Failed jobs: refused by the painter with a reason, broken by a fault, or given up.",
    ["cause"],
)
ANSWERS = Counter(
    "stylenet_answers_total",
    "Answers that were delivered, are tried again (retried), or have nobody to go to.",
    ["front", "result"],
)
REFUSALS = Counter("stylenet_refusals_total", "Requests that did not become a job.", ["reason"])
RESTARTS = Counter("stylenet_worker_restarts_total", "Workers of this machine that were replaced.")
WARNINGS = Counter("stylenet_warnings_total", "Warnings and errors in the log.", ["logger"])
PART_UP = Gauge("stylenet_part_up", "1 where a part works, as /healthz tells it.", ["part"])
LAG = Histogram(
    "stylenet_loop_lag_seconds",
    "How late the event loop came to a timer.",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 5),
)

# A series that begins with its first event hides that event from Prometheus's increase().
for counter, values in {
    ENDED: ("done", "failed", "cancelled"),
    FAILED: ("refused", "broken", "gave_up"),
    REFUSALS: ("person", "full", "size", "fault"),
}.items():
    for value in values:
        counter.labels(value)


def answered(job: Job, status: Status, result: str) -> None:
    """A job has ended, and its answer was delivered or has nobody to go to."""
    ANSWERS.labels(job.front, result).inc()
    ENDED.labels(status.state).inc()
    if status.waited is not None:
        WAIT.observe(status.waited)
    outcome = status.outcome
    if outcome is None:
        return
    if outcome.error is not None:
        FAILED.labels(outcome.cause or "refused").inc()
    else:
        PAINTING.observe(outcome.seconds)
    if outcome.gpu_bytes is not None:
        GPU_MEMORY.observe(outcome.gpu_bytes)


async def measure_lag() -> None:
    """Set a timer ten times a second and see how late it is, until cancelled.

    A loop that was blocked for long owes several timers; each counts with its own lateness.
    """
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        due += LAG_EVERY_SECONDS
        await asyncio.sleep(due - loop.time())
        LAG.observe(loop.time() - due)


class CountWarnings(logging.Handler):
    """Counts what is logged as a warning or worse: whatever goes wrong is told there."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        WARNINGS.labels(".".join(record.name.split(".")[:2])).inc()
