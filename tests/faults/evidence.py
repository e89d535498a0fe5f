"""What is known from outside when a run is over: people, PostgreSQL, Asterisk's ledger, the API."""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from itertools import pairwise
from typing import Any

from tests.faults.auditor import SURE_SECONDS, Evidence, Lived, Rang
from tests.faults.lab import Lab
from tests.hotline.records import IMPOSSIBLE, TALKED_TWICE, Row
from tests.people import Caller, OperatorPhone
from tests.people.phone_call import PhoneCall
from tests.people.standstill import stood_still

SETTLES_SECONDS = 15.0
PIECES_OF_A_CROWD = 3  # listened to, when each of all who were there is asked
FIRST_MUSIC_SECONDS = 0.5  # from the answer to the first packet of sound
Ends = dict[str, list[float]]  # when the talks of each caller ended
OURS = ("desk-", "room-")  # bridges that stay while operators are logged in and callers wait


async def gathered(lab: Lab, left: Sequence[Caller]) -> Evidence:
    """Everybody goes, and it is looked at what remains. `left`: who was not served any more."""
    rings = [_rang(lab, phone, call) for phone in lab.crowd.phones for call in phone.calls]
    rings.sort(key=lambda ring: ring.rang_at)
    served: Ends = defaultdict(list)
    for ring in rings:
        if ring.heard and not ring.excused:
            served[ring.partner].append(ring.ended_at)
    lived = [_lived(lab, caller, left, served) for caller in lab.crowd.callers]
    _all_hang_up(lab)
    orphans = await _orphans(lab)
    await _settled(lab)
    return Evidence(
        callers=lived,
        rings=rings,
        rows=await lab.hotline.records.rows("select * from calls"),
        ledger=list(lab.hotline.records.callers_in_ledger().elements()),
        rang_while_busy={phone.name: phone.rang_while_busy for phone in lab.crowd.phones},
        impossible=await _impossible(lab),
        recoveries=lab.recoveries,
        orphans=orphans,
        stuck=await _stuck(lab),
        outages=lab.outages,
        broken=lab.broken,
    )


def _lived(lab: Lab, caller: Caller, left: Sequence[Caller], served: Ends) -> Lived:
    """`served`: when callers' talks ended. Who has been served is not owed any more sound: after
    the last talk, and after another one until somebody is there who can let them go."""
    talks = served.get(caller.number, [])
    ends = (talks[-1] if talks else 0.0, caller.ended_at)
    ended = min((end for end in ends if end), default=time.monotonic())
    begun = caller.answered_at + FIRST_MUSIC_SECONDS
    waits = [
        (end, over + FIRST_MUSIC_SECONDS)
        for end in talks[:-1]
        for begun_at, over in lab.outages
        if begun_at <= end <= over
    ]
    silence, silent_since = (
        (0.0, 0.0) if not caller.answered_at else _silence(caller, begun, ended, waits)
    )
    return Lived(
        number=caller.number,
        dialled_at=caller.dialled_at,
        answered_at=caller.answered_at,
        ended_at=caller.ended_at,
        ended_by="" if caller in left else caller.ended_by,
        status=caller.status,
        silence_seconds=0.0 if caller.number in lab.crowd.held_themselves else silence,
        silent_since=silent_since,
        excused=caller.number in lab.crowd.excused,
    )


def _silence(
    caller: Caller, begun: float, ended: float, not_counted: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """The longest time without a packet, and when it began. The machine's own standstill is not
    counted either."""
    marks = [begun, *(t for t in caller.ear.times if begun < t < ended), max(begun, ended)]

    def counted(a: float, b: float) -> float:
        spared = sum(max(0.0, min(b, over) - max(a, since)) for since, over in not_counted)
        return b - a - stood_still(a, b) - spared

    return max((counted(a, b), a) for a, b in pairwise(marks))


def _rang(lab: Lab, phone: OperatorPhone, call: PhoneCall) -> Rang:
    end = call.ended_at or time.monotonic()
    partner, heard = None, False
    up_at = call.up_at or (call.answered_at if call.ear.times else 0.0)  # the ACK was lost
    if up_at:
        spoke = _who_spoke(lab, call, end)  # several have that voice when very many call
        asked = None if spoke else PIECES_OF_A_CROWD
        for caller in spoke or _who_were_up(lab, call, end):
            if caller.ear.voice(up_at, min(end, caller.ended_at or end), asked) == phone.voice:
                partner, heard = caller, bool(spoke)  # else the operator was deaf
                break
        partner = partner or next(iter(spoke), None)
    return Rang(
        operator=phone.name,
        rang_at=call.rang_at,
        up_at=up_at,
        ended_at=call.ended_at,
        how=call.how_it_ended,
        partner=partner.number if partner else "",
        heard=heard,
        excused=call.call_id in lab.crowd.lost_calls or (partner is None and lab.strangers_call),
        lame=any(begun - SURE_SECONDS <= up_at <= over for begun, over in lab.lame),
    )


def _who_spoke(lab: Lab, call: PhoneCall, end: float) -> list[Caller]:
    """Whose voice the operator heard; who left when the operator did comes first."""
    voice = call.ear.voice(call.answered_at, end)
    there = [caller for caller in _who_were_up(lab, call, end) if caller.voice == voice]
    return sorted(there, key=lambda caller: abs((caller.ended_at or end) - end))


def _who_were_up(lab: Lab, call: PhoneCall, end: float) -> list[Caller]:
    return [
        caller
        for caller in lab.crowd.callers
        if caller.answered_at
        and caller.answered_at < end
        and (not caller.ended_at or caller.ended_at > call.answered_at)
    ]


# --- what remains


def _all_hang_up(lab: Lab) -> None:
    for caller in lab.crowd.callers:
        caller.hang_up()
    for phone in lab.crowd.phones:
        phone.hang_up()


async def _orphans(lab: Lab) -> list[str]:
    """Channels that are there although nobody is, and bridges that are nobody's."""
    asterisk = lab.hotline.asterisk
    patience = lab.last_orphans_seconds
    await in_time(patience, lambda: asyncio.to_thread(lambda: not asterisk.channels()))
    channels = await asyncio.to_thread(asterisk.console, "core show channels concise")
    bridges: Any = await asyncio.to_thread(asterisk.get, "/bridges")
    return [
        *(line.split("!")[0].partition("@")[0] for line in channels.splitlines() if "!" in line),
        *(
            f"bridge {bridge['id'][:12]}"
            for bridge in bridges
            if not bridge["id"].startswith(OURS) or bridge["channels"]
        ),
    ]


async def _settled(lab: Lab) -> None:
    """The service is ready, and what it knows is stored; a restart by hand is told as a fault.

    It may say that something is degraded: a damaged journal is told until the next start."""
    hotline = lab.hotline
    if not await in_time(SETTLES_SECONDS, lambda: is_ready(lab)):
        lab.broken.append(f"not ready again: {hotline.service.readiness()}")
        await start_again(lab)

    async def stored() -> bool:
        behind = await hotline.api.metric("hotline_record_behind_facts")
        listed = set(hotline.records.callers_in_ledger())
        known = {row["call_id"] for row in await hotline.records.rows("select call_id from calls")}
        return not behind and listed <= known and not await hotline.records.open_calls()

    await in_time(SETTLES_SECONDS, stored)


async def is_ready(lab: Lab) -> bool:
    """Whether /readyz says that calls are served."""
    return await asyncio.to_thread(lab.hotline.service.asks)


async def start_again(lab: Lab) -> None:
    """By hand, as somebody on duty would."""
    await lab.hotline.service.kills()
    lab.hotline.service.launch()
    await lab.hotline.service.is_ready()


async def _impossible(lab: Lab) -> list[str]:
    records = lab.hotline.records
    mismatch = await lab.hotline.api.metric("hotline_call_identity_mismatch")
    overlapping = [] if lab.clock_was_set else await records.rows(TALKED_TWICE)
    return [
        *(f"an impossible row: {_short(row)}" for row in await records.rows(IMPOSSIBLE)),
        *(f"one operator, two calls: {_short(row)}" for row in overlapping),
        *(f"a fact could not be kept: {row['kind']}" for row in await records.dead_letters()),
        *([f"the service's own counts are off by {mismatch:g}"] if mismatch else []),
    ]


def _short(row: Row) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items() if value is not None)


async def _stuck(lab: Lab) -> list[str]:
    """Operators who are not available although nobody calls and each phone is there."""
    names = [phone.name for phone in lab.crowd.phones if phone.name not in lab.away]
    states: dict[str, str] = {}

    async def all_available() -> bool:
        states.update({name: await lab.hotline.api.state(name) for name in names})
        return set(states.values()) == {"available"}

    await in_time(SETTLES_SECONDS, all_available)
    return [f"{name} is {state}" for name, state in states.items() if state != "available"]


async def in_time(seconds: float, condition: Callable[[], Coroutine[Any, Any, bool]]) -> bool:
    """Whether it became true; whoever cannot be asked (the service is away) has not said so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, AssertionError, RuntimeError):
            if await condition():
                return True
        await asyncio.sleep(0.25)
    return False
