"""The sample photographs and styles that the page offers to whoever has none at hand."""

import json
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent / "static"


def samples() -> list[dict[str, Any]]:
    """Each sample's ``url``, ``title``, ``kind`` (content or style) and ``alt``."""
    listing = json.loads((STATIC / "samples" / "samples.json").read_text("utf-8"))
    return [{**sample, "url": f"/static/samples/{sample['file']}"} for sample in listing]
