"""Limits how often someone may try: token buckets, one for each account and one for each address.

Kept in memory. A restart resets them, but a guesser cannot cause a restart. At most KEPT_MOST keys
are kept; those unused for longest are forgotten first.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

KEPT_MOST = 50_000  # keys; about 10 MB, more than the addresses that use an ordinary site in a day


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class TokenBuckets:
    """Each key has `capacity` attempts at once, then one more every `refill_seconds`."""

    def __init__(
        self, *, capacity: int, refill_seconds: float, monotonic: Callable[[], float]
    ) -> None:
        self._capacity = capacity
        self._refill_seconds = refill_seconds
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str) -> float:
        """0.0 if the attempt is allowed, otherwise the seconds until it will be."""
        bucket = self._filled(key)
        if bucket.tokens < 1:
            return (1 - bucket.tokens) * self._refill_seconds
        bucket.tokens -= 1
        return 0.0

    def give_back(self, key: str) -> None:
        """Take the attempt back: it was right, or did not count."""
        bucket = self._filled(key)
        bucket.tokens = min(self._capacity, bucket.tokens + 1)

    def _filled(self, key: str) -> _Bucket:
        now = self._monotonic()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(self._capacity, now)
            if len(self._buckets) > KEPT_MOST:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        gained = (now - bucket.filled_at) / self._refill_seconds
        bucket.tokens = min(self._capacity, bucket.tokens + gained)
        bucket.filled_at = now
        return bucket
