"""The personal data in the record of calls: implements `ports.personal_data.PersonalData`.

When a call's retention time is over, it keeps its times, line, queue and outcome, so that every
figure stays the same. The caller's number and the operator's notes are blanked. Dead letters (facts
that could not be stored) may have numbers and are deleted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.ports.personal_data import Held, Whose
from callcenter.storage.caller_number import caller_number
from callcenter.storage.notes import call_notes
from callcenter.storage.tables import calls, dead_letters, offers
from callcenter.storage.transactions import transaction
from callcenter.storage.withheld import withheld_numbers

AT_ONCE = 2_000  # rows changed at once: about 50 ms
NUMBERS, NOTES, LETTERS = "caller_numbers", "call_notes", "dead_letters"


@dataclass(frozen=True, slots=True)
class CallPeople:
    """`days` is how long a call's personal data is kept; 0 means for ever."""

    engine: AsyncEngine
    days: int

    @property
    def kept_days(self) -> Mapping[str, int]:
        return dict.fromkeys((NUMBERS, NOTES, LETTERS), self.days)

    async def held_on(self, whose: Whose) -> Mapping[str, Sequence[Held]]:
        same = calls.c.caller_e164 == whose.e164 if whose.e164 else calls.c.caller == whose.number
        theirs = select(calls).where(same).order_by(calls.c.arrived_at)
        ids = select(calls.c.call_id).where(same)
        async with transaction(self.engine) as connection:
            rows = (await connection.execute(theirs)).mappings().all()
            noted = select(call_notes).where(call_notes.c.call.in_(ids))
            notes = (await connection.execute(noted.order_by(call_notes.c.call))).mappings().all()
            rung = select(offers).where(offers.c.call_id.in_(ids)).order_by(offers.c.made_at)
            rings = (await connection.execute(rung)).mappings().all()
            hidden = (await connection.execute(select(withheld_numbers))).mappings().all()
        withheld = [row for row in hidden if _is_theirs(row["number"], whose)]
        return {
            "calls": [_held(row) for row in rows],
            "offers": [_held(row) for row in rings],
            "call_notes": [_held(row) for row in notes],
            "withheld_numbers": [_held(row) for row in withheld],
        }

    async def overdue(self, now: datetime) -> Mapping[str, int]:
        async with transaction(self.engine) as connection:
            return {
                kind: int(
                    await connection.scalar(select(func.count()).select_from(table).where(old)) or 0
                )
                for kind, table, old in self._old(now)
            }

    async def forget(self, now: datetime) -> Mapping[str, int]:
        blanked: Mapping[str, Mapping[str, object]] = {
            NUMBERS: {"caller": "", "caller_e164": None},
            NOTES: {"result": "", "note": ""},
        }
        found = {}
        async with transaction(self.engine) as connection:
            for kind, table, old in self._old(now):
                key = tuple_(*table.primary_key.columns)
                some = select(*table.primary_key.columns).where(old).limit(AT_ONCE)
                which = key.in_(some)
                changed = update(table).where(which).values(**blanked.get(kind, {}))
                done = changed if kind in blanked else delete(table).where(which)
                found[kind] = (await connection.execute(done)).rowcount
        return found

    def _old(self, now: datetime) -> list[tuple[str, Table, ColumnElement[bool]]]:
        if not self.days:
            return []
        before = now - timedelta(days=self.days)
        has_number = calls.c.caller != ""
        has_words = or_(call_notes.c.note != "", call_notes.c.result != "")
        return [
            (NUMBERS, calls, (calls.c.arrived_at < before) & has_number),
            (NOTES, call_notes, (call_notes.c.changed_at < before) & has_words),
            (LETTERS, dead_letters, dead_letters.c.written_at < before),
        ]


def _is_theirs(number: str, whose: Whose) -> bool:
    e164 = caller_number(number).e164
    return e164 == whose.e164 if whose.e164 else number == whose.number


def _held(row: Mapping[Any, Any]) -> Held:
    return {
        str(name): value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
    }
