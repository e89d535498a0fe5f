"""What can be heard of a message: measured, and told to the engine."""

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from callcenter.core.commands import MeasureMessage
from callcenter.core.events import Event, MessageMeasured
from callcenter.core.ids import THE_NODE, CallId, NodeId
from callcenter.core.legs import RecorderLeg, Side
from callcenter.ports.sounds import SoundAwayError
from callcenter.runtime.loudness import Loudness
from callcenter.runtime.message_desk import AT_ONCE, MessageDesk
from tests.people import until
from tests.people.tones import alaw_of

LEG = RecorderLeg(call=CallId("malee"), number=1, side=Side.CALLER, node=THE_NODE)
SILENCE = bytes([0xD5]) * 8000


def tone(size: int, seconds: float = 1.0) -> bytes:
    return alaw_of([int(size * math.sin(at * 0.5)) for at in range(int(8000 * seconds))])


@pytest.mark.parametrize(
    ("sound", "seconds"),
    [(SILENCE, 0.0), (tone(8000), 1.0), (tone(100), 0.0), (tone(8000, 0.5) + SILENCE, 0.5)],
    ids=["silence", "a voice", "noise", "half a second"],
)
@pytest.mark.parametrize("piece", [7, 160, 65_536])
def test_it_is_counted_how_long_somebody_is_heard(sound: bytes, seconds: float, piece: int) -> None:
    heard = Loudness()
    for at in range(0, len(sound), piece):
        heard.hear(sound[at : at + piece])
    assert heard.seconds == pytest.approx(seconds, abs=0.03)


class Kept:
    """One recording in Asterisk."""

    def __init__(self, sound: bytes | None, *, away: bool = False) -> None:
        self.sound, self.away = sound, away

    def node_of(self, call: CallId) -> NodeId:
        return THE_NODE

    async def kept(self) -> list[RecorderLeg]:
        return [LEG]

    async def is_live(self, leg: RecorderLeg) -> bool:
        if self.away:
            raise SoundAwayError("nobody is there")
        return False

    async def pieces(self, leg: RecorderLeg) -> AsyncIterator[bytes]:
        if self.sound is not None:
            yield self.sound

    async def forget(self, leg: RecorderLeg) -> None:
        raise AssertionError("it is sealed later")


@pytest.mark.parametrize(
    ("sounds", "told"),
    [
        (Kept(tone(8000, 2.0)), [2.0]),
        (Kept(SILENCE), [0.0]),
        (Kept(None), [None]),
        (Kept(None, away=True), []),
    ],
    ids=["a voice", "silence", "no recording", "asterisk is away"],
)
async def test_the_engine_is_told(sounds: Kept, told: list[float | None]) -> None:
    events: list[Event] = []
    desk = MessageDesk(events.append, sounds)
    desk.measure(MeasureMessage(leg=LEG))
    for _ in range(20):
        await asyncio.sleep(0)
    await desk.close()
    assert [x.seconds for x in events if isinstance(x, MessageMeasured)] == [
        None if seconds is None else pytest.approx(seconds, abs=0.05) for seconds in told
    ]


class Slow(Kept):
    """Asterisk takes a moment for each. `asked`: the most at once."""

    def __init__(self) -> None:
        super().__init__(SILENCE)
        self.now = self.asked = 0

    async def pieces(self, leg: RecorderLeg) -> AsyncIterator[bytes]:
        self.now += 1
        self.asked = max(self.asked, self.now)
        await asyncio.sleep(0.01)
        self.now -= 1
        yield SILENCE


async def test_each_is_told_also_if_more_end_at_once_than_are_fetched_at_once() -> None:
    events: list[Event] = []
    sounds = Slow()
    desk = MessageDesk(events.append, sounds)
    many = 2 * AT_ONCE + 1
    for number in range(1, many + 1):
        desk.measure(MeasureMessage(leg=replace(LEG, number=number)))
    await until(lambda: len(events) == many, within=20)
    assert sounds.asked == AT_ONCE
    await desk.close()
