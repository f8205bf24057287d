"""A work of a package has a command in the shell, too."""

import subprocess

from PIL import Image

from tests.pictures import png


def test_a_work_has_a_command_in_the_shell(python, tmp_path):
    (tmp_path / "cat.png").write_bytes(png(96, 64))
    words = [
        "poster",
        "cat.png",
        "-o",
        "poster.png",
        "--size",
        "64",
        "--palette",
        "3",
        "--gif",
        "film.gif",
    ]
    shell = [python, "-c", "from stylize.cli import main; main()", *words]
    run = subprocess.run(shell, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert len(Image.open(tmp_path / "poster.png").getcolors()) == 3
    assert Image.open(tmp_path / "film.gif").n_frames > 1
