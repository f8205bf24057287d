"""Whatever file a stranger sends, it is answered: with a picture within limits, or a sentence.

Each hostile file is made from its number alone: what a failure names, such as
``Mutator("PNG").file(1234)``, makes the same file again.
"""

import numpy as np
import pytest

from stylize.media.decode import to_bitmap
from stylize.media.sandbox import Sandbox
from tests.faults.pictures.bombs import BOMBS
from tests.faults.pictures.corpus import FORMATS, corpus
from tests.faults.pictures.mutate import Mutator
from tests.faults.pictures.trial import HEAD, Trial

CAP = 200_000_000
"""Bytes of memory for a process that may decode one megapixel; it had 87 million at most."""


@pytest.fixture
def trial():
    trial = Trial(max_pixels=1_000_000)
    yield trial
    trial.close()


@pytest.mark.parametrize("kind", FORMATS)
def test_sound_files_are_decoded_as_they_are_without_a_sandbox(kind):
    sandbox = Sandbox()
    for label, data in corpus(kind).items():
        here, there = to_bitmap(data), sandbox.decode(data)
        assert np.array_equal(here.pixels, there.pixels), label
        assert (here.alpha is None) == (there.alpha is None), label
        assert here.note == there.note, label
    sandbox.close()


@pytest.mark.parametrize("kind", FORMATS)
def test_every_tampered_file_is_answered(kind, trial):
    trial.fuzz(Mutator(kind), range(100))
    assert trial.decoded
    assert trial.refused
    assert trial.broken == trial.overdue == 0
    assert trial.peak < CAP


def test_every_bomb_is_answered(trial):
    for label, make in BOMBS.items():
        trial.give(make(), label)
    assert trial.broken == trial.overdue == 0
    assert trial.peak < CAP


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_many_thousands_of_tampered_files_are_answered(capsys):
    """By hand: ``pytest -m slow -k thousands``, which prints the table of docs/reliability.md."""
    rows = [HEAD]
    for kind in FORMATS:
        trial = Trial(max_pixels=1_000_000)
        trial.fuzz(Mutator(kind), range(1000, 11_000))
        trial.close()
        rows.append(trial.row(kind))
        assert trial.broken == trial.overdue == 0
        assert trial.peak < CAP
    trial = Trial(max_pixels=50_000_000)
    for label, make in BOMBS.items():
        trial.give(make(), label)
    trial.close()
    rows.append(trial.row("bombs, at 50 megapixels"))
    assert trial.broken == trial.overdue == 0
    assert trial.peak < 2_100_000_000
    with capsys.disabled():
        print("\n" + "\n".join(rows))
