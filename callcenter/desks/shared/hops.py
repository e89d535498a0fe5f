"""Hops: hand-overs of a document from one unit to another, and back.

sent -> received -> answered | returned; sent -> recalled by the sender, before receipt. Several may
be open at once. The document is held by the receiver of the newest open hop that asks for something
(`act`). Without one it is held by the responsible unit. `inform` hops ask for nothing. Times are
arguments, and every function gives new values.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Purpose(StrEnum):
    """Why a document is handed over."""

    ACT = "act"
    INFORM = "inform"


class HopState(StrEnum):
    """The state of a hop."""

    SENT = "sent"
    RECEIVED = "received"
    ANSWERED = "answered"
    RETURNED = "returned"
    RECALLED = "recalled"


class ReturnReason(StrEnum):
    """Why a unit gives a document back."""

    WRONG_AGENCY = "wrong_agency"
    WRONG_AREA = "wrong_area"
    NOT_ENOUGH_INFORMATION = "not_enough_information"
    DUPLICATE = "duplicate"


OPEN = (HopState.SENT, HopState.RECEIVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One hand-over. `n` counts from 1 in the document."""

    n: int
    from_unit: str
    to_unit: str
    purpose: Purpose
    state: HopState
    sent_at: datetime
    seen_at: datetime | None = None
    received_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""  # a ReturnReason, or why it was recalled
    note: str = ""  # the text with which it was sent
    answer: str = ""  # the text with which it ended

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class HopFault(Exception):
    """An impossible hand-over. `code` is for programs, the sentence for people."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


Hops = Sequence[Hop]


def open_acts(hops: Hops) -> list[Hop]:
    """The open hops that ask for something, oldest first."""
    return [hop for hop in hops if hop.is_open and hop.purpose is Purpose.ACT]


def newest_open(hops: Hops) -> Hop | None:
    """The hop whose receiver holds the document."""
    found = open_acts(hops)
    return found[-1] if found else None


def holder(hops: Hops, responsible: str) -> str:
    """The unit that must act next."""
    newest = newest_open(hops)
    return newest.to_unit if newest else responsible


def open_to(hops: Hops, unit: str) -> Hop | None:
    """The open hop with which the unit has the document to act on; None if it has none."""
    return next((hop for hop in open_acts(hops) if hop.to_unit == unit), None)


def send(
    hops: Hops, from_unit: str, to_unit: str, at: datetime, *, purpose: Purpose, note: str = ""
) -> list[Hop]:
    """Add a hop. Raises HopFault if the receiver is the sender, or has the document already."""
    if from_unit == to_unit:
        raise HopFault("refer_to_self", "Choose another unit: this one has it already.")
    if purpose is Purpose.ACT and open_to(hops, to_unit):
        raise HopFault("already_there", "That unit has it already and has not answered.")
    hop = Hop(
        n=len(hops) + 1,
        from_unit=from_unit,
        to_unit=to_unit,
        purpose=purpose,
        state=HopState.SENT,
        sent_at=at,
        note=note,
    )
    return [*hops, hop]


def receive(hops: Hops, n: int, at: datetime) -> list[Hop]:
    """The receiver confirms that it has the document."""
    hop = _in_state(hops, n, HopState.SENT)
    return _with(
        hops, replace(hop, state=HopState.RECEIVED, received_at=at, seen_at=hop.seen_at or at)
    )


def end(
    hops: Hops, n: int, state: HopState, at: datetime, *, reason: str = "", answer: str = ""
) -> list[Hop]:
    """The hop was answered, returned or recalled."""
    states = (HopState.SENT,) if state is HopState.RECALLED else OPEN
    hop = _in_state(hops, n, *states)
    return _with(hops, replace(hop, state=state, ended_at=at, reason=reason, answer=answer))


def _in_state(hops: Hops, n: int, *states: HopState) -> Hop:
    hop = hops[n - 1]
    if hop.state not in states:
        raise HopFault("hop_not_now", f"That hand-over is {hop.state.value} already.")
    return hop


def _with(hops: Hops, changed: Hop) -> list[Hop]:
    return [changed if hop.n == changed.n else hop for hop in hops]
