"""Who is told what when the operators' cards cannot be read."""

from typing import NoReturn, cast

import pytest

from callcenter.ports.engine import RunningEngine
from callcenter.ports.people import Cards, DatabaseAwayError
from callcenter.ports.phones import Phones, PhonesError
from callcenter.web.operators.roster import Roster


class Away:
    """A database that is not there; whoever is told of phones all the same is a fault."""

    async def operators(self) -> NoReturn:
        raise DatabaseAwayError("PostgreSQL does not answer")


async def test_phones_that_nobody_knows_yet_are_not_called_told() -> None:
    away = Away()
    roster = Roster(
        cards=cast(Cards, away), phones=cast(Phones, away), engine=cast(RunningEngine, away)
    )
    for _ in range(2):
        with pytest.raises(PhonesError, match="database is away"):
            await roster.publish()
