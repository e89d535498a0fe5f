"""Pictures of all queues and operators for the live feed, and what is different between two.

A picture is taken after a change, while anybody watches. Changes are found, and encoded as JSON,
once for all who have seen the same picture. Seconds that only pass are no change: a screen counts
them itself.
"""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic, thread_time

import msgspec

from callcenter.core.facts import Fact
from callcenter.ports.engine import RunningEngine
from callcenter.web import queues
from callcenter.web.operators import views
from callcenter.web.operators.roster import Roster
from callcenter.web.operators.unread import Unread
from callcenter.web.operators.views import OperatorView
from callcenter.web.operators.windows import Windows
from callcenter.web.queues import QueueView

FRESH_SECONDS = 0.1  # a new screen is shown a picture that is not older
FAR_SECONDS = 2.0**40  # an engine time that is never reached


class LiveMessage(msgspec.Struct):
    """A message to listeners: everything, or the part of it that changed."""

    type: str
    connected: bool
    queues: Sequence[QueueView]
    operators: Sequence[OperatorView]
    removed: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LastingQueue:
    """What of a queue is compared. `oldest` is a number for the caller who has waited longest. It
    changes when another caller is the oldest."""

    view: QueueView
    oldest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The state at a moment. Later pictures have higher numbers. The mappings have, by name, the
    views without seconds that only pass: what is compared."""

    number: int = 0
    connected: bool = False
    queues: Sequence[QueueView] = ()
    operators: Sequence[OperatorView] = ()
    lasting_queues: Mapping[str, LastingQueue] = field(default_factory=dict)
    lasting_operators: Mapping[str, OperatorView] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        number: int,
        *,
        connected: bool,
        queues: Sequence[QueueView],
        operators: Sequence[OperatorView],
        oldest: Mapping[str, float],
    ) -> "Picture":
        """A picture of these. `oldest`: by queue, see LastingQueue."""
        return cls(
            number=number,
            connected=connected,
            queues=queues,
            operators=operators,
            lasting_queues={view.queue: _lasting_queue(view, oldest) for view in queues},
            lasting_operators={view.operator: _lasting_operator(view) for view in operators},
        )


class Camera:
    """Takes the pictures. `picture` is the last one."""

    def __init__(
        self, engine: RunningEngine, roster: Roster, windows: Windows, unread: Unread
    ) -> None:
        self.picture = Picture()
        self.cost_seconds = 0.0  # what the last one took of the processor
        self._engine = engine
        self._roster = roster
        self._windows = windows
        self._unread = unread
        roster.listeners.append(self.changed)
        windows.listeners.append(self.changed)
        unread.listeners.append(self.changed)
        self._changed = asyncio.Event()
        self._taken_at = -math.inf
        # encoded changes, by the number of the picture that they follow
        self._written: dict[int, bytes | None] = {}

    def changed(self, facts: Sequence[Fact] = ()) -> None:
        """Note that something may have changed."""
        self._changed.set()

    async def up_to_date(self) -> None:
        """Take a picture if the last one is out of date. Raises DatabaseAwayError if the operators
        were never read."""
        if monotonic() - self._taken_at > FRESH_SECONDS:
            await self._roster.cards()
            await self._take()

    async def next_picture(self, pause: float = 0.0) -> None:
        """Take a picture after the next change, and not sooner than `pause` after the last."""
        await self._changed.wait()
        await asyncio.sleep(self._taken_at + pause - monotonic())
        await self._take()
        self._changed.clear()

    def news(self, shown: Picture | None) -> bytes | None:
        """The changes since that picture, as JSON; None if there are none. Everything, for a screen
        that has shown no picture."""
        number = 0 if shown is None else shown.number
        if number not in self._written:
            told = _everything(self.picture) if shown is None else changes(shown, self.picture)
            self._written[number] = None if told is None else msgspec.json.encode(told)
        return self._written[number]

    async def _take(self) -> None:
        cards = await self._roster.cards()
        # from here on nothing waits: no change comes between the picture and the note of it
        began = thread_time()
        engine, state, now = self._engine, self._engine.state, self._engine.now()
        counts = state.operators_by_queue()
        self.picture = Picture.of(
            self.picture.number + 1,
            connected=state.connected,
            queues=[queues.view(state, name, now, counts[name]) for name in state.queues],
            operators=[
                views.view(card, engine, self._windows, self._unread) for card in cards.values()
            ],
            # How long the oldest will have waited at a fixed time: rounding the present wait would
            # give the same caller another number each time.
            oldest={name: state.oldest_wait_seconds(name, FAR_SECONDS) for name in state.queues},
        )
        self._taken_at, self._written = monotonic(), {}
        self.cost_seconds = thread_time() - began


def changes(before: Picture, after: Picture) -> LiveMessage | None:
    """The differences between two pictures, or None."""
    old_queues, new_queues = before.lasting_queues, after.lasting_queues
    old_operators, new_operators = before.lasting_operators, after.lasting_operators
    change = LiveMessage(
        type="changes",
        connected=after.connected,
        queues=[v for v in after.queues if old_queues.get(v.queue) != new_queues[v.queue]],
        operators=[
            v for v in after.operators if old_operators.get(v.operator) != new_operators[v.operator]
        ],
        removed=[name for name in old_operators if name not in new_operators],
    )
    quiet = not change.queues and not change.operators and not change.removed
    return None if quiet and before.connected == after.connected else change


def nothing(picture: Picture) -> bytes:
    """The message of a feed that has no news, as JSON."""
    message = LiveMessage(
        type="changes", connected=picture.connected, queues=(), operators=(), removed=()
    )
    return msgspec.json.encode(message)


def _everything(picture: Picture) -> LiveMessage:
    return LiveMessage(
        type="snapshot",
        connected=picture.connected,
        queues=picture.queues,
        operators=picture.operators,
        removed=(),
    )


def _lasting_queue(view: QueueView, oldest: Mapping[str, float]) -> LastingQueue:
    parked = [
        msgspec.structs.replace(call, parked_seconds=0.0, left_seconds=0.0) for call in view.parked
    ]
    lasting = msgspec.structs.replace(view, oldest_wait_seconds=0.0, parked=parked)
    return LastingQueue(view=lasting, oldest=oldest[view.queue])


def _lasting_operator(view: OperatorView) -> OperatorView:
    return msgspec.structs.replace(
        view,
        state_seconds=0.0,
        until_seconds=None,
        help_seconds=0.0,
        recording_paused_seconds=None,
    )
