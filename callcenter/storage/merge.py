"""The recorder's merge: a batch is copied into temporary tables and merged into the real ones.

`statements.py` has the SQL. A merge changes rows that exist and inserts the others. A call or offer
whose beginning was lost gets a row too. If an operator's interval began in another journal, its
length is the difference of two stamps; otherwise it is not. COPY is by far the fastest way to load
rows, and a temporary table costs nothing once it exists.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from operator import attrgetter
from typing import Any, Final, NamedTuple

from callcenter.storage.recordings import RECORDED
from callcenter.storage.rows import CallChange, Fold, OfferChange, StateChange
from callcenter.storage.statements import (
    BURY,
    CALLS,
    CLOSE_OFFERS,
    CLOSE_STATES,
    CONTRADICTED_CALLS,
    CORRECT_CALLS,
    FILL_CALLS,
    GAPS,
    NEW_STATES,
    OFFERS,
    OVERHEARD,
    PICKED_UP,
    RANG_OUT,
)

PLANNER: Final = {"enable_hashjoin": "off", "enable_mergejoin": "off"}
"""New tables are not analysed yet. With these settings the merge still uses their keys."""

_AT_ONCE = 200  # rows turned into bytes before other tasks run


class Merged(NamedTuple):
    """What a merge found, besides the rows that it wrote.

    `contradicted`: calls that came again with another outcome; the stored one stays. `corrected`:
    calls that were known only from Asterisk's ledger. `told_again`: a call was already known from
    another journal.
    """

    contradicted: int = 0
    corrected: int = 0
    told_again: bool = False


async def copy_in(connection: Any, fold: Fold) -> None:
    """Load a folded batch into the temporary tables. This is work for our processor, and hardly any
    for the server."""
    if fold.calls:
        await _copy(connection, "incoming_calls", CallChange, fold.calls.values())
    if fold.offers:
        await _copy(connection, "incoming_offers", OfferChange, fold.offers.values())
    if fold.states:
        await _copy(connection, "incoming_states", StateChange, fold.states)


async def merge(connection: Any, journal: str, fold: Fold) -> Merged:
    """Merge the loaded batch into the tables in the same transaction. This is work for the
    server."""
    merged = Merged()
    if fold.calls:
        if any(call.known_from_ledger for call in fold.calls.values()):
            await connection.execute(PICKED_UP)
        begun = sum(call.arrived is not None for call in fold.calls.values())
        merged = await _merge_calls(connection, begun, len(fold.calls) - begun)
    if fold.offers:
        begun = sum(offer.made is not None for offer in fold.offers.values())
        await _merge_offers(connection, begun, len(fold.offers) - begun)
    if merged.told_again:
        await connection.execute(CLOSE_OFFERS)
    if fold.closings:
        await connection.fetch(CLOSE_STATES, *map(list, zip(*fold.closings, strict=True)))
    if fold.states:
        await connection.fetch(NEW_STATES, journal)
    if fold.rang_out:
        await connection.executemany(RANG_OUT, fold.rang_out)
    if fold.overheard:
        await connection.executemany(OVERHEARD, fold.overheard)
    if fold.gaps:
        await connection.executemany(GAPS, fold.gaps)
    if fold.recordings:
        told = [one.values for one in fold.recordings.values()]
        await connection.executemany(RECORDED, told)
    if fold.dead:
        await connection.executemany(BURY, [(journal, *letter) for letter in fold.dead])
    return merged._replace(contradicted=merged.contradicted + fold.contradicted)


async def _merge_calls(connection: Any, begun: int, known: int) -> Merged:
    """`begun` and `known` say how many rows of each kind are in the incoming table."""
    contradicted, told_again = 0, False
    if begun and await connection.fetchval(CALLS.insert_begun) < begun:
        told_again = True
        _, differ = await connection.fetchrow(CALLS.change_begun)
        contradicted += differ
    if known:
        changed, differ = await connection.fetchrow(CALLS.change_known)
        contradicted += differ
        if changed < known:
            told_again = True
            await connection.fetchval(CALLS.insert_known)
    if not told_again:
        return Merged(contradicted)
    await connection.execute(FILL_CALLS)
    corrected = await connection.fetchval(CORRECT_CALLS)
    contradicted += await connection.fetchval(CONTRADICTED_CALLS)
    return Merged(contradicted, corrected, told_again)


async def _merge_offers(connection: Any, begun: int, known: int) -> None:
    if begun and await connection.fetchval(OFFERS.insert_begun) < begun:
        await connection.fetchval(OFFERS.change_begun)
    if known and await connection.fetchval(OFFERS.change_known) < known:
        await connection.fetchval(OFFERS.insert_known)


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
