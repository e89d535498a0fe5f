"""The life of a call and of an operator as diagrams, printed from the tables that the engine runs.

`callcenter states-doc` prints them for callcenter/README.md, and a test compares that page. They
are Mermaid state diagrams, which GitHub and GitLab draw.
"""

from collections.abc import Iterable, Iterator

from callcenter.core import call, operator
from callcenter.core.offers import consult, ways
from callcenter.core.state import CallState, OfferState

Arrow = tuple[str, str, str]
"""From, to, and what happened."""

_ENGAGED = CallState.ENGAGED


def call_diagram() -> str:
    """The tables of calls and offers. Every arrow is a target of one of their cells. An engaged
    call is drawn as the states of its offer."""
    return _drawn(
        [
            ("[*]", CallState.WAITING, "caller arrived, let in"),
            ("[*]", CallState.MENU, "caller arrived, the line has a menu"),
            ("[*]", CallState.LEAVING, "caller arrived, not let in"),
            ("[*]", CallState.VOICEMAIL, "caller arrived, not let in, voicemail is on"),
            *(arrow for arrow in call_arrows() if _ENGAGED not in arrow[:2]),
            (CallState.WAITING, OfferState.RINGING, "an operator is free"),
            (CallState.WAITING, OfferState.JOINING, "an operator with an open line is free"),
            *offer_arrows(),
            (CallState.ENDED, "[*]", ""),
        ],
        ["    state engaged {", *(f"        {state}" for state in OfferState), "    }"],
    )


def call_arrows() -> Iterator[Arrow]:
    """The targets of every cell of the call's table."""
    for state, row in call.RULES.items():
        for what, cell in row.items():
            for target in cell.targets:
                yield state, target, what


def offer_arrows() -> Iterator[Arrow]:
    """The targets of every cell of the offers' tables, on both ways."""
    told = {
        (state, target, what): None
        for table in ways.RULES.values()
        for state, row in table.items()
        for what, cell in row.items()
        for target in cell.targets
    }
    yield from told
    for of, asked in consult.RULES.items():
        for happens, each in asked.items():
            for to in each.targets:
                yield of, to, happens


def operator_diagram() -> str:
    """The operator's table, and what calls change in their operators' states."""
    moves = [arrow for arrow in operator_arrows() if arrow[0] != arrow[1]]
    return _drawn([("[*]", operator.S.OFFLINE, ""), *moves])


def operator_arrows() -> Iterator[Arrow]:
    """The targets of every cell of the operator's table, and of every call."""
    for what, (states, targets) in operator.BY_CALL.items():
        for state in states:
            for target in targets:
                yield state, target, what
    for state, row in operator.RULES.items():
        for happens, cell in row.items():
            for target in cell.targets:
                yield state, target, happens


def _drawn(arrows: Iterable[Arrow], groups: Iterable[str] = ()) -> str:
    told: dict[tuple[str, str], list[str]] = {}
    for source, target, what in arrows:
        told.setdefault((str(source), str(target)), []).append(str(what))
    lines = ["stateDiagram-v2", *groups]
    for (source, target), reasons in told.items():
        label = ", ".join(filter(None, reasons))
        lines.append(f"    {source} --> {target}" + (f": {label}" if label else ""))
    return "\n".join(lines)
