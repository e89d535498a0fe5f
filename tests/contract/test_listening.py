"""A supervisor at a talk: who hears whom in each mode, with the fake and with the real one."""

from callcenter.ari.rest import Dial, requests_of
from callcenter.core.commands import (
    Bridge,
    Mute,
    OpenDesk,
    RingLine,
    RingSpy,
    SeatLine,
    SeatSpy,
    Snoop,
    ToAsterisk,
)
from callcenter.core.ids import CallId, offer_id
from callcenter.core.legs import LineLeg, OperatorLeg, SpyLeg, channel_of, name_of
from tests.contract.bench import Bench, Caller, RingingPhone
from tests.contract.observer import Observer, carry_out, hang_up
from tests.contract.test_calls import arrives, leg_of, talks
from tests.fake_asterisk.parts import NAMES
from tests.legs import caller_leg, desk_bridge, leg_of_offer, line_leg, snoop_leg, spy_leg
from tests.people.until import until

DESK, OWN = desk_bridge("somchai"), desk_bridge("malee")
SPY, EARS = spy_leg("malee", 1), snoop_leg("malee", 1)


async def done(ari: Observer, command: ToAsterisk) -> None:
    """Send every request of the command; all must succeed."""
    for request in carry_out(command):
        assert await ari.status(request) in (200, 201, 204), request


async def is_rung(
    bench: Bench, ari: Observer, command: RingSpy | RingLine, who: str
) -> RingingPhone:
    """The phone that rings for the command."""
    await done(ari, command)
    leg: SpyLeg | LineLeg = command.leg
    await ari.wait_for(("StasisStart", channel_of(leg)))
    dial = Dial(lane=command.lane, leg=leg)
    assert [await ari.status(each) for each in requests_of(dial, NAMES)] == [204]
    return await bench.rings(who)


async def listens(bench: Bench, ari: Observer, operator: OperatorLeg) -> RingingPhone:
    """A supervisor who listens to an operator's talk, with the requests in the engine's order."""
    await done(ari, OpenDesk(lane=OWN, bridge=OWN))
    ring = RingSpy(lane=OWN, leg=SPY, endpoint="PJSIP/op-malee", caller_id='"l" <l>')
    phone = await is_rung(bench, ari, ring, "malee")
    phone.answer("supervisor")
    await ari.wait_for(("ChannelStateChange", channel_of(SPY), "Up"))
    await done(ari, Mute(lane=OWN, leg=SPY, on=True))
    await done(ari, SeatSpy(lane=OWN, leg=SPY, bridge=OWN))
    await done(ari, Snoop(lane=OWN, leg=EARS, of=operator))
    await ari.wait_for(("StasisStart", channel_of(EARS)))
    await done(ari, SeatSpy(lane=OWN, leg=EARS, bridge=OWN))
    await ari.wait_for(("ChannelEnteredBridge", channel_of(EARS), name_of(OWN)))
    return phone


async def hear(
    supervisor: RingingPhone, operator: RingingPhone, caller: Caller, who: dict[str, str]
) -> None:
    """Check whom each of the three hears."""
    await supervisor.hears(*who["supervisor"].split())
    await operator.hears(*who["operator"].split())
    await caller.hears(*who["caller"].split())


LISTEN = {"supervisor": "caller operator", "operator": "caller", "caller": "operator"}
WHISPER = {**LISTEN, "operator": "caller supervisor"}
BARGE = {**WHISPER, "caller": "operator supervisor"}


async def test_each_mode_and_back_and_the_talk_goes_on(bench: Bench, ari: Observer) -> None:
    caller, call = await arrives(bench, ari)
    operator = await talks(bench, ari, call)
    caller.speak()
    await caller.hears("operator")
    supervisor = await listens(bench, ari, leg_of_offer(offer_id(CallId(call), 1)))
    await hear(supervisor, operator, caller, LISTEN)
    await done(ari, Mute(lane=OWN, leg=SPY, on=False))
    await hear(supervisor, operator, caller, WHISPER)
    await done(ari, SeatSpy(lane=OWN, leg=SPY, bridge=DESK))
    await hear(supervisor, operator, caller, BARGE)
    await done(ari, Mute(lane=OWN, leg=SPY, on=True))
    await done(ari, SeatSpy(lane=OWN, leg=SPY, bridge=OWN))
    await hear(supervisor, operator, caller, LISTEN)
    supervisor.hang_up()
    await ari.wait_for(("ChannelDestroyed", channel_of(SPY)))
    assert await ari.status(hang_up(channel_of(EARS))) == 204
    await ari.wait_for(("StasisEnd", channel_of(EARS)))
    await ari.has_only(call, leg_of(call))
    await caller.hears("operator")
    await operator.hears("caller")


async def test_a_supervisor_takes_over(bench: Bench, ari: Observer) -> None:
    caller, call = await arrives(bench, ari)
    await talks(bench, ari, call)
    caller.speak()
    supervisor = await listens(bench, ari, leg_of_offer(offer_id(CallId(call), 1)))
    await supervisor.hears("caller", "operator")
    assert await ari.status(hang_up(channel_of(EARS))) == 204
    await done(ari, Mute(lane=OWN, leg=SPY, on=False))
    await done(
        ari,
        Bridge(
            lane=CallId(call),
            offer=offer_id(CallId(call), 2),
            bridge=OWN,
            caller=caller_leg(call),
            operator=SPY,
        ),
    )
    await ari.wait_for(("ChannelEnteredBridge", call, name_of(OWN)))
    went_in_anew = ("ChannelEnteredBridge", channel_of(SPY), name_of(OWN))
    await until(lambda: ari.told[went_in_anew] == 2, within=10)
    assert await ari.status(hang_up(leg_of(call))) == 204
    await caller.hears("supervisor")
    await supervisor.hears("caller")


async def test_what_is_heard_ends_with_the_operators_leg(bench: Bench, ari: Observer) -> None:
    caller, call = await arrives(bench, ari)
    operator = await talks(bench, ari, call)
    caller.speak()
    supervisor = await listens(bench, ari, leg_of_offer(offer_id(CallId(call), 1)))
    await supervisor.hears("caller", "operator")
    operator.hang_up()
    await ari.wait_for(("StasisEnd", channel_of(EARS)))
    caller.hang_up()
    await ari.has_only(channel_of(SPY))


async def test_the_fifth_caller_on_an_open_line_is_heard_too(bench: Bench, ari: Observer) -> None:
    line = line_leg("somchai", 1)
    ring = RingLine(lane=DESK, leg=line, endpoint="PJSIP/op-somchai", caller_id='"l" <l>')
    operator = await is_rung(bench, ari, ring, "somchai")
    operator.answer()
    await ari.wait_for(("ChannelStateChange", channel_of(line), "Up"))
    await done(ari, SeatLine(lane=DESK, leg=line, bridge=DESK))
    for number in range(1, 6):
        caller, call = await arrives(bench, ari)
        ari.told.clear()
        caller.speak()
        joined = Bridge(
            lane=CallId(call),
            offer=offer_id(CallId(call), 1),
            bridge=DESK,
            caller=caller_leg(call),
            operator=line,
        )
        await done(ari, joined)
        await operator.hears("caller")
        if number == 5:
            supervisor = await listens(bench, ari, line)
            await hear(supervisor, operator, caller, LISTEN)
            await done(ari, Mute(lane=OWN, leg=SPY, on=False))
            await hear(supervisor, operator, caller, WHISPER)
        caller.hang_up()
        await ari.wait_for(("StasisEnd", call))
