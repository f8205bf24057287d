"""Discord's rate limits: so many requests of one kind in one channel, then wait."""

import hashlib
import time
from dataclasses import dataclass


@dataclass
class _Window:
    began: float
    used: int = 0


class Buckets:
    """*limit* requests in *seconds* for each route and channel."""

    def __init__(self) -> None:
        self.calm()
        self.exceeded = 0
        """How many requests came although the bucket was known to be empty."""
        self._windows: dict[tuple[str, str], _Window] = {}

    def calm(self) -> None:
        """Allow what nobody exceeds."""
        self.limit, self.seconds = 50, 1.0

    def take(self, route: str, channel: str) -> tuple[dict[str, str], float | None]:
        """The headers that tell how the bucket stands, and how long to wait if it is empty."""
        now = time.monotonic()
        window = self._windows.get((route, channel))
        if window is None or now - window.began >= self.seconds:
            window = self._windows[route, channel] = _Window(now)
        wait = self.seconds - (now - window.began)
        empty = window.used >= self.limit
        if empty:
            self.exceeded += 1
        else:
            window.used += 1
        headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.limit - window.used),
            "X-RateLimit-Reset": str(time.time() + wait),
            "X-RateLimit-Reset-After": f"{wait:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(route.encode()).hexdigest()[:32],
        }
        return headers, wait if empty else None
