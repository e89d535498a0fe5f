"""The operators' phones, told to Asterisk whenever one comes, goes, logs in or logs out.

The cards are remembered, so that operators can log in and out while PostgreSQL is away. It never
decides what an operator does.
"""

import asyncio
from collections.abc import Callable, Iterable

from callcenter.core.facts import OperatorState
from callcenter.core.ids import OperatorId
from callcenter.ports.engine import RunningEngine
from callcenter.ports.people import Cards, DatabaseAwayError, OperatorCard
from callcenter.ports.phones import Phone, Phones, PhonesError, sip_user


class Roster:
    """Knows every operator's card; publishes every operator's phone."""

    def __init__(self, *, cards: Cards, phones: Phones, engine: RunningEngine) -> None:
        self.listeners: list[Callable[[], None]] = []  # called when the cards were read anew
        self._cards = cards
        self._phones = phones
        self._engine = engine
        self._known: dict[OperatorId, OperatorCard] | None = None
        self._turn = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None
        self._anew = False

    async def cards(self) -> dict[OperatorId, OperatorCard]:
        """Every operator's card by id. DatabaseAwayError only when they were never read."""
        if self._known is None:
            await self.read_again()
        assert self._known is not None
        return self._known

    async def read_again(self) -> None:
        """A card was added, changed or removed. DatabaseAwayError leaves what is known."""
        self._known = {card.operator: card for card in await self._cards.operators()}
        for listener in self.listeners:
            listener()

    async def publish(self, *, anew: bool = False) -> None:
        """Tell Asterisk about all phones, and who of their operators is at work.

        At app start, after a log-in or log-out, and on reload (`anew`: whatever it knows). Requests
        that come while one is under way share the next: a whole shift that logs in costs two
        writes. Raises PhonesError.
        """
        self._anew |= anew
        if self._next is None:
            self._next = asyncio.create_task(self._publish_in_turn())
        await asyncio.shield(self._next)

    async def _publish_in_turn(self) -> None:
        async with self._turn:  # the last one told must be the last one true
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
