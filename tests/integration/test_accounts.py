"""Accounts in a real PostgreSQL where two do something at the same time, or it is not there."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from callcenter.core.ids import OperatorId, QueueName
from callcenter.ports.people import Account, Change, DatabaseAwayError, OperatorCard, Role
from callcenter.storage.accounts import AccountsInPostgres
from callcenter.storage.operators import CardsInPostgres

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def account(name: str, role: Role = Role.ADMINISTRATOR) -> Account:
    return Account(
        name=name,
        role=role,
        disabled=False,
        must_change=False,
        password_hash="x",
        added_at=NOW,
        password_at=NOW,
    )


def card(name: str) -> OperatorCard:
    return OperatorCard(
        operator=OperatorId(name),
        name="สมชาย",
        queues=(QueueName("damrong"),),
        sip_secret="secret",
        contact=None,
        added_at=NOW,
    )


async def test_two_administrators_cannot_remove_each_other(engine: AsyncEngine) -> None:
    accounts = AccountsInPostgres(engine)
    for name in ("suda", "wichai"):
        await accounts.add_account(account(name))
    changes = await asyncio.gather(
        accounts.set_role("suda", Role.OPERATOR), accounts.set_disabled("wichai", True)
    )
    assert sorted(changes) == [Change.DONE, Change.LAST_ADMINISTRATOR]


async def test_of_two_that_take_a_name_at_once_one_gets_it(engine: AsyncEngine) -> None:
    accounts, cards = AccountsInPostgres(engine), CardsInPostgres(engine)
    taken = await asyncio.gather(*(accounts.add_account(account("suda")) for _ in range(5)))
    assert sorted(taken) == [False] * 4 + [True]
    added = await asyncio.gather(*(cards.add_operator(card("malee"), None) for _ in range(5)))
    assert sorted(added) == [False] * 4 + [True]


async def test_an_operator_whose_account_is_taken_is_not_half_added(engine: AsyncEngine) -> None:
    accounts, cards = AccountsInPostgres(engine), CardsInPostgres(engine)
    await accounts.add_account(account("suda"))
    assert not await cards.add_operator(card("suda"), account("suda", Role.OPERATOR))
    assert await cards.operators() == []


async def test_a_database_that_is_not_there_or_has_no_tables_is_away(database_url: str) -> None:
    nowhere = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    empty = create_async_engine(database_url)
    for engine in (nowhere, empty):
        with pytest.raises(DatabaseAwayError):
            await AccountsInPostgres(engine).accounts()
        await engine.dispose()


async def test_a_database_that_hangs_keeps_nobody_waiting_for_long(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("lock table accounts in access exclusive mode"))
        async with asyncio.timeout(30):
            with pytest.raises(DatabaseAwayError):
                await AccountsInPostgres(engine).account("suda")


async def test_a_connection_that_is_cut_is_away_and_comes_back(engine: AsyncEngine) -> None:
    accounts = AccountsInPostgres(engine)
    await accounts.add_account(account("suda"))
    async with engine.connect() as other:
        await other.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
        )
    for _ in range(3):
        try:
            found = await accounts.account("suda")
        except DatabaseAwayError:
            continue
        assert found is not None
        return
    raise AssertionError("it did not come back")
