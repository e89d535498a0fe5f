"""The life of a call.

A caller is always in exactly one state. Callers of a line with a *menu* are first asked what it is
about (asking.py). *Waiting* callers hear music and keep their place in line. An *engaged* call has
an offer: an operator's phone rings, or they talk. What happens to the offer is in the tables of the
offers (offers/). An offer has an id of its own. So a late event ("answered", when we had already
withdrawn the offer) is recognised, and its leg is hung up. The call is scored as answered only when
Asterisk confirms that both legs are in the operator's bridge. A call is scored once, when its
outcome is known. After that it is *leaving* until its leg is gone.

The table `RULES` is total: every state has a cell for everything that can happen, with the rule and
the states to which it may lead. A condition (patience is spent) is something that happens, not a
hidden `if`.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

from callcenter.core import (
    asking,
    choosing,
    entry,
    hearing,
    leaving,
    news,
    overflow,
    parked,
    set_aside,
    survey,
    telling,
    voicemail,
)
from callcenter.core.cell import Cell
from callcenter.core.commands import EnterRoom, Exit
from callcenter.core.events import CallArrived, CallNeverBegan
from callcenter.core.facts import (
    CallbackHow,
    CallEnded,
    CallMoved,
    CallPrioritized,
    CallQueued,
    CallReceived,
    CallReturned,
    CallScored,
    NeedsRelaxed,
    TalkEnded,
    VoicemailMoved,
)
from callcenter.core.ids import OperatorId, QueueName
from callcenter.core.legs import CallerLeg
from callcenter.core.offers import ways
from callcenter.core.offers.rules import OUT
from callcenter.core.offers.table import OnOffer
from callcenter.core.outcome import (
    Diversion,
    EndedBy,
    Outcome,
    Rejection,
    outcome_of_leaving,
)
from callcenter.core.rooms import room_of
from callcenter.core.site import Line
from callcenter.core.skills import relaxed
from callcenter.core.state import UNKNOWN_LINE, Call, CallState
from callcenter.core.turn import Detail, Turn


class OnCall(StrEnum):
    """What can happen to a call. For its offer see offers/table.py."""

    ARRIVED = "caller arrived"
    LEFT = "caller left"
    PRIORITY = "priority changed"
    OFFER = "an operator is free"
    KEY = "key pressed"
    PLAYED = "prompt is over"
    CASE = "state of a case is known"
    RECORDED = "message is recorded"
    MEASURED = "sound of the message is known"
    UNSURE = "what plays is not known any more"  # after a connect to Asterisk
    STATE_TIME = "time of this state spent"  # the menu, leaving or a prompt took too long
    PATIENCE = "longest wait reached"
    LONG_WAIT = "has waited for some time"
    RELAX = "has waited for skills"
    TELL = "time to say how long it takes"
    CALLBACK = "a callback can be offered"
    CANCELLED = "callback given up"
    HURRIED = "a supervisor wants it now"
    PICKED_UP = "an operator picks up the parked call"
    QUEUE_GONE = "queue not in the site any more"
    NOBODY = "nobody is on duty any more"
    CLOSED = "Asterisk is restarted now"
    FAULT = "a fault of ours"


Rule = Callable[[Turn, Call, Detail], None]


# --- arriving --------------------------------------------------------------------------------


def admit(turn: Turn, event: CallArrived) -> None:
    """A new call. Let it into its line's queue or menu, or tell the caller why not."""
    line = _receive(turn, event)
    if line is None:
        return
    leg, own = CallerLeg(call=event.call, node=event.node), line.own_queue(event.caller)
    arrived_at = turn.now - event.age_seconds
    if line.menu is not None and not event.alone_at and entry.is_open(turn, line):
        asking.begin(turn, leg, line, line.menu)
    elif entry.let_in(
        *(turn, leg, line, own, arrived_at, line.priority, event.caller),
        was_here=bool(event.alone_at),
    ):
        if event.alone_at:
            _returns(turn, event, line, OperatorId(event.alone_at))
        else:
            _greet(turn, leg, line)


def _returns(turn: Turn, event: CallArrived, line: Line, operator: OperatorId) -> None:
    """A caller who was joined with an operator by a service that has lost its data, and who is
    alone now. They count as answered, and stand in line again, because the operator may have been
    lost. The length of the talk is unknown."""
    queue = next(fact.queue for fact in turn.facts if isinstance(fact, CallQueued))
    turn.tell(
        CallScored(
            at=turn.now,
            call=event.call,
            line=line.name,
            queue=queue,
            outcome=Outcome.ANSWERED,
            reason="",
            wait_seconds=event.age_seconds,
            queue_wait_seconds=0.0,
            place=0,
        ),
        TalkEnded(
            at=turn.now,
            call=event.call,
            line=line.name,
            queue=queue,
            operator=operator,
            talk_seconds=0.0,
            ended_by=EndedBy.OPERATOR,
        ),
        CallReturned(at=turn.now, call=event.call, queue=queue),
    )


def _greet(turn: Turn, leg: CallerLeg, line: Line) -> None:
    queue = next((fact.queue for fact in turn.facts if isinstance(fact, CallQueued)), "")
    told = news.on(turn.state, line.name, queue)
    if told and not line.notice:
        news.begin(turn, leg, 1, told, line.language)
    else:
        hearing.first(turn, leg, line)


def _receive(turn: Turn, event: CallArrived | CallNeverBegan) -> Line | None:
    """The line that was called. None if no call to it is let in, whatever its queue."""
    line = turn.state.site.line_of_did.get(event.did)
    arrived = CallReceived(
        at=turn.now,
        call=event.call,
        line=line.name if line else UNKNOWN_LINE,
        did=event.did,
        caller=event.caller,
        arrived_at=turn.now - event.age_seconds,
        node=event.node,
        numbers_from=_numbers_from(event),
    )
    turn.tell(arrived)
    if line is not None and turn.state.closing is None:
        return line
    why = Rejection.UNKNOWN_NUMBER if line is None else Rejection.RESTART
    leg = CallerLeg(call=event.call, node=event.node)
    entry.reject(turn, leg, arrived.line, arrived.arrived_at, why)
    return None


def _numbers_from(event: CallArrived | CallNeverBegan) -> int:
    """The first number for offers, so that names of legs and rows of another service are not used
    again. A service that first sees the call this many milliseconds after its arrival has not made
    as many offers before."""
    if isinstance(event, CallArrived) and event.seen_later:
        return int(event.age_seconds * 1000.0)
    return 0


def never_began(turn: Turn, event: CallNeverBegan) -> None:
    """Tell that the call was received and ended. It stood in no line."""
    line = _receive(turn, event)
    if line is not None:
        _never_stood(turn, event, line)
    turn.commands.clear()  # nobody is there to be sent out
    for fact in turn.facts:
        if isinstance(fact, VoicemailMoved):
            turn.tell(voicemail.never_left(turn, event.call, fact))
            break
    turn.tell(CallEnded(at=turn.now, call=event.call))


def _never_stood(turn: Turn, event: CallNeverBegan, line: Line) -> None:
    leg = CallerLeg(call=event.call, node=event.node)
    arrived_at, loss = turn.now - event.age_seconds, event.loss or ""
    if line.menu is not None and entry.is_open(turn, line):
        entry.never_offered(turn, leg, line.name, arrived_at, Outcome.IVR_ENDED, loss)
        return
    own = line.own_queue(event.caller)
    if not entry.let_in(turn, leg, line, own, arrived_at, line.priority, caller=""):
        return  # a kept place stays kept: the caller never got it
    queued = next(fact for fact in turn.facts if isinstance(fact, CallQueued))
    rules = turn.state.queue(queued.queue).rules
    left = outcome_of_leaving(event.age_seconds, rules.short_abandon_seconds)
    turn.tell(
        CallScored(
            at=turn.now,
            call=event.call,
            line=line.name,
            queue=queued.queue,
            outcome=Outcome.FAILED if event.loss else left,
            reason=loss,
            wait_seconds=event.age_seconds,
            queue_wait_seconds=0.0,
            place=0,
        )
    )


# --- rules -----------------------------------------------------------------------------------


def ignore(turn: Turn, call: Call, detail: Detail) -> None:
    """Do nothing. The cell says why."""


def leave_line(turn: Turn, call: Call, detail: Detail) -> None:
    """The caller gave up waiting. Who was just asked when to be called back is called back."""
    if call.choice is not None and choosing.take(turn, call, CallbackHow.LEFT, gone=True):
        return
    place = turn.state.queue(call.queue).line.place_of(call.id)
    leaving.abandon(turn, call, detail.loss, place)


def change_priority(turn: Turn, call: Call, detail: Detail) -> None:
    """Move the caller up or down in line."""
    turn.tell(CallPrioritized(at=turn.now, call=call.id, priority=detail.priority))


def offer(turn: Turn, call: Call, detail: Detail) -> None:
    """An operator is free: ring the phone, or join the two on an open line."""
    assert detail.operator is not None
    ways.begin(turn, detail.operator, call, detail.at_once)


def go_on(turn: Turn, call: Call, detail: Detail) -> None:
    """A prompt is over: play the next one, or music."""
    if call.owes_notice and (told := news.owed(turn.state, call)):
        hearing.over(turn, call)
        news.begin(turn, call.leg, call.prompts + 1, told, hearing.language(turn, call))
    elif call.choice is not None:
        choosing.go_on(turn, call, call.choice)
    else:
        hearing.go_on(turn, call)


def hear_more(turn: Turn, call: Call, detail: Detail) -> None:
    """The caller pressed a key to hear more of the news."""
    news.more(turn, call, detail.key)


def repeat(turn: Turn, call: Call, detail: Detail) -> None:
    """It is unknown what plays. Play the notice again, or music."""
    if call.choice is not None:
        choosing.ask_again(turn, call, call.choice)
    else:
        hearing.repeat(turn, call)


def waited_longest(turn: Turn, call: Call, detail: Detail) -> None:
    """The caller waited as long as the queue allows. Send them to the next queue, ask them for a
    message, or send them out with one, which may be the queue's own."""
    if call.choice is not None and choosing.take(turn, call, CallbackHow.SILENT):
        return
    own = overflow.own_queue(turn.state, call)
    onward = overflow.onward(turn.state, own, call.queue, call.spent)
    if onward:
        _move(turn, call, onward, Diversion.MAX_WAIT)
        return
    place = turn.state.queue(call.queue).line.place_of(call.id)
    if call.outcome is None and voicemail.is_taken(turn.state, call.queue):
        voicemail.from_line(turn, call, detail, place)
        return
    why = Exit.MESSAGE if leaving.own_message(turn.state, call) else Exit.MAX_WAIT
    leaving.send_out(turn, call, why, Outcome.OVERFLOW, place)


def press_in_line(turn: Turn, call: Call, detail: Detail) -> None:
    """The caller pressed a key in line: to be called back, or to hear more of the message of the
    day."""
    if call.choice is not None:
        choosing.press(turn, call, call.choice, detail)
    elif detail.key == parked.KEY:
        parked.press(turn, call, detail)
    else:
        hear_more(turn, call, detail)


def go_to_room(turn: Turn, call: Call, detail: Detail) -> None:
    """Move the waiting caller to a room, which costs Asterisk less. Not while a prompt plays,
    because Asterisk plays it in another way to a channel in a bridge; then later."""
    if call.prompt is None and call.choice is None:
        turn.order(EnterRoom(lane=call.id, caller=call.leg, room=room_of(call)))


def relax(turn: Turn, call: Call, detail: Detail) -> None:
    """From now on an operator with lower skill levels is good enough."""
    turn.tell(NeedsRelaxed(at=turn.now, call=call.id, needs=relaxed(call.needs)))


def tell(turn: Turn, call: Call, detail: Detail) -> None:
    """Announce the place in line and the wait, if there is something to announce."""
    if call.choice is None:
        telling.tell(turn, call)


def move_on(turn: Turn, call: Call, detail: Detail) -> None:
    """Nobody will be served in this queue. Move the caller to the queue where the line's callers
    wait now."""
    line = turn.state.site.line_of_did.get(call.did)
    if line is not None:
        _move(turn, call, line.own_queue(call.caller), Diversion.QUEUE_GONE)


def nobody_on_duty(turn: Turn, call: Call, detail: Detail) -> None:
    """The last operator is gone. Move the caller to a queue with an operator on duty. If there is
    none, the caller stays, because somebody may still come, unless this queue is closed. A caller
    who has talked with an operator is never sent out for this: that phone may be back at once, and
    otherwise the longest wait ends the call."""
    own = overflow.own_queue(turn.state, call)
    staffed = overflow.neighbour(turn.state, own, call.queue)
    if staffed:
        _move(turn, call, staffed, Diversion.NO_STAFF)
    elif call.queue in turn.state.closed and call.outcome is None:
        place = turn.state.queue(call.queue).line.place_of(call.id)
        if voicemail.is_taken(turn.state, call.queue):
            voicemail.from_line(turn, call, detail, place)
            return
        leaving.send_out(turn, call, Exit.CLOSED, Outcome.OVERFLOW, place)


def _move(turn: Turn, call: Call, queue: QueueName, why: Diversion) -> None:
    turn.tell(CallMoved(at=turn.now, call=call.id, queue=queue, left=call.queue, why=why))


def let_go(turn: Turn, call: Call, detail: Detail) -> None:
    """Asterisk is restarted. The caller is told so, and hung up."""
    place = turn.state.queue(call.queue).line.place_of(call.id)
    leaving.send_out(turn, call, Exit.RESTART, Outcome.FAILED, place)


def fail(turn: Turn, call: Call, detail: Detail) -> None:
    """A fault of ours must not leave a citizen in silence. Send the caller to the lifeboat."""
    leaving.fail(turn, call)


def gone(turn: Turn, call: Call, detail: Detail) -> None:
    """The leg of a call already scored is gone."""
    turn.tell(CallEnded(at=turn.now, call=call.id))


def put_out(turn: Turn, call: Call, detail: Detail) -> None:
    """The call should have left long ago. Hang up and forget it."""
    leaving.hang_up_caller(turn, call)
    turn.tell(CallEnded(at=turn.now, call=call.id))


def to_offer(what: OnOffer) -> Rule:
    """The table of the offer handles this."""

    def rule(turn: Turn, call: Call, detail: Detail) -> None:
        assert call.offer is not None
        ways.cell_of(call.offer, what).rule(turn, call, call.offer, detail)

    return rule


_C, _S = OnCall, CallState
CallCell = Cell[Rule, CallState]


def _to(rule: Rule, *targets: CallState) -> CallCell:
    return Cell(rule, targets)


def _nothing(why: str) -> CallCell:
    return Cell(ignore, (), why)


_KNOWN = _nothing("cannot come: who is known is not let in again")
_OFFERED_ALREADY = _nothing("cannot come: only who stands in line is offered")
_NOT_IN_LINE = _nothing("cannot come: it is asked of those alone who stand in line")
_STOPPED = _nothing("cannot come: what played was ended on the way out")
_OVER = _nothing("cannot come: nothing of a call that has ended is handed on")

_NOT_ASKED = _nothing("keys mean nothing outside the menu and the line")
_TOO_LATE = _nothing("the answer came late: the caller has left the menu")
_NO_MESSAGE = _nothing("told late, of a message that is over")
_NO_LEG = _nothing("told late, of the leg that was let go: the caller has none")
_NOT_RESTING = _nothing("a supervisor wanted it now, and it is not held back")
_NOT_ASIDE = _nothing("picked up a moment too late: the call is not parked any more")
_NO_CALLBACK = _nothing("a supervisor ended a callback that had just come about")

_BACK = (_S.PARKED, _S.RESTING)
"""Will be called back, in their turn or at an hour."""

RULES: Mapping[CallState, Mapping[OnCall, CallCell]] = {
    _S.MENU: {
        _C.ARRIVED: _KNOWN,
        _C.LEFT: _to(asking.hang_up, _S.ENDED),
        _C.KEY: _to(asking.press, _S.MENU, _S.WAITING, _S.LEAVING, _S.VOICEMAIL),
        _C.PLAYED: _to(asking.played, _S.MENU, _S.WAITING, _S.LEAVING, _S.VOICEMAIL),
        _C.CASE: _to(asking.answered, _S.MENU, _S.WAITING, _S.LEAVING, _S.VOICEMAIL),
        _C.RECORDED: _NO_MESSAGE,
        _C.MEASURED: _NO_MESSAGE,
        _C.UNSURE: _to(asking.ask_again, _S.MENU, _S.WAITING, _S.LEAVING, _S.VOICEMAIL),
        _C.PRIORITY: _nothing("a supervisor moved somebody who stands in no line yet"),
        _C.OFFER: _NOT_IN_LINE,
        _C.STATE_TIME: _to(asking.time_spent, _S.MENU, _S.WAITING, _S.LEAVING, _S.VOICEMAIL),
        _C.PATIENCE: _NOT_IN_LINE,
        _C.LONG_WAIT: _NOT_IN_LINE,
        _C.RELAX: _NOT_IN_LINE,
        _C.TELL: _NOT_IN_LINE,
        _C.CALLBACK: _NOT_IN_LINE,
        _C.CANCELLED: _NO_CALLBACK,
        _C.HURRIED: _NOT_RESTING,
        _C.PICKED_UP: _NOT_ASIDE,
        _C.QUEUE_GONE: _NOT_IN_LINE,
        _C.NOBODY: _NOT_IN_LINE,
        _C.CLOSED: _to(asking.let_go, _S.LEAVING),
        _C.FAULT: _to(asking.fail, _S.LEAVING),
    },
    _S.WAITING: {
        _C.ARRIVED: _KNOWN,
        _C.KEY: _to(press_in_line, _S.WAITING, *_BACK),
        _C.CALLBACK: _to(parked.offer),
        _C.CANCELLED: _NO_CALLBACK,
        _C.HURRIED: _NOT_RESTING,
        _C.PICKED_UP: _NOT_ASIDE,
        _C.PLAYED: _to(go_on),
        _C.CASE: _TOO_LATE,
        _C.RECORDED: _NO_MESSAGE,
        _C.MEASURED: _NO_MESSAGE,
        _C.UNSURE: _to(repeat),
        _C.LEFT: _to(leave_line, _S.ENDED, _S.PARKED),
        _C.PRIORITY: _to(change_priority),
        _C.OFFER: _to(offer, _S.ENGAGED),
        _C.STATE_TIME: _to(go_on, _S.WAITING, *_BACK),
        _C.PATIENCE: _to(waited_longest, _S.LEAVING, _S.WAITING, _S.ENDED, _S.VOICEMAIL, *_BACK),
        _C.LONG_WAIT: _to(go_to_room),
        _C.RELAX: _to(relax),
        _C.TELL: _to(tell),
        _C.QUEUE_GONE: _to(move_on, _S.WAITING),
        _C.NOBODY: _to(nobody_on_duty, _S.WAITING, _S.VOICEMAIL, *OUT),
        _C.CLOSED: _to(let_go, *OUT),
        _C.FAULT: _to(fail, *OUT),
    },
    _S.PARKED: {
        _C.ARRIVED: _KNOWN,
        _C.LEFT: _NO_LEG,
        _C.KEY: _NO_LEG,
        _C.PLAYED: _STOPPED,
        _C.CASE: _TOO_LATE,
        _C.RECORDED: _NO_MESSAGE,
        _C.MEASURED: _NO_MESSAGE,
        _C.UNSURE: _STOPPED,
        _C.PRIORITY: _to(change_priority),
        _C.OFFER: _to(offer, _S.ENGAGED),
        _C.STATE_TIME: _nothing("cannot come: who is parked has no time but the longest"),
        _C.PATIENCE: _to(parked.expire, _S.ENDED),
        _C.LONG_WAIT: _NO_LEG,
        _C.RELAX: _to(relax),
        _C.TELL: _NO_LEG,
        _C.CALLBACK: _NO_LEG,
        _C.CANCELLED: _to(parked.cancel, _S.ENDED),
        _C.HURRIED: _NOT_RESTING,
        _C.PICKED_UP: _NOT_ASIDE,
        _C.QUEUE_GONE: _to(move_on, _S.PARKED),
        _C.NOBODY: _to(parked.nobody_on_duty, _S.PARKED),
        _C.CLOSED: _nothing("has no leg that would be lost: the place is kept over the restart"),
        _C.FAULT: _to(parked.fail, _S.ENDED),
    },
    _S.RESTING: {
        _C.ARRIVED: _KNOWN,
        _C.LEFT: _NO_LEG,
        _C.KEY: _NO_LEG,
        _C.PLAYED: _STOPPED,
        _C.CASE: _TOO_LATE,
        _C.RECORDED: _NO_MESSAGE,
        _C.MEASURED: _NO_MESSAGE,
        _C.UNSURE: _STOPPED,
        _C.PRIORITY: _to(change_priority),
        _C.OFFER: _NOT_IN_LINE,
        _C.STATE_TIME: _to(parked.due, _S.PARKED),
        _C.PATIENCE: _to(parked.expire, _S.ENDED),
        _C.LONG_WAIT: _NO_LEG,
        _C.RELAX: _to(relax),
        _C.TELL: _NO_LEG,
        _C.CALLBACK: _NO_LEG,
        _C.CANCELLED: _to(parked.cancel, _S.ENDED),
        _C.HURRIED: _to(parked.due, _S.PARKED),
        _C.PICKED_UP: _NOT_ASIDE,
        _C.QUEUE_GONE: _NOT_IN_LINE,
        _C.NOBODY: _NOT_IN_LINE,
        _C.CLOSED: _nothing("has no leg that would be lost"),
        _C.FAULT: _to(parked.fail, _S.ENDED),
    },
    _S.ENGAGED: {
        _C.ARRIVED: _KNOWN,
        _C.LEFT: _to(to_offer(OnOffer.CALLER_LEFT), _S.ENDED),
        _C.KEY: _NOT_ASKED,
        _C.PLAYED: _to(to_offer(OnOffer.HEARD)),
        _C.CASE: _TOO_LATE,
        _C.RECORDED: _NO_MESSAGE,
        _C.MEASURED: _NO_MESSAGE,
        _C.UNSURE: _to(repeat),
        _C.PRIORITY: _to(to_offer(OnOffer.PRIORITY)),
        _C.OFFER: _OFFERED_ALREADY,
        _C.STATE_TIME: _to(to_offer(OnOffer.HEARD)),
        _C.PATIENCE: _NOT_IN_LINE,
        _C.LONG_WAIT: _NOT_IN_LINE,
        _C.RELAX: _to(relax),
        _C.TELL: _NOT_IN_LINE,
        _C.CALLBACK: _NOT_IN_LINE,
        _C.CANCELLED: _NO_CALLBACK,
        _C.HURRIED: _NOT_RESTING,
        _C.PICKED_UP: _NOT_ASIDE,
        _C.QUEUE_GONE: _NOT_IN_LINE,
        _C.NOBODY: _NOT_IN_LINE,
        _C.CLOSED: _to(to_offer(OnOffer.CLOSED), *OUT, *_BACK),
        _C.FAULT: _to(to_offer(OnOffer.FAULT), *OUT),
    },
    _S.SURVEY: {
        _C.ARRIVED: _KNOWN,
        _C.LEFT: _to(survey.hang_up, _S.ENDED),
        _C.KEY: _to(survey.press),
        _C.PLAYED: _to(survey.go_on, _S.SURVEY, _S.LEAVING),
        _C.CASE: _TOO_LATE,
        _C.RECORDED: _NO_MESSAGE,
        _C.MEASURED: _NO_MESSAGE,
        _C.UNSURE: _to(survey.ask_again, _S.SURVEY, _S.LEAVING),
        _C.PRIORITY: _nothing("a supervisor moved somebody who has been served"),
        _C.OFFER: _NOT_IN_LINE,
        _C.STATE_TIME: _to(survey.go_on, _S.SURVEY, _S.LEAVING),
        _C.PATIENCE: _NOT_IN_LINE,
        _C.LONG_WAIT: _NOT_IN_LINE,
        _C.RELAX: _NOT_IN_LINE,
        _C.TELL: _NOT_IN_LINE,
        _C.CALLBACK: _NOT_IN_LINE,
        _C.CANCELLED: _NO_CALLBACK,
        _C.HURRIED: _NOT_RESTING,
        _C.PICKED_UP: _NOT_ASIDE,
        _C.QUEUE_GONE: _NOT_IN_LINE,
        _C.NOBODY: _NOT_IN_LINE,
        _C.CLOSED: _to(survey.let_go, _S.LEAVING),
        _C.FAULT: _to(survey.let_go, _S.LEAVING),
    },
    _S.VOICEMAIL: {
        _C.ARRIVED: _KNOWN,
        _C.LEFT: _to(voicemail.hang_up, _S.ENDED),
        _C.KEY: _to(voicemail.press),
        _C.PLAYED: _to(voicemail.go_on, _S.VOICEMAIL),
        _C.CASE: _TOO_LATE,
        _C.RECORDED: _to(voicemail.recorded, _S.VOICEMAIL, _S.LEAVING),
        _C.MEASURED: _to(voicemail.measured, _S.LEAVING),
        _C.UNSURE: _to(voicemail.look_again, _S.VOICEMAIL),
        _C.PRIORITY: _nothing("a supervisor moved somebody who leaves a message"),
        _C.OFFER: _NOT_IN_LINE,
        _C.STATE_TIME: _to(voicemail.go_on, _S.VOICEMAIL, _S.LEAVING),
        _C.PATIENCE: _NOT_IN_LINE,
        _C.LONG_WAIT: _NOT_IN_LINE,
        _C.RELAX: _NOT_IN_LINE,
        _C.TELL: _NOT_IN_LINE,
        _C.CALLBACK: _NOT_IN_LINE,
        _C.CANCELLED: _NO_CALLBACK,
        _C.HURRIED: _NOT_RESTING,
        _C.PICKED_UP: _NOT_ASIDE,
        _C.QUEUE_GONE: _NOT_IN_LINE,
        _C.NOBODY: _NOT_IN_LINE,
        _C.CLOSED: _to(voicemail.let_go, _S.LEAVING),
        _C.FAULT: _to(voicemail.fail, _S.LEAVING),
    },
    _S.SET_ASIDE: {
        _C.ARRIVED: _KNOWN,
        _C.LEFT: _to(set_aside.hang_up, _S.ENDED),
        _C.KEY: _NOT_ASKED,
        _C.PLAYED: _STOPPED,
        _C.CASE: _TOO_LATE,
        _C.RECORDED: _NO_MESSAGE,
        _C.MEASURED: _NO_MESSAGE,
        _C.UNSURE: _STOPPED,
        _C.PRIORITY: _nothing("a supervisor moved somebody who is parked"),
        _C.OFFER: _NOT_IN_LINE,
        _C.STATE_TIME: _to(set_aside.time_spent, _S.WAITING),
        _C.PATIENCE: _NOT_IN_LINE,
        _C.LONG_WAIT: _NOT_IN_LINE,
        _C.RELAX: _NOT_IN_LINE,
        _C.TELL: _NOT_IN_LINE,
        _C.CALLBACK: _NOT_IN_LINE,
        _C.CANCELLED: _NO_CALLBACK,
        _C.HURRIED: _NOT_RESTING,
        _C.PICKED_UP: _to(set_aside.pick_up, _S.WAITING),
        _C.QUEUE_GONE: _NOT_IN_LINE,
        _C.NOBODY: _NOT_IN_LINE,
        _C.CLOSED: _to(set_aside.let_go, _S.ENDED),
        _C.FAULT: _to(set_aside.fail, _S.ENDED),
    },
    _S.LEAVING: {
        _C.ARRIVED: _KNOWN,
        _C.LEFT: _to(gone, _S.ENDED),
        _C.KEY: _NOT_ASKED,
        _C.PLAYED: _STOPPED,
        _C.CASE: _TOO_LATE,
        _C.RECORDED: _NO_MESSAGE,
        _C.MEASURED: _NO_MESSAGE,
        _C.UNSURE: _STOPPED,
        _C.PRIORITY: _nothing("a supervisor moved somebody who is on the way out"),
        _C.OFFER: _NOT_IN_LINE,
        _C.STATE_TIME: _to(put_out, _S.ENDED),
        _C.PATIENCE: _NOT_IN_LINE,
        _C.LONG_WAIT: _NOT_IN_LINE,
        _C.RELAX: _NOT_IN_LINE,
        _C.TELL: _NOT_IN_LINE,
        _C.CALLBACK: _NOT_IN_LINE,
        _C.CANCELLED: _NO_CALLBACK,
        _C.HURRIED: _NOT_RESTING,
        _C.PICKED_UP: _NOT_ASIDE,
        _C.QUEUE_GONE: _NOT_IN_LINE,
        _C.NOBODY: _NOT_IN_LINE,
        _C.CLOSED: _nothing("is on the way out already"),
        _C.FAULT: _nothing("is on the way out already: its time will be spent"),
    },
    _S.ENDED: dict.fromkeys(OnCall, _OVER),
}
