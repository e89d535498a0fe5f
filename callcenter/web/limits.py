"""How often someone may try: token buckets, one per account and one per address.

Kept in memory: a restart sets it back, which a guesser cannot cause. At most KEPT_MOST keys are
remembered; the longest unused are forgotten first.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

KEPT_MOST = 50_000  # keys; about 10 MB, more than a day's addresses of an honest site


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class TokenBuckets:
    """`capacity` attempts at once, then one more every `refill_seconds`, for each key."""

    def __init__(
        self, *, capacity: int, refill_seconds: float, monotonic: Callable[[], float]
    ) -> None:
        self._capacity = capacity
        self._refill_seconds = refill_seconds
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str) -> float:
        """0.0 when the attempt may be made, else the seconds until it may."""
        bucket = self._filled(key)
        if bucket.tokens < 1:
            return (1 - bucket.tokens) * self._refill_seconds
        bucket.tokens -= 1
        return 0.0

    def give_back(self, key: str) -> None:
        """Take the attempt back: it was a right one, or none."""
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
