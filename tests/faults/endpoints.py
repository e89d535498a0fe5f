"""Callers and phones: they leave at the wrong moment, die, send what nobody expects."""

import asyncio
import time
from dataclasses import replace
from random import Random

from tests.faults.crowd import PICK_UP_SECONDS
from tests.faults.fault import Bounds, Fault
from tests.faults.lab import Lab
from tests.people import Caller, OperatorPhone
from tests.people.phone_call import PhoneCall
from tests.people.sound import Jump, Sound

METHODS = ("REFER", "INFO", "MESSAGE", "SUBSCRIBE", "PUBLISH", "PRACK", "UPDATE", "NOTIFY", "XYZZY")
RTP_TIMEOUT_SECONDS = 3
ANSWERED_WITHIN_SECONDS = 2.0  # one on a machine that does nothing else


async def leave_at_each_step(lab: Lab, chance: Random) -> None:
    """Ten times: a phone rings, and within the moments of the hand-over who is next hangs up."""
    for _ in range(10):
        await _next_ring(lab)
        await asyncio.sleep(chance.uniform(0, PICK_UP_SECONDS[1] + 0.15))
        for caller in [c for c in lab.crowd.waiting if c.is_up][:3]:
            caller.hang_up()


async def _next_ring(lab: Lab) -> None:
    def rings() -> int:
        return sum(len(phone.calls) for phone in lab.crowd.phones)

    before = rings()
    for _ in range(500):
        if rings() > before:
            return
        await asyncio.sleep(0.01)


async def send_what_nobody_expects(lab: Lab, chance: Random) -> None:
    """Each operator in a talk sends requests that are not supported: each is to be answered."""
    asked = [
        call.ask(method, ("Refer-To", "<sip:1111@127.0.0.1>"), ("Event", "presence"))
        for call in _talks(lab)
        for method in chance.sample(METHODS, 3)
    ]
    await asyncio.sleep(ANSWERED_WITHIN_SECONDS)
    mute = sorted({one.method for one in asked if not one.status})
    if mute:
        lab.broken.append(f"no answer within {ANSWERED_WITHIN_SECONDS:g} s: {', '.join(mute)}")


def _talks(lab: Lab) -> list[PhoneCall]:
    now = (phone.now for phone in lab.crowd.phones)
    return [call for call in now if call is not None and call.is_up]


def with_picky_ears(lab: Lab) -> None:
    """Everybody's far end is Debian's Asterisk."""
    Sound.drops_what_is_behind = True

    def off() -> None:
        Sound.drops_what_is_behind = False

    lab.finally_undo.append(off)


async def jump(lab: Lab, chance: Random) -> None:
    """In mid-talk the stream of each operator goes on as another one, as behind a PBX."""
    for call in _talks(lab):
        numbers, samples = chance.getrandbits(16), chance.getrandbits(32)
        call.jump(Jump(numbers=numbers, samples=samples, new_source=True))


def with_long_talks(lab: Lab) -> None:
    """Fewer of them; who sends no sound for three seconds and says nothing is taken for dead."""
    lab.crowd.calls_a_second, lab.crowd.talk_seconds = 0.5, (13.0, 15.0)
    asterisk = lab.hotline.asterisk
    asterisk.settings = replace(asterisk.settings, rtp_timeout_seconds=RTP_TIMEOUT_SECONDS)


async def hold(lab: Lab, chance: Random) -> None:
    """Operators in a talk, and callers who wait or talk, press the hold key, and take it back."""
    calls = [call for call in _talks(lab) if time.monotonic() - call.up_at < 5]
    held: list[PhoneCall | Caller] = [*chance.sample(calls, min(2, len(calls)))]
    waiting = [caller for caller in lab.crowd.waiting if caller.is_up]
    callers = chance.sample(waiting, min(3, len(waiting)))
    lab.crowd.held_themselves |= {caller.number for caller in callers}
    held += callers
    for one in held:
        one.hold()
    await asyncio.sleep(RTP_TIMEOUT_SECONDS * 2)
    for one in held:
        if not one.is_over:
            one.take_back()


async def kill_a_phone(lab: Lab, chance: Random) -> None:
    """One that rings or talks: no word, no sound. The caller must come to somebody else."""
    busy: list[OperatorPhone] = []
    while not busy:
        await asyncio.sleep(0.05)
        busy = [phone for phone in lab.crowd.phones if phone.now is not None]
    phone = chance.choice(busy)
    lab.dead_phones.append(phone)
    call = phone.now
    if call is not None:
        lab.crowd.lost_calls.add(call.call_id)
        call.is_lost()
    phone.die()


async def plug_it_in_again(lab: Lab, _chance: Random) -> None:
    """It registers, and its operator wants calls again."""
    for phone in lab.dead_phones:
        await phone.plugged_in(at=lab.hotline.sip)
        await phone.registers_now()
        if (await lab.hotline.api.state(phone.name)).startswith("paused"):
            await lab.hotline.resume(phone.name)
    lab.dead_phones.clear()


FAULTS = (
    Fault(
        name="F13",
        says="callers hang up within the moments of a hand-over, ten times three of them",
        strikes=leave_at_each_step,
    ),
    Fault(
        name="F14",
        says="an operator's phone dies ringing or talking, and is back after 12 to 15 s",
        strikes=kill_a_phone,
        lasts_seconds=(12, 15),
        heals=plug_it_in_again,
        bounds=Bounds(silent=None),  # until it is known to be dead
    ),
    Fault(
        name="hold",
        says="operators, and callers who talk or wait, are on hold twice as long as a dead line is",
        prepares=with_long_talks,
        strikes=hold,
        bounds=Bounds(recovery_seconds=20),
    ),
    Fault(
        name="silent-talk",
        says="every far end drops RTP that steps back (Debian's Asterisk); operators' streams jump",
        prepares=with_picky_ears,
        strikes=jump,
        sound_goes_on=True,
        lasts_seconds=(3, 4),
    ),
    Fault(
        name="unknown-requests",
        says="phones in a talk send REFER, INFO, SUBSCRIBE, an unknown method and the like",
        strikes=send_what_nobody_expects,
    ),
    Fault(
        name="unknown-requests-edge",
        says="the same, and the SIP edge is before Asterisk",
        strikes=send_what_nobody_expects,
        edge=True,
    ),
)
