"""Moves callers whose queue was removed, or has nobody on duty, to another queue."""

from callcenter.core.call import OnCall
from callcenter.core.ids import QueueName
from callcenter.core.overflow import has_staff, neighbour, own_queue, owners
from callcenter.core.turn import Detail
from callcenter.core.work import Work


def has_room(work: Work, name: QueueName) -> None:
    """One caller fewer waits in this queue. Callers in queues with nobody on duty may have waited
    for that room."""
    queue = work.state.queues[name]
    if work.deserted and queue.on_the_phone == queue.rules.waiting_limit - 1:
        work.look_for_duty = True


def note_removed(work: Work) -> None:
    known = work.state.site.queues
    work.removed = {name for name in work.state.queues if name not in known}
    for call in work.state.calls.values():  # the site may not lead them there any more
        if call.queue:
            work.stood.setdefault(call.queue, set()).add(own_queue(work.state, call))


def move_on(work: Work, now: float) -> None:
    """Operators still logged in to a removed queue finish its callers. If none remain, the
    callers join the queue of the number they called, where they keep their place by arrival."""
    for name in sorted(work.removed):
        queue = work.state.queues[name]
        callers = queue.present + queue.returned
        if callers and queue.staff:
            continue
        for call in list(queue.line):
            work.call(work.state.calls[call], OnCall.QUEUE_GONE, now)
        if not callers or len(queue.line):  # no caller is left, or they cannot go on
            work.removed.discard(name)


def look_at_all(work: Work) -> None:
    work.deserted.update(name for name, queue in work.state.queues.items() if len(queue.line))
    work.look_for_duty = bool(work.deserted)


def leave_deserted(work: Work, now: float) -> None:
    """Move callers from queues with nobody on duty to queues with somebody on duty."""
    work.look_for_duty = False
    for name in sorted(work.deserted):
        queue = work.state.queues[name]
        if not len(queue.line) or has_staff(work.state, queue):
            work.deserted.discard(name)
            continue
        going = owners(work.state.site, name)  # queues whose callers find somebody elsewhere
        going |= work.stood.get(name, set())
        for call in map(work.state.calls.__getitem__, list(queue.line)):
            own = own_queue(work.state, call)
            if name in work.state.closed or (own in going and neighbour(work.state, own, name)):
                in_room = work.rooms.may_have(call, now)
                work.call(call, OnCall.NOBODY, now, Detail(in_room=in_room))
                continue
            going.discard(own)
            if not going:
                break
