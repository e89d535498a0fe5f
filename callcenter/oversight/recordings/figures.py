"""The figures of recorded talks.

Counters begin at 0 with the service. The keeper counts stored recordings in the database from time
to time, and these figures are shown until the next count.
"""

from collections.abc import Callable, Mapping

from callcenter.core.facts import RecordingStage
from callcenter.core.state import State
from callcenter.oversight.recordings.keeper import Keeper
from callcenter.oversight.recordings.model import Why
from callcenter.ports.metrics import Kind, Samples, Series

FAILURES = (Why.ASTERISK, Why.NO_SOUND, Why.NO_KEY, Why.DISK_FULL)
PURGES = (Why.RETENTION, Why.BY_HAND)

NOW = Series(
    name="hotline_recordings_now",
    kind=Kind.GAUGE,
    labels=("state",),
    help="Talks that are recorded now: starting, running, silent (on hold or paused). "
    "Messages that callers leave at this moment are not counted.",
)
FAILED = Series(
    name="hotline_recordings_failed",
    kind=Kind.COUNTER,
    labels=("why",),
    help="Recordings of which there is no sound, by why: of talks, and messages of callers.",
)
PURGED = Series(
    name="hotline_recordings_purged",
    kind=Kind.COUNTER,
    labels=("why",),
    help="Recordings of talks, and messages of callers, whose sound was removed, in time "
    "(retention) or by hand.",
)
STORED = Series(
    name="hotline_recordings_stored",
    kind=Kind.GAUGE,
    labels=("kind",),
    help="Recordings of talks, and messages of callers, whose sealed sound is there: all of them, "
    "and of these the held ones, which are kept whatever their age.",
)


TASKS = Series(
    name="hotline_voicemail_tasks",
    kind=Kind.GAUGE,
    labels=("queue", "state"),
    help="Messages that callers left and that are not done: new, or taken by an operator.",
)
OLDEST_TASK = Series(
    name="hotline_voicemail_oldest_seconds",
    kind=Kind.GAUGE,
    labels=("queue",),
    help="The age of the oldest message that is not done; 0: there is none.",
)


def tasks(keeper: Keeper) -> Samples:
    """The messages of each queue that takes some, or took some."""
    found: dict[tuple[str, ...], float] = {}
    for queue in _taking(keeper):
        held = keeper.tasks.get(queue)
        found[queue, "new"] = held.new if held else 0
        found[queue, "taken"] = held.taken if held else 0
    return found


def oldest_task(keeper: Keeper) -> Samples:
    """The age of the oldest message of each queue."""
    now = keeper.wall().timestamp()
    return {
        (queue,): max(0.0, now - keeper.tasks[queue].oldest) if queue in keeper.tasks else 0.0
        for queue in _taking(keeper)
    }


def _taking(keeper: Keeper) -> list[str]:
    queues = keeper.state().site.queues.values()
    return sorted({*keeper.tasks, *(rules.name for rules in queues if rules.voicemail)})


def running(state: State) -> Samples:
    """The number of recordings that run now."""
    found: dict[tuple[str, ...], float] = {
        (word,): 0.0 for word in ("starting", "running", "silent")
    }
    for call in state.calls.values():
        if call.recording is not None:
            runs = call.recording.stage is RecordingStage.RUNNING
            word = "starting" if not runs else "silent" if call.recording.silent else "running"
            found[word,] += 1
    return found


def _one(
    name: str, kind: Kind, told: str, read: Callable[[Keeper], float]
) -> tuple[Series, Callable[[Keeper], Samples]]:
    """A series without labels."""
    return Series(name=name, kind=kind, labels=(), help=told), lambda keeper: {(): read(keeper)}


def _age(keeper: Keeper) -> float:
    return max(0.0, keeper.wall().timestamp() - keeper.stock.oldest) if keeper.stock.oldest else 0.0


def _lag(keeper: Keeper) -> float:
    return max(0.0, keeper.wall().timestamp() - keeper.stock.due) if keeper.stock.due else 0.0


FIGURES: Mapping[Series, Callable[[Keeper], Samples]] = {
    NOW: lambda keeper: running(keeper.state()),
    FAILED: lambda keeper: {(why.value,): keeper.tally.failed[why] for why in FAILURES},
    PURGED: lambda keeper: {(why.value,): keeper.tally.purged[why] for why in PURGES},
    TASKS: tasks,
    OLDEST_TASK: oldest_task,
    STORED: lambda keeper: {
        ("all",): keeper.stock.many,
        ("held",): keeper.stock.held,
    },
    **dict(
        (
            _one(
                "hotline_recordings_kept",
                Kind.COUNTER,
                "Recordings of talks, and messages of callers, that were sealed.",
                lambda keeper: keeper.tally.kept,
            ),
            _one(
                "hotline_recordings_short",
                Kind.COUNTER,
                "Recordings sealed with less sound, of one side or both, than the talk was long.",
                lambda keeper: keeper.tally.short,
            ),
            _one(
                "hotline_recordings_bytes",
                Kind.COUNTER,
                "Bytes of sound that were sealed.",
                lambda keeper: keeper.tally.bytes,
            ),
            _one(
                "hotline_recordings_seconds",
                Kind.COUNTER,
                "Seconds of talks and of messages that were sealed.",
                lambda keeper: keeper.tally.seconds,
            ),
            _one(
                "hotline_recordings_played",
                Kind.COUNTER,
                "Hearings of recordings of talks, and of messages of callers.",
                lambda keeper: keeper.tally.played,
            ),
            _one(
                "hotline_recording_pauses",
                Kind.COUNTER,
                "Pauses of recordings, so that secrets are not kept.",
                lambda keeper: keeper.tally.pauses,
            ),
            _one(
                "hotline_recordings_waiting",
                Kind.GAUGE,
                "Recordings of talks, and messages of callers, that are over and not sealed yet; "
                "for long: disk, keys or Asterisk fail.",
                lambda keeper: keeper.waiting,
            ),
            _one(
                "hotline_recordings_stored_bytes",
                Kind.GAUGE,
                "Bytes of sound that are stored, sealed.",
                lambda keeper: keeper.stock.bytes,
            ),
            _one(
                "hotline_recordings_free_bytes",
                Kind.GAUGE,
                "Bytes free on the disk of sealed recordings, above what has to stay free there; "
                "0: nothing more is sealed.",
                lambda keeper: keeper.room,
            ),
            _one(
                "hotline_recordings_oldest_seconds",
                Kind.GAUGE,
                "Age of the oldest stored recording that nobody holds; 0: there is none.",
                _age,
            ),
            _one(
                "hotline_recordings_purge_lag_seconds",
                Kind.GAUGE,
                "How long ago the oldest recording that is still there should have been removed; "
                "0: none. Up to a day is usual: the daily run removes it.",
                _lag,
            ),
        )
    ),
}
