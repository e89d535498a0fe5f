"""What the operators' endpoints share: their parts, and how they find the operator."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callcenter.core.facts import OperatorState
from callcenter.core.ids import OperatorId
from callcenter.ports.floor_messages import FloorMessages
from callcenter.ports.notes import CallNote, Notes
from callcenter.ports.people import Accounts, Cards, OperatorCard, Role
from callcenter.ports.quality import Qualities
from callcenter.ports.records import CallRecords
from callcenter.web.endpoint import Endpoints, Request
from callcenter.web.errors import Problem
from callcenter.web.logins import Logins
from callcenter.web.operators.ended_phones import EndedPhones
from callcenter.web.operators.roster import Roster
from callcenter.web.operators.unread import Unread
from callcenter.web.operators.verdicts import Verdicts
from callcenter.web.operators.views import OperatorView, view
from callcenter.web.operators.windows import Windows

endpoints = Endpoints("operators")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the operators' endpoints work with."""

    cards: Cards
    roster: Roster
    logins: Logins
    records: CallRecords
    accounts: Accounts
    notes: Notes
    windows: Windows
    ended_phones: EndedPhones
    qualities: Qualities
    verdicts: Verdicts
    messages: FloorMessages
    unread: Unread
    note_listeners: Sequence[Callable[[CallNote], None]]
    screen_pop_url: str  # has {call} and other fields, or is empty
    asterisk_sip: str  # Asterisk's websocket for phones


async def run(parts: Parts) -> None:
    """Read at the start what was not read before."""
    await parts.unread.look()


async def close(parts: Parts) -> None:
    """End the background tasks of the endpoints."""
    await parts.ended_phones.close()


async def find_card(request: Request[Parts]) -> OperatorCard:
    """The operator in the address. Problem unknown_operator."""
    card = (await request.parts.roster.cards()).get(OperatorId(request.path["operator"]))
    if card is None:
        raise Problem("unknown_operator", "GET /api/v1/operators lists those there are.")
    return card


async def own_card(request: Request[Parts]) -> OperatorCard:
    """The same, for the operator themselves or a supervisor. Problem not_allowed for others."""
    person, operator = request.person, request.path["operator"]
    if person.name != operator and not person.role.includes(Role.SUPERVISOR):
        raise Problem("not_allowed", "Operators act for themselves, supervisors for everyone.")
    return await find_card(request)


def shown(request: Request[Parts], card: OperatorCard) -> OperatorView:
    """The operator as everybody sees them, now."""
    parts = request.parts
    return view(card, request.engine, parts.windows, parts.unread)


def require_at_work(request: Request[Parts], card: OperatorCard) -> None:
    """Problem not_at_work if the operator is not logged in."""
    found = request.engine.state.operators.get(card.operator)
    if found is None or found.state is OperatorState.OFFLINE:
        raise Problem("not_at_work", "Log the operator in first.")


def require_queues(request: Request[Parts], queues: tuple[str, ...]) -> None:
    """Problem unknown_queue if one of them is not in this site."""
    known = request.engine.state.site.queues
    unknown = [queue for queue in queues if queue not in known]
    if unknown:
        raise Problem("unknown_queue", f"Queues of this site: {', '.join(known)}.", faults=unknown)
