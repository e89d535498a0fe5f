"""The reader gives every step as a whole, wherever the chunks of the file that it reads end.

A rule of the record (storage/rows.py) makes the stamps of a call from all facts of one step.
"""

import asyncio
from pathlib import Path

import pytest

from callcenter.core.facts import Fact
from callcenter.runtime import journal_reader
from callcenter.runtime.journal import Journal
from callcenter.runtime.record import Envelope, encode_fact
from tests.facts import answered_call, received
from tests.unit.journal.test_journal import abandon, nothing, size_of

STEPS: list[list[Fact]] = [
    list(answered_call(f"call-{number}", "somchai", 100.0))[: 1 + 3 * number % 12]
    for number in range(40)
]


async def steps_of(journal: Journal, count: int) -> list[list[Envelope]]:
    """What each look at the journal gave, until there are so many facts."""
    reader, given = journal.reader(0), list[list[Envelope]]()
    async with asyncio.timeout(30):
        while sum(map(len, given)) < count:
            given.append(await reader.read())
    return given


@pytest.mark.parametrize("chunk_bytes", [600, 1_000, 5_000])
async def test_a_chunk_that_ends_in_the_middle_of_a_step_cuts_no_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk_bytes: int
) -> None:
    journal = Journal.open(tmp_path)
    journal.start(nothing)
    for step in STEPS:
        journal.append(step)
    await journal.disk.tend()
    facts = [fact for step in STEPS for fact in step]
    assert size_of(journal.segments[0]) > 2 * chunk_bytes
    monkeypatch.setattr(journal_reader, "CHUNK_BYTES", chunk_bytes)

    given = await steps_of(journal, len(facts))

    assert [entry.fact() for entries in given for entry in entries] == facts
    assert not any(entries[-1].unfinished for entries in given)
    await journal.close()


async def test_a_step_that_was_not_written_to_its_end_did_not_happen(tmp_path: Path) -> None:
    first = Journal.open(tmp_path)
    first.start(nothing)
    first.append([received("whole")])
    abandon(first)
    second = Journal.open(tmp_path)
    with second.segments[0].path.open("ab") as file:  # a disk that refused to take it back
        file.write(encode_fact(2, 0.0, received("half"), unfinished=True))
    second.start(nothing)
    second.append([received("new")])
    await second.disk.tend()

    given = await steps_of(second, 2)

    assert [entry.fact() for entries in given for entry in entries] == [
        received("whole"),
        received("new"),
    ]
    await second.close()
