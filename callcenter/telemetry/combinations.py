"""The label combinations that a site can have. They are made before the first call, so that no
first event is missed.

A line's callers stand in its own queue, in a queue that it overflows to (over any number of steps),
or with its neighbours. So this is not the full product of lines and queues. The series for waits of
a line with neighbours are made when they occur: 77 provinces would give 40,000 series. Calls to a
number that is not published are line `unknown`. Pure.
"""

from collections.abc import Iterator
from itertools import product
from typing import get_args

from callcenter.core import outward
from callcenter.core.call import OnCall
from callcenter.core.callback_states import CallbackWord
from callcenter.core.case_states import CaseWord
from callcenter.core.events import Event
from callcenter.core.facts import AsideEnding, CallbackHow, MenuEnding, SurveyEnding
from callcenter.core.ids import QueueName
from callcenter.core.menu import PERSON, CallbackStep, CaseStep
from callcenter.core.offers.table import OnConsult, OnOffer
from callcenter.core.outcome import (
    BackResult,
    ConsultResult,
    Diversion,
    Loss,
    OfferResult,
    Outcome,
    Rejection,
    VoicemailEnding,
)
from callcenter.core.overflow import reach
from callcenter.core.site import Line, Site

UNKNOWN = "unknown"
GREETING = "greeting"
CONTRADICTED = "contradicted"
NEVER_OFFERED = (Outcome.REJECTED, Outcome.IVR_ENDED, Outcome.LOOKED_UP, Outcome.VOICEMAIL)
OUTCOMES = tuple(outcome.value for outcome in Outcome if outcome not in NEVER_OFFERED)
RESULTS = tuple(result.value for result in OfferResult)
CONSULT_RESULTS = tuple(result.value for result in ConsultResult)
TO_QUEUE, TO_OPERATOR = "queue", "operator"
STAGES = (WAITING, TALKING) = ("waiting", "talking")
LOSSES = tuple(loss.value for loss in Loss)
REASONS = tuple(reason.value for reason in Rejection)
DIVERSIONS = tuple(why.value for why in Diversion)


def lines(site: Site) -> Iterator[tuple[str]]:
    """Every line, and `unknown`."""
    yield from ((name,) for name in (*site.lines, UNKNOWN))


def told(site: Site) -> Iterator[tuple[str, str]]:
    """Every line with every result of an announced wait."""
    yield from ((name, result) for name in site.lines for result in ("kept", "late", "left"))


def news(site: Site) -> Iterator[tuple[str, str]]:
    """Every line with every way in which callers react to the message of the day."""
    yield from ((name, what) for (name,) in lines(site) for what in ("heard", "more", "left"))


def acquainted(site: Site) -> Iterator[tuple[str, str]]:
    """Every queue that remembers talks, with whether the same or another operator answered."""
    for rules in site.queues.values():
        if rules.last_operator_seconds:
            yield from ((rules.name, result) for result in ("same", "other"))


def surveys(site: Site) -> Iterator[tuple[str, str, str]]:
    """Every line with a survey, with its usual queues and every result of a survey."""
    scores = [str(score) for score in range(1, 6)]
    results = [*scores, *(e.value for e in SurveyEnding if e is not SurveyEnding.ANSWERED)]
    asked = {line.name for line in site.lines.values() if line.survey}
    for (line, queue), result in product(usual_standings(site), results):
        if line in asked:
            yield line, queue, result


def rejections(site: Site) -> Iterator[tuple[str, str]]:
    """Every line with every reason to reject a call."""
    return ((line, reason) for (line,), reason in product(lines(site), REASONS))


def standings(site: Site) -> Iterator[tuple[str, str]]:
    """Every line with every queue in which its callers can stand."""
    for line in site.lines.values():
        yield from ((line.name, name) for name in sorted(reach(site, line)))


def menu_keys(site: Site) -> Iterator[tuple[str, str, str]]:
    """Every line with a menu, with each step and the keys that it takes."""
    for line in site.lines.values():
        if line.menu is not None:
            for name, step in line.menu.steps.items():
                yield from ((line.name, name, key) for key in (*step.keys, PERSON))


def menu_endings(site: Site) -> Iterator[tuple[str, str]]:
    """Every line with a menu, with the ways to leave it."""
    with_menu = (line.name for line in site.lines.values() if line.menu is not None)
    return product(with_menu, (ending.value for ending in MenuEnding))


def case_lookups(site: Site) -> Iterator[tuple[str, str]]:
    """Every line whose menu asks for the number of a case, with what can be answered."""
    asking = (line.name for line in site.lines.values() if asks_for_case(line))
    return product(asking, (word.value for word in CaseWord))


def callback_lookups(site: Site) -> Iterator[tuple[str, str]]:
    """Every line whose menu tells the state of callbacks, with what can be answered."""
    telling = (line.name for line in site.lines.values() if tells_callback(line))
    return product(telling, (word.value for word in CallbackWord))


def tells_callback(line: Line) -> bool:
    """Whether callers can be told the state of their callback."""
    steps = line.menu.steps.values() if line.menu else ()
    return any(isinstance(step, CallbackStep) for step in steps)


def asks_for_case(line: Line) -> bool:
    """Whether callers can be told how far a case is."""
    steps = line.menu.steps.values() if line.menu else ()
    return any(isinstance(step, CaseStep) for step in steps)


def usual_standings(site: Site) -> Iterator[tuple[str, str]]:
    """Every line with its own queue and the queues to which that queue overflows."""
    for line in site.lines.values():
        yield from ((line.name, name) for name in _along(site, line.queue))


def _along(site: Site, queue: QueueName) -> Iterator[QueueName]:
    onward: QueueName | None = queue
    seen: set[QueueName] = set()
    while onward is not None and onward not in seen:
        yield onward
        seen.add(onward)
        onward = site.queues[onward].overflow_queue


def outcomes(site: Site) -> Iterator[tuple[str, str, str]]:
    """Every line and queue with every outcome that a call can have there."""
    return ((*standing, outcome) for standing, outcome in product(standings(site), OUTCOMES))


def usual_outcomes(site: Site) -> Iterator[tuple[str, str, str]]:
    """Every usual line and queue with every outcome that a call can have there."""
    return ((*standing, outcome) for standing, outcome in product(usual_standings(site), OUTCOMES))


def diversions(site: Site) -> Iterator[tuple[str, str]]:
    """Every queue with every reason why callers stand elsewhere."""
    return product(site.queues, DIVERSIONS)


def overflow_rules(site: Site) -> Iterator[tuple[str, str, str]]:
    """Every queue with its overflow rules, by reason and by result."""
    for name, rules in site.queues.items():
        yield from dict.fromkeys((name, rule.when, rule.to) for rule in rules.overflow_rules)


def voicemails(site: Site) -> Iterator[tuple[str, str]]:
    """Every queue that takes messages, with every result."""
    taking = (name for name, rules in site.queues.items() if rules.voicemail)
    return product(taking, (ending.value for ending in VoicemailEnding))


def queues(site: Site) -> Iterator[tuple[str]]:
    """Every queue."""
    return ((name,) for name in site.queues)


def offers(site: Site) -> Iterator[tuple[str, str]]:
    """Every queue with every result of an offer."""
    return product(site.queues, RESULTS)


HELD = outward.HELD
CALLBACK_RESULTS = (
    *("answered", "abandoned", "abandoned_short", "overflow", "failed"),
    *("not_reached", "cancelled", "claimed", "expired"),
)


def callback_tries(site: Site) -> Iterator[tuple[str, str]]:
    """Every queue with every result of an attempt to call back."""
    return product(site.queues, (result.value for result in BackResult))


REACHED, MISSED = "reached", "missed"


def callback_ringing(site: Site) -> Iterator[tuple[str, str]]:
    """Every queue with how an operator's ringing ends."""
    return product(site.queues, (REACHED, MISSED))


def callback_choices(site: Site) -> Iterator[tuple[str, str]]:
    """Every queue with how callers come to the time of their callback."""
    return product(site.queues, (how.value for how in CallbackHow))


def callback_results(site: Site) -> Iterator[tuple[str, str]]:
    """Every queue with everything that can become of a callback."""
    return product(site.queues, CALLBACK_RESULTS)


def transfers(site: Site) -> Iterator[tuple[str, str]]:
    """Every queue with both kinds of transfer."""
    return product(site.queues, (TO_QUEUE, TO_OPERATOR))


def consults(site: Site) -> Iterator[tuple[str, str]]:
    """Every queue with every result of asking a colleague."""
    return product(site.queues, CONSULT_RESULTS)


def parked(site: Site) -> Iterator[tuple[str, str]]:
    """Every queue with every way in which a parked call leaves its place."""
    return product(site.queues, (how.value for how in AsideEnding))


def losses(site: Site) -> Iterator[tuple[str, str, str]]:
    """Every queue with every way to lose a call, waiting or talking."""
    return product(site.queues, STAGES, LOSSES)


def steps() -> Iterator[tuple[str]]:
    """What the engine was deciding when it failed: an event, or what it means for a call."""
    yield from ((event.__name__,) for event in get_args(Event))
    happens = (*OnCall.__members__, *OnOffer.__members__, *OnConsult.__members__)
    yield from ((name,) for name in dict.fromkeys(happens))
