"""The only way into core: `step(event, now)` gives what must be done, and what is now true.

It belongs to one task. Time is an argument. `next_deadline` says when `step(TimePassed(), now)` is
due. A handler (handlers/) finds out what an event means. A rule decides what is done about it; it
stands in a table (call.py, operator.py, offers/) or in a module of its own. Handlers work with
`Work` (work.py).

A step is all-or-nothing for each call it touches: a rule decides first, and its facts are applied
after. A rule that raises is a bug of ours. That one call is sent to the lifeboat, the bug is told
as the fact `StepFailed`, and no other call is affected.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from callcenter.core.assignment import assign, hold_callbacks
from callcenter.core.commands import Command
from callcenter.core.events import Event
from callcenter.core.facts import Fact, ServiceStarted
from callcenter.core.fold import APPLY, apply
from callcenter.core.follow import FOLLOW
from callcenter.core.handlers import listeners, operators, recordings
from callcenter.core.handlers import site as house
from callcenter.core.handlers.table import HANDLERS
from callcenter.core.onward import leave_deserted, look_at_all, move_on, note_removed
from callcenter.core.restore import restore
from callcenter.core.site import Site
from callcenter.core.snapshot import Piece, pieces
from callcenter.core.state import State
from callcenter.core.work import Work

_new = tuple.__new__  # what NamedTuple's own constructor calls


class Step(NamedTuple):
    """The decisions of one step, in order."""

    commands: list[Command]
    facts: list[Fact]


class Engine:
    """Holds the state and changes it. No I/O; not safe for two tasks at once."""

    def __init__(self, site: Site, *, room_after_seconds: float = 0.0, seed: int = 0) -> None:
        """`room_after_seconds`: after this wait a caller goes to a room; 0: never. `seed`: for
        random choices."""
        self.state = State(site)
        self.work = Work(
            self.state,
            room_after_seconds=room_after_seconds,
            seed=seed,
            handlers=HANDLERS,
            becoming_true={kind: (become, FOLLOW.get(kind)) for kind, become in APPLY.items()},
        )
        self._start_is_told = True  # a restored engine tells its start in its first step

    def step(self, event: Event, now: float) -> Step:
        """One event in, commands and facts out. `now` is in seconds and never goes back."""
        work, state = self.work, self.state
        work.commands, work.facts = [], []
        if not self._start_is_told:
            self._start_is_told = True
            for fact in _start(state.site, now):
                work.tell(fact)
        work.handle(event, now)
        if work.removed:
            move_on(work, now)
        if state.closing is not None and now >= state.closing:
            house.let_everybody_go(work, now)
        if work.look_for_duty:
            leave_deserted(work, now)
        if work.look_at_callbacks:
            hold_callbacks(work, now)
        if work.possible:
            assign(work, now)
        if state.listenings:
            listeners.let_go(work, now)
        if work.changed_talks:
            recordings.look(work, now)
        if state.helps:
            operators.end_helps(work, now)
        return _new(Step, (work.commands, work.facts))

    def next_deadline(self) -> float | None:
        """The engine time of the next timer, in seconds; None if there is none. Timers of a node
        that is away wait, because their commands would be lost."""
        if not self.state.connected:
            return None
        timer = self.work.timers.next()
        return timer[0] if timer else None

    def restore(self, told: Iterable[Piece | Fact]) -> int:
        """Rebuild the state from the journal. The snapshot at the next connect adds the rest.

        Gives the number of facts that did not fit (after a damaged record). They are left out,
        because a service that cannot start serves nobody.
        """
        work, state = self.work, self.state
        unfit = restore(state, told)
        for fact in _start(state.site, 0.0):
            apply(state, fact)
        self._start_is_told = False
        work.possible.update(state.queues)
        note_removed(work)
        look_at_all(work)
        work.timers.begin_anew()
        work.look_at_callbacks = True
        return unfit

    def snapshot(self) -> Iterator[Piece]:
        """The present state in the form that `restore` reads. It is the beginning of a journal
        segment."""
        return pieces(self.state)


def _start(site: Site, now: float) -> tuple[Fact, ...]:
    return ServiceStarted(at=now), house.taken(site, now)
