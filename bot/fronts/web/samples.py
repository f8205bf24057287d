"""The sample photographs and styles that the page offers to whoever has none at hand."""

import json
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent / "static"


def samples() -> list[dict[str, Any]]:
    """Each sample's ``url``, ``title``, ``kind`` (the role of picture that it is), ``alt``, and
    ``beside``: the files of those that come along with it."""
    listing = json.loads((STATIC / "samples" / "samples.json").read_text("utf-8"))
    return [
        {"beside": [], **sample, "url": f"/static/samples/{sample['file']}"} for sample in listing
    ]
