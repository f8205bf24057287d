"""A work of a package has a command in the shell, too."""

import os
import subprocess
import sys

import pytest
from PIL import Image

from tests.extending.conftest import ROOT
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


@pytest.mark.parametrize("group", ["commands", "works", "fronts"])
def test_a_package_that_cannot_be_used_is_named_at_the_start(group, tmp_path):
    (tmp_path / "broken.py").write_text("import this_is_not_installed")
    metadata = tmp_path / "broken-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(f"[stylenet.{group}]\nbad = broken:Bad\n")
    run = subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", "run", "--no-open"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 2
    assert "Mend or uninstall broken." in run.stderr
    assert "Traceback" not in run.stderr
