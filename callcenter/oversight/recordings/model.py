"""A recorded talk, and the words of what becomes of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callcenter.core.facts import RecordingEnd
from callcenter.core.ids import CallId, NodeId
from callcenter.core.legs import RecorderLeg, Side


class RecordingState(StrEnum):
    """Where the sound is."""

    RUNNING = "running"  # being recorded
    ENDED = "ended"  # with Asterisk, until it is sealed
    KEPT = "kept"  # sealed on the disk
    FAILED = "failed"  # there is none, see `why`
    PURGED = "purged"  # there is none any more


class Why(StrEnum):
    """Why there is no sound."""

    ASTERISK = "asterisk"  # would not record
    TOO_SHORT = "too_short"  # the talk was over before it began: no failure
    NO_SOUND = "no_sound"  # Asterisk has nothing of it: its disk was full, or it was restarted
    NO_KEY = "no_key"  # the file of keys could not be used for too long
    DISK_FULL = "disk_full"  # no room for the sealed file for too long
    LOST = "lost"  # nobody knows how it ended
    RETENTION = "retention"  # purged in time
    BY_HAND = "by_hand"  # purged by an administrator


@dataclass(frozen=True, slots=True)
class RecordingName:
    """Which recording: its call, and which of the call's recordings (1 is the first)."""

    call: CallId
    number: int

    def legs(self, node: NodeId) -> tuple[RecorderLeg, RecorderLeg]:
        """Under what Asterisk keeps its two sides."""
        one, other = (
            RecorderLeg(call=self.call, number=self.number, side=side, node=node)
            for side in (Side.CALLER, Side.OPERATOR)
        )
        return one, other

    @property
    def sealed_as(self) -> str:
        """For the key of its file: one put in another's place is not read."""
        return f"{self.call}/{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Somebody needs it kept, whatever its age."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A row. `seconds`: how long it went on; `sound_seconds`: how much of it is there. `length`:
    bytes of A-law in its file."""

    name: RecordingName
    line: str
    queue: str
    operator: str
    began_at: datetime
    ended_at: datetime | None
    ending: RecordingEnd | None
    seconds: float | None
    paused_seconds: float | None
    state: RecordingState
    why: Why | None
    file: str | None
    key_id: str | None
    length: int | None
    sound_seconds: float | None
    peaks: bytes | None
    hold: Hold | None
    purged_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """What came of sealing one. `both_seconds`: how long there is sound of both sides; after that
    one is silent, because it was lost."""

    file: str
    key_id: str
    length: int
    sound_seconds: float
    both_seconds: float
    peaks: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What is stored. `held` of them are kept whatever their age. `oldest`: when the oldest of the
    others began; `due`: when the first that is still there is to be removed. Seconds since 1970;
    0: none."""

    many: int = 0
    held: int = 0
    bytes: int = 0
    oldest: float = 0.0
    due: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A search; None: any. `after`: those after this one, newest first."""

    since: datetime | None = None
    until: datetime | None = None
    line: str | None = None
    operator: str | None = None
    call: str | None = None
    state: RecordingState | None = None
    held: bool | None = None
    after: tuple[datetime, str, int] | None = None
    limit: int = 50
