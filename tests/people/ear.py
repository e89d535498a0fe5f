"""What a person hears: every RTP packet with the time of its arrival, and its contents.

Nothing is computed when packets arrive (sixty people listen in one process), only when somebody
asks.
"""

import time
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from tests.people.standstill import stood_still
from tests.people.tones import DECODED, named

PACKETS_A_PIECE = 5  # 100 ms: long enough to distinguish tones that are 50 Hz apart
PIECE_SECONDS = 0.1
ON_THE_WAY_SECONDS = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The sounds of a period, each with its share (0 to 1) of the time."""

    seconds: float
    shares: dict[str, float]
    longest_gap_seconds: float

    @property
    def sounds(self) -> set[str]:
        """Each sound that was heard, alone or mixed: a piece may lie across a change."""
        return {sound for heard in self.shares for sound in heard.split("+")}

    def share(self, sound: str | int) -> float:
        """The share of the time in which `sound` was heard, alone or mixed with another."""
        name = str(sound)
        return sum(part for heard, part in self.shares.items() if name in heard.split("+"))

    def only(self, sound: str | int, least: float = 0.9) -> bool:
        """Whether nothing else was heard, and this for nearly all of the time.

        Only nearly, because the speaker is one of many people in one busy process, and some packets
        are still on their way at the end.
        """
        missing = (1 - least) * self.seconds + ON_THE_WAY_SECONDS
        lasted = self.share(sound) * self.seconds
        return set(self.shares) <= {str(sound), "nothing"} and lasted >= self.seconds - missing


class Head(NamedTuple):
    """The header of an RTP packet."""

    source: int
    number: int
    time: int

    def goes_on_with(self, other: "Head") -> bool:
        """Whether `other` may come next: later, by less than ten seconds."""
        numbers, samples = other.number - self.number, other.time - self.time
        return 0 < numbers % 2**16 <= 500 and 0 < samples % 2**32 <= 80_000


@dataclass(slots=True)
class Ear:
    """The packets of one call, in the order they came."""

    times: list[float] = field(default_factory=list)
    sounds: list[bytes] = field(default_factory=list)
    heads: list[Head] = field(default_factory=list)  # headers of the packets that came over RTP
    listened_until: float = 0.0  # we may have been busy since then

    def take(self, payload: bytes, at: float, head: Head | None = None) -> None:
        """Add one packet of A-law that arrived at this time of time.monotonic()."""
        self.times.append(at)
        self.sounds.append(payload)
        if head is not None:
            self.heads.append(head)

    def leaps(self) -> list[tuple[Head, Head]]:
        """Places where a stream continued in an impossible way: a phone may take what follows for
        late and throw it away. Another source may begin anywhere."""
        pairs = pairwise(self.heads)
        return [(a, b) for a, b in pairs if a.source == b.source and not a.goes_on_with(b)]

    def heard(self, since: float, until: float, one_in: int = 1) -> Heard:
        """What could be heard between two times (of time.monotonic()).

        Time without packets is "nothing", which is not the same as silence that was sent. Time in
        which the machine stood still is left out. For a crowd, only one piece in `one_in` is
        analysed, and stands for the others.
        """
        first, last = bisect_left(self.times, since), bisect_left(self.times, until)
        names = Counter[str]()
        for start in range(first, last - PACKETS_A_PIECE + 1, PACKETS_A_PIECE * one_in):
            names[self._named(start)] += one_in
        listened = until - since - stood_still(since, until)
        pieces = max(sum(names.values()), round(listened / PIECE_SECONDS))
        names["nothing"] = pieces - sum(names.values())
        return Heard(
            seconds=until - since,
            shares={name: count / pieces for name, count in names.items() if count and pieces},
            longest_gap_seconds=self._longest_gap(first, last, since, until),
        )

    def hears(self, sound: str | int, for_seconds: float = 0.3) -> bool:
        """Whether only `sound` could be heard in the last moments."""
        if not self.times or time.monotonic() - self.times[-1] > PIECE_SECONDS:
            return False
        pieces = max(1, round(for_seconds / PIECE_SECONDS))
        first = len(self.times) - pieces * PACKETS_A_PIECE
        if first < 0:
            return False
        starts = range(first, len(self.times), PACKETS_A_PIECE)
        return all(self._named(start) == str(sound) for start in starts)

    def first_heard(self, sound: str | int, since: float) -> float:
        """When this was first the only sound after a given time, or 0.0."""
        first = bisect_left(self.times, since)
        for start in range(first, len(self.times) - PACKETS_A_PIECE + 1):
            if self._named(start) == str(sound):
                return self.times[start]
        return 0.0

    def first_voice_at(self) -> float:
        """When a person was first heard, or 0.0."""
        for start in range(0, len(self.times) - PACKETS_A_PIECE + 1, PACKETS_A_PIECE):
            if self._named(start).isdigit():
                return self.times[start]
        return 0.0

    def voice(self, since: float, until: float, pieces: int | None = None) -> int:
        """The voice that was heard between two times; 0: none. The middle is analysed first, and
        only `pieces` of it if given."""
        first, last = bisect_left(self.times, since), bisect_left(self.times, until)
        starts = range(first, last - PACKETS_A_PIECE + 1, PACKETS_A_PIECE)
        middle = len(starts) // 2
        for index in sorted(range(len(starts)), key=lambda i: abs(i - middle))[:pieces]:
            if (name := self._named(starts[index])).isdigit():
                return int(name)
        return 0

    def _named(self, start: int) -> str:
        piece = b"".join(self.sounds[start : start + PACKETS_A_PIECE])
        return named([DECODED[code] for code in piece])

    def _longest_gap(self, first: int, last: int, since: float, until: float) -> float:
        marks = [since, *self.times[first:last], until]
        return max(b - a - stood_still(a, b) for a, b in pairwise(marks))
