"""One hotline for many stories, because its start takes longer than most stories."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tests.hotline.hotline import Hotline


class Shared:
    """The hotline that stories use one after the other, as long as it is in order.

    Its records are checked after each story. If a story left it broken, it is thrown away, and the
    next story gets a new one.
    """

    def __init__(self, make: Callable[[], Hotline] = Hotline) -> None:
        self._make = make
        self._hotline: Hotline | None = None

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[Hotline]:
        """The hotline without callers and operators, with the usual limits."""
        if self._hotline is None:
            self._hotline = await self._make().__aenter__()
        hotline = self._hotline
        try:
            yield hotline
            await hotline.everyone_leaves()
        except BaseException as error:
            await self.throw_away(error)
            raise

    async def throw_away(self, error: BaseException | None = None) -> None:
        """Throw it away, so that the next story gets a new one."""
        hotline, self._hotline = self._hotline, None
        if hotline is not None:
            await hotline.__aexit__(None if error is None else type(error), error, None)
