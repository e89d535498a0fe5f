"""Webhooks and their outbox in PostgreSQL. Every method raises DatabaseAwayError."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.oversight.webhooks.model import (
    DEAD_KEPT,
    QUEUED_MOST,
    SENT_KEPT,
    Delivery,
    DeliveryState,
    HookEvent,
    Outbox,
    Webhook,
    pause_after,
)
from callcenter.oversight.webhooks.tables import webhook_deliveries, webhooks
from callcenter.storage.transactions import transaction

_H, _D = webhooks.c, webhook_deliveries.c
_EARLIER = webhook_deliveries.alias("earlier")
FORGOTTEN_AT_ONCE = 2_000  # rows deleted at once
_QUEUED = DeliveryState.QUEUED.value


class WebhooksInPostgres:
    """The stored webhooks and messages."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    # --- webhooks

    async def all(self) -> list[Webhook]:
        async with transaction(self.engine) as connection:
            rows = await connection.execute(select(webhooks).order_by(_H.id))
            return [_webhook(row) for row in rows.mappings()]

    async def add(self, **values: Any) -> Webhook:
        async with transaction(self.engine) as connection:
            made = await connection.execute(insert(webhooks).values(**values).returning(*_H))
            return _webhook(made.mappings().one())

    async def change(self, number: int, values: Mapping[str, Any]) -> Webhook | None:
        changed = update(webhooks).where(_H.id == number).values(**values).returning(*_H)
        async with transaction(self.engine) as connection:
            row = (await connection.execute(changed)).mappings().first()
            return None if row is None else _webhook(row)

    async def remove(self, number: int) -> bool:
        async with transaction(self.engine) as connection:
            gone = await connection.execute(delete(webhooks).where(_H.id == number))
            return gone.rowcount > 0

    # --- the outbox

    async def put(self, rows: Sequence[tuple[int, str, HookEvent, str]], now: datetime) -> None:
        """Add messages: (webhook, call, event, body), in the order in which they must be sent."""
        async with transaction(self.engine) as connection:
            waiting = select(_D.webhook, func.count()).where(_D.state == _QUEUED)
            found = await connection.execute(waiting.group_by(_D.webhook))
            queued: dict[int, int] = {row[0]: row[1] for row in found}
            values = []
            for webhook, call, event, body in rows:
                queued[webhook] = queued.get(webhook, 0) + 1
                full = queued[webhook] > QUEUED_MOST
                values.append(
                    {
                        "webhook": webhook,
                        "call": call,
                        "event": event.value,
                        "body": body,
                        "state": DeliveryState.DEAD.value if full else _QUEUED,
                        "tries": 0,
                        "made_at": now,
                        "next_at": now,
                        "error": "too many wait" if full else "",
                    }
                )
            await connection.execute(insert(webhook_deliveries), values)

    async def take(self, webhook: int, now: datetime, until: datetime) -> Delivery | None:
        """Reserve the next message that is due. Nobody else gets it before `until`. Earlier
        messages of the same call go first."""
        before = and_(
            _EARLIER.c.webhook == _D.webhook,
            _EARLIER.c.call == _D.call,
            _EARLIER.c.id < _D.id,
            _EARLIER.c.state == _QUEUED,
        )
        first = (
            select(_D.id)
            .where(_D.webhook == webhook, _D.state == _QUEUED, _D.next_at <= now)
            .where(~exists().where(before))
            .order_by(_D.next_at, _D.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        taken = update(webhook_deliveries).where(_D.id == first.scalar_subquery())
        async with transaction(self.engine) as connection:
            row = (await connection.execute(taken.values(next_at=until).returning(*_D))).mappings()
            found = row.first()
            return None if found is None else _delivery(found)

    async def sent(self, delivery: int, status: int, now: datetime) -> None:
        state = DeliveryState.SENT.value
        await self._change(delivery, state=state, sent_at=now, status=status, error="")

    async def not_sent(
        self, delivery: Delivery, status: int | None, error: str, now: datetime
    ) -> bool:
        """Note a failure. The message is tried again later. Gives False if it is given up."""
        tries = delivery.tries + 1
        pause = pause_after(tries)
        values: dict[str, Any] = {"tries": tries, "status": status, "error": error[:200]}
        if pause is None:
            values["state"] = DeliveryState.DEAD.value
        else:
            values["next_at"] = now + pause
        await self._change(delivery.id, **values)
        return pause is not None

    async def again(self, webhook: int, delivery: int, now: datetime) -> bool:
        """Try a message again that was given up. Gives False if there is none."""
        anew = update(webhook_deliveries).where(
            _D.id == delivery, _D.webhook == webhook, _D.state == DeliveryState.DEAD.value
        )
        async with transaction(self.engine) as connection:
            values = {"state": _QUEUED, "tries": 0, "next_at": now}
            return (await connection.execute(anew.values(**values))).rowcount > 0

    async def of(
        self, webhook: int, state: DeliveryState | None, limit: int = 100
    ) -> list[Delivery]:
        """Messages, latest first."""
        wanted = select(webhook_deliveries).where(_D.webhook == webhook)
        if state is not None:
            wanted = wanted.where(_D.state == state.value)
        async with transaction(self.engine) as connection:
            rows = await connection.execute(wanted.order_by(_D.id.desc()).limit(limit))
            return [_delivery(row) for row in rows.mappings()]

    async def outbox(self, now: datetime) -> Outbox:
        """How many messages there are, and how long the first of those that wait has waited.
        Those to a webhook that is switched off do not wait."""
        wanted = select(_D.state, func.count()).group_by(_D.state)
        on = select(_H.id).where(_H.enabled)
        first = select(func.min(_D.made_at)).where(_D.state == _QUEUED, _D.webhook.in_(on))
        async with transaction(self.engine) as connection:
            counts = {str(row[0]): int(row[1]) for row in await connection.execute(wanted)}
            since: datetime | None = await connection.scalar(first)
        behind = 0.0 if since is None else max(0.0, (now - since).total_seconds())
        return Outbox(counts=counts, behind_seconds=behind)

    async def overdue(self, now: datetime) -> int:
        """The number of messages that `forget` would delete."""
        async with transaction(self.engine) as connection:
            wanted = select(func.count()).where(_old(now))
            return int(await connection.scalar(wanted) or 0)

    async def forget(self, now: datetime) -> int:
        """Delete messages that were sent or given up long ago, and those waiting for a webhook that
        is switched off, because they have numbers. Gives how many, at most FORGOTTEN_AT_ONCE."""
        some = select(_D.id).where(_old(now)).limit(FORGOTTEN_AT_ONCE)
        async with transaction(self.engine) as connection:
            gone = delete(webhook_deliveries).where(_D.id.in_(some))
            return (await connection.execute(gone)).rowcount

    async def _change(self, delivery: int, **values: Any) -> None:
        async with transaction(self.engine) as connection:
            changed = update(webhook_deliveries).where(_D.id == delivery)
            await connection.execute(changed.values(**values))


def _old(now: datetime) -> ColumnElement[bool]:
    sent = and_(_D.state == DeliveryState.SENT.value, _D.made_at < now - SENT_KEPT)
    return or_(sent, _D.made_at < now - DEAD_KEPT)


def _webhook(row: RowMapping) -> Webhook:
    events = frozenset(HookEvent(each) for each in row["events"])
    return Webhook(**{**row, "events": events})


def _delivery(row: RowMapping) -> Delivery:
    state, event = DeliveryState(row["state"]), HookEvent(row["event"])
    return Delivery(**{**row, "state": state, "event": event})
