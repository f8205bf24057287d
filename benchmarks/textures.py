"""What textures gain by beginning with pieces of their style: ``python -m benchmarks.textures``.

Each style is painted from each beginning, as ``!texture`` does, until both ``steps=auto`` has ended
and ``STEPS`` are over. Told is the loss at both; the pictures at the end of ``auto``, three by
three, go into ``out/textures``. What was painted stays there: delete it to have it painted anew.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks.pairs import RESULTS, ROOT, SAMPLES
from benchmarks.report import machine, sheet, table
from stylize.convergence import Convergence, share
from stylize.encoders import choose_dtype, load_encoder
from stylize.frame import Frame
from stylize.media.picture import decode, encode_png
from stylize.recipes import Texture
from stylize.tasks import tasks
from stylize.tasks.base import Resources

STYLES = ("swirls", "woodcut", "glass", "dots", "mosaic", "marbling")
BEGINNINGS = ("noise", "patches")
SIZE, STEPS, MOST = 256, 100, 300
FOLDER = ROOT / "out" / "textures"


def painted(style: str, begun: str) -> Mapping[str, Any]:
    """The losses of a texture of *style*, step by step, and where ``steps=auto`` ends it."""
    kept = FOLDER / f"{style}-{begun}.json"
    if not kept.exists():
        kept.write_text(json.dumps(_paint(style, begun)))
    found: Mapping[str, Any] = json.loads(kept.read_text())
    return found


def _paint(style: str, begun: str) -> Mapping[str, Any]:
    encoder = load_encoder("vgg19", dtype=choose_dtype(torch.device("cpu")))
    resources = Resources(torch.device("cpu"), lambda name, pooling: encoder, 10**9)
    recipe = Texture.model_validate(
        {"size": SIZE, "steps": MOST, "init": begun, "seamless": True, "seed": 1}
    )
    given = recipe.assign([decode((SAMPLES / f"{style}.jpg").read_bytes())])
    convergence, losses, auto = Convergence(share(1)), [], 0
    for frame in tasks()[Texture].run(recipe, given, resources):
        if not isinstance(frame, Frame):
            continue
        losses.append(frame.losses["total"])
        convergence.add(losses[-1])
        if not auto and convergence.reached:
            auto = frame.step
            _repeated(style, begun).write_bytes(encode_png(frame.pixels.repeat(1, 3, 3)))
        if auto and frame.step >= STEPS:
            break
    return {"losses": losses, "auto": auto}


def _repeated(style: str, begun: str) -> Path:
    return FOLDER / f"{style}-{begun}.png"


def compared(styles: Sequence[str]) -> str:
    """A table of all *styles*."""
    rows = []
    for style in styles:
        each = {begun: painted(style, begun) for begun in BEGINNINGS}
        row = [style]
        for found in each.values():
            losses, auto = found["losses"], found["auto"]
            at_auto, at_steps = losses[auto - 1], losses[STEPS - 1]
            row += [
                f"{auto}",
                f"{at_auto:.4f}",
                f"{at_steps:.4f}",
                f"{at_auto / at_steps - 1:+.1%}",
            ]
        rows.append(row)
        print(row, flush=True)
    told = ("auto ends after", "its loss", f"after {STEPS}", "auto beside it")
    header = ("style", *(f"{begun}: {one}" for begun in BEGINNINGS for one in told))
    return table(header, rows)


def main() -> None:
    """Paint, and write ``results/textures.md``."""
    parser = argparse.ArgumentParser(description="How textures begin.")
    parser.add_argument("styles", nargs="*", default=STYLES, metavar="STYLE")
    styles = parser.parse_args().styles
    FOLDER.mkdir(parents=True, exist_ok=True)
    begun = machine()
    text = f"# textures\n\n{begun}\n\n{SIZE} pixels.\n\n{compared(styles)}\n"
    RESULTS.joinpath("textures.md").write_text(text)
    rows = [[(f"{style}\n{one}", _repeated(style, one)) for one in BEGINNINGS] for style in styles]
    sheet(rows).save(FOLDER / "sheet.png")
    print(text)


if __name__ == "__main__":
    main()
