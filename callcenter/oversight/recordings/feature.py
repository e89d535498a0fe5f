"""The feature of recordings and messages: its endpoints, problems and figures."""

from collections.abc import Callable

from callcenter.oversight.recordings.figures import FIGURES
from callcenter.oversight.recordings.keeper import Keeper
from callcenter.oversight.recordings.routes import Parts
from callcenter.oversight.recordings.voicemails import endpoints  # with those of routes.py
from callcenter.ports.metrics import Samples
from callcenter.web.errors import ProblemKind
from callcenter.web.feature import Feature

__all__ = ["FEATURE", "Parts"]


def _of_the_keeper(read: Callable[[Keeper], Samples]) -> Callable[[Parts], Samples]:
    return lambda parts: read(parts.keeper)


FEATURE = Feature(
    parts=Parts,
    endpoints=endpoints,
    problems={
        "unknown_recording": ProblemKind(404, "There is no such recording"),
        "unknown_voicemail": ProblemKind(404, "There is no such message"),
        "voicemail_taken": ProblemKind(409, "A colleague has it, or it is done"),
        "not_called_back": ProblemKind(409, "Nobody may be called back there"),
        "unknown_playback": ProblemKind(404, "That hearing is over, or another's"),
        "no_sound": ProblemKind(409, "There is no sound"),
        "held": ProblemKind(409, "Somebody holds it"),
        "no_keys": ProblemKind(409, "The file of keys cannot be used"),
        "recordings_full": ProblemKind(503, "There is no room for another file"),
        "unreadable": ProblemKind(503, "The recording cannot be read"),
    },
    path_patterns={
        "call": r"[A-Za-z0-9._-]{1,150}",
        "recording": r"[1-9][0-9]{0,3}",
        "playback": r"[A-Za-z0-9_-]{32}",
    },
    listeners=lambda parts: [parts.keeper.hear],
    metrics={series: _of_the_keeper(read) for series, read in FIGURES.items()},
    run=Parts.run,
)
