"""A supervisor writes to one operator, to those who serve a queue, or to everybody at work.

The operator's page shows the message until it is read there. A message to an operator who asks for
help answers that request.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from callcenter.config.plain_text import UNSEEN
from callcenter.core.facts import HelpAnswer, OperatorState
from callcenter.core.ids import OperatorId
from callcenter.ports.floor_messages import FloorMessage
from callcenter.ports.people import OperatorCard, Role
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem
from callcenter.web.operators.help import answer
from callcenter.web.operators.parts import Parts, endpoints, find_card, require_queues
from callcenter.web.texts import OperatorName, QueueId

SHOWN_MOST = 50

MessageText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=500,
        pattern=rf"^[^\s{UNSEEN}]([^{UNSEEN}]|\n)*$(?!\n)",
        description="1 to 500 characters that can be seen, on one line or several",
        examples=["ใครพูดภาษาพม่าได้ โปรดแจ้งหัวหน้างาน"],
    ),
]


class NewFloorMessage(msgspec.Struct, forbid_unknown_fields=True):
    """A message to one operator, to those at work in a queue, or to everybody at work (if neither
    is given)."""

    text: MessageText
    operator: OperatorName | None = None
    queue: QueueId | None = None


class ReaderView(msgspec.Struct):
    """A receiver of a message. `read_at` null: not read yet."""

    operator: str
    read_at: datetime | None


class FloorMessageView(msgspec.Struct):
    """A message. `to`: `all`, `queue NAME` or `operator NAME`. Only supervisors get `readers`."""

    message: int
    sent_at: datetime
    sender: str
    to: str
    text: str
    readers: list[ReaderView]


class FloorMessageList(msgspec.Struct):
    """Messages to the floor."""

    messages: list[FloorMessageView]


@endpoints.post(
    "/floor-messages",
    needs=Role.SUPERVISOR,
    status=201,
    problems=("unknown_operator", "unknown_queue", "nobody_there", "busy"),
)
async def send_floor_message(request: Request[Parts], body: NewFloorMessage) -> FloorMessageView:
    """Write to the floor. Each receiver sees the message until it is read."""
    cards = await request.parts.roster.cards()
    to, readers = _readers(request, body, list(cards.values()))
    sent = await request.parts.messages.send(
        request.person.name, to, body.text.strip(), readers, request.wall()
    )
    await request.parts.unread.look()
    await request.note("floor.message", to, message=sent.id, readers=len(readers))
    if body.operator is not None:
        await answer(request, cards[OperatorId(body.operator)], HelpAnswer.ANSWERED)
    return _view(sent)


@endpoints.get("/floor-messages", needs=Role.SUPERVISOR)
async def list_floor_messages(request: Request[Parts]) -> FloorMessageList:
    """List the latest messages, and who has read them."""
    return _list(await request.parts.messages.recent(SHOWN_MOST))


@endpoints.get(
    "/operators/{operator}/messages", needs=Role.OPERATOR, problems=("unknown_operator",)
)
async def list_unread_messages(request: Request[Parts]) -> FloorMessageList:
    """List the unread messages of one operator, oldest first."""
    card = await _reader(request)
    return _list(await request.parts.messages.unread(card.operator))


@endpoints.post(
    "/operators/{operator}/messages/{message}/read",
    needs=Role.OPERATOR,
    status=204,
    problems=("unknown_operator", "unknown_message"),
)
async def read_message(request: Request[Parts]) -> None:
    """Mark a message as read. It is not shown any more."""
    card, number = await _reader(request), int(request.path["message"])
    if not await request.parts.messages.read(number, card.operator, request.wall()):
        raise Problem("unknown_message", "GET …/messages lists those that are not read.")
    await request.parts.unread.look()


async def _reader(request: Request[Parts]) -> OperatorCard:
    """The operator who reads. Messages are read only by their receivers."""
    if request.person.name != request.path["operator"]:
        raise Problem("not_allowed", "Messages are read by whom they are for.")
    return await find_card(request)


def _readers(
    request: Request[Parts], body: NewFloorMessage, cards: Sequence[OperatorCard]
) -> tuple[str, Sequence[OperatorId]]:
    """The text for `to`, and the receivers."""
    if body.operator is not None and body.queue is not None:
        raise Problem("invalid", "One operator or one queue, not both.")
    if body.operator is not None:
        if OperatorId(body.operator) not in {card.operator for card in cards}:
            raise Problem("unknown_operator", "GET /api/v1/operators lists those there are.")
        return f"operator {body.operator}", [OperatorId(body.operator)]
    if body.queue is not None:
        require_queues(request, (body.queue,))
    operators = request.engine.state.operators
    there = [
        card.operator
        for card in cards
        if (known := operators.get(card.operator)) is not None
        and known.state is not OperatorState.OFFLINE
        and body.queue in (None, *known.queues)
        and card.operator != request.person.name
    ]
    if not there:
        raise Problem("nobody_there", "Nobody is at work there.")
    return "all" if body.queue is None else f"queue {body.queue}", there


def _list(messages: Sequence[FloorMessage]) -> FloorMessageList:
    return FloorMessageList(messages=[_view(message) for message in messages])


def _view(message: FloorMessage) -> FloorMessageView:
    return FloorMessageView(
        message=message.id,
        sent_at=message.sent_at,
        sender=message.sender,
        to=message.to,
        text=message.text,
        readers=[
            ReaderView(operator=operator, read_at=read_at)
            for operator, read_at in message.readers.items()
        ],
    )
