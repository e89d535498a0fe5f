"""Who may hear which recording, and for how long. Each playback is begun once, and audited once.

A browser asks for a sound in many pieces (and again when somebody jumps to another second). So a
request of its own begins the playback, and the audit keeps it. The pieces are requested under a
name that nobody can guess, only by the person who began it.
"""

import secrets
from dataclasses import dataclass, field

from callcenter.oversight.recordings.model import RecordingName

OPEN_SECONDS = 4 * 3600.0
"""As long as the longest recording."""
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Playback:
    """`until`: on the monotonic clock of the caller."""

    who: str
    recording: RecordingName
    until: float


@dataclass(slots=True)
class Playbacks:
    """The open playbacks. They end with the service."""

    _open: dict[str, Playback] = field(default_factory=dict)

    def begin(self, who: str, recording: RecordingName, now: float) -> str:
        """Begin a playback; gives its name."""
        for name in [name for name, one in self._open.items() if one.until <= now]:
            del self._open[name]
        while len(self._open) >= AT_ONCE:
            del self._open[next(iter(self._open))]
        name = secrets.token_urlsafe(24)
        self._open[name] = Playback(who, recording, now + OPEN_SECONDS)
        return name

    def find(self, name: str, who: str, now: float) -> RecordingName | None:
        """The recording of this playback. None if it is over, or belongs to another person."""
        found = self._open.get(name)
        if found is None or found.until <= now or found.who != who:
            return None
        return found.recording
