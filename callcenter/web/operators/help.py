"""An operator asks a supervisor for help. The floor shows it until somebody answers.

A supervisor answers by listening to the talk, by a message, or with DELETE. The request is part of
the engine's state, so it survives a reload and a restart.
"""

from callcenter.core.events import HelpOver, HelpWanted
from callcenter.core.facts import HelpAnswer
from callcenter.core.ids import OperatorId
from callcenter.ports.people import OperatorCard, Role
from callcenter.web.endpoint import Request
from callcenter.web.operators.parts import Parts, endpoints, own_card, require_at_work, shown
from callcenter.web.operators.views import OperatorView


@endpoints.put(
    "/operators/{operator}/help",
    needs=Role.OPERATOR,
    problems=("unknown_operator", "not_at_work", "busy"),
)
async def ask_for_help(request: Request[Parts]) -> OperatorView:
    """Ask the supervisors for help. Asking again changes nothing."""
    card = await own_card(request)
    require_at_work(request, card)
    if card.operator not in request.engine.state.helps:
        await request.tell(HelpWanted(operator=card.operator))
        await request.note("help.asked", card.operator)
    return shown(request, card)


@endpoints.delete(
    "/operators/{operator}/help",
    needs=Role.OPERATOR,
    problems=("unknown_operator", "busy"),
)
async def end_help(request: Request[Parts]) -> OperatorView:
    """End the request for help.

    The operator withdraws it, or a supervisor marks it as answered.
    """
    card = await own_card(request)
    own = request.person.name == card.operator
    how = HelpAnswer.WITHDRAWN if own else HelpAnswer.ANSWERED
    await answer(request, card, how)
    return shown(request, card)


async def answer(request: Request[Parts], card: OperatorCard, how: HelpAnswer) -> None:
    """End the operator's request for help, if there is one."""
    if card.operator in request.engine.state.helps:
        by = OperatorId(request.person.name)
        await request.tell(HelpOver(operator=card.operator, by=by, how=how))
        await request.note(f"help.{how}", card.operator)
