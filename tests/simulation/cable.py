"""The cable between the service and Asterisk: one websocket's life, with what can go wrong on it.

It is a `Transport` for the real executor: requests go out, answers and events come back, each way
in order. It can be slow, hold everything back for a while without a word (a black hole), be cut.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from callcenter.ari import wire
from callcenter.ari.rest import NO_ANSWER, Request, Response
from callcenter.ari.transport import REQUEST_SECONDS, Answered
from tests.simulation.schedule import Schedule


@dataclass(slots=True)
class Weather:
    """How the network is at the moment; changed by the faults."""

    delay_seconds: float = 0.001
    jitter_seconds: float = 0.0
    hole_until: float = 0.0  # nothing gets through before this


class Cable:
    """One websocket from its opening to its loss."""

    def __init__(
        self,
        schedule: Schedule,
        rng: Random,
        weather: Weather,
        carry_out: Callable[[Request], Response],
        on_event: Callable[[wire.Event], None],
    ) -> None:
        self._schedule = schedule
        self._rng = rng
        self._weather = weather
        self._carry_out = carry_out
        self._on_event = on_event
        self._there_at = self._back_at = 0.0  # when the last message of each way arrives
        self._to_read: deque[Callable[[], None]] | None = None  # while the service is frozen
        self.open = True

    def send(self, request: Request, answered: Answered) -> None:
        """Towards Asterisk. `answered` is called once, with NO_ANSWER if need be."""
        answer = _Once(answered)
        self._there_at = max(self._there_at, self._arrival())
        self._schedule.at(self._there_at, lambda: self._arrive(request, answer))
        self._schedule.after(REQUEST_SECONDS, lambda: self._give_up(answer))

    def tell(self, event: wire.Event) -> None:
        """An event of Asterisk's sets out towards the service."""
        self._bring(lambda: self._on_event(event))

    def freeze(self) -> None:
        """The service stands still: what comes stays in the socket."""
        if self._to_read is None:
            self._to_read = deque()

    def thaw(self) -> None:
        """The service goes on and reads what has come meanwhile."""
        waiting, self._to_read = self._to_read or deque(), None
        while waiting and self.open:
            waiting.popleft()()

    def close(self) -> None:
        """Nothing comes through any more, not even what is under way."""
        self.open = False

    # --- on the way --------------------------------------------------------------------------

    def _arrival(self) -> float:
        weather = self._weather
        delay = weather.delay_seconds
        if weather.jitter_seconds:
            delay += self._rng.random() * weather.jitter_seconds
        return max(self._schedule.now + delay, weather.hole_until)

    def _arrive(self, request: Request, answer: "_Once") -> None:
        if self.open:
            response = self._carry_out(request)
            if response.status != NO_ANSWER:
                self._bring(lambda: answer(response))

    def _bring(self, what: Callable[[], None]) -> None:
        self._back_at = max(self._back_at, self._arrival())
        self._schedule.at(self._back_at, lambda: self._read(what))

    def _give_up(self, answer: "_Once") -> None:
        if not answer.done:
            self._read(lambda: answer(Response(status=NO_ANSWER)))

    def _read(self, what: Callable[[], None]) -> None:
        if not self.open:
            return
        if self._to_read is None:
            what()
        else:
            self._to_read.append(what)


class _Once:
    """An answer that is given once; a later one is late and passed over."""

    __slots__ = ("_answered", "done")

    def __init__(self, answered: Answered) -> None:
        self._answered = answered
        self.done = False

    def __call__(self, response: Response) -> None:
        if not self.done:
            self.done = True
            self._answered(response)
