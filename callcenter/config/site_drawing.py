"""The way of a call through the site as a diagram: lines, queues, neighbours and overflow.

`callcenter site draw` prints it. Mermaid, which GitHub, GitLab and many editors draw. Pure.
"""

from collections.abc import Iterator, Mapping

from callcenter.core.ids import LineName, QueueName
from callcenter.core.menu import steps
from callcenter.core.outcome import Diversion
from callcenter.core.overflow import entries
from callcenter.core.overflow_rule import OverflowTo
from callcenter.core.site import Line, QueueRules, Site

OUT = "out"
VOICEMAIL = "voicemail"


def site_drawing(site: Site, only: LineName | None = None) -> str:
    """The whole site, or the part that callers of one line can reach."""
    lines = [line for line in site.lines.values() if only in (None, line.name)]
    queues = {name: site.queues[name] for name in _reached(site, lines)}
    return "\n".join(["flowchart LR", *_lines(lines), *_queues(queues)]) + "\n"


def _reached(site: Site, lines: list[Line]) -> Iterator[QueueName]:
    to_do = [name for line in lines for name in entries(line)]
    seen = set[QueueName]()
    while to_do:
        name = to_do.pop(0)
        if name in seen:
            continue
        seen.add(name)
        yield name
        rules = site.queues[name]
        to_do += [*rules.neighbours, *filter(None, [rules.overflow_queue]), *rules.rule_queues()]


def _lines(lines: list[Line]) -> Iterator[str]:
    for line in lines:
        own = _id("queue", line.queue)
        first = _id(f"step-{line.name}", line.menu.first) if line.menu else own
        yield f'    {_id("line", line.name)}(["{line.title}"]) --> {first}'
        for queue in dict.fromkeys(line.areas.values()):
            codes = ", ".join(code for code, to in line.areas.items() if to == queue)
            place = _id("queue", queue)
            yield f'    {_id("line", line.name)} -- "from {codes}" --> {place}'
        if line.menu is not None:
            yield from steps(line.menu, _id(f"step-{line.name}", ""), own)


def _queues(queues: Mapping[QueueName, QueueRules]) -> Iterator[str]:
    for name, rules in queues.items():
        here = _id("queue", name)
        yield f'    {here}["{rules.title}<br>{name}, {rules.waiting_limit} may wait"]'
        for place, other in enumerate(rules.neighbours, 1):
            yield f'    {here} -. "{place}. nobody on duty, or closed" .-> {_id("queue", other)}'
        yield from _rules(name, rules)
        longest = f"after {rules.max_wait_seconds:g} s"
        if rules.overflow_at_waiting:
            longest += f", or when {rules.overflow_at_waiting} wait"
        if rules.overflow_at_expected_seconds:
            longest += f", or at once if {rules.overflow_at_expected_seconds:g} s are expected"
        onward = _id("queue", rules.overflow_queue) if rules.overflow_queue else OUT
        if rules.overflow_message and onward == OUT:
            longest += ": " + ", ".join(rules.overflow_message)
        if rules.voicemail:
            yield f'    {here} -. "closed or full" .-> {VOICEMAIL}'
            onward = VOICEMAIL if onward == OUT else onward
        yield f'    {here} -- "{longest}" --> {onward}'
    if any(rules.voicemail for rules in queues.values()):
        yield f"    {VOICEMAIL}[(voicemail)]"
    if any(_leads_out(rules) for rules in queues.values()):
        yield f"    {OUT}((told how else to reach us))"


def _rules(name: QueueName, rules: QueueRules) -> Iterator[str]:
    """What is asked of new callers, in this order."""
    here = _id("queue", name)
    for place, rule in enumerate(rules.overflow_rules, 1):
        why = _WHY[rule.when].format(f"{rule.over:g}")
        if rule.to is OverflowTo.CALLBACK:
            yield f'    {here} -. "rule {place}. {why}: a callback is offered" .-> {here}'
        elif rule.to is OverflowTo.VOICEMAIL:
            yield f'    {here} -. "rule {place}. {why}" .-> {VOICEMAIL}'
        elif rule.queue is not None:
            yield f'    {here} -. "rule {place}. {why}" .-> {_id("queue", rule.queue)}'
        else:
            said = ", ".join(rule.message)
            yield f'    {here} -. "rule {place}. {why}: {said}" .-> {OUT}'


def _leads_out(rules: QueueRules) -> bool:
    last = rules.overflow_queue is None and not rules.voicemail
    return last or any(rule.message for rule in rules.overflow_rules)


_WHY = {
    Diversion.LENGTH: "more than {} in line",
    Diversion.EXPECTED: "more than {} s expected",
    Diversion.NO_STAFF: "nobody on duty",
}


def _id(kind: str, name: str) -> str:
    """An id that is not a keyword of Mermaid, such as `end`."""
    return f"{kind}-{name}"
