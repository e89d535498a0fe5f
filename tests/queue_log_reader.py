"""A strict reader of Asterisk's queue_log, written from its documentation and not from our writer.

    https://docs.asterisk.org/Configuration/Applications/Queue-Logs/

Every line has a time, a call, a queue, an agent, an event and that event's own fields; numbers are
numbers. `Reader` also follows each call and each member: nobody is connected who did not enter,
nothing completes that was not connected, nobody is paused who is not a member.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

FIELDS: Mapping[str, tuple[str, ...]] = {
    "QUEUESTART": ("nothing",),
    "ENTERQUEUE": ("url", "callerid", "place"),
    "CONNECT": ("holdtime", "channel", "ringtime"),
    "COMPLETECALLER": ("holdtime", "calltime", "place"),
    "COMPLETEAGENT": ("holdtime", "calltime", "place"),
    "BLINDTRANSFER": ("extension", "context", "holdtime", "calltime", "place"),
    "ATTENDEDTRANSFER": ("method", "with", "holdtime", "calltime", "place"),
    "ABANDON": ("position", "place", "waittime"),
    "EXITWITHTIMEOUT": ("position", "place", "waittime"),
    "EXITEMPTY": ("position", "place", "waittime"),
    "EXITWITHKEY": ("key", "position", "place", "waittime"),
    "RINGNOANSWER": ("ringtime",),
    "RINGCANCELED": ("ringtime",),
    "ADDMEMBER": ("nothing",),
    "REMOVEMEMBER": ("nothing",),
    "PAUSE": ("reason",),
    "UNPAUSE": ("reason",),
}
WHOLE_NUMBERS = {"place", "position", "holdtime", "calltime", "waittime", "ringtime"}
WAITING = (
    *("RINGNOANSWER", "RINGCANCELED", "CONNECT", "ABANDON"),
    *("EXITWITHTIMEOUT", "EXITEMPTY", "EXITWITHKEY"),
)
TALKING = ("COMPLETECALLER", "COMPLETEAGENT", "BLINDTRANSFER", "ATTENDEDTRANSFER")


@dataclass(slots=True)
class Entry:
    """One line."""

    time: int
    call: str
    queue: str
    agent: str
    event: str
    data: dict[str, str]


def read(line: str) -> Entry:
    """One line; AssertionError if it is none."""
    assert line.endswith("\n") and line.count("\n") == 1, line
    time, call, queue, agent, event, *data = line.rstrip("\n").split("|")
    assert time.isdecimal() and call and queue and agent, line
    names = FIELDS[event]
    assert len(data) == len(names), line
    named = dict(zip(names, data, strict=True))
    for name in WHOLE_NUMBERS & named.keys():
        assert named[name].isdecimal(), line
    return Entry(int(time), call, queue, agent, event, named)


@dataclass(slots=True)
class Reader:
    """Reads a file from its beginning; `counts` are the events."""

    counts: Counter[str] = field(default_factory=Counter)
    waits_in: dict[str, str] = field(default_factory=dict)  # calls
    talks_to: dict[str, tuple[str, str]] = field(default_factory=dict)
    members: set[tuple[str, str]] = field(default_factory=set)  # queue, agent
    paused: set[tuple[str, str]] = field(default_factory=set)
    last: int = 0

    def read(self, lines: Iterable[str]) -> "Reader":
        """All of these."""
        for line in lines:
            self._take(read(line), line)
        return self

    def _take(self, entry: Entry, line: str) -> None:
        assert entry.time >= self.last, line
        self.last = entry.time
        self.counts[entry.event] += 1
        here, event = (entry.queue, entry.agent), entry.event
        if event == "ENTERQUEUE":
            assert entry.call not in self.waits_in and entry.call not in self.talks_to, line
            self.waits_in[entry.call] = entry.queue
        elif event in WAITING:
            assert self.waits_in[entry.call] == entry.queue, line
            if event == "CONNECT":
                self.talks_to[entry.call] = here
            if not event.startswith("RING"):
                del self.waits_in[entry.call]
        elif event in TALKING:
            assert self.talks_to.pop(entry.call) == here, line
        elif event != "QUEUESTART":
            self._member(event, here, line)

    def _member(self, event: str, here: tuple[str, str], line: str) -> None:
        assert (here in self.members) is (event != "ADDMEMBER"), line
        if event == "ADDMEMBER":
            self.members.add(here)
        elif event == "REMOVEMEMBER":
            self.members.discard(here)
            self.paused.discard(here)
        elif event == "UNPAUSE":
            assert here in self.paused, line
            self.paused.discard(here)
        else:
            self.paused.add(here)
