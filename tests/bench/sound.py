"""What people hear, and what it costs: silent talks, a talking second, a waiting second with music.

The silent talks are counted at the ears (tests/people) of callers whose carrier is a second
Asterisk that transcodes (tests/hotline/carrier.py), where half of the talks are silent when a
bridge passes on the numbers of the operator's packets. In each talk the operator's stream changes
once. The costs are those of SIPp people who speak all the time (national/voices.py).
"""

import asyncio
from statistics import fmean

from tests.bench import scenarios
from tests.bench.blocks import rounds, stand_in_line
from tests.bench.cost import cpu_seconds
from tests.bench.crowd import OPERATORS_PORT
from tests.bench.figures import ratio
from tests.bench.lab import NAMES, OPEN, OURS, SIP, THEIRS, Lab
from tests.bench.national.voices import Voices
from tests.bench.table import Options, Row
from tests.hotline.carrier import SUBSCRIBERS, CarrierAsterisk
from tests.people import Caller, OperatorPhone, until
from tests.people.ear import Ear
from tests.people.phone import answers
from tests.people.sound import ULAW, Jump
from tests.people.talk import talk_for

CALLS, QUICK_CALLS = 50, 5
CARRIER_SIP, CARRIER_RTP = 15820, 32000
LATE_SECONDS, TALK_SECONDS = 0.5, 1.0
BACK = Jump(numbers=40_000, samples=-123_456_789, new_source=True)
PAIRS, WAITING = 20, 80
LOOK_SECONDS, REST_SECONDS, ROOMS_SECONDS = 10.0, 3.0, 15.0
LONG_TALK = scenarios.talk(3600)


# --- silent talks ------------------------------------------------------------------------------


async def silent_talks(options: Options) -> list[Row]:
    """Of so many talks in each arm: in how many did somebody hear nothing, or hear it late?"""
    calls = CALLS if options.blocks > 2 else QUICK_CALLS
    seen: dict[str, list[float]] = {OURS: [], OPEN: [], THEIRS: []}
    async with Lab(1) as lab:
        carrier = CarrierAsterisk(
            lab.directory / "carrier",
            sip_port=CARRIER_SIP,
            rtp_port_first=CARRIER_RTP,
            hotline=("127.0.0.1", SIP),
        )
        phone = OperatorPhone(lab.operators[0], habit=answers(0.1), port=OPERATORS_PORT)
        await phone.plugged_in(at=("127.0.0.1", SIP))
        with carrier:
            for arm, waits in seen.items():
                await _log_in(lab, phone, open_line=arm == OPEN)
                for _ in range(calls):
                    waits.append(await _talk(lab, carrier, phone, arm))
                print(f"  {NAMES[arm]:13} {_told(waits)}", flush=True)
        phone.close()
    options.raw["silent_talks"] = seen
    what = "silent talks, the operator's stream changes once; the carrier's Asterisk transcodes"
    return [
        _row(seen, OURS, f"{what}; of {calls}"),
        _row(seen, OPEN, "… on an open line"),
    ]


async def _log_in(lab: Lab, phone: OperatorPhone, *, open_line: bool) -> None:
    name = lab.operators[0]
    await lab.api.ask("POST", f"/operators/{name}/log-in", {"open_line": open_line})
    await _is_free(lab, phone, open_line=open_line)


async def _is_free(lab: Lab, phone: OperatorPhone, *, open_line: bool) -> None:
    """The next caller can come; to app_queue a phone with an open line is in use."""
    await until(lambda: phone.talks == open_line, within=10)
    if open_line:
        await lab.api.is_in(lab.operators[0], "available", within=10)
    else:
        await lab.all_free()


async def _talk(lab: Lab, carrier: CarrierAsterisk, phone: OperatorPhone, arm: str) -> float:
    """The longest that somebody heard nothing, of the answer and the change; TALK_SECONDS: all."""
    caller = Caller(address=SUBSCRIBERS, codec=ULAW)
    await caller.dials(THEIRS if arm == THEIRS else OURS, at=carrier.sip)
    await caller.is_answered()
    talk = await phone.is_talking()
    joined = caller.answered_at if arm == OPEN else talk.answered_at
    await talk_for(TALK_SECONDS + LATE_SECONDS)
    waits = [_wait(caller.ear, phone.voice, joined), _wait(talk.ear, caller.voice, joined)]
    talk.jump(BACK)
    changed = caller.ear.listened_until
    await talk_for(TALK_SECONDS + LATE_SECONDS)
    waits.append(_wait(caller.ear, phone.voice, changed + LATE_SECONDS / 2) + LATE_SECONDS / 2)
    caller.hang_up()
    caller.close()
    await _is_free(lab, phone, open_line=arm == OPEN)
    return max(waits)


def _wait(ear: Ear, voice: int, since: float) -> float:
    """How long until a voice was there, at most TALK_SECONDS."""
    waited = 0.0
    while waited < TALK_SECONDS and not ear.heard(since + waited, since + waited + 0.2).share(
        voice
    ):
        waited += 0.05
    return waited


def _told(waits: list[float]) -> str:
    silent = sum(wait >= TALK_SECONDS for wait in waits)
    late = sum(LATE_SECONDS < wait < TALK_SECONDS for wait in waits)
    return f"{silent} silent" + (f", {late} later than {LATE_SECONDS:g} s" if late else "")


def _row(seen: dict[str, list[float]], arm: str, what: str) -> Row:
    return Row(
        what=what,
        goal="0",
        theirs=_told(seen[THEIRS]),
        ours=_told(seen[arm]),
        reached=all(wait <= LATE_SECONDS for wait in seen[arm]),
    )


# --- costs -------------------------------------------------------------------------------------


async def cost_of_sound(options: Options) -> list[Row]:
    """Processor time of all parts, for a second of one talk and of one wait."""
    talks: dict[str, list[float]] = {OURS: [], THEIRS: []}
    waits: dict[str, list[float]] = {OURS: [], THEIRS: []}
    async with Lab(PAIRS, music=True) as lab:
        for order in rounds([OURS, THEIRS], max(2, options.blocks // 2), options.seed):
            for number in order:
                talking, both = await _look(lab, number, 0), await _look(lab, number, WAITING)
                talks[number].append(talking / PAIRS)
                waits[number].append((both - talking) / WAITING)
    options.raw["cost_of_sound"] = {"talk": talks, "wait": waits}
    return [
        _cost(talks, f"processor time of a talking second, {PAIRS} pairs who speak"),
        _cost(waits, f"processor time of a waiting second with music, {WAITING} who wait"),
    ]


async def _look(lab: Lab, number: str, waiting: int) -> float:
    """Seconds of processor time a second."""
    lab.crowd = Voices(lab.directory, lab.asterisk.sip_target, loud=True)
    lab.crowd.operators_work(LONG_TALK)
    callers = PAIRS + waiting
    await stand_in_line(lab, number, callers, rate=40.0, present=callers + PAIRS)
    await asyncio.sleep(ROOMS_SECONDS if waiting else REST_SECONDS)
    pids = [pid for part in lab.parts(number).values() for pid in part]
    before = cpu_seconds(pids)
    await asyncio.sleep(LOOK_SECONDS)
    used = (cpu_seconds(pids) - before) / LOOK_SECONDS
    print(f"  {NAMES[number]:13} {waiting} wait: {1000 * used:.0f} ms/s", flush=True)
    await lab.callers_go()
    lab.crowd.end()
    return used


def _cost(seen: dict[str, list[float]], what: str) -> Row:
    return Row(
        what=what,
        goal="",
        theirs=f"{1000 * fmean(seen[THEIRS]):.2f} ms",
        ours=f"{1000 * fmean(seen[OURS]):.2f} ms",
        ratio=str(ratio(seen[OURS], seen[THEIRS])),
    )
