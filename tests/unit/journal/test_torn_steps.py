"""A cut in the middle of a step: its first half must not come true without its second.

What happens is a story of the real engine, each step appended as the pump appends it. A kill or a
power cut may leave any number of its bytes.
"""

from itertools import accumulate
from pathlib import Path

from callcenter.core.engine import Engine, Step
from callcenter.core.events import Event, HangUpAsked
from callcenter.core.facts import Fact
from callcenter.core.ids import OperatorId
from callcenter.core.invariants import broken
from callcenter.runtime.clock import Clock
from callcenter.runtime.journal import Journal
from callcenter.runtime.record import envelopes_of, first_offset
from tests.unit.core.story import Story
from tests.unit.journal.test_journal import abandon


class Written(Story):
    """A story that keeps what each step told."""

    def __init__(self) -> None:
        self.steps: list[list[Fact]] = []
        super().__init__()

    def happens(self, event: Event) -> Step:
        done = super().happens(event)
        self.steps.append(done.facts)
        return done


def a_morning() -> Written:
    """Steps that change a call and its operator at once, of every kind there is."""
    story = Written()
    story.logs_in("somchai")
    story.calls("malee")
    story.leaves("malee")
    story.calls("wipa", "chai")
    story.answers("somchai")
    story.happens(HangUpAsked(operator=OperatorId("somchai")))
    story.leaves("wipa")
    story.after(40.0)
    story.logs_out("somchai")
    story.calls("nok", did="0000")
    story.leaves("chai")
    return story


def test_a_step_is_replayed_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    story = a_morning()
    (tmp_path / "whole").mkdir()
    journal = Journal.open(tmp_path / "whole", clock=Clock())
    journal.start(tuple)
    for step in story.steps:
        journal.append(step)
    abandon(journal)
    blob = journal.segments[0].path.read_bytes()
    cuts = [
        behind
        for envelope, behind in envelopes_of(blob, first_offset(blob))
        if not envelope.remembered
    ]
    ends = set(accumulate(len(step) for step in story.steps))
    assert len(cuts) == len(story.told)

    for count, cut in enumerate(cuts, 1):
        directory = tmp_path / str(count)
        directory.mkdir()
        (directory / "0000000001.journal").write_bytes(blob[:cut])
        again = Journal.open(directory, clock=Clock())
        engine = Engine(story.site)
        engine.restore(again.replay())
        abandon(again)

        assert broken(engine.state) == [], f"after {count} facts"
        assert again.opened_seq - 1 == max(end for end in (0, *ends) if end <= count)
        assert bool(again.torn) is (count not in ends)
