"""HEIC, by ``pi_heif``: one thread, the main picture alone, no files that it stumbles over."""

import re

from pi_heif import register_heif_opener

from stylize.media.limits import damaged

_ITEM = re.compile(rb"(....)infe", re.DOTALL)
"""An item's entry, and how long it is (ISO/IEC 14496-12, 8.11.6)."""


def register() -> None:
    """Have Pillow open HEIC files."""
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


def check(data: bytes) -> None:
    """Refuse what tells its items' types and names in no UTF-8: ``pi_heif`` 1.4 would crash."""
    for item in _ITEM.finditer(data):
        end = item.start() + int.from_bytes(item[1], "big")
        start = item.end() + (10 if data[item.end() : item.end() + 1] == b"\3" else 8)
        try:
            data[start:end].decode()
        except UnicodeDecodeError:
            raise damaged() from None
