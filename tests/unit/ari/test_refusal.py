"""An Asterisk that was told to stop gracefully is known by the channel it does not make."""

import asyncio

import pytest

from callcenter.ari import refusal, rest
from callcenter.ari.refusal import PROBE, Refusal, refuses


class World:
    def __init__(self, status: int, body: str = "") -> None:
        self.made = rest.Response(status=status, body=body)
        self.asked: list[tuple[str, str]] = []

    async def ask(self, request: rest.Request) -> rest.Response:
        self.asked.append((request.method, request.path))
        return self.made if request.method == "POST" else rest.Response(status=204)


@pytest.mark.parametrize(
    ("status", "body", "refused"),
    [
        (500, '{"error":"Allocation failed"}', True),
        (500, '{"error":"Internal Server Error"}', False),
        (409, "", False),
        (rest.NO_ANSWER, "", False),
    ],
)
async def test_who_makes_no_channel_refuses_calls(status: int, body: str, refused: bool) -> None:
    world = World(status, body)
    assert await refuses(world.ask) is refused
    assert world.asked == [("POST", "/channels/create")]


async def test_the_channel_that_was_made_is_ended_at_once() -> None:
    world = World(200)
    assert not await refuses(world.ask)
    assert world.asked == [("POST", "/channels/create"), ("DELETE", f"/channels/{PROBE}")]


async def test_it_is_looked_at_often_while_it_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    world, paused = World(500, '{"error":"Allocation failed"}'), list[float]()

    async def pulse(after_seconds: float) -> None:
        paused.append(after_seconds)
        if len(paused) == 2:
            raise asyncio.CancelledError
        world.made = rest.Response(status=200, body="")

    monkeypatch.setattr(refusal, "pulse", pulse)
    with pytest.raises(asyncio.CancelledError):
        await Refusal().watch(world.ask)
    assert paused == [refusal.SOON_SECONDS, refusal.LOOK_SECONDS]


def test_the_complaint_says_what_to_type() -> None:
    known = Refusal()
    assert known.complaint() == ""
    known.refuses = True
    assert "asterisk -rx 'core abort shutdown'" in known.complaint()
