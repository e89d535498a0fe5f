"""What sound costs Asterisk, what a call weighs in PostgreSQL: measured, for costs.json.

    python -m tests.bench.national.measure        # about four minutes, a real Asterisk and SIPp

Prints the figures as JSON lines. Sound: callers and operators who speak (voices.py) against the
same people silent, once all talking, once with callers waiting to music besides. Weight: the rows
of so many calls in a real PostgreSQL, indexes included.
"""

import asyncio
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from callcenter.runtime.journal import Journal
from callcenter.storage.migrate import upgrade
from callcenter.storage.recorder import Recorder
from tests.bench import scenarios
from tests.bench.blocks import stand_in_line
from tests.bench.cost import cpu_seconds, machine, memory_bytes
from tests.bench.lab import OURS, Lab
from tests.bench.national.voices import Voices
from tests.facts import answered_calls
from tests.parts import PrivatePostgres

PAIRS, WAITING = 60, 240
LOOK_SECONDS = 15.0
REST_SECONDS, ROOMS_SECONDS = 3.0, 22.0  # until who waits has gone to a holding bridge
CALLS, ROWS_A_CALL = 20_000, 6  # the call, its offer, four states of its operator
PACKETS_A_SECOND = 50.0
LONG_TALK = scenarios.talk(3600)


@dataclass(slots=True)
class Look:
    """What one arm showed."""

    milliseconds: float = 0.0  # of Asterisk, a second
    packets: float = 0.0  # of UDP, a second, of everybody on this machine
    memory_bytes: int = 0  # of Asterisk


async def sound() -> dict[str, float]:
    """Processor milliseconds a second of Asterisk, and its memory, for a talk and for a wait."""
    looks = {(loud, more): Look() for loud in (False, True) for more in (0, WAITING)}
    async with Lab(PAIRS, music=True) as lab:
        for (loud, waiting), look in looks.items():  # the first two tell the memory
            await _look(lab, look, waiting, loud=loud)
    talk, silent_talk = looks[True, 0].milliseconds, looks[False, 0].milliseconds
    wait, silent_wait = looks[True, WAITING].milliseconds, looks[False, WAITING].milliseconds
    heard = looks[True, 0].packets - looks[False, 0].packets
    if heard < 4 * PAIRS * PACKETS_A_SECOND * 0.9:  # in and out again, both directions
        raise RuntimeError(f"only {heard:.0f} packets a second more with {PAIRS} talks")
    taken = looks[False, WAITING].memory_bytes - looks[False, 0].memory_bytes
    return {
        "asterisk_talk_ms_a_second": talk / PAIRS,
        "asterisk_silent_talk_ms_a_second": silent_talk / PAIRS,
        "asterisk_wait_ms_a_second": (wait - talk) / WAITING,
        "asterisk_silent_wait_ms_a_second": (silent_wait - silent_talk) / WAITING,
        "asterisk_kilobytes_a_channel": taken / WAITING / 1024,
    }


async def _look(lab: Lab, look: Look, waiting: int, *, loud: bool) -> None:
    lab.crowd = Voices(lab.directory, lab.asterisk.sip_target, loud=loud)
    lab.crowd.operators_work(LONG_TALK)
    callers = PAIRS + waiting
    await stand_in_line(lab, OURS, callers, rate=40.0, present=callers + PAIRS)
    await asyncio.sleep(ROOMS_SECONDS if waiting else REST_SECONDS)
    pids = lab.parts(OURS)["asterisk"]
    before, packets, crowd = cpu_seconds(pids), _packets(), lab.crowd.cpu_seconds()
    await asyncio.sleep(LOOK_SECONDS)
    used = 1000 * (cpu_seconds(pids) - before) / LOOK_SECONDS
    packets = (_packets() - packets) / LOOK_SECONDS
    crowd = 1000 * (lab.crowd.cpu_seconds() - crowd) / LOOK_SECONDS
    look.milliseconds = used
    look.packets = packets
    look.memory_bytes = memory_bytes(pids)
    print(
        f"  {'speaking' if loud else 'silent':9} {PAIRS} talk, {waiting} wait:"
        f" Asterisk {used:.0f} ms/s, SIPp {crowd:.0f} ms/s, {packets:,.0f} packets/s",
        flush=True,
        file=sys.stderr,
    )
    await lab.callers_go()
    lab.crowd.end()


def _packets() -> float:
    """UDP datagrams sent by this machine so far."""
    names, values = (
        line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if "Udp:" in line
    )
    return float(values[names.index("OutDatagrams")])


async def weight(directory: Path, url: str) -> dict[str, float]:
    """Bytes of PostgreSQL for a row, over answered calls: calls, offers, operators' states."""
    engine = create_async_engine(url)
    await upgrade(engine)
    empty = await _database_bytes(url)
    journal = Journal.open(directory)
    journal.start(tuple)
    syncing = asyncio.create_task(journal.run())
    facts = answered_calls(CALLS, operators=200)
    for fact in facts:
        journal.append([fact])
    await journal.durable_beyond(len(facts) - 1)
    recorder = Recorder(journal, url)
    recording = asyncio.create_task(recorder.run())
    await recorder.caught_up()
    recording.cancel()
    syncing.cancel()
    await asyncio.gather(recording, syncing, return_exceptions=True)
    await journal.close()
    await engine.dispose()
    return {"database_bytes_a_row": (await _database_bytes(url) - empty) / CALLS / ROWS_A_CALL}


async def _database_bytes(url: str) -> int:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text("VACUUM"))
        found = await connection.scalar(text("SELECT pg_database_size(current_database())"))
    await engine.dispose()
    assert isinstance(found, int)
    return found


def main() -> None:
    """Both; `weight` or `sound` as an argument runs one."""
    wanted = sys.argv[1:] or ["weight", "sound"]
    print(json.dumps({"machine": machine()}))
    if "weight" in wanted:
        with tempfile.TemporaryDirectory(dir="/tmp") as name:
            folder = Path(name)
            folder.chmod(0o755)
            with PrivatePostgres(folder / "pg") as server:
                print(json.dumps(asyncio.run(weight(folder / "journal", server.url))))
    if "sound" in wanted:
        print(json.dumps(asyncio.run(sound())))


if __name__ == "__main__":
    main()
