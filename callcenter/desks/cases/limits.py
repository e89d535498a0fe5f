"""How long each step of a case may take. The values are the defaults of this system, and no law.
The ministry changes them. A change is a new version, and clocks that run already stay as they
are."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from callcenter.desks.shared.clocks import ClockRule, Counted


class Limit(StrEnum):
    """The steps that are timed."""

    # of the responsible unit, from creation: first refer, take or answer
    ACKNOWLEDGE = "acknowledge"
    RECEIVE = "receive"  # of a hand-over
    PROGRESS = "progress"  # of a hand-over: the first note
    ANSWER = "answer"  # of a hand-over
    RESULT = "result"  # of the case: source and citizen know the result


HOP_LIMITS = (Limit.RECEIVE, Limit.PROGRESS, Limit.ANSWER)
Limits = Mapping[tuple[str, bool], ClockRule]


def _rule(limit: Limit, urgent: bool, counted: Counted, amount: int) -> ClockRule:
    return ClockRule(name=limit.value, urgent=urgent, counted=counted, amount=amount)


DEFAULTS = (
    _rule(Limit.ACKNOWLEDGE, False, Counted.DUTY_HOURS, 3),
    _rule(Limit.ACKNOWLEDGE, True, Counted.HOURS, 1),
    _rule(Limit.RECEIVE, False, Counted.WORKING_DAYS, 1),
    _rule(Limit.RECEIVE, True, Counted.HOURS, 2),
    _rule(Limit.PROGRESS, False, Counted.CALENDAR_DAYS, 15),
    _rule(Limit.PROGRESS, True, Counted.HOURS, 12),
    _rule(Limit.ANSWER, False, Counted.CALENDAR_DAYS, 25),
    _rule(Limit.ANSWER, True, Counted.HOURS, 20),
    _rule(Limit.RESULT, False, Counted.CALENDAR_DAYS, 30),
    _rule(Limit.RESULT, True, Counted.HOURS, 24),
)


def limits_of(changed: Iterable[ClockRule] = ()) -> Limits:
    """The defaults, with the latest version of each changed limit."""
    found = {(rule.name, rule.urgent): rule for rule in DEFAULTS}
    for rule in sorted(changed, key=lambda each: each.version):
        found[rule.name, rule.urgent] = rule
    return found
