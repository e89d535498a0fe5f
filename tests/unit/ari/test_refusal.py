"""An Asterisk that was told to stop gracefully is known by the channel it does not make."""

import pytest

from callcenter.ari import rest
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


def test_the_complaint_says_what_to_type() -> None:
    refusal = Refusal()
    assert refusal.complaint() == ""
    refusal.refuses = True
    assert "asterisk -rx 'core abort shutdown'" in refusal.complaint()
