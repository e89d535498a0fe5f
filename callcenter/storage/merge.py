"""The recorder's SQL: a batch is copied into temporary tables and merged into the real ones.

Used by `recorder.py` inside its transaction. A merge changes the rows that exist and inserts those
that do not; a call or offer of which the beginning was lost gets a row all the same. Only where an
operator's interval began in another journal is its length the difference of two stamps: there is
no other. COPY is by far the fastest way in, and a temporary table costs nothing once it is there.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from operator import attrgetter
from typing import Any, Final, NamedTuple

from callcenter.storage.rows import CallChange, Fold, OfferChange, StateChange

INCOMING: Final = """
create temporary table incoming_calls (
    call_id text, seen double precision, line text, did text, caller text, caller_class text,
    caller_e164 text, queue text, priority integer, arrived double precision,
    queued double precision, answered double precision, talk_ended double precision,
    ended double precision, outcome text, reason text, wait_seconds double precision,
    queue_wait_seconds double precision, talk_seconds double precision, place integer,
    offers integer, operator text, ended_by text, via text, known_from_ledger boolean
) on commit delete rows;
create temporary table incoming_offers (
    offer_id text, call_id text, seen double precision, operator text, queue text, number integer,
    made double precision, answered double precision, ended double precision, result text,
    ring_seconds double precision
) on commit delete rows;
create temporary table incoming_states (
    operator text, state text, reason text, call_id text, began double precision,
    began_engine_seconds double precision, ended double precision, seconds double precision
) on commit delete rows;
"""


def _counted(change: str) -> str:
    """The statement so that it gives the number of rows it touched. One that gives rows is prepared
    and planned once a connection; planning took longer than carrying out a small batch."""
    return f"with done as ({change} returning 1) select count(*) from done"


_CHANGE_CALLS: Final = """
update calls set
    line = coalesce(i.line, calls.line),
    did = coalesce(i.did, calls.did),
    caller = coalesce(i.caller, calls.caller),
    caller_class = coalesce(i.caller_class, calls.caller_class),
    caller_e164 = coalesce(i.caller_e164, calls.caller_e164),
    queue = coalesce(i.queue, calls.queue),
    priority = coalesce(i.priority, calls.priority),
    arrived_at = coalesce(to_timestamp(i.arrived), calls.arrived_at),
    queued_at = coalesce(to_timestamp(i.queued), calls.queued_at),
    answered_at = coalesce(to_timestamp(i.answered), calls.answered_at),
    talk_ended_at = coalesce(to_timestamp(i.talk_ended), calls.talk_ended_at),
    ended_at = coalesce(to_timestamp(i.ended), calls.ended_at),
    outcome = coalesce(i.outcome, calls.outcome),
    reason = coalesce(i.reason, calls.reason),
    wait_seconds = coalesce(i.wait_seconds, calls.wait_seconds),
    queue_wait_seconds = coalesce(i.queue_wait_seconds, calls.queue_wait_seconds),
    talk_seconds = coalesce(i.talk_seconds, calls.talk_seconds),
    place = coalesce(i.place, calls.place),
    offers = coalesce(i.offers, calls.offers),
    operator = coalesce(i.operator, calls.operator),
    ended_by = coalesce(i.ended_by, calls.ended_by),
    via = coalesce(i.via, calls.via),
    known_from_ledger = coalesce(i.known_from_ledger, calls.known_from_ledger)
from incoming_calls i where calls.call_id = i.call_id and i.arrived is {arrived}
"""

_NEW_CALLS: Final = """
insert into calls
    (call_id, line, did, caller, caller_class, caller_e164, queue, priority, arrived_at, queued_at,
     answered_at, talk_ended_at, ended_at, outcome, reason, wait_seconds, queue_wait_seconds,
     talk_seconds, place, offers, operator, ended_by, via, known_from_ledger)
select
    call_id, coalesce(line, 'unknown'), coalesce(did, ''), coalesce(caller, ''),
    coalesce(caller_class, 'withheld'), caller_e164, queue, priority,
    to_timestamp(coalesce(arrived, seen)), to_timestamp(queued), to_timestamp(answered),
    to_timestamp(talk_ended), to_timestamp(ended), outcome, coalesce(reason, ''), wait_seconds,
    queue_wait_seconds, talk_seconds, place, coalesce(offers, 0), operator, ended_by,
    coalesce(via, 'service'), coalesce(known_from_ledger, false)
from incoming_calls where arrived is {arrived} on conflict (call_id) do nothing
"""

_CHANGE_OFFERS: Final = """
update offers set
    answered_at = coalesce(to_timestamp(i.answered), offers.answered_at),
    ended_at = coalesce(to_timestamp(i.ended), offers.ended_at),
    result = coalesce(i.result, offers.result),
    ring_seconds = coalesce(i.ring_seconds, offers.ring_seconds)
from incoming_offers i where offers.offer_id = i.offer_id and i.made is {made}
"""

_NEW_OFFERS: Final = """
insert into offers
    (offer_id, call_id, operator, queue, number, made_at, answered_at, ended_at, result,
     ring_seconds)
select
    offer_id, call_id, coalesce(operator, ''), coalesce(queue, ''), coalesce(number, 0),
    to_timestamp(coalesce(made, seen)), to_timestamp(answered), to_timestamp(ended), result,
    ring_seconds
from incoming_offers where made is {made} on conflict (offer_id) do nothing
"""

_CLOSE_STATES: Final = """
update operator_states set
    ended_at = greatest(began_at, to_timestamp(c.ended)),
    seconds = coalesce(c.seconds, greatest(0, c.ended - extract(epoch from began_at)))
from unnest($1::text[], $2::double precision[], $3::double precision[])
    as c(operator, ended, seconds)
where operator_states.operator = c.operator and operator_states.ended_at is null
"""

_NEW_STATES: Final = """
insert into operator_states
    (journal, operator, state, reason, call_id, began_at, ended_at, began_engine_seconds, seconds)
select $1, operator, state, reason, call_id, to_timestamp(began),
    case when ended is not null then to_timestamp(greatest(began, ended)) end,
    began_engine_seconds, seconds
from incoming_states
"""

_BURY: Final = """
insert into dead_letters (journal, seq, kind, payload, error, written_at)
values ($1, $2, $3, $4, $5, to_timestamp($6)) on conflict (journal, seq) do nothing
"""

PLANNER: Final = {"enable_hashjoin": "off", "enable_mergejoin": "off"}
"""A merge looks up a batch in tables that may be new and never analysed: always by their keys."""

_AT_ONCE = 200  # rows turned into bytes between two looks at the event loop


class Both(NamedTuple):
    """How rows that begin in this batch, or began before it, come into a table.

    The first are new but for a call that two journals tell of, the others are there but for one
    whose beginning was lost: the second statement of each pair is hardly ever needed.
    """

    insert_begun: str
    change_begun: str
    change_known: str
    insert_known: str


def _both(change: str, insert: str, beginning: str) -> Both:
    begun, known = {beginning: "not null"}, {beginning: "null"}
    return Both(
        insert_begun=_counted(insert.format(**begun)),
        change_begun=_counted(change.format(**begun)),
        change_known=_counted(change.format(**known)),
        insert_known=_counted(insert.format(**known)),
    )


_CALLS: Final = _both(_CHANGE_CALLS, _NEW_CALLS, "arrived")
_OFFERS: Final = _both(_CHANGE_OFFERS, _NEW_OFFERS, "made")


async def copy_in(connection: Any, fold: Fold) -> None:
    """Bring a folded batch into the temporary tables: work of ours, hardly of the server."""
    if fold.calls:
        await _copy(connection, "incoming_calls", CallChange, fold.calls.values())
    if fold.offers:
        await _copy(connection, "incoming_offers", OfferChange, fold.offers.values())
    if fold.states:
        await _copy(connection, "incoming_states", StateChange, fold.states)


async def merge(connection: Any, journal: str, fold: Fold) -> None:
    """Bring what was copied in into the tables, in the same transaction. Work of the server."""
    if fold.calls:
        begun = sum(call.arrived is not None for call in fold.calls.values())
        await _bring_in(connection, _CALLS, begun, len(fold.calls) - begun)
    if fold.offers:
        begun = sum(offer.made is not None for offer in fold.offers.values())
        await _bring_in(connection, _OFFERS, begun, len(fold.offers) - begun)
    if fold.closings:
        await connection.fetch(_CLOSE_STATES, *map(list, zip(*fold.closings, strict=True)))
    if fold.states:
        await connection.fetch(_NEW_STATES, journal)
    if fold.dead:
        await connection.executemany(_BURY, [(journal, *letter) for letter in fold.dead])


async def _bring_in(connection: Any, table: Both, begun: int, known: int) -> None:
    """`begun` and `known`: how many of each are in the incoming table."""
    if begun and await connection.fetchval(table.insert_begun) < begun:
        await connection.fetchval(table.change_begun)
    if known and await connection.fetchval(table.change_known) < known:
        await connection.fetchval(table.insert_known)


async def _copy(connection: Any, table: str, kind: type, changes: Iterable[object]) -> None:
    columns = list(kind.__dataclass_fields__)  # type: ignore[attr-defined]
    await connection.copy_records_to_table(
        table, records=_records(changes, attrgetter(*columns)), columns=columns
    )


async def _records(
    changes: Iterable[object], values: Callable[[object], tuple[object, ...]]
) -> AsyncIterator[tuple[object, ...]]:
    for count, change in enumerate(changes, 1):
        yield values(change)
        if count % _AT_ONCE == 0:
            await asyncio.sleep(0)
