"""The state as plain values, for comparing one engine with another."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from callcenter.core.facts import ServiceStarted
from callcenter.core.fold import apply
from callcenter.core.free import Free
from callcenter.core.line import Line
from callcenter.core.site import QueueRules
from callcenter.core.state import Queue, State


def as_restarted(state: State) -> dict[str, object]:
    """The picture of it when another process has read it."""
    apply(state, ServiceStarted(at=0.0))
    return picture(state)


def picture(state: State) -> dict[str, object]:
    """Every field there is, in order; only the site, its rules and empty queues are left out.

    Whose callback has not come about yet is looked up by number, and listed by arrival: it has no
    order of its own. Neither has a parked call's place.
    """
    shown = {f.name: _plain(getattr(state, f.name)) for f in fields(state) if f.name != "site"}
    shown["callbacks"], shown["aside"] = dict(state.callbacks), dict(state.aside)
    shown["queues"] = {
        name: _plain(queue)
        for name, queue in state.queues.items()
        if len(queue.line) or queue.present or queue.returned or queue.staff
    }
    return shown


def _plain(value: object) -> object:
    if isinstance(value, QueueRules):
        return None
    if isinstance(value, Queue):  # counts by queue have no order; who is free has
        return {
            f.name: sorted(value.beside.items())
            if f.name == "beside"
            else _plain(getattr(value, f.name))
            for f in fields(value)
        }
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return [(key, _plain(each)) for key, each in value.items()]
    return list(value) if isinstance(value, Line | Free) else value
