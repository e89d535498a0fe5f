"""The load: ten operators who talk for seconds, citizens who call all the time, bursts of them.

Most wait until they are served; some give up early, some put the receiver down before the operator
does. Everything random comes from the seed.
"""

import asyncio
import itertools
import time
from random import Random

from tests.hotline import Hotline
from tests.people import Caller, OperatorPhone
from tests.people.phone_call import PhoneCall
from tests.people.tones import VOICES

OPERATORS = 10
CALLS_A_SECOND = 2.5
BURST = 30
TALK_SECONDS = (1.2, 3.2)
PICK_UP_SECONDS = (0.1, 0.5)
IMPATIENT, LEAVES_FIRST = 0.08, 0.3  # shares of callers and of talks
LATELY_SECONDS = 0.4
PATIENCE_SECONDS = (0.1, 6.0)
LINES = ("1567", "1567", "1111", "045614545")
QUEUES = ("damrong", "gcc", "sisaket")


class Crowd:
    """`opens()`, then `calls_come()` as a task, until `nobody_calls`."""

    def __init__(self, hotline: Hotline, seed: str, operators: int = OPERATORS) -> None:
        self.hotline = hotline
        self.chance = Random(f"{seed} callers")
        self._at_work = Random(f"{seed} operators")  # apart: who rings when is not for us to draw
        self.phones: list[OperatorPhone] = []
        self.callers: list[Caller] = []
        self.excused: set[str] = set()  # callers' numbers
        self.held_themselves: set[str] = set()  # callers' numbers: who presses hold hears nothing
        self.lost_calls: set[str] = set()  # of phones, by their Call-ID: Asterisk was killed
        self.calls_a_second, self.talk_seconds = CALLS_A_SECOND, TALK_SECONDS
        self._operators = operators
        self._voices = itertools.cycle(VOICES[operators:])
        self._arrivals: asyncio.Task[None] | None = None

    async def opens(self) -> None:
        """All operators log in, each for all queues."""
        for number in range(self._operators):
            name = f"op{number:02d}"
            phone = await self.hotline.operator(name, queues=QUEUES, habit=self._works)
            phone.voice = VOICES[number]
            self.phones.append(phone)

    def _works(self, phone: OperatorPhone, call: PhoneCall) -> None:
        """Picks up, talks, and one of the two hangs up."""
        loop = asyncio.get_running_loop()
        chance = self._at_work
        wait, talk = chance.uniform(*PICK_UP_SECONDS), chance.uniform(*self.talk_seconds)
        loop.call_later(wait, call.answer)
        if chance.random() < LEAVES_FIRST:
            loop.call_later(wait + talk, self._caller_leaves, phone, call)
        else:
            loop.call_later(wait + talk, call.hang_up)

    def _caller_leaves(self, phone: OperatorPhone, call: PhoneCall) -> None:
        """Whoever hears this operator; when nobody does, the operator."""
        now = time.monotonic()
        heard = call.ear.voice(now - LATELY_SECONDS, now)
        there = [c for c in self.waiting if c.voice == heard and c.is_up]  # of many, several
        hears = (c for c in there if c.ear.voice(now - LATELY_SECONDS, now) == phone.voice)
        leaves = next(hears, call)
        leaves.hang_up()

    # --- who calls

    def begins(self) -> None:
        """From now on somebody calls every now and then."""
        self._arrivals = asyncio.get_running_loop().create_task(self._come())

    async def ends(self) -> None:
        """Nobody else calls."""
        if self._arrivals is not None:
            self._arrivals.cancel()
            await asyncio.gather(self._arrivals, return_exceptions=True)

    async def _come(self) -> None:
        while True:
            await asyncio.sleep(self.chance.expovariate(self.calls_a_second))
            await self.somebody_calls()

    async def burst(self, how_many: int = BURST) -> None:
        """So many within a second or two."""
        for _ in range(how_many):
            await self.somebody_calls()
            await asyncio.sleep(0.04)

    async def somebody_calls(self) -> Caller:
        """One citizen, of whom nobody knows how patient."""
        caller = self.hotline.caller(voice=next(self._voices))
        self.callers.append(caller)
        await caller.dials(self.chance.choice(LINES), at=self.hotline.sip)
        if self.chance.random() < IMPATIENT:
            patience = self.chance.uniform(*PATIENCE_SECONDS)
            asyncio.get_running_loop().call_later(patience, self._gives_up, caller)
        return caller

    async def calls_as(self, number: str, **how: object) -> Caller:
        """Somebody who is odd in some way, and waits until served."""
        caller = self.hotline.caller(number, voice=next(self._voices), **how)
        self.callers.append(caller)
        return await caller.dials(self.chance.choice(LINES), at=self.hotline.sip)

    def _gives_up(self, caller: Caller) -> None:
        """Unless somebody talks with this caller: who is served stays."""
        if not caller.ear.voice(time.monotonic() - LATELY_SECONDS, time.monotonic()):
            caller.hang_up()

    # --- how they are

    @property
    def waiting(self) -> list[Caller]:
        """Who is in a call, or wants to be."""
        return [caller for caller in self.callers if not caller.is_over]

    def everybody_is_cut(self) -> None:
        """Asterisk is dead: both ends find out by themselves, and nobody is to blame but it."""
        for caller in self.waiting:
            if caller.answered_at:
                self.excused.add(caller.number)
                caller.vanish()
        for phone in self.phones:
            if (call := phone.now) is not None:
                self.lost_calls.add(call.call_id)
                call.is_lost()

    def served_since(self, since: float) -> float:
        """When the first ring since then became a talk; 0.0 when none has."""
        ups = [
            call.up_at
            for phone in self.phones
            for call in reversed(phone.calls)
            if call.rang_at >= since and call.up_at
        ]
        return min(ups, default=0.0)

    async def drains(self, patience_seconds: float, limit_seconds: float) -> list[Caller]:
        """Wait until all are served, or nobody has been for so long; who is left."""
        began = last = time.monotonic()
        left = len(self.waiting)
        while self.waiting:
            await asyncio.sleep(0.1)
            now = time.monotonic()
            if len(self.waiting) != left:
                left, last = len(self.waiting), now
            if now - last > patience_seconds or now - began > limit_seconds:
                break
        return self.waiting
