"""The checks between the tables of a site file.

They run after every field was read by itself: queue names must exist, a dialled number may be on
one line only, an overflow must end somewhere.
"""

from collections.abc import Mapping
from difflib import get_close_matches

from callcenter.config.site_faults import Faults, shown
from callcenter.config.site_values import Value
from callcenter.core.outcome import Diversion
from callcenter.core.overflow_rule import OverflowRule
from callcenter.core.strategy import Strategy

Tables = Mapping[str, Mapping[str, Value]]


def check_across(
    faults: Faults, lines: Tables, queues: Tables, named: Mapping[str, Mapping[str, object]]
) -> None:
    """Add every fault that only two tables together show."""
    for name, line in lines.items():
        _check_queue_name(faults, ("lines", name, "queue"), line["queue"], queues)
        for key in ("menu", "areas"):
            section = "menus" if key == "menu" else key
            _check_named(faults, ("lines", name, key), line[key], section, named[section])
        _check_notice(faults, name, line)
    for name, queue in queues.items():
        _check_queue_name(
            faults, ("queues", name, "overflow_queue"), queue["overflow_queue"], queues
        )
        _check_neighbours(faults, name, queue["neighbours"], queues)
        _check_length(faults, name, queue)
        _check_telling(faults, name, queue)
        _check_expected(faults, name, queue)
        if queue["ring_at_once"] and queue["strategy"] != Strategy.RING_SEVERAL:
            found = 'is for strategy = "ring_several" only, the others ring one phone; take it out'
            faults.say(("queues", name, "ring_at_once"), shown(queue["ring_at_once"]), found)
        for key, section in (("hours", "hours"), ("roster", "rosters")):
            _check_named(faults, ("queues", name, key), queue[key], section, named[section])
        if queue["record"] is True and not any(line["notice"] for line in lines.values()):
            found = "nobody could be recorded: no line of this file has a notice"
            faults.say(("queues", name, "record"), "true", f"{found}; {_NOTICE}")
    _check_dids(faults, lines)


def check_ways(
    faults: Faults, queues: Tables, rules: Mapping[str, tuple[OverflowRule, ...]]
) -> None:
    """Two queues may help each other, because no caller goes back to a queue whose longest wait was
    over. In a longer circle of overflow queues and rules a caller would wait for the longest wait
    of each queue. Ways that are used only if nobody is on duty are left out, as those of
    neighbours: they lead only to queues with somebody on duty."""
    ways: dict[str, tuple[str, ...]] = {}
    for name, queue in queues.items():
        onward = queue["overflow_queue"]
        named = _rules_onward(rules[name], name)
        after = [*([onward] if isinstance(onward, str) else []), *named]
        ways[name] = tuple(dict.fromkeys(n for n in after if n in queues))
    told: set[str] = set()
    for name in ways:
        loop = _longer_loop(ways, name)
        if loop:
            _tell_loop(faults, loop, told)


def _rules_onward(rules: tuple[OverflowRule, ...], own: str) -> list[str]:
    """The queues to which rules send callers of a queue with somebody on duty."""
    to = [rule.queue for rule in rules if rule.when is not Diversion.NO_STAFF]
    return [name for name in to if name is not None and name != own]


def _longer_loop(ways: Mapping[str, tuple[str, ...]], first: str) -> list[str]:
    """A way from a queue back to itself over at least two others, each once. Empty if there is
    none."""
    before: dict[str, str] = {}
    for second in ways[first]:
        if second == first:
            continue
        before, to_do = {second: first}, [second]
        while to_do:
            name = to_do.pop()
            for after in ways[name]:
                if after == first and name != second:
                    loop = [name]
                    while loop[0] != first:
                        loop.insert(0, before[loop[0]])
                    return loop
                if after not in before and after != first:
                    before[after] = name
                    to_do.append(after)
    return [first] if first in ways[first] else []


def check_callbacks(
    faults: Faults,
    callbacks: Mapping[str, Value],
    queues: Tables,
    hours: Mapping[str, object],
) -> None:
    """A caller who is offered a callback must be allowed to get one, and one number must allow as
    many attempts as set."""
    _check_named(faults, ("callbacks", "hours"), callbacks["hours"], "hours", hours)
    tries, rings = callbacks["tries"], callbacks["rings_of_a_number"]
    if isinstance(tries, int) and isinstance(rings, int) and tries > rings:
        found = f"found {rings}; accepted: at least tries, which is {tries}"
        faults.say(("callbacks", "rings_of_a_number"), str(rings), found)
    if callbacks["prefixes"]:
        return
    if callbacks["choose_hour"] is True:
        why = "nobody is called back, at no hour: list the numbers in prefixes"
        faults.say(("callbacks", "choose_hour"), "true", why)
    if callbacks["first"] == "operator":
        why = "nobody is called back: list the numbers in prefixes"
        faults.say(("callbacks", "first"), "operator", why)
    for name, queue in queues.items():
        if queue["callback_first"] in ("citizen", "operator"):
            why = "nobody could be called back: list the numbers in [callbacks] prefixes"
            faults.say(("queues", name, "callback_first"), str(queue["callback_first"]), why)
        for key in ("callback_after_seconds", "callback_above_seconds"):
            if queue[key]:
                why = "nobody could be called back: list the numbers in [callbacks] prefixes"
                faults.say(("queues", name, key), str(queue[key]), why)


_NOTICE = 'give the line notice = ["recording_notice"], which callers hear to its end'


def _check_notice(faults: Faults, name: str, line: Mapping[str, Value]) -> None:
    """Callers who are recorded must be told so before."""
    if line["record"] is True and not line["notice"]:
        found = "talks are recorded, and callers are not told"
        faults.say(("lines", name, "record"), "true", f"{found}; {_NOTICE}")


def _check_neighbours(faults: Faults, name: str, neighbours: Value, queues: Tables) -> None:
    """Two queues may be neighbours of each other, because callers go only where somebody is on
    duty."""
    for index, other in enumerate(neighbours if isinstance(neighbours, tuple) else ()):
        path = ("queues", name, "neighbours", index)
        _check_queue_name(faults, path, other, queues)
        if other == name:
            faults.say(path, other, "a queue is no neighbour of itself; take it out of the list")


def _check_named(
    faults: Faults,
    path: tuple[str, ...],
    value: Value,
    section: str,
    known: Mapping[str, object],
) -> None:
    if isinstance(value, str) and value not in known:
        names = ", ".join(known) or "none"
        found = f"there is no table [{section}.{value}]; tables [{section}.NAME] of this file: "
        faults.say(path, value, found + names)


def _check_length(faults: Faults, name: str, queue: Mapping[str, Value]) -> None:
    at, path = queue["overflow_at_waiting"], ("queues", name, "overflow_at_waiting")
    if not at:
        return
    if queue["overflow_queue"] is None:
        faults.say(path, str(at), "there is no overflow_queue where they could go; give it one")
    limit = queue["waiting_limit"]
    if isinstance(at, int) and isinstance(limit, int) and at > limit:
        faults.say(path, str(at), f"found {at}; accepted: at most waiting_limit, which is {limit}")


def _check_expected(faults: Faults, name: str, queue: Mapping[str, Value]) -> None:
    at, longest = queue["overflow_at_expected_seconds"], queue["max_wait_seconds"]
    path = ("queues", name, "overflow_at_expected_seconds")
    if not at:
        return
    if queue["overflow_queue"] is None:
        faults.say(path, str(at), "there is no overflow_queue where they could go; give it one")
    numbers = isinstance(at, (int, float)) and isinstance(longest, (int, float))
    if numbers and float(str(at)) >= float(str(longest)):
        found = f"found {at}; accepted: less than max_wait_seconds, which is {longest}"
        faults.say(path, str(at), found)


def _check_telling(faults: Faults, name: str, queue: Mapping[str, Value]) -> None:
    first, longest = queue["tell_first_seconds"], queue["max_wait_seconds"]
    told = queue["tell"] not in (None, "nothing")
    numbers = isinstance(first, (int, float)) and isinstance(longest, (int, float))
    if told and numbers and float(str(first)) >= float(str(longest)):
        path = ("queues", name, "tell_first_seconds")
        found = f"found {first}; nobody waits so long here: max_wait_seconds is {longest}"
        faults.say(path, str(first), found)


def _check_queue_name(
    faults: Faults, path: tuple[str | int, ...], value: Value, queues: Tables
) -> None:
    if not isinstance(value, str) or value in queues:
        return
    near = get_close_matches(value, queues, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    names = ", ".join(queues) or "none"
    faults.say(path, value, f'there is no queue "{value}"; {hint}Queues of this file: {names}')


def _check_dids(faults: Faults, lines: Tables) -> None:
    first: dict[str, tuple[str, int]] = {}
    for name, line in lines.items():
        dids = line["dids"]
        for index, did in enumerate(dids if isinstance(dids, tuple) else ()):
            if did not in first:
                first[did] = (name, index)
                continue
            other, place = first[did]
            where = faults.line(("lines", other, "dids", place))
            message = f'"{did}" is already a number of line {other} (on line {where} of this file)'
            faults.say(("lines", name, "dids", index), did, f"{message}; keep it in one of the two")


def _tell_loop(faults: Faults, loop: list[str], told: set[str]) -> None:
    if told.isdisjoint(loop):
        told.update(loop)
        circle = " -> ".join([*loop, loop[0]])
        message = f"callers would go round ({circle}); leave one overflow_queue or rule out"
        faults.say(("queues", loop[0], "overflow_queue"), loop[0], message)
