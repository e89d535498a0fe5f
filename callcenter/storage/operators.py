"""The operators' cards in PostgreSQL: implements `ports.people.Cards`.

This module never tells Asterisk anything; the roster does that.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_not
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from callcenter.core.ids import OperatorId, QueueName
from callcenter.core.skills import ordered
from callcenter.ports.people import Account, CardChange, OperatorCard, Role
from callcenter.storage.accounts import insert_account
from callcenter.storage.people_tables import accounts, operators, sessions
from callcenter.storage.transactions import transaction


class _TakenError(Exception):
    """The name is in use. The transaction is undone."""


class CardsInPostgres:
    """See `ports.people.Cards` for what each method promises."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def operators(self) -> Sequence[OperatorCard]:
        has_phone = (sessions.c.account == operators.c.operator) & sessions.c.phone_secret.is_not(
            None
        )
        wanted = (
            select(operators, sessions.c.phone_secret, sessions.c.token_hash)
            .select_from(operators.outerjoin(sessions, has_phone))
            .where(operators.c.removed_at.is_(None))
            .order_by(operators.c.operator)
        )
        async with transaction(self._engine) as connection:
            return [_card(row) for row in (await connection.execute(wanted)).mappings()]

    async def add_operator(self, card: OperatorCard, account: Account | None) -> bool:
        try:
            async with transaction(self._engine) as connection:
                await _add_card(connection, card)
                if account is not None:
                    await _add_account(connection, account)
        except _TakenError:
            return False
        return True

    async def change_operator(
        self, operator: OperatorId, change: CardChange
    ) -> OperatorCard | None:
        same = {"operator": operator}  # so that an empty change is still a valid statement
        changed = update(operators).where(_there(operator)).values({**same, **change})
        async with transaction(self._engine) as connection:
            rows = await connection.execute(changed.returning(operators))
            row = rows.mappings().first()
        return None if row is None else _card(row)

    async def remove_operator(self, operator: OperatorId, at: datetime) -> bool:
        there = _there(operator)
        blanked = update(operators).where(there).values(removed_at=at, sip_secret="", contact=None)
        own = (accounts.c.name == operator) & (accounts.c.role == Role.OPERATOR.value)
        locked = update(accounts).where(own).values(disabled=True).returning(accounts.c.name)
        async with transaction(self._engine) as connection:
            if (await connection.execute(blanked)).rowcount == 0:
                return False
            for (name,) in await connection.execute(locked):
                await connection.execute(delete(sessions).where(sessions.c.account == name))
            return True


def _there(operator: OperatorId) -> ColumnElement[bool]:
    return (operators.c.operator == operator) & operators.c.removed_at.is_(None)


async def _add_card(connection: AsyncConnection, card: OperatorCard) -> None:
    values = {
        "name": card.name,
        "queues": list(card.queues),
        "contact": card.contact,
        "open_line": card.open_line,
        "skills": dict(card.skills),
        "sip_secret": card.sip_secret,
        "added_at": card.added_at,
        "removed_at": None,
    }
    added = insert_or_not(operators).values(operator=card.operator, **values)
    returning = added.on_conflict_do_update(
        index_elements=[operators.c.operator],
        set_=values,
        where=operators.c.removed_at.is_not(None),  # an operator who left may be added again
    ).returning(operators.c.operator)
    if (await connection.execute(returning)).first() is None:
        raise _TakenError


async def _add_account(connection: AsyncConnection, account: Account) -> None:
    """Add the account, or give a former operator's disabled account its new password."""
    if (await connection.execute(insert_account(account))).first() is not None:
        return
    former = (accounts.c.name == account.name) & (accounts.c.role == Role.OPERATOR.value)
    renewed = update(accounts).where(former & accounts.c.disabled)
    values = {
        "password_hash": account.password_hash,
        "must_change": account.must_change,
        "password_at": account.password_at,
        "disabled": False,
    }
    if (await connection.execute(renewed.values(**values))).rowcount == 0:
        raise _TakenError


def _card(row: RowMapping) -> OperatorCard:
    return OperatorCard(
        operator=OperatorId(row["operator"]),
        name=row["name"],
        queues=tuple(QueueName(queue) for queue in row["queues"]),
        sip_secret=row["sip_secret"],
        contact=row["contact"],
        open_line=row["open_line"],
        skills=ordered(row["skills"]),
        added_at=row["added_at"],
        browser_secret=row.get("phone_secret"),
        browser_session=row.get("token_hash"),
    )
