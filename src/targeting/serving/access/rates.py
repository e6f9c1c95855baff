"""How often a client may ask: so many requests a minute, a sixth of them at once."""

import threading
from dataclasses import dataclass


@dataclass
class _Bucket:
    left: float
    at: float


class Rates:
    """Counts the requests of each client in one worker; `share` of a client's requests are this worker's."""

    def __init__(self, *, share: float = 1.0) -> None:
        self._share = share
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def wait(self, client: str, *, a_minute: int, now: float) -> float:
        """Return for how many seconds a client has to wait before it may ask; 0 counts the request."""
        a_second = a_minute * self._share / 60
        most = max(a_second * 10, 1.0)
        with self._lock:
            bucket = self._buckets.setdefault(client, _Bucket(most, now))
            bucket.left = min(most, bucket.left + (now - bucket.at) * a_second)
            bucket.at = now
            if bucket.left < 1:
                return (1 - bucket.left) / a_second
            bucket.left -= 1
            return 0.0
