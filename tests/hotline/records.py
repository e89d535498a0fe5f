"""The records of calls: PostgreSQL's rows, and Asterisk's own ledger.

The SQL here is independent of the service's, because it checks the service.
"""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]

Row = dict[str, Any]

IDENTITIES = """
select line,
       count(*) as received,
       count(*) filter (where outcome = 'rejected') as rejected,
       count(*) filter (where outcome = 'ivr_ended') as ivr_ended,
       count(*) filter (where outcome = 'looked_up') as looked_up,
       count(*) filter (where outcome = 'voicemail') as voicemail,
       count(*) filter (where queue is not null and outcome is distinct from 'ivr_ended'
                          and outcome is distinct from 'looked_up'
                          and outcome is distinct from 'voicemail'
                          and outcome is distinct from 'rejected') as offered,
       count(*) filter (where outcome in ('answered', 'abandoned_short', 'abandoned',
                                          'overflow', 'callback', 'failed')) as came_out,
       count(*) filter (where outcome is null and queue is not null) as waiting
  from calls group by line
"""

IMPOSSIBLE = """
select call_id, outcome, reason, operator, arrived_at, answered_at, ended_at,
    wait_seconds, queue_wait_seconds, talk_seconds from calls where
    coalesce(outcome = 'answered', false) <> (answered_at is not null)
 or (ended_at is not null and outcome is null)
 or wait_seconds < 0 or queue_wait_seconds < 0 or talk_seconds < 0
 or queue_wait_seconds > wait_seconds + 0.001
 or ended_at < arrived_at or answered_at < arrived_at
 or (operator is not null and outcome <> 'answered')
"""

TALKED_TWICE = """
select a.call_id, b.call_id from offers a join offers b
    on a.operator = b.operator and a.offer_id < b.offer_id
   and tstzrange(a.made_at, coalesce(a.ended_at, 'infinity'), '[)')
    && tstzrange(b.made_at, coalesce(b.ended_at, 'infinity'), '[)')
 where a.made_at < a.ended_at and b.made_at < b.ended_at
"""

LEDGER = (  # the columns of cdr_custom.conf
    *("linkedid", "uniqueid", "start", "answer", "end", "disposition", "duration", "billsec"),
    *("lastapp", "accountcode", "lifeboat_since", "lifeboat_wait", "lifeboat_operator", "channel"),
)


class Records:
    """One connection for each query, so that a database that was away does no harm."""

    def __init__(self, url: str, *ledgers: Path) -> None:
        """`ledgers`: one for each node."""
        self._url, self._ledgers = url.replace("+asyncpg", ""), ledgers

    async def rows(self, sql: str, *values: object) -> list[Row]:
        """The rows of a query."""
        connection = await asyncpg.connect(self._url, timeout=30)
        try:
            return [dict(row) for row in await connection.fetch(sql, *values)]
        finally:
            await connection.close()

    async def calls(self, caller: str) -> list[Row]:
        """Every call from one caller's number, in order of arrival."""
        return await self.rows("select * from calls where caller = $1 order by arrived_at", caller)

    async def offers(self, call_id: str) -> list[Row]:
        """Every offer of a call, in order."""
        return await self.rows("select * from offers where call_id = $1 order by number", call_id)

    async def open_calls(self) -> int:
        """Calls without an end."""
        found = await self.rows("select count(*) as n from calls where ended_at is null")
        return int(found[0]["n"])

    async def dead_letters(self) -> list[Row]:
        """Facts that could not be stored."""
        return await self.rows("select kind, error from dead_letters")

    async def require_identities(self) -> None:
        """received = rejected + ivr_ended + looked_up + voicemail + offered; offered = outcomes +
        waiting."""
        for row in await self.rows(IDENTITIES):
            named = ("rejected", "ivr_ended", "looked_up", "voicemail", "offered")
            parts = sum(row[name] for name in named)
            assert row["received"] == parts, f"received is not the sum of its parts: {row}"
            assert row["offered"] == row["came_out"] + row["waiting"], f"offered: {row}"
        impossible, twice = await self.rows(IMPOSSIBLE), await self.rows(TALKED_TWICE)
        assert not impossible, impossible
        assert not twice, twice
        assert await self.dead_letters() == []

    def ledger(self) -> list[dict[str, str]]:
        """Asterisk's rows, one for each channel; callers' channels have linkedid = uniqueid. The
        test channels of the service and the doctor are left out."""
        rows: list[list[str]] = []
        for ledger in self._ledgers:
            if ledger.exists():
                with ledger.open(newline="", errors="replace") as file:
                    rows += [row for row in csv.reader(file) if row]
        assert all(len(row) == len(LEDGER) for row in rows), "LEDGER is not what cdr_custom.conf is"
        told = (dict(zip(LEDGER, row, strict=True)) for row in rows)
        return [row for row in told if not row["linkedid"].endswith("-probe")]

    def callers_in_ledger(self) -> Counter[str]:
        """How often Asterisk lists each caller's call. A copy of a call that came by another way
        has no account code, and is left out. A caller who came again by another channel is listed
        under the name of the first one."""
        rows = [row for row in self.ledger() if row["accountcode"]]
        trunk = [row for row in rows if row["channel"].startswith("PJSIP/trunk@")]
        names = (row["accountcode"].split("/")[1:-2] or [row["uniqueid"]] for row in trunk)
        return Counter(name for [name] in names)

    async def require_same_calls_as_asterisk(self) -> None:
        """Check that every call in Asterisk's ledger has one record, and only one."""
        ledger = self.callers_in_ledger()
        ours = {row["call_id"] for row in await self.rows("select call_id from calls")}
        missing = sorted(set(ledger) - ours)
        assert not missing, f"{len(missing)} calls have no record: {missing[:5]}"
        assert all(count == 1 for count in ledger.values())
