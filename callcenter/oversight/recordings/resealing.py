"""A new key for old recordings: what is sealed with another than the first key is sealed anew.

Some at a time, each in a file of its own that takes the place of the old one when all of it is on
the disk. A recording that cannot be read stays as it is, and is told.
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
"""Then the answer is given, and the next part asked for."""

Place = tuple[datetime, str, int]


@dataclass(slots=True)
class Resealed:
    """`many` have the first key now; `unread` could not be read; `last`: behind it one goes on,
    None when all were tried."""

    many: int = 0
    unread: list[tuple[Recording, str]] = field(default_factory=list)
    last: Recording | None = None


async def reseal_some(keeper: Keeper, keys: Keys, after: Place | None) -> Resealed:
    """The oldest first, from the one behind `after`. NoRoomError."""
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
