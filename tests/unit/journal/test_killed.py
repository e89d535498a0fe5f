"""A real process, really killed: every fact it said it had appended is there."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from callcenter.core.facts import CallReceived
from callcenter.runtime.journal import Journal, JournalInUse

WRITER = """
import asyncio, sys
from pathlib import Path
from callcenter.runtime.journal import Journal
from tests.facts import received

async def main():
    journal = Journal.open(Path(sys.argv[1]))
    journal.start(tuple)
    running = asyncio.create_task(journal.run())
    for number in range(10**9):
        journal.append([received(f"call-{number}")])
        print(number, flush=True)
        if number % 7 == 0:
            await asyncio.sleep(0)

asyncio.run(main())
"""


def test_what_a_killed_process_had_appended_is_replayed(tmp_path: Path) -> None:
    for run in range(1, 4):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / str(run))],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        try:
            said = [int(writer.stdout.readline()) for _ in range(500 * run)]
            with pytest.raises(JournalInUse, match=f"in use by process {writer.pid} on host"):
                Journal.open(tmp_path / str(run))
        finally:
            writer.send_signal(signal.SIGKILL)
        said += [int(line) for line in writer.stdout if line.endswith("\n")]
        writer.stdout.close()
        writer.wait()

        journal = Journal.open(tmp_path / str(run))
        there = [fact.call for fact in journal.replay() if isinstance(fact, CallReceived)]

        assert there[: len(said)] == [f"call-{number}" for number in said]
        assert len(there) <= len(said) + 1
        assert journal.torn == ()
