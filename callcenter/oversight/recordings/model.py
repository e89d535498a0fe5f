"""A recorded talk, and the terms for its states."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callcenter.core.facts import RecordingEnd
from callcenter.core.ids import CallId, NodeId
from callcenter.core.legs import RecorderLeg, Side
from callcenter.storage.recordings import RecordedKind


class RecordingState(StrEnum):
    """The state of the sound."""

    RUNNING = "running"  # being recorded
    ENDED = "ended"  # in Asterisk, until it is sealed
    KEPT = "kept"  # sealed on the disk
    FAILED = "failed"  # there is no sound, see `why`
    PURGED = "purged"  # the sound was removed


class Why(StrEnum):
    """Why there is no sound."""

    ASTERISK = "asterisk"  # Asterisk did not record
    TOO_SHORT = "too_short"  # the talk was over before recording began: no failure
    NO_SOUND = "no_sound"  # Asterisk has nothing of it: its disk was full, or it was restarted
    NO_KEY = "no_key"  # the file of keys was unusable for too long
    DISK_FULL = "disk_full"  # no room for the sealed file for too long
    LOST = "lost"  # it is unknown how it ended
    RETENTION = "retention"  # purged when its time was over
    BY_HAND = "by_hand"  # purged by an administrator


@dataclass(frozen=True, slots=True)
class RecordingName:
    """The name of a recording: its call, and its number in the call (1 is the first)."""

    call: CallId
    number: int

    def legs(self, node: NodeId) -> tuple[RecorderLeg, RecorderLeg]:
        """The names of its two sides in Asterisk."""
        one, other = (
            RecorderLeg(call=self.call, number=self.number, side=side, node=node)
            for side in (Side.CALLER, Side.OPERATOR)
        )
        return one, other

    @property
    def sealed_as(self) -> str:
        """Used for the key of its file, so that a file in another's place cannot be read."""
        return f"{self.call}/{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Somebody needs the recording kept, whatever its age."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A row. `seconds`: how long the recording lasted. `sound_seconds`: how much sound there is.
    `length`: bytes of A-law in its file."""

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
    kind: RecordedKind = RecordedKind.TALK


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """The result of sealing. `both_seconds`: how long there is sound of both sides; after that one
    side was lost and is silent."""

    file: str
    key_id: str
    length: int
    sound_seconds: float
    both_seconds: float
    peaks: bytes
    heard_seconds: float = 0.0  # of a message: for how long somebody is heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What is stored. `held` of them are kept whatever their age. `oldest`: the beginning of the
    oldest of the others. `due`: when the first of these must be removed. Seconds since 1970; 0:
    none."""

    many: int = 0
    held: int = 0
    bytes: int = 0
    oldest: float = 0.0
    due: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A search; None: any. `after`: only those after this one, newest first."""

    since: datetime | None = None
    until: datetime | None = None
    line: str | None = None
    operator: str | None = None
    call: str | None = None
    state: RecordingState | None = None
    held: bool | None = None
    kind: RecordedKind | None = None
    after: tuple[datetime, str, int] | None = None
    limit: int = 50
