"""Who may hear which recording for how long: each hearing is begun once, and audited once.

A browser asks for a sound in many pieces (and again when somebody jumps to another second). So the
hearing is begun by a request of its own, which the audit keeps, and the pieces are asked for under
a name that nobody can guess, by who began it.
"""

import secrets
from dataclasses import dataclass, field

from callcenter.oversight.recordings.model import RecordingName

OPEN_SECONDS = 4 * 3600.0
"""As long as the longest recording."""
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Playback:
    """`until`: in the monotonic seconds of who asks."""

    who: str
    recording: RecordingName
    until: float


@dataclass(slots=True)
class Playbacks:
    """Those that are open. With the service they are over."""

    _open: dict[str, Playback] = field(default_factory=dict)

    def begin(self, who: str, recording: RecordingName, now: float) -> str:
        """The name of a new one."""
        for name in [name for name, one in self._open.items() if one.until <= now]:
            del self._open[name]
        while len(self._open) >= AT_ONCE:
            del self._open[next(iter(self._open))]
        name = secrets.token_urlsafe(24)
        self._open[name] = Playback(who, recording, now + OPEN_SECONDS)
        return name

    def find(self, name: str, who: str, now: float) -> RecordingName | None:
        """What is heard; None when it is over, or is another's."""
        found = self._open.get(name)
        if found is None or found.until <= now or found.who != who:
            return None
        return found.recording
