"""The state in pieces: the beginning of a journal segment, so that a restart reads one segment and
not a year of calls.

Kept are the fields of `State` that its constructor takes. A new field is kept without a line here.
The other fields follow from these, and `derive` works them out again. The pieces refer to the
living state: encode them before the next step.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import islice
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from callcenter.core.facts import OperatorState
from callcenter.core.line import Line
from callcenter.core.message import message
from callcenter.core.state import CallState, State, at_work

TABLES = (dict, OrderedDict)
AT_ONCE = 1_000  # names in one piece; each call and each operator is a piece of its own


@message
class Piece:
    """The value of one field of the state, or some entries of a table."""

    field: str
    value: Any


_TYPES = get_type_hints(State)
KEPT: Mapping[str, Any] = {
    name: dict[get_args(_TYPES[name])] if get_origin(_TYPES[name]) in TABLES else _TYPES[name]  # type: ignore[misc]
    for name in (field.name for field in fields(State) if field.init and field.name != "site")
}
"""The type of each kept field's value."""


def pieces(state: State) -> Iterator[Piece]:
    """All pieces that are kept of a state."""
    for name, kind in KEPT.items():
        value = getattr(state, name)
        if not isinstance(value, dict):
            yield Piece(field=name, value=value)
        elif get_args(kind)[1] is NoneType:
            for start in range(0, len(value), AT_ONCE):
                names = islice(value, start, start + AT_ONCE)
                yield Piece(field=name, value=dict.fromkeys(names))
        else:
            for key, each in value.items():
                yield Piece(field=name, value={key: each})


def put(state: State, piece: Piece) -> None:
    """Put a piece back into the state. Call `derive` after the last one."""
    if isinstance(piece.value, dict):
        getattr(state, piece.field).update(piece.value)
    else:
        setattr(state, piece.field, piece.value)


def derive(state: State) -> None:
    """Work out what follows from calls, operators and nodes: lines, counts, who is free, what is
    lost."""
    state.unscored = 0
    state.callbacks, state.calling = {}, set()
    state.aside = {call.aside.place: call.id for call in state.calls.values() if call.aside}
    for queue in state.queues.values():
        queue.present, queue.returned, queue.parked = 0, 0, 0
        queue.line = Line(state.site.aging_seconds)
        queue.free.clear()
        queue.staff.clear()
        queue.widening.clear()
        queue.serving = 0
        queue.beside.clear()
    for call in state.calls.values():
        state.unscored += call.outcome is None
        if not call.queue:
            continue
        queue = state.queue(call.queue)
        queue.present += call.outcome is None
        queue.returned += call.has_returned
        if call.callback and call.is_parked:
            queue.parked += 1
            state.callbacks[call.callback.number] = call.id
        if call.is_tried:
            state.calling.add(call.id)
        if call.rings_at < call.at_once:
            queue.widening[call.id] = None
        if call.state in (CallState.WAITING, CallState.PARKED):
            queue.line.add(call.id, call.priority, call.rank, call.needs)
    for operator in sorted(state.operators.values(), key=lambda o: o.order):
        if at_work(operator.state):
            state.serve(operator.queues, +1)
        for name in operator.queues:
            if operator.state is not OperatorState.OFFLINE:
                state.queue(name).staff.add(operator.id)
            if operator.state is OperatorState.AVAILABLE:
                state.stand_by(operator, state.queue(name))
    state.nodes_changed()
