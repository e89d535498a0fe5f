"""The only calls to the outside: whom the service may call, with which number, and how often.

A caller ID is text that anyone can forge. So we call only numbers of the Thai plan that begin with
a prefix in the site file, written with digits only. Short, premium and international numbers do not
have that form. There are also limits for the calls at once, in an hour, and to one number in a day
(`CallbackRules`).
"""

import re

from callcenter.core.dialled import SIGNIFICANT, normal_form
from callcenter.core.ids import CallId, QueueName
from callcenter.core.site import CallbackRules, Site
from callcenter.core.state import Call, State

HELD = ("off", "restart", "hours", "carrier", "at_once", "per_hour")
"""Why nobody is called back (`why_held`)."""

CARRIER_PAUSE_SECONDS = 30.0
"""The pause after the carrier has refused a call. It doubles each time in a row."""
CARRIER_PAUSE_MOST_SECONDS = 900.0
CARRIER_CALLS = 3
"""If the carrier refuses this many different calls in a row, nobody is called for such a pause. A
single number, whose phone may be switched off, does not stop the calls to others."""

HOUR_SECONDS = 3600.0
DAY_SECONDS = 86_400.0

_NATIONAL = re.compile(rf"0{SIGNIFICANT}")
_SHORT = re.compile(r"[0-9]{3,10}")


def destination(caller: str, rules: CallbackRules) -> str:
    """The number to call. "" if this caller cannot be called back."""
    number = normal_form(caller)
    if not number.isascii() or not _NATIONAL.fullmatch(number):
        return ""
    return number if number.startswith(rules.prefixes) else ""


def published_number(site: Site, call: Call) -> str:
    """The number that the citizen's phone shows: the published number that was called."""
    line = site.lines.get(call.line)
    digits = "".join(c for c in (line.name if line else "") if c.isascii() and c.isdigit())
    return digits if _SHORT.fullmatch(digits) else call.did


def may_ask(state: State, call: Call, now: float) -> bool:
    """Whether this caller in line can ask for a callback."""
    asked = call.offer is not None or call.outcome is not None or call.callback is not None
    return not asked and why_refused(state, call.caller, call.queue, now) == ""


def why_refused(state: State, caller: str, queue: QueueName, now: float) -> str:
    """Why this number cannot be called back for this queue; "" if it can."""
    rules, found = state.site.callbacks, state.queues.get(queue)
    number = destination(caller, rules)
    if not number or found is None:
        return "number"
    if number in state.callbacks:
        return "asked"
    if found.parked >= rules.waiting_limit:
        return "full"
    return "" if rings_left(state, number, now) >= rules.tries else "often"


def _rings_of(state: State, number: str, now: float) -> int:
    rung = state.rung_numbers.get(number)
    return rung.times if rung is not None and now - rung.since < DAY_SECONDS else 0


def why_held(state: State, now: float, besides: CallId | None = None) -> str:
    """Why nobody is called back at present; "" if citizens may be called. `besides`: this attempt
    is one of those at once already."""
    rules = state.site.callbacks
    if not rules.prefixes:
        return "off"
    if state.closing is not None:
        return "restart"
    if state.quiet:
        return "hours"
    if now < carrier_held_until(state):
        return "carrier"
    if len(state.calling) - (besides in state.calling) >= rules.at_once:
        return "at_once"
    if sum(at > now - HOUR_SECONDS for at in state.rings) >= rules.per_hour:
        return "per_hour"
    return ""


def carrier_pause(refusals: int) -> float:
    """Seconds for which nobody is called after this many refusals by the carrier in a row."""
    doublings = min(refusals, 10) - 1
    return min(CARRIER_PAUSE_SECONDS * 2.0**doublings, CARRIER_PAUSE_MOST_SECONDS)


def carrier_held_until(state: State) -> float:
    """The time until which nobody is called, because the carrier refuses all calls."""
    carrier = state.carrier
    if len(carrier.calls) < CARRIER_CALLS:
        return 0.0
    return carrier.refused_at + carrier_pause(carrier.refusals - CARRIER_CALLS + 1)


def held_until(state: State) -> float:
    """The time at which the carrier is tried again, or at which enough of the calls are an hour
    ago, so that the next one is allowed."""
    if state.callbacks_held == "carrier":
        return carrier_held_until(state)
    last_ones = state.rings[-state.site.callbacks.per_hour :]
    return last_ones[0] + HOUR_SECONDS if last_ones else 0.0


def rings_left(state: State, number: str, now: float) -> int:
    """How often this number may still be called today."""
    return state.site.callbacks.rings_of_a_number - _rings_of(state, number, now)
