"""Tells Asterisk the operators' phones whenever one is added or removed, or its operator logs in or
out.

The cards are remembered, so that operators can log in and out while PostgreSQL is away. This module
never decides what an operator does.
"""

import asyncio
from collections.abc import Callable, Iterable

from callcenter.core.facts import OperatorState
from callcenter.core.ids import OperatorId
from callcenter.ports.engine import RunningEngine
from callcenter.ports.people import Cards, DatabaseAwayError, OperatorCard
from callcenter.ports.phones import Phone, Phones, PhonesError, sip_user


class Roster:
    """Knows every operator's card, and publishes every operator's phone."""

    def __init__(self, *, cards: Cards, phones: Phones, engine: RunningEngine) -> None:
        self.listeners: list[Callable[[], None]] = []  # called when the cards were read again
        self._cards = cards
        self._phones = phones
        self._engine = engine
        self._known: dict[OperatorId, OperatorCard] | None = None
        self._turn = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None
        self._anew = False

    async def cards(self) -> dict[OperatorId, OperatorCard]:
        """Every operator's card by id. Raises DatabaseAwayError only if they were never read."""
        if self._known is None:
            await self.read_again()
        assert self._known is not None
        return self._known

    async def read_again(self) -> None:
        """Read the cards again after one was added, changed or removed. With DatabaseAwayError the
        old ones stay."""
        self._known = {card.operator: card for card in await self._cards.operators()}
        for listener in self.listeners:
            listener()

    async def publish(self, *, anew: bool = False) -> None:
        """Tell Asterisk about all phones, and which operators are at work.

        Called at app start, after a log-in or log-out, and on reload (`anew`: tell everything
        again). Requests that come while one is under way share the next one: a whole shift that
        logs in costs two writes. Raises PhonesError.
        """
        self._anew |= anew
        if self._next is None:
            self._next = asyncio.create_task(self._publish_in_turn())
        await asyncio.shield(self._next)

    async def _publish_in_turn(self) -> None:
        async with self._turn:  # so that the last publication has the latest state
            self._next = None
            try:
                cards = await self.cards()
            except DatabaseAwayError as error:
                raise PhonesError("the database is away: no phone is known yet") from error
            anew, self._anew = self._anew, False
            await self._phones.publish(list(self._all(cards.values())), anew=anew)

    def _all(self, cards: Iterable[OperatorCard]) -> Iterable[Phone]:
        for card in cards:
            browser = card.browser_secret is not None
            yield Phone(
                operator=card.operator,
                sip_user=sip_user(card.operator),
                secret=card.browser_secret or card.sip_secret,
                contact=None if browser else card.contact,
                logged_in=self.is_at_work(card.operator),
                browser=browser,
            )

    def is_at_work(self, operator: OperatorId) -> bool:
        """Whether the operator is logged in and has not asked to go home."""
        found = self._engine.state.operators.get(operator)
        return found is not None and found.wish is not OperatorState.OFFLINE
