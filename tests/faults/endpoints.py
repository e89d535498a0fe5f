"""Callers and phones: they leave at the wrong moment, die, send what nobody expects."""

import asyncio
from random import Random

from tests.faults.crowd import PICK_UP_SECONDS
from tests.faults.fault import Fault
from tests.faults.lab import Lab
from tests.people import OperatorPhone
from tests.people.phone_call import PhoneCall

METHODS = ("REFER", "INFO", "MESSAGE", "SUBSCRIBE", "PUBLISH", "PRACK", "UPDATE", "NOTIFY", "XYZZY")
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
    ),
    Fault(
        name="unknown-requests",
        says="phones in a talk send REFER, INFO, SUBSCRIBE, an unknown method and the like",
        strikes=send_what_nobody_expects,
    ),
)
