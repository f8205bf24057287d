"""Ctrl-C, as a real signal to a real ``stylize`` on a terminal: once, twice, early and late."""

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

STYLIZE = Path(sys.executable).with_name("stylize")
PAINT = "transfer photo.png wave.png --size 64 --steps 5000 -o"
UNDERWAY = r"step ([3-9]|\d\d+)/5000"


@pytest.fixture
def folder(tmp_path):
    chance = np.random.default_rng(0)
    for name, shape in (("photo.png", (48, 64, 3)), ("wave.png", (64, 64, 3))):
        Image.fromarray(chance.integers(0, 256, shape, np.uint8)).save(tmp_path / name)
    return tmp_path


class Terminal:
    """A program in *folder* on a terminal of its own; ``shown`` is all that it has written."""

    def __init__(self, folder, *command, **how):
        self._master, slave = pty.openpty()
        self.shown = ""
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
            **how,
        )
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def see(self, pattern):
        """Read on until *pattern* has been shown."""
        while not re.search(pattern, self.shown):
            assert self._read(), f"it ended with:\n{self.shown}"

    def end(self):
        """Read to the end; returns the exit code and the last line."""
        while self._read():
            pass
        return self.process.wait(), self.shown.rstrip().splitlines()[-1].split("\x1b[2K")[-1]

    def _read(self):
        try:
            more = os.read(self._master, 65536)
        except OSError:  # nobody has it open any more
            more = b""
        self.shown += more.decode(errors="replace")
        return more

    def cursor_is_shown(self):
        return self.shown.rfind("\x1b[?25h") >= self.shown.rfind("\x1b[?25l")


def stylize(folder, line, **how):
    return Terminal(folder, STYLIZE, *line.split(), **how)


def stalling(folder, line, stall):
    """``stylize`` that runs *stall* first, whose functions say ``saving`` and take for ever."""
    script = (
        "import sys, pathlib, time, stylize.media.picture, stylize.cli\n"
        "def wait():\n"
        "    print('saving', flush=True)\n"
        "    while not pathlib.Path('go').exists(): time.sleep(0.02)\n"
        f"{stall}\n"
        "stylize.cli.main()"
    )
    return Terminal(folder, sys.executable, "-c", script, *line.split())


ENCODING = (
    "encode = stylize.media.picture.encode_as\n"
    "stylize.media.picture.encode_as = lambda *these: (wait(), encode(*these))[1]"
)
WRITING = (
    "write = pathlib.Path.write_bytes\n"
    "pathlib.Path.write_bytes = lambda path, data: (write(path, data[:99]), wait())"
)


@pytest.mark.parametrize("name", ["out.png", "out.jpg"])
def test_ctrl_c_keeps_the_painting_so_far_and_says_so(folder, name):
    with stylize(folder, f"{PAINT} {name} --gif film.gif") as terminal:
        terminal.see(UNDERWAY)
        terminal.process.send_signal(signal.SIGINT)
        code, said = terminal.end()
    assert code == 130
    told = re.fullmatch(
        rf"stylize: stopped after step (\d+) of 5000: {re.escape(name)} holds the painting so far, "
        r"64×48, and film\.gif the film of it\.",
        said,
    )
    assert told, said
    assert 3 <= int(told[1]) < 5000
    assert terminal.cursor_is_shown()
    with Image.open(folder / name) as painting, Image.open(folder / "film.gif") as film:
        painting.load()
        assert painting.size == film.size == (64, 48)
        film.seek(film.n_frames - 1)
        shown = np.asarray(film.convert("RGB"), float)
        assert np.abs(shown - np.asarray(painting, float)).mean() < 12  # it ends with the painting
    assert {path.name for path in folder.iterdir()} == {"photo.png", "wave.png", name, "film.gif"}


def test_a_request_to_end_keeps_the_painting_where_ctrl_c_is_for_others(folder):
    def in_the_background():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    with stylize(folder, f"{PAINT} out.png", preexec_fn=in_the_background) as terminal:
        terminal.see(UNDERWAY)
        terminal.process.send_signal(signal.SIGINT)
        before = len(terminal.shown)
        terminal.see(rf"(?s)^.{{{before}}}.*step \d+/5000")
        terminal.process.send_signal(signal.SIGTERM)
        code, said = terminal.end()
    assert code == 143
    assert "out.png holds the painting so far" in said
    with Image.open(folder / "out.png") as painting:
        painting.load()


def test_ctrl_c_in_a_fall_keeps_the_dream_and_the_film_so_far(folder):
    dream = "dream photo.png --size 64 --octaves 1 --steps 2 --layer relu3_1 --zoom 96 -o out.png"
    with stylize(folder, dream) as terminal:
        terminal.see(r"step (1[1-9]|[2-9]\d)/290")
        terminal.process.send_signal(signal.SIGINT)
        code, said = terminal.end()
    assert code == 130
    assert "out.png holds the dream so far, 64×48, and out-film.gif the film." in said
    with stylize(folder, dream.replace("--zoom 96 -o out.png", "-o whole.png")) as terminal:
        assert terminal.end()[0] == 0
    assert (folder / "out.png").read_bytes() == (folder / "whole.png").read_bytes()
    with Image.open(folder / "out-film.gif") as film:
        assert 3 < film.n_frames < 97


def test_ctrl_c_before_the_first_step_writes_nothing(folder):
    os.mkfifo(folder / "slow.png")
    line = f"{PAINT} out.png --quiet".replace("photo.png", "slow.png")
    before = set(folder.iterdir())
    with (
        stylize(folder, line) as terminal,
        (folder / "slow.png").open("wb"),  # returns once the other end is being read
    ):
        terminal.process.send_signal(signal.SIGINT)
        code, said = terminal.end()
    assert (code, said) == (130, "stylize: stopped; nothing was written.")
    assert set(folder.iterdir()) == before


@pytest.mark.parametrize("stall", [ENCODING, WRITING], ids=["encoding", "writing"])
def test_a_second_ctrl_c_stops_at_once_and_leaves_no_half_file(folder, stall):
    (folder / "out.png").write_bytes(b"an older painting")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with stalling(folder, f"{PAINT} out.png --gif film.gif", stall) as terminal:
        terminal.see(UNDERWAY)
        terminal.process.send_signal(signal.SIGINT)
        terminal.see("saving\r\n")
        terminal.process.send_signal(signal.SIGINT)
        code, said = terminal.end()
    assert (code, said) == (130, "stylize: stopped; nothing was written.")
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_second_ctrl_c_says_what_was_written_before_it(folder):
    filming = "import stylize.media.film\nstylize.media.film.Film.encode = lambda *these: wait()"
    with stalling(folder, f"{PAINT} out.png --gif film.gif", filming) as terminal:
        terminal.see(UNDERWAY)
        terminal.process.send_signal(signal.SIGINT)
        terminal.see("saving\r\n")
        terminal.process.send_signal(signal.SIGINT)
        code, said = terminal.end()
    assert (code, said) == (130, "stylize: stopped; out.png was written, film.gif was not.")
    with Image.open(folder / "out.png") as painting:
        painting.load()
    assert {path.name for path in folder.iterdir()} == {"photo.png", "wave.png", "out.png"}


def test_ctrl_c_while_a_finished_painting_is_saved_does_not_lose_it(folder):
    line = f"{PAINT} out.png".replace("5000", "2")
    with stalling(folder, line, ENCODING) as terminal:
        terminal.see("saving\r\n")
        terminal.process.send_signal(signal.SIGINT)
        (folder / "go").touch()
        code, said = terminal.end()
    assert code == 130
    assert said == "stylize: stopped after step 2 of 2: out.png holds the painting so far, 64×48."
    with Image.open(folder / "out.png") as painting:
        painting.load()


def test_ctrl_c_while_it_ends_on_account_of_another_one_is_quiet(folder):
    with stalling(folder, f"{PAINT} out.png", "import atexit\natexit.register(wait)") as terminal:
        terminal.see(UNDERWAY)
        terminal.process.send_signal(signal.SIGINT)
        terminal.see("saving\r\n")
        for _ in range(3):
            terminal.process.send_signal(signal.SIGINT)
        (folder / "go").touch()
        code, _ = terminal.end()
    assert code == 130
    assert "out.png holds the painting so far" in terminal.shown
    assert "Traceback" not in terminal.shown
