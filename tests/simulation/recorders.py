"""What the simulated Asterisk keeps of talks, against what should be kept: the auditor's books.

Recorded is who heard the notice to its end, on a line whose talks are recorded, while they talk
with an operator and are not on hold, silent while paused; nobody else ever.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from callcenter.core import facts as f
from callcenter.core.facts import RecordingEnd
from callcenter.core.ids import THE_NODE
from callcenter.core.legs import recorder_of
from tests.fake_asterisk.parts import Kept

MEANWHILE_SECONDS = 2.5  # until what is kept is what should be
OFF_SECONDS = 0.2  # what is told of its length against what is kept


@dataclass(slots=True)
class Recorders:
    """`must` raises when it is not true."""

    kept: dict[str, Kept]
    must: Callable[..., None]
    paused: set[str] = field(default_factory=set)
    wrong_since: dict[str, float] = field(default_factory=dict)
    done: list[f.RecordingEnded] = field(default_factory=list)
    began: int = 0
    pauses: int = 0

    def fact(self, fact: f.RecordingChanged | f.RecordingPauseKept | f.RecordingEnded) -> None:
        """What is told."""
        if isinstance(fact, f.RecordingPauseKept):
            (self.paused.add if fact.until else self.paused.discard)(fact.call)
            return
        if isinstance(fact, f.RecordingEnded):
            if fact.end is RecordingEnd.DONE:
                self.done.append(fact)
            return
        self.began += fact.stage is f.RecordingStage.RUNNING
        if fact.paused_until:
            self.pauses += fact.call not in self.paused
            self.paused.add(fact.call)
        else:
            self.paused.discard(fact.call)

    def live(self, call: str) -> list[Kept]:
        """What is being kept of a call now."""
        found = []
        for name, kept in self.kept.items():
            leg = recorder_of(THE_NODE, name)
            ours = leg is not None and leg.call == call
            if kept.ended is None and ours and not kept.is_message:
                found.append(kept)
        return found

    def look(self, call: str, now: float, *, recorded: bool) -> None:
        """`recorded`: it should be at this moment."""
        live = self.live(call)
        silent = call in self.paused
        right = len(live) == (2 if recorded else 0)
        right = right and all((one.silent_since is not None) is silent for one in live)
        if right:
            self.wrong_since.pop(call, None)
            return
        since = self.wrong_since.setdefault(call, now)
        late = now - since > MEANWHILE_SECONDS
        self.must(not late, "{}: should be kept {}, silent {}: {}", call, recorded, silent, live)

    def forgive(self, call: str) -> None:
        """Something is broken: what is kept may be wrong for a while."""
        self.wrong_since.pop(call, None)

    def close(self, was_calm: Callable[[str], bool]) -> None:
        """Nothing is kept any more, and each recording is as long as was told."""
        live = [name for name, kept in self.kept.items() if kept.ended is None]
        self.must(not live, "still kept: {}", live)
        for fact in self.done:
            if not was_calm(fact.call):
                continue
            sides = [
                kept
                for name, kept in self.kept.items()
                if (leg := recorder_of(THE_NODE, name))
                and (leg.call, leg.number) == (fact.call, fact.number)
            ]
            self.must(len(sides) == 2, "{} has {}", fact, sides)
            for kept in sides:
                off = abs((kept.ended or 0.0) - kept.began - fact.seconds)
                self.must(off < OFF_SECONDS, "{} is off by {:.3f} s: {}", fact, off, kept)
