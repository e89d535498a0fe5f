"""The work of operators: begin and end work, pause, resume, hang up.

An operator acts for themselves, a supervisor for everyone. Every act is an event for the engine,
which alone decides what happens.
"""

import msgspec
import structlog
from msgspec import UNSET, UnsetType

from callcenter.core.events import (
    Event,
    HangUpAsked,
    OperatorLoggedIn,
    OperatorLoggedOut,
    OperatorPaused,
    OperatorResumed,
)
from callcenter.core.facts import OperatorState
from callcenter.core.ids import CallId, QueueName
from callcenter.ports.pauses import ServicePause
from callcenter.ports.people import OperatorCard, Role
from callcenter.ports.phones import PhonesError, endpoint
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem
from callcenter.web.operators.parts import (
    Parts,
    endpoints,
    own_card,
    require_at_work,
    require_queues,
    shown,
)
from callcenter.web.operators.views import CallbackStage, OperatorView, callback_of
from callcenter.web.texts import CallName, PauseReason, QueueIds

log = structlog.get_logger(__name__)

_HEARS_RINGING = (CallbackStage.CALLING, CallbackStage.CHECKING)


class AtWork(msgspec.Struct, forbid_unknown_fields=True):
    """The queues to serve, and whether to use an open line. (The phone is then rung once and stays
    up, and callers are joined without ringing it.) Values that are left out are those of the
    operator's card."""

    queues: QueueIds | None = None
    open_line: bool | None = None


class Pause(msgspec.Struct, forbid_unknown_fields=True):
    """The reason for the pause, in one word."""

    reason: PauseReason


@endpoints.post(
    "/operators/{operator}/log-in",
    needs=Role.OPERATOR,
    problems=("unknown_operator", "unknown_queue", "busy"),
)
async def operator_log_in(request: Request[Parts], body: AtWork) -> OperatorView:
    """Begin work at the phone.

    Calls come from now on; with an open line, when it was picked up. An open line that is not
    picked up, or that ends, leaves the operator paused with the reason `line`; resume rings it
    again. Queues on the card that were removed from the site are left out, unless none is left.
    Only a supervisor may choose queues that are not on the operator's card.
    """
    card = await own_card(request)
    queues = tuple(dict.fromkeys(body.queues or _queues_that_are_left(request, card)))
    require_queues(request, queues)
    if not set(queues) <= set(card.queues) and not request.person.role.includes(Role.SUPERVISOR):
        raise Problem("not_allowed", f"Your queues are {', '.join(card.queues)}.")
    names = tuple(QueueName(queue) for queue in queues)
    event = OperatorLoggedIn(
        operator=card.operator,
        endpoint=endpoint(card.operator),
        queues=names,
        open_line=card.open_line if body.open_line is None else body.open_line,
        skills=card.skills,
    )
    return await _act(request, card, event, phones_change=True)


@endpoints.post(
    "/operators/{operator}/log-out",
    needs=Role.OPERATOR,
    problems=("unknown_operator", "busy"),
)
async def operator_log_out(request: Request[Parts]) -> OperatorView:
    """End work. A call in progress is finished first."""
    card = await own_card(request)
    return await _act(request, card, OperatorLoggedOut(operator=card.operator), phones_change=True)


@endpoints.post(
    "/operators/{operator}/pause",
    needs=Role.OPERATOR,
    problems=("unknown_operator", "not_at_work", "busy"),
)
async def operator_pause(request: Request[Parts], body: Pause) -> OperatorView:
    """Pause: no calls for a while. A call in progress is finished first."""
    card = await own_card(request)
    if body.reason in tuple(ServicePause):
        detail = f"These reasons are given by the service itself: {', '.join(ServicePause)}."
        raise Problem("invalid", detail)
    require_at_work(request, card)
    return await _act(request, card, OperatorPaused(operator=card.operator, reason=body.reason))


@endpoints.post(
    "/operators/{operator}/resume",
    needs=Role.OPERATOR,
    problems=("unknown_operator", "not_at_work", "busy"),
)
async def operator_resume(request: Request[Parts]) -> OperatorView:
    """Get calls again. This also ends a wrap-up early."""
    card = await own_card(request)
    require_at_work(request, card)
    return await _act(request, card, OperatorResumed(operator=card.operator))


class WhichCall(msgspec.Struct):
    """The conversation as the console shows it. By the time this is read, it may be over and
    another one begun. If left out, the present conversation is meant."""

    call: CallName | UnsetType = UNSET


@endpoints.post(
    "/operators/{operator}/hang-up",
    needs=Role.OPERATOR,
    problems=("unknown_operator", "no_call", "busy"),
)
async def operator_hang_up(request: Request[Parts], query: WhichCall) -> OperatorView:
    """End the conversation, or give up calling a citizen back while the operator hears ringing."""
    card = await own_card(request)
    found = request.engine.state.operators.get(card.operator)
    hears_ringing = callback_of(request.engine.state, card.operator) in _HEARS_RINGING
    if found is None or not (found.state is OperatorState.ON_CALL or hears_ringing):
        raise Problem("no_call", "Only a conversation can be ended.")
    meant = None if query.call is UNSET else CallId(query.call)
    if meant not in (None, found.call):
        raise Problem("no_call", "That conversation is over.")
    return await _act(request, card, HangUpAsked(operator=card.operator, call=meant))


async def _act(
    request: Request[Parts], card: OperatorCard, event: Event, *, phones_change: bool = False
) -> OperatorView:
    await request.tell(event)
    if request.person.name != card.operator:
        await request.note(f"operator.{type(event).__name__}", card.operator)
    if phones_change:
        await _tell_phones(request)
    return shown(request, card)


async def _tell_phones(request: Request[Parts]) -> None:
    """Only for the lifeboat. Calls come already, so a failure here must not fail the log-in."""
    try:
        await request.parts.roster.publish()
    except PhonesError:
        log.warning(
            "Asterisk was not told who is at work",
            effect="till it hears, the lifeboat rings old phones",
        )


def _queues_that_are_left(request: Request[Parts], card: OperatorCard) -> tuple[QueueName, ...]:
    """The card's queues that still exist. A renamed queue must not keep an operator from work."""
    known = request.engine.state.site.queues
    return tuple(queue for queue in card.queues if queue in known) or card.queues
