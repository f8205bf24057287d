"""The examples of ``docs/extending.md``, installed into an environment of their own."""

import re
import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXTS = dict(
    re.findall(
        r"^```(?:python|toml)\n(?=# (\S+)\n)(.*?)^```$",
        (ROOT / "docs" / "extending.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
)
"""The texts of the examples by the names of their files."""


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has the examples installed.

    What stylenet itself needs it shares with the environment of this test.
    """
    folder = tmp_path_factory.mktemp("examples")
    for name, text in TEXTS.items():
        (folder / name).write_text(text)
    venv.create(folder / "env", symlinks=True)
    python = folder / "env" / "bin" / "python"
    [packages] = (folder / "env").glob("lib/*/site-packages")
    shared = [f"import site; site.addsitedir({path!r})" for path in site.getsitepackages()]
    (packages / "shared.pth").write_text("\n".join([str(ROOT), *shared]))
    uv = Path(sys.executable).with_name("uv")
    subprocess.run(
        [
            *(uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--no-build-isolation"),
            *("--python", python, folder),
        ],
        check=True,
    )
    return python
