"""A new key for old recordings: those sealed with another key than the first are sealed again.

A few at a time are written to new files. Each new file replaces the old one when it is completely
on the disk. A recording that cannot be read stays as it is, and is reported.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from callcenter.oversight.recordings.keeper import Keeper
from callcenter.oversight.recordings.keys import Keys
from callcenter.oversight.recordings.model import Recording
from callcenter.oversight.recordings.sealing import SealError

AT_ONCE = 100
ENOUGH_SECONDS = 5.0
"""After this the answer is given, and the next part must be requested."""

Place = tuple[datetime, str, int]


@dataclass(slots=True)
class Resealed:
    """`many` have the first key now. `unread` could not be read. `last`: the next request goes on
    after it; None if all were tried."""

    many: int = 0
    unread: list[tuple[Recording, str]] = field(default_factory=list)
    last: Recording | None = None


async def reseal_some(keeper: Keeper, keys: Keys, after: Place | None) -> Resealed:
    """Seal some again, the oldest first, after the one in `after`. Raises NoRoomError."""
    began, done = monotonic(), Resealed()
    found: Sequence[Recording] = await keeper.rows.with_other_keys(keys.first.id, after, AT_ONCE)
    for tried, one in enumerate(found, 1):
        try:
            done.many += await keeper.reseal(one, keys)
        except SealError as error:
            done.unread.append((one, str(error)))
        if monotonic() - began > ENOUGH_SECONDS and tried < len(found):
            done.last = one
            return done
    done.last = found[-1] if len(found) == AT_ONCE else None
    return done
