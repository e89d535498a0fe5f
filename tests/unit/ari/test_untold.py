"""Who is in the application and was never told of: looked for, asked for, told."""

import json
from collections.abc import Callable

import pytest

from callcenter.ari import rest, untold
from callcenter.ari.errors import ConnectionLost
from callcenter.core.events import CallArrived, CallerUntold
from callcenter.core.ids import CallId

AT = "2026-11-21T20:33:48.646+0000"


class World:
    """An Asterisk that has these channels; of those in `nameless` it cannot tell."""

    def __init__(self, *legs: str) -> None:
        self.legs = set(legs)
        self.nameless: set[str] = set()
        self.broken: set[str] = set()
        self.told: list[CallArrived | CallerUntold] = []
        self.on_look: Callable[[], None] = lambda: None

    async def ask(self, request: rest.Request) -> rest.Response:
        match request.path.split("/")[1:]:
            case ["applications", "callcenter"]:
                self.on_look()
                return _json({"name": "callcenter", "channel_ids": sorted(self.legs)})
            case ["asterisk", "ping"]:
                return _json({"timestamp": AT})
            case ["channels", leg] if leg in self.broken:
                return rest.Response(status=500)
            case ["channels", leg] if leg in self.nameless:
                return rest.Response(status=200)
            case ["channels", leg] if leg in self.legs:
                return _json(_channel(leg))
        return rest.Response(status=404)


def _json(thing: object) -> rest.Response:
    return rest.Response(status=200, body=json.dumps(thing))


def _channel(leg: str) -> dict[str, object]:
    stasis = {"app_name": "Stasis", "app_data": "callcenter,1567"}
    caller = {"number": "0812345678", "name": ""}
    return {"id": leg, "state": "Up", "caller": caller, "dialplan": stasis, "creationtime": AT}


async def looks(world: World, watch: untold.Untold, times: int = 1) -> list[object]:
    world.told.clear()
    for _ in range(times):
        await watch.look(world.ask, world.told.append)
    return list(world.told)


async def test_whoever_was_told_of_is_left_alone() -> None:
    world, watch = World("1.0", "1.1", "offer-1-1.0", "line-1-somchai"), untold.Untold("callcenter")
    watch.begin(["1.0"])
    watch.told(CallId("1.1"))
    assert await looks(world, watch, 5) == []


async def test_who_is_unknown_at_two_looks_and_cannot_be_described_is_untold() -> None:
    world, watch = World("1.0"), untold.Untold("callcenter")
    world.nameless = {"1.0"}
    assert await looks(world, watch) == []  # the event may be under way
    assert await looks(world, watch) == [CallerUntold(call=CallId("1.0"))]


async def test_a_caller_whose_event_was_lost_arrives_at_the_second_look() -> None:
    world, watch = World("1.0"), untold.Untold("callcenter")
    [arrived] = await looks(world, watch, 2)
    assert arrived == CallArrived(
        call=CallId("1.0"), did="1567", caller="0812345678", age_seconds=0.0
    )


async def test_who_is_told_of_between_two_looks_is_no_suspect() -> None:
    world, watch = World("1.0"), untold.Untold("callcenter")
    await looks(world, watch)
    watch.told(CallId("1.0"))
    assert await looks(world, watch, 3) == []


async def test_an_event_that_comes_while_the_list_is_on_its_way_is_kept() -> None:
    world, watch = World(), untold.Untold("callcenter")
    world.on_look = lambda: watch.told(CallId("1.0"))
    await looks(world, watch)
    world.legs, world.on_look = {"1.0"}, lambda: None
    assert await looks(world, watch, 3) == []


async def test_who_left_and_comes_again_must_be_told_of_again() -> None:
    world, watch = World("1.0"), untold.Untold("callcenter")
    watch.begin(["1.0"])
    world.legs.clear()
    await looks(world, watch)
    world.legs = {"1.0"}
    assert [type(event) for event in await looks(world, watch, 2)] == [CallArrived]


async def test_what_is_not_answered_is_not_judged() -> None:
    async def silent(_request: rest.Request) -> rest.Response:
        return rest.Response(status=rest.NO_ANSWER)

    watch = untold.Untold("callcenter")
    told: list[CallArrived | CallerUntold] = []
    for _ in range(3):
        await watch.look(silent, told.append)
    assert not told


async def test_one_by_one_all_that_can_be_described_are_found() -> None:
    legs = [f"1.{number}" for number in range(100)]
    world = World(*legs)
    world.nameless = {"1.7"}
    found = await untold.describable(world.ask, [*legs, "gone"])
    assert {channel.id for channel in found} == set(legs) - {"1.7"}


async def test_a_channel_that_cannot_be_read_is_no_empty_one() -> None:
    world = World("1.0")
    world.broken = {"1.0"}
    with pytest.raises(ConnectionLost):
        await untold.describable(world.ask, ["1.0"])
