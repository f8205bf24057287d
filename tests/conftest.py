"""What the tests of both wings share."""

import signal

import pytest

# Where the tests run in a shell's background, what they start would be deaf to Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def looks(monkeypatch):
    """The shapes of all pixels that ``Together`` evaluates; it has time to gather them."""
    from stylize import together  # loads torch, which most tests of the bot do without

    evaluate, shapes = together.evaluate, []

    def watched(targets, pixels):
        shapes.append(tuple(pixels.shape))
        return evaluate(targets, pixels)

    monkeypatch.setattr(together, "evaluate", watched)
    monkeypatch.setattr(together, "PATIENCE", 5.0)
    return shapes
