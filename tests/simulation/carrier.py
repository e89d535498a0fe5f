"""What the auditor knows of the carrier: whose lines it reached, and when it may be asked again."""

from dataclasses import dataclass, field

from callcenter.core import facts as f
from callcenter.core.outcome import BackResult

DAY_SECONDS, HOUR_SECONDS = 86_400.0, 3600.0
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 900.0
CALLS = 3  # refused in a row: nobody is called for a while


def pause_after(refusals: int) -> float:
    """So long it is left alone after so many refusals in a row."""
    return min(FIRST_PAUSE * 2.0 ** (refusals - 1), LONGEST_PAUSE)


@dataclass(slots=True)
class Try:
    """One call to a citizen. `rang`: as it was told. `counts`: it may have rung."""

    at: float
    call: str
    number: str
    rang: bool = False
    counts: bool = True


@dataclass(slots=True)
class CarrierBook:
    """All tries of a day, and what the carrier did last."""

    tries: list[Try] = field(default_factory=list)
    refusals: int = 0  # in a row
    refused_calls: set[str] = field(default_factory=set)
    refused_at: float = 0.0
    in_a_row: dict[str, int] = field(default_factory=dict)  # by call

    def begins(self, now: float, call: str, number: str) -> None:
        """A citizen is called."""
        self.tries = [one for one in self.tries if one.at > now - DAY_SECONDS]
        self.tries.append(Try(now, call, number))

    def of_last_hour(self, now: float) -> int:
        """How many calls there were."""
        return sum(one.at > now - HOUR_SECONDS for one in self.tries)

    def rings_of(self, number: str) -> int:
        """How often this number may have rung within a day."""
        return sum(one.counts for one in self.tries if one.number == number)

    def held_until(self) -> float:
        """Nobody is called before."""
        if len(self.refused_calls) < CALLS:
            return 0.0
        return self.refused_at + pause_after(self.refusals - CALLS + 1)

    def is_well(self) -> None:
        """A line was reached."""
        self.refusals = 0
        self.refused_calls = set()

    def rings(self, call: str) -> None:
        """It says that it has found the line."""
        self._last(call).rang = True
        self.is_well()

    def misses(self, now: float, fact: f.CallbackMissed) -> None:
        """How a try came out."""
        if fact.result is BackResult.CARRIER:
            self.refusals += 1
            self.refused_calls.add(fact.call)
            self.refused_at = now
            self.in_a_row[fact.call] = self.in_a_row.get(fact.call, 0) + 1
            last = self._last(fact.call)
            last.counts = last.rang
        else:
            self.in_a_row.pop(fact.call, None)
            if fact.result not in (BackResult.WITHDRAWN, BackResult.LOST):
                self.is_well()

    def _last(self, call: str) -> Try:
        return next(one for one in reversed(self.tries) if one.call == call)
