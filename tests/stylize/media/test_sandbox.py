"""The process that decodes strangers' pictures: what it can do, and what it can do to us."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylize.media import sandbox as module
from stylize.media.decode import PictureError, to_bitmap
from stylize.media.sandbox import Sandbox
from tests.patience import PATIENCE

NAME = "the first picture (cat.png)"

needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks into /proc")


@pytest.fixture(scope="module")
def sandbox():
    sandbox = Sandbox(max_pixels=1_000_000)
    yield sandbox
    sandbox.close()


def picture(colour=(200, 100, 50), size=(48, 32), mode="RGB"):
    file = io.BytesIO()
    Image.new("RGB", size, colour).convert(mode).save(file, "PNG")
    return file.getvalue()


def refusal(sandbox, data):
    with pytest.raises(PictureError) as caught:
        sandbox.decode(data, NAME)
    assert str(caught.value).startswith(f"{NAME} ")
    return str(caught.value)


# ---------------------------------------------------------------- pictures


def test_pixels_alpha_and_note_come_through(sandbox):
    gradient = Image.linear_gradient("L")
    image = Image.merge("RGBA", (gradient, gradient.rotate(90), gradient, gradient))
    file = io.BytesIO()
    image.save(file, "PNG", save_all=True, append_images=[image.rotate(180)])
    here, there = to_bitmap(file.getvalue(), NAME), sandbox.decode(file.getvalue(), NAME)
    assert np.array_equal(there.pixels, here.pixels)
    assert np.array_equal(there.alpha, here.alpha)
    assert there.note == here.note
    assert NAME in there.note


@pytest.mark.parametrize(
    "data", [b"", b"Dear stylenet", picture(size=(2000, 2000)), picture()[:60]]
)
def test_refusals_are_those_of_decoding_here(sandbox, data):
    with pytest.raises(PictureError) as here:
        to_bitmap(data, NAME, max_pixels=1_000_000)
    assert refusal(sandbox, data) == str(here.value)


def test_bytes_are_capped_before_they_are_sent():
    sandbox = Sandbox(max_bytes=100)
    sandbox.close()
    assert "limit" in refusal(sandbox, bytes(101))


def test_many_threads_get_their_own_pictures(sandbox):
    colours = [(10 * number, 255 - number, 7) for number in range(24)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(sandbox.decode, map(picture, colours)))
    assert [tuple(bitmap.pixels[0, 0]) for bitmap in found] == colours


# ---------------------------------------------------------------- what it can do to us

READY = "import os, sys, time, json; print('{}', flush=True); sys.stdin.readline()"


def answering(line, pixels=32 * 48 * 3):
    return f"{READY}; sys.stdout.write({line!r} + chr(10) + {pixels} * 'x'); sys.stdout.flush()"


LIES = {
    "aborts": f"{READY}; os.abort()",
    "ends": f"{READY}; sys.exit()",
    "no JSON": answering("nonsense"),
    "no dictionary": answering("[]"),
    "empty": answering("{}"),
    "deep": answering("[" * 19_000),
    "long": answering("x" * 100_000),
    "too large": answering('{"size": [100000, 100000], "alpha": false, "note": null}'),
    "negative": answering('{"size": [-32, -48], "alpha": false, "note": null}'),
    "too small": answering('{"size": [1, 1], "alpha": false, "note": null}'),
    "no numbers": answering('{"size": ["32", "48"], "alpha": false, "note": null}'),
    "cut short": answering('{"size": [32, 48], "alpha": false, "note": null}', pixels=100),
}


@pytest.mark.parametrize("script", LIES.values(), ids=LIES)
def test_a_process_that_breaks_or_lies_is_replaced(monkeypatch, script):
    with monkeypatch.context() as patched:
        patched.setattr(module, "COMMAND", (sys.executable, "-c", script))
        sandbox = Sandbox()
    assert "breaks" in refusal(sandbox, picture())
    assert sandbox.decode(picture()).pixels.shape == (32, 48, 3)
    sandbox.close()


def test_a_process_that_hangs_is_replaced(monkeypatch):
    with monkeypatch.context() as patched:
        script = f"{READY}; print('half a li', end='', flush=True); time.sleep(600)"
        patched.setattr(module, "COMMAND", (sys.executable, "-c", script))
        sandbox = Sandbox(seconds=5)
    assert "too long" in refusal(sandbox, picture())
    assert sandbox.decode(picture()).pixels.shape == (32, 48, 3)
    sandbox.close()


def test_a_process_that_does_not_read_is_replaced(monkeypatch):
    with monkeypatch.context() as patched:
        script = "import time; print('{}', flush=True); time.sleep(600)"
        patched.setattr(module, "COMMAND", (sys.executable, "-c", script))
        sandbox = Sandbox(seconds=5)
    assert "too long" in refusal(sandbox, bytes(1_000_000))
    sandbox.close()


def test_a_process_that_does_not_start_is_no_fault_of_the_picture(monkeypatch):
    monkeypatch.setattr(module, "COMMAND", ("/nowhere/python",))
    with pytest.raises(RuntimeError, match="cannot be started"):
        Sandbox()
    monkeypatch.setattr(module, "COMMAND", (sys.executable, "-c", "import sys; sys.exit(1)"))
    with pytest.raises(RuntimeError, match="does not start"):
        Sandbox()


def test_a_process_that_ended_between_two_pictures_is_no_fault_of_the_next(sandbox):
    os.kill(sandbox.pid, signal.SIGKILL)
    os.waitid(os.P_PID, sandbox.pid, os.WEXITED | os.WNOWAIT)
    assert sandbox.decode(picture()).pixels.shape == (32, 48, 3)


def test_an_answer_that_nobody_heard_is_not_given_to_the_next(sandbox, monkeypatch):
    def interrupted(source):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(json, "loads", interrupted)
        with pytest.raises(KeyboardInterrupt):
            sandbox.decode(picture((255, 0, 0)))
    assert tuple(sandbox.decode(picture((0, 0, 255))).pixels[0, 0]) == (0, 0, 255)


# ---------------------------------------------------------------- what it has

CONFINED = """
import os, socket, subprocess, sys, threading
from stylize.media.confinement import confine
def speak_in_a_thread():
    thread = threading.Thread(target=lambda: os.write(1, b"in threads "))
    thread.start()
    thread.join()
confine(400_000_000)
for attempt in (
    lambda: bytearray(500_000_000),
    lambda: open("/etc/hostname"),
    lambda: socket.socket(),
    lambda: os.pipe(),
    lambda: os.fork() or os._exit(0),
    lambda: os.execv("/bin/true", ["true"]),
    lambda: os.kill(os.getppid(), 0),
    lambda: os.write(1, b"still speaks ") and None,
    lambda: speak_in_a_thread(),
):
    try:
        attempt()
        print("done", end=" ", flush=True)
    except (MemoryError, OSError):
        print("refused", end=" ", flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have some of the limits")
def test_limits_leave_it_the_pipes_it_has_and_no_more():
    done = subprocess.run([sys.executable, "-c", CONFINED], capture_output=True, text=True)
    told = [*["refused"] * 7, "still", "speaks", "done", "in", "threads", "done"]
    assert done.stdout.split() == told, done.stderr


SMALL = """
from stylize.media import sandbox
sandbox.BASE_BYTES, sandbox.BYTES_PER_PIXEL = 200_000_000, 0
sandbox.main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have some of the limits")
def test_a_picture_that_needs_more_memory_than_allowed_is_refused_and_the_next_is_not(monkeypatch):
    monkeypatch.setattr(module, "COMMAND", (sys.executable, "-c", SMALL))
    sandbox = Sandbox(max_bytes=1_000_000)
    process = sandbox.pid
    assert "memory" in refusal(sandbox, picture(size=(6000, 6000)))
    assert sandbox.decode(picture()).pixels.shape == (32, 48, 3)
    assert sandbox.pid == process
    sandbox.close()


@needs_proc
def test_it_has_neither_secrets_nor_descriptors_nor_torch(monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted")
    monkeypatch.setenv("STYLENET_DISCORD__TOKEN", "planted")
    with (tmp_path / "database").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        sandbox = Sandbox()
    process = Path("/proc") / str(sandbox.pid)
    assert b"planted" not in (process / "environ").read_bytes()
    assert sorted(entry.name for entry in (process / "fd").iterdir()) == ["0", "1", "2"]
    assert "torch" not in (process / "maps").read_text()
    sandbox.close()


PARENT = """
import time
from stylize.media.sandbox import Sandbox
from tests.patience import PATIENCE
sandbox = Sandbox()
print(sandbox.pid, flush=True)
time.sleep(600)
"""


@needs_proc
@pytest.mark.parametrize("with_what", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_its_parent(with_what):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert parent.stdout is not None
    with parent:
        child = Path("/proc") / parent.stdout.readline().decode().strip() / "cmdline"
        assert b"stylize.media.sandbox" in child.read_bytes()
        parent.send_signal(with_what)
    deadline = time.monotonic() + PATIENCE
    while child.exists() and child.read_bytes():  # a zombie has an empty command line
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_ends_when_it_is_closed(sandbox):
    other = Sandbox()
    process = other.pid
    other.close()
    assert is_gone(process)
    forgotten = Sandbox()
    process = forgotten.pid
    del forgotten
    assert is_gone(process)


def is_gone(pid: int) -> bool:
    """Whether there is no such process, not even one that nobody has waited for."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
