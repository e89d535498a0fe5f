"""Operators log in and out, pause, and ask a supervisor for help."""

from callcenter.core import help as help_
from callcenter.core import onward
from callcenter.core.events import (
    HelpOver,
    HelpWanted,
    OperatorLoggedIn,
    OperatorLoggedOut,
    OperatorPaused,
    OperatorResumed,
)
from callcenter.core.facts import HelpAnswer, OperatorState
from callcenter.core.handlers import listeners, offers
from callcenter.core.operator import Ask, OnOperator
from callcenter.core.work import Work


def end_helps(work: Work, now: float) -> None:
    """End the help requests of operators who went home."""
    for name in list(work.state.helps):
        operator = work.state.operators.get(name)
        if operator is None or operator.state is OperatorState.OFFLINE:
            work.tell(help_.ended(work.state, name, HelpAnswer.LEFT, name, now))


def logged_in(work: Work, event: OperatorLoggedIn, now: float) -> None:
    known = tuple(q for q in event.queues if q in work.state.queues)
    ask = Ask(
        operator=event.operator,
        endpoint=event.endpoint,
        queues=known,
        # only with one node: an open line is up on one node
        open_line=event.open_line and len(work.state.nodes) == 1,
        skills=event.skills,
        reason=event.paused,
    )
    work.operator(ask, OnOperator.LOGGED_IN, now)
    onward.look_at_all(work)  # the operator's queues may have changed


def logged_out(work: Work, event: OperatorLoggedOut, now: float) -> None:
    work.operator(Ask(operator=event.operator), OnOperator.LOGGED_OUT, now)
    # the operator's bridge is closed
    listeners.leave(work, work.state.listenings.get(event.operator), now)
    operator = work.state.operators.get(event.operator)
    if operator and operator.state is OperatorState.RINGING and operator.call:
        offers.withdraw(work, operator, operator.call, now)


def paused(work: Work, event: OperatorPaused, now: float) -> None:
    ask = Ask(operator=event.operator, reason=event.reason)
    work.operator(ask, OnOperator.PAUSED, now)


def resumed(work: Work, event: OperatorResumed, now: float) -> None:
    work.operator(Ask(operator=event.operator), OnOperator.RESUMED, now)


def help_wanted(work: Work, event: HelpWanted, now: float) -> None:
    if help_.can_ask(work.state, event.operator):
        work.tell(help_.asked(event.operator, now))


def help_over(work: Work, event: HelpOver, now: float) -> None:
    if event.operator in work.state.helps:
        work.tell(help_.ended(work.state, event.operator, event.how, event.by, now))
