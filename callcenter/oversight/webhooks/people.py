"""The personal data in the outbox: implements `ports.personal_data.PersonalData`.

A message has its call's id and the caller's number: masked, or in full if the webhook says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from callcenter.oversight.webhooks.model import DEAD_KEPT
from callcenter.oversight.webhooks.store import WebhooksInPostgres
from callcenter.oversight.webhooks.tables import webhook_deliveries, webhooks
from callcenter.ports.personal_data import Held, Whose
from callcenter.storage.tables import calls
from callcenter.storage.transactions import transaction

MESSAGES = "webhook_messages"


@dataclass(frozen=True, slots=True)
class WebhookPeople:
    """Messages about a person's calls: sent ones and waiting ones."""

    kept: WebhooksInPostgres

    @property
    def kept_days(self) -> Mapping[str, int]:
        return {MESSAGES: DEAD_KEPT.days}

    async def held_on(self, whose: Whose) -> Mapping[str, Sequence[Held]]:
        same = calls.c.caller_e164 == whose.e164 if whose.e164 else calls.c.caller == whose.number
        told, hook = webhook_deliveries.c, webhooks.c
        # The call may not be stored yet, or its data may be removed already. So the number in the
        # message is searched, too.
        theirs: list[ColumnElement[bool]] = [
            told.body.contains(f'"number":"{each}"', autoescape=True) for each in _written(whose)
        ]
        theirs.append(told.call.in_(select(calls.c.call_id).where(same)))
        wanted = (
            select(hook.name, told.call, told.event, told.body, told.state, told.made_at)
            .join(webhooks, hook.id == told.webhook)
            .where(or_(*theirs))
            .order_by(told.id)
        )
        async with transaction(self.kept.engine) as connection:
            rows = (await connection.execute(wanted)).mappings().all()
        return {
            MESSAGES: [
                {
                    "webhook": row["name"],
                    "call_id": row["call"],
                    "event": row["event"],
                    "message": row["body"],
                    "state": row["state"],
                    "made_at": row["made_at"].isoformat(),
                }
                for row in rows
            ]
        }

    async def overdue(self, now: datetime) -> Mapping[str, int]:
        return {MESSAGES: await self.kept.overdue(now)}

    async def forget(self, now: datetime) -> Mapping[str, int]:
        return {MESSAGES: await self.kept.forget(now)}


def _written(whose: Whose) -> Sequence[str]:
    """The ways in which a trunk writes a number: 0812345678, +66812345678, 66812345678."""
    if whose.e164 is None:
        return [whose.number]
    ways = [whose.e164, whose.e164[1:]]
    return [*ways, f"0{whose.e164[3:]}"] if whose.e164.startswith("+66") else ways
