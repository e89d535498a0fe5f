"""The life of a call and of an operator as pictures, printed from the tables that the engine runs.

Used by `callcenter states-doc` for callcenter/README.md; a test holds that page against it, and
walks every arrow in a real engine. Mermaid state diagrams, which GitHub and GitLab draw.
"""

from collections.abc import Iterator, Mapping

from callcenter.core import call, operator
from callcenter.core.facts import OperatorState
from callcenter.core.state import CallState

LEADS_TO: Mapping[call.Rule, tuple[CallState, ...]] = {
    call.leave_line: (CallState.ENDED,),
    call.leave_ringing: (CallState.ENDED,),
    call.join: (CallState.CONNECTING,),
    call.not_reached: (CallState.WAITING,),
    call.ring_refused: (CallState.WAITING,),
    call.rona: (CallState.WAITING,),
    call.phone_gone: (CallState.WAITING,),
    call.phone_lost: (CallState.WAITING,),
    call.withdraw: (CallState.WAITING,),
    call.connected: (CallState.TALKING,),
    call.undo_bridge: (CallState.WAITING,),
    call.lost_in_answer: (CallState.WAITING,),
    call.overflow: (CallState.LEAVING, CallState.WAITING),
    call.move_on: (CallState.WAITING,),
    call.caller_hung_up: (CallState.ENDED,),
    call.operator_hung_up: (CallState.LEAVING,),
    call.desk_hung_up: (CallState.LEAVING,),
    call.gone: (CallState.ENDED,),
    call.put_out: (CallState.ENDED,),
}
"""Where a rule takes a call; `ignore` and `change_priority` leave it where it is."""


def call_diagram() -> str:
    """The call's table; every arrow is a cell of `call.RULES`."""
    lines = [
        "stateDiagram-v2",
        "    [*] --> waiting: caller arrived, let in",
        "    [*] --> leaving: caller arrived, not let in",
        "    waiting --> offered: an operator is free",
        "    waiting --> connecting: an operator with an open line is free",
        *_arrows(),
        "    ended --> [*]",
    ]
    return "\n".join(lines)


def _arrows() -> Iterator[str]:
    for state, row in call.RULES.items():
        told: dict[CallState, list[str]] = {}
        for what, rule in row.items():
            for target in LEADS_TO.get(rule, ()):
                told.setdefault(target, []).append(str(what))
        for target, reasons in told.items():
            yield f"    {state} --> {target}: {', '.join(reasons)}"


def operator_diagram() -> str:
    """The operator's states: what a call makes of them, and what the operator wishes."""
    lines = [
        "stateDiagram-v2",
        "    [*] --> offline",
        "    available --> ringing: an offer is made",
        "    ringing --> on_call: both legs bridged",
        "    on_call --> wrapup: the conversation is over",
        "    ringing --> available: the caller left, or the offer was taken back",
        "    ringing --> paused: rona, declined, busy, unreachable",
        "    offline --> paused: logged in, the open line rings",
        "    paused --> available: the open line is in the bridge",
        "    available --> paused: the open line ended",
        "    available --> paused: the phone is in a call that is not ours",
        "    paused --> available: that call has ended",
        "    available --> phone_away: the phone is known not to be there",
        "    phone_away --> available: the phone is there again",
        "    on_call --> paused: phone_lost",
    ]
    for state, row in operator.RULES.items():
        for what, rule in row.items():
            target = _OPERATOR_TARGETS.get(rule)
            only_a_wish = rule is operator.log_in and state in _HELD
            if target and target != state and not only_a_wish:
                lines.append(f"    {state} --> {target}: {what}")
    return "\n".join(lines)


_HELD = (OperatorState.RINGING, OperatorState.ON_CALL, OperatorState.WRAPUP)

_OPERATOR_TARGETS: Mapping[operator.Rule, str] = {
    operator.log_in: "available",
    operator.log_out: "offline",
    operator.pause: "paused",
    operator.resume: "available",
    operator.time_spent: "available",
}
