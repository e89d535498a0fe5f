"""What a citizen lived through, told by the phones and ears alone."""

from dataclasses import dataclass
from typing import Any

from tests.demo.stage import Call, Desk

VOICE_SHARE = 0.5  # of the time in which both were connected


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """`outcome` in the service's words. Seconds from the pick-up; talk 0 when nobody answered."""

    outcome: str
    operator: str
    wait_seconds: float
    talk_seconds: float


def lived(call: Call, desks: list[Desk], site: dict[str, Any]) -> Lived:
    """What became of one call, for the one who made it."""
    caller = call.caller
    if not caller.answered_at:
        return Lived(outcome="not picked up", operator="", wait_seconds=0, talk_seconds=0)
    for desk in desks:
        for ring in desk.phone.calls:
            end = min(ring.ended_at or caller.ended_at, caller.ended_at)
            talked = end - ring.up_at
            if not ring.up_at or talked <= 0.3 or ring.up_at < caller.answered_at:
                continue
            if caller.heard(ring.up_at, end).share(desk.phone.voice) > VOICE_SHARE:
                return Lived(
                    outcome="answered",
                    operator=desk.worker.id,
                    wait_seconds=ring.up_at - caller.answered_at,
                    talk_seconds=talked,
                )
    waited = caller.ended_at - caller.answered_at
    outcome = _unanswered(call, waited, site, rang=_rang_for(call, desks))
    return Lived(outcome=outcome, operator="", wait_seconds=waited, talk_seconds=0)


def _rang_for(call: Call, desks: list[Desk]) -> bool:
    """Some phone stopped ringing in the moment in which this caller hung up."""
    end = call.caller.ended_at
    rings = [ring for desk in desks for ring in desk.phone.calls]
    return any(r.how_it_ended == "cancelled" and abs(r.ended_at - end) < 0.5 for r in rings)


def _unanswered(call: Call, waited: float, site: dict[str, Any], *, rang: bool) -> str:
    published = {did: line["queue"] for line in site["lines"] for did in line["dids"]}
    queue = published.get(call.citizen.did)
    if queue is None:
        return "rejected"
    if call.caller.ended_by == "far end":
        return "overflow"
    if not rang and call.caller.heard(call.caller.answered_at).share("music") == 0:
        return "ivr_ended"
    limits = {rules["queue"]: rules["short_abandon_seconds"] for rules in site["queues"]}
    return "abandoned_short" if waited < limits[queue] else "abandoned"
