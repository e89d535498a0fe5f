"""Reads the overflow rules [[queues.NAME.overflow]] of a site file: what happens to new callers."""

from collections.abc import Mapping

from callcenter.config.site_faults import Faults
from callcenter.config.site_fields import OVERFLOW_FIELDS, OVERFLOW_RULES_MOST
from callcenter.config.site_values import Value, read_fields
from callcenter.config.toml_lines import Path
from callcenter.core.ids import QueueName
from callcenter.core.outcome import Diversion
from callcenter.core.overflow_rule import OverflowRule, OverflowTo

Tables = Mapping[str, Mapping[str, Value]]
LINE = "line"
"""The name of another hotline. Its queue is used."""

_BELONGS = {"queue": "queue", "line": "line", "message": "message"}
"""The key that each `to` needs. A callback needs none."""


def read_overflow(
    faults: Faults, name: str, tables: object, lines: Tables, queues: Tables, callbacks: bool
) -> tuple[OverflowRule, ...]:
    """The rules of one queue. `lines`, `queues`: as read. `callbacks`: whether callbacks are
    possible."""
    path: Path = ("queues", name, "overflow")
    if tables is None:
        return ()
    if not isinstance(tables, list) or not 1 <= len(tables) <= OVERFLOW_RULES_MOST:
        faults.add(path, tables, f"1 to {OVERFLOW_RULES_MOST} tables [[queues.{name}.overflow]]")
        return ()
    rules: list[OverflowRule] = []
    for number, table in enumerate(tables):
        here = (*path, number)
        if not isinstance(table, dict):
            faults.add(here, table, 'a table such as { when = "no_staff", to = "callback" }')
            continue
        rule = _rule(faults, here, read_fields(faults, here, table, OVERFLOW_FIELDS), lines, queues)
        if rule is None:
            continue
        _check(faults, here, rule, queues[name], callbacks)
        _check_reached(faults, here, rule, rules)
        if rule.queue == name:
            found = "a queue does not send its callers to itself; name another one"
            faults.say(here, name, found)
        rules.append(rule)
    return tuple(rules)


def _rule(
    faults: Faults, path: Path, fields: Mapping[str, Value], lines: Tables, queues: Tables
) -> OverflowRule | None:
    when, to = fields["when"], str(fields["to"])
    for key, of in _BELONGS.items():
        if fields[key] and to != of:
            found = f'"{key}" is for to = "{of}" only; take it out'
            faults.say((*path, key), str(fields[key]), found)
        elif to == of and not fields[key]:
            faults.say((*path, "to"), to, f'to = "{of}" needs "{key}": where to, or what they hear')
            return None
    if to == LINE:
        line = lines.get(str(fields["line"]))
        if line is None:
            names = ", ".join(lines) or "none"
            found = f'there is no line "{fields["line"]}"; lines of this file: {names}'
            faults.say((*path, "line"), str(fields["line"]), found)
            return None
        queue: Value = line["queue"]
    else:
        queue = fields["queue"]
    if queue is not None and queue not in queues:
        names = ", ".join(queues) or "none"
        found = f'there is no queue "{queue}"; queues of this file: {names}'
        faults.say((*path, "queue"), str(queue), found)
        return None
    over, message = fields["over"], fields["message"]
    if when is None or not isinstance(over, (int, float)) or not isinstance(message, tuple):
        return None  # a fault already
    return OverflowRule(
        when=Diversion(str(when)),
        to=OverflowTo.QUEUE if to == LINE else OverflowTo(to),
        over=float(over),
        queue=None if queue is None else QueueName(str(queue)),
        message=message,
    )


def _check(
    faults: Faults, path: Path, rule: OverflowRule, queue: Mapping[str, Value], callbacks: bool
) -> None:
    """Add a fault if the rule can never apply, or can never be followed."""
    over = (*path, "over")
    if rule.when is Diversion.NO_STAFF and rule.over:
        faults.say(over, f"{rule.over:g}", '"over" is not for when = "no_staff"; take it out')
    elif rule.when is not Diversion.NO_STAFF and not rule.over:
        unit = "callers" if rule.when is Diversion.LENGTH else "seconds"
        found = f'when = "{rule.when}" needs "over": how many {unit}'
        faults.say(over, "nothing", found)
    key = "waiting_limit" if rule.when is Diversion.LENGTH else "max_wait_seconds"
    most = queue[key]
    if rule.when is not Diversion.NO_STAFF and isinstance(most, (int, float)):
        if rule.when is Diversion.LENGTH and rule.over != int(rule.over):
            faults.say(over, f"{rule.over:g}", f"found {rule.over:g}; accepted: a whole number")
        if rule.over > most:
            found = f"found {rule.over:g}; accepted: at most {key}, which is {most:g}"
            faults.say(over, f"{rule.over:g}", found)
    if rule.to is OverflowTo.CALLBACK and not callbacks:
        why = "nobody could be called back: list the numbers in [callbacks] prefixes"
        faults.say((*path, "to"), "callback", why)


def _check_reached(
    faults: Faults, path: Path, rule: OverflowRule, before: list[OverflowRule]
) -> None:
    """Add a fault if an earlier rule covers this one, and its message or the voicemail is always
    possible: this rule would never be reached."""
    for number, other in enumerate(before, 1):
        same = other.when is rule.when and other.to in (OverflowTo.MESSAGE, OverflowTo.VOICEMAIL)
        if same and rule.over >= other.over:
            found = f"rule {number} sends all of these away; put this rule before it"
            faults.say(path, str(rule.to), found)
            return
