"""What the tests of both wings share."""

import signal

import pytest
from hypothesis import HealthCheck, settings

from tests.bot.fronts.bluesky.network import MISSING

# Where the tests run in a shell's background, what they start would be deaf to Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says something of the machine, and nothing of what is tested.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


def pytest_report_header() -> list[str]:
    """Say loudly what is not tested here."""
    return [f"NOT TESTED: the Bluesky front, for {MISSING}"] if MISSING else []


@pytest.fixture
def evaluated(monkeypatch):
    """The shapes of all pixels that ``Batcher`` evaluates; it has time to gather them."""
    from stylize import batching  # loads torch, which most tests of the bot do without

    evaluate, shapes = batching.evaluate, []

    def watched(targets, pixels):
        shapes.append(tuple(pixels.shape))
        return evaluate(targets, pixels)

    monkeypatch.setattr(batching, "evaluate", watched)
    monkeypatch.setattr(batching, "PATIENCE", 20.0)
    return shapes
