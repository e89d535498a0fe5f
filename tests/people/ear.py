"""What a person hears: every RTP packet with the instant it came, and what is in it.

Nothing is worked out while packets come in (sixty people listen in one process); a question does.
"""

import time
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from tests.people.standstill import stood_still
from tests.people.tones import DECODED, named

PACKETS_A_PIECE = 5  # 100 ms: long enough to tell tones 50 Hz apart
PIECE_SECONDS = 0.1
ON_THE_WAY_SECONDS = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The sounds of a stretch of time, each with its share (0 to 1) of the time it was heard."""

    seconds: float
    shares: dict[str, float]
    longest_gap_seconds: float

    @property
    def sounds(self) -> set[str]:
        """Each sound that was heard, alone or mixed: a piece may lie across a change."""
        return {sound for heard in self.shares for sound in heard.split("+")}

    def share(self, sound: str | int) -> float:
        """How much of the time `sound` was heard, alone or mixed with another."""
        name = str(sound)
        return sum(part for heard, part in self.shares.items() if name in heard.split("+"))

    def only(self, sound: str | int, least: float = 0.9) -> bool:
        """Nothing else was heard, and that for nearly all of the time.

        Nearly: who speaks here is one of many people in one busy process. At the end some packets
        are still on their way.
        """
        missing = (1 - least) * self.seconds + ON_THE_WAY_SECONDS
        lasted = self.share(sound) * self.seconds
        return set(self.shares) <= {str(sound), "nothing"} and lasted >= self.seconds - missing


class Head(NamedTuple):
    """What a packet of RTP says of itself."""

    source: int
    number: int
    time: int

    def goes_on_with(self, other: "Head") -> bool:
        """Whether the other may come next: later, by less than ten seconds."""
        numbers, samples = other.number - self.number, other.time - self.time
        return 0 < numbers % 2**16 <= 500 and 0 < samples % 2**32 <= 80_000


@dataclass(slots=True)
class Ear:
    """The packets of one call, in the order they came."""

    times: list[float] = field(default_factory=list)
    sounds: list[bytes] = field(default_factory=list)
    heads: list[Head] = field(default_factory=list)  # of what came over RTP
    listened_until: float = 0.0  # we may have been busy since, and nobody looked

    def take(self, payload: bytes, at: float, head: Head | None = None) -> None:
        """One packet of A-law came in at this instant of time.monotonic()."""
        self.times.append(at)
        self.sounds.append(payload)
        if head is not None:
            self.heads.append(head)

    def leaps(self) -> list[tuple[Head, Head]]:
        """Where a stream went on as none does: a phone may take what follows for late, and throw
        it away. Another source may begin anywhere."""
        pairs = pairwise(self.heads)
        return [(a, b) for a, b in pairs if a.source == b.source and not a.goes_on_with(b)]

    def heard(self, since: float, until: float, one_in: int = 1) -> Heard:
        """What there was to hear between two instants (of time.monotonic()).

        Time in which no packet came is "nothing", which is not the same as silence sent; time in
        which the machine stood still is left out.
        Of a crowd, only one piece in so many is listened to (and stands for the others).
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
        """Whether `sound` is all there has been to hear for the last moments."""
        if not self.times or time.monotonic() - self.times[-1] > PIECE_SECONDS:
            return False
        pieces = max(1, round(for_seconds / PIECE_SECONDS))
        first = len(self.times) - pieces * PACKETS_A_PIECE
        if first < 0:
            return False
        starts = range(first, len(self.times), PACKETS_A_PIECE)
        return all(self._named(start) == str(sound) for start in starts)

    def first_heard(self, sound: str | int, since: float) -> float:
        """When this was first all there was to hear after an instant, or 0.0."""
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
        """Whose voice was heard between two instants; 0: nobody's. The middle is listened to first,
        and of it only so many pieces when asked so."""
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
