"""Operators and their phones: list, add, change and remove them."""

import secrets
from datetime import datetime

import msgspec
import structlog
from msgspec import UNSET, UnsetType

from callcenter.core.events import OperatorLoggedOut
from callcenter.core.ids import OperatorId, QueueName
from callcenter.core.skills import ordered
from callcenter.ports.people import CardChange, OperatorCard, Role
from callcenter.ports.phones import PhonesError, sip_user
from callcenter.web.accounts import new_account, require_own_name
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem
from callcenter.web.operators.parts import Parts, endpoints, find_card, require_queues, shown
from callcenter.web.operators.views import OperatorList, OperatorView
from callcenter.web.texts import Contact, OperatorName, PersonName, QueueIds, SkillLevels

log = structlog.get_logger(__name__)


class NewOperator(msgspec.Struct, forbid_unknown_fields=True):
    """An operator to be added.

    `queues`: served after a log-in; all queues of the site if left out. `contact`: only for a phone
    that does not register. `account`: also make an account with which the operator logs in here.
    `open_line`: the phone is rung once after a log-in and stays up, call after call. `skills`: with
    their levels, 1 to 5.
    """

    operator: OperatorName
    name: PersonName
    queues: QueueIds | None = None
    contact: Contact | None = None
    account: bool = True
    open_line: bool = False
    skills: SkillLevels = {}


class NewPhone(msgspec.Struct):
    """The values to type into the phone, and the account's one-time password. Shown once.

    `phone_known`: Asterisk knows the phone already. Otherwise it is told as soon as it can be
    reached.
    """

    operator: str
    queues: list[str]
    sip_user: str
    sip_secret: str
    one_time_password: str | None
    phone_known: bool


class OperatorChange(msgspec.Struct, forbid_unknown_fields=True):
    """The values to change. Values that are left out stay.

    `queues`, `open_line` and `skills` (which replace all old skills) are valid from the next log-in
    on. `contact` null: the phone registers.
    """

    name: PersonName | UnsetType = UNSET
    queues: QueueIds | UnsetType = UNSET
    contact: Contact | UnsetType | None = UNSET
    open_line: bool | UnsetType = UNSET
    skills: SkillLevels | UnsetType = UNSET


class ChangedOperator(OperatorView):
    """`phone_known` false: Asterisk does not know the new contact yet, and is told as soon as it
    can be reached."""

    phone_known: bool


@endpoints.get("/operators", needs=Role.OPERATOR)
async def list_operators(request: Request[Parts]) -> OperatorList:
    """List all operators and what they do now."""
    cards = await request.parts.roster.cards()
    return OperatorList(operators=[shown(request, card) for card in cards.values()])


@endpoints.get("/operators/{operator}", needs=Role.OPERATOR, problems=("unknown_operator",))
async def show_operator(request: Request[Parts]) -> OperatorView:
    """Show one operator and what they do now."""
    return shown(request, await find_card(request))


class CardView(msgspec.Struct):
    """An operator's card. It does not depend on what the operator does at present."""

    operator: str
    name: str
    queues: list[str]
    contact: str | None
    open_line: bool
    skills: dict[str, int]
    sip_user: str
    added_at: datetime


class CardList(msgspec.Struct):
    """All operators who have a phone, by id."""

    cards: list[CardView]


@endpoints.get("/cards", needs=Role.ADMINISTRATOR)
async def list_cards(request: Request[Parts]) -> CardList:
    """List the operators' cards: their queues, skills and phones from the next log-in on."""
    cards = await request.parts.roster.cards()
    return CardList(
        cards=[
            CardView(
                operator=card.operator,
                name=card.name,
                queues=list(card.queues),
                contact=card.contact,
                open_line=card.open_line,
                skills=dict(card.skills),
                sip_user=sip_user(card.operator),
                added_at=card.added_at,
            )
            for card in cards.values()
        ]
    )


@endpoints.post(
    "/operators",
    needs=Role.ADMINISTRATOR,
    status=201,
    problems=("operator_exists", "unknown_queue", "busy"),
)
async def add_operator(request: Request[Parts], body: NewOperator) -> NewPhone:
    """Add an operator with a SIP phone.

    The answer has the phone's secret and the account's one-time password, which are not shown
    again. An operator who was removed earlier may be added again, with a new secret.
    """
    require_own_name(body.operator, "operator_exists")
    queues = tuple(body.queues or request.engine.state.site.queues)
    require_queues(request, queues)
    card = OperatorCard(
        operator=OperatorId(body.operator),
        name=body.name,
        queues=tuple(QueueName(queue) for queue in queues),
        sip_secret=secrets.token_urlsafe(24),
        contact=body.contact,
        added_at=request.wall(),
        open_line=body.open_line,
        skills=ordered(body.skills),
    )
    account, password = None, None
    if body.account:
        account, password = await new_account(
            request.parts.logins.passwords, body.operator, Role.OPERATOR, request.wall()
        )
    if not await request.parts.cards.add_operator(card, account):
        detail = "That operator, or an account of that name, is there already. Choose another id."
        raise Problem("operator_exists", detail)
    await request.note("operator.added", body.operator)
    await request.parts.roster.read_again()
    return NewPhone(
        operator=card.operator,
        queues=list(card.queues),
        sip_user=sip_user(card.operator),
        sip_secret=card.sip_secret,
        one_time_password=password,
        phone_known=await _phones_told(request),
    )


@endpoints.patch(
    "/operators/{operator}",
    needs=Role.ADMINISTRATOR,
    problems=("unknown_operator", "unknown_queue"),
)
async def change_operator(request: Request[Parts], body: OperatorChange) -> ChangedOperator:
    """Change an operator's card. The phone's user and secret stay."""
    operator = (await find_card(request)).operator
    change: CardChange = msgspec.to_builtins(body)
    require_queues(request, tuple(change.get("queues", ())))
    changed = await request.parts.cards.change_operator(operator, change)
    if changed is None:
        raise Problem("unknown_operator", "It was removed in this moment.")
    await request.note("operator.changed", operator, what=sorted(change))
    await request.parts.roster.read_again()
    return ChangedOperator(
        **msgspec.structs.asdict(shown(request, changed)),
        phone_known="contact" not in change or await _phones_told(request),
    )


@endpoints.delete(
    "/operators/{operator}",
    needs=Role.ADMINISTRATOR,
    status=204,
    problems=("unknown_operator", "phones_not_told", "busy"),
)
async def remove_operator(request: Request[Parts]) -> None:
    """Remove an operator. They are logged out, and their phone and account are closed.

    A call in progress is finished first.
    """
    operator = (await find_card(request)).operator
    await request.tell(OperatorLoggedOut(operator=operator))
    await request.parts.cards.remove_operator(operator, request.wall())
    request.parts.logins.forget(operator)
    await request.note("operator.removed", operator)
    await request.parts.roster.read_again()
    await _tell_phones(request)


async def _tell_phones(request: Request[Parts]) -> None:
    if not await _phones_told(request):
        detail = "The change is kept; Asterisk is told again until it has heard."
        raise Problem("phones_not_told", detail)


async def _phones_told(request: Request[Parts]) -> bool:
    try:
        await request.parts.roster.publish()
    except PhonesError as error:
        log.warning("asterisk was not told about the phones", reason=str(error))
        return False
    return True
