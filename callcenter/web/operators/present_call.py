"""What an operator's screen shows of the present call: the caller, as far as known.

The number is masked. Earlier calls of the same number are looked up in the record. If the database
is away, the card is shown without them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

import msgspec

from callcenter.core.ids import CallId, OperatorId
from callcenter.core.state import Call
from callcenter.ports.notes import CallNote, Kind
from callcenter.ports.people import DatabaseAwayError, Role
from callcenter.web.endpoint import Request
from callcenter.web.errors import Problem
from callcenter.web.masking import masked
from callcenter.web.operators.parts import Parts, endpoints, own_card

EARLIER_MOST = 5


class EarlierCall(msgspec.Struct):
    """An earlier call of the same number."""

    call: str
    line: str
    arrived_at: datetime
    outcome: str | None
    operator: str | None
    talk_seconds: float | None
    kind: Kind
    topic: str
    note: str


class CallCard(msgspec.Struct):
    """The call that rings, is in progress or is wrapped up. `wait_seconds`: from arrival (or from
    the return after a lost talk) to the answer; until now while it rings. `talk_seconds` null: not
    joined yet. `language`, `kind`, `topic` and `province`: what the caller chose in the menu; empty
    if nothing. `redial`: the caller left before, called again, and got the old place in line.
    `callback`: we called the caller back. `screen_pop`: the address of this call in another
    program, such as a CRM (CALLCENTER_SCREEN_POP_URL). `earlier` null: the record cannot be read
    just now."""

    call: str
    line: str
    title: str
    did: str
    queue: str
    number: str
    priority: int
    offers: int
    wait_seconds: float
    talk_seconds: float | None
    language: str
    kind: str
    topic: str
    province: str
    redial: bool
    callback: bool
    screen_pop: str | None
    earlier: list[EarlierCall] | None


@endpoints.get(
    "/operators/{operator}/call", needs=Role.OPERATOR, problems=("unknown_operator", "no_call")
)
async def present_call(request: Request[Parts]) -> CallCard:
    """Show the operator's present call, with earlier calls of the same number."""
    card = await own_card(request)
    engine = request.engine
    operator = engine.state.operators.get(card.operator)
    call = engine.state.calls.get(operator.call or CallId("")) if operator else None
    if call is None:
        raise Problem("no_call", "There is no call at this phone.")
    now = engine.now()
    line = engine.state.site.lines.get(call.line)
    waited_until = now if call.has_returned or not call.connected_at else call.connected_at
    return CallCard(
        call=call.id,
        line=call.line,
        title=line.title if line else call.line,
        did=call.did,
        queue=call.queue,
        number=masked(call.caller),
        priority=call.priority,
        offers=call.offers,
        wait_seconds=round(waited_until - call.waits_since, 1),
        talk_seconds=round(now - call.connected_at, 1) if call.talks_now else None,
        language=call.says.get("language", ""),
        kind=call.says.get("kind", ""),
        topic=call.says.get("topic", ""),
        province=call.says.get("province", ""),
        redial=call.redial_of is not None,
        callback=call.callback is not None,
        screen_pop=pop_address(
            request.parts.screen_pop_url,
            call=call.id,
            line=call.line,
            queue=call.queue,
            operator=card.operator,
            language=call.says.get("language", ""),
        ),
        earlier=await _earlier(request, call, now),
    )


def pop_address(template: str, **fields: str) -> str | None:
    """The template with its fields filled in and encoded; None without a template."""
    for name, value in fields.items():
        template = template.replace(f"{{{name}}}", quote(value, safe=""))
    return template or None


async def _earlier(request: Request[Parts], call: Call, now: float) -> list[EarlierCall] | None:
    arrived = request.wall() - timedelta(seconds=now - call.arrived_at)
    try:
        found = await request.parts.records.earlier(call.caller, arrived, EARLIER_MOST + 1)
    except DatabaseAwayError:
        return None
    calls = [each for each in found if each.call != call.id][:EARLIER_MOST]
    notes = await _notes(request, call.id, [CallId(each.call) for each in calls])
    none = CallNote(call=call.id, operator=OperatorId(""), changed_at=arrived)
    return [
        EarlierCall(
            call=each.call,
            line=each.line,
            arrived_at=each.arrived_at,
            outcome=each.outcome,
            operator=each.operator,
            talk_seconds=each.talk_seconds,
            kind=notes.get(CallId(each.call), none).kind,
            topic=notes.get(CallId(each.call), none).topic,
            note=notes.get(CallId(each.call), none).note,
        )
        for each in calls
    ]


async def _notes(
    request: Request[Parts], present: CallId, calls: Sequence[CallId]
) -> Mapping[CallId, CallNote]:
    """The notes of earlier calls. The audit is written first."""
    try:
        notes = await request.parts.notes.of(calls)
        if notes:
            await request.audit("note.read", present, calls=sorted(notes))
    except DatabaseAwayError:
        return {}
    return notes
