"""The auditor has teeth: what is made up is told, and nothing else is."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.faults.auditor import Evidence, Findings, Lived, Rang, audit
from tests.faults.every import FAULTS
from tests.faults.table import Verdict, figures
from tests.people import OperatorPhone, until
from tests.people.stranger import Stranger

FOUND = ("cut", "lost", "records_lost", "contradicted", "double_rings", "silent", "orphans")

SERVED = Lived(
    number="081", dialled_at=10, answered_at=10.1, ended_at=15, ended_by="far end", status=200
)
LEFT = Lived(
    number="082", dialled_at=11, answered_at=11.1, ended_at=14, ended_by="caller", status=200
)
TALK = Rang(
    operator="op00",
    rang_at=12,
    up_at=12.2,
    ended_at=15,
    how="operator",
    partner="081",
    heard=True,
)


def row(call: str, caller: str, **changes: Any) -> dict[str, Any]:
    """A record of a call that was answered after 2.1 s and lasted 2.8 s."""
    told = {
        "call_id": call,
        "caller": caller,
        "ended_at": "15:00",
        "outcome": "answered",
        "operator": "op00",
        "wait_seconds": 2.1,
        "talk_seconds": 2.8,
    }
    return {**told, **changes}


ANSWERED = row("1.1", "081")
ABANDONED = row("1.2", "082", outcome="abandoned", operator=None, talk_seconds=None)
GOOD = Evidence(
    callers=(SERVED, LEFT),
    rings=(TALK,),
    rows=(ANSWERED, ABANDONED),
    ledger=("1.1", "1.2"),
    rang_while_busy={"op00": 0},
    recoveries=(0.4,),
)


def told(evidence: Evidence) -> dict[str, int]:
    """What is found, and how often."""
    findings = audit(evidence)
    return {name: len(getattr(findings, name)) for name in FOUND if getattr(findings, name)}


def test_what_is_right_is_not_told() -> None:
    assert told(GOOD) == {}
    assert audit(GOOD).recovery_seconds == 0.4


MADE_UP = {
    "a talk ended by Asterisk": (
        replace(GOOD, rings=(replace(TALK, how="far end"),)),
        {"cut": 1},
    ),
    "a caller dropped out of a talk": (
        replace(GOOD, callers=(replace(SERVED, ended_at=13.5), LEFT)),
        {"cut": 1},
    ),
    "a talk of nobody known, ended by Asterisk": (
        replace(
            GOOD,
            rings=(TALK, replace(TALK, operator="op01", partner="", how="far end", ended_at=18)),
        ),
        {"cut": 1},
    ),
    "a waiting caller hung up on": (
        replace(GOOD, callers=(SERVED, replace(LEFT, ended_by="far end"))),
        {"lost": 1, "contradicted": 1},
    ),
    "a caller refused": (
        replace(
            GOOD,
            callers=(
                *GOOD.callers,
                replace(LEFT, number="083", answered_at=0, ended_by="far end", status=503),
            ),
        ),
        {"lost": 1},
    ),
    "a caller who is left alone after the talk": (
        replace(GOOD, callers=(replace(SERVED, ended_by="", ended_at=0), LEFT)),
        {"lost": 1},
    ),
    "a caller who still waits at the end": (
        replace(GOOD, callers=(SERVED, replace(LEFT, ended_by=""))),
        {"lost": 1},
    ),
    "a record lost": (
        replace(GOOD, rows=(ANSWERED,)),
        {"records_lost": 2},  # the caller's own view and Asterisk's ledger both say so
    ),
    "a call that only the ledger has": (
        replace(GOOD, ledger=("1.1", "1.2", "1.3")),
        {"records_lost": 1},
    ),
    "a record without an end": (
        replace(GOOD, rows=(ANSWERED, {**ABANDONED, "ended_at": None})),
        {"records_lost": 1},
    ),
    "a doubled row": (
        replace(GOOD, rows=(ANSWERED, ABANDONED, row("1.9", "081"))),
        {"contradicted": 1},
    ),
    "an answered call overwritten as abandoned": (
        replace(GOOD, rows=({**ANSWERED, "outcome": "abandoned"}, ABANDONED)),
        {"contradicted": 1},
    ),
    "an answer that nobody gave": (
        replace(GOOD, rows=(ANSWERED, row("1.2", "082"))),
        {"contradicted": 1},
    ),
    "another operator's answer": (
        replace(GOOD, rows=({**ANSWERED, "operator": "op07"}, ABANDONED)),
        {"contradicted": 1},
    ),
    "a talk four times as long as it was": (
        replace(GOOD, rows=({**ANSWERED, "talk_seconds": 11.0}, ABANDONED)),
        {"contradicted": 1},
    ),
    "a row that cannot be": (
        replace(GOOD, impossible=("ended before arrived",)),
        {"contradicted": 1},
    ),
    "two INVITEs at one phone": (
        replace(
            GOOD, rings=(TALK, replace(TALK, rang_at=13, up_at=0, how="cancelled", partner=""))
        ),
        {"double_rings": 1},
    ),
    "a phone that was busy when it was rung": (
        replace(GOOD, rang_while_busy={"op00": 2}),
        {"double_rings": 2},
    ),
    "an operator who hears nobody": (
        replace(GOOD, rings=(replace(TALK, heard=False),)),
        {"silent": 1},
    ),
    "silence while waiting": (
        replace(GOOD, callers=(SERVED, replace(LEFT, silence_seconds=4.0))),
        {"silent": 1},
    ),
    "a channel of nobody": (replace(GOOD, orphans=("PJSIP/trunk-1",)), {"orphans": 1}),
}


@pytest.mark.parametrize("name", MADE_UP)
def test_what_is_made_up_is_told(name: str) -> None:
    evidence, expected = MADE_UP[name]
    assert told(evidence) == expected


def test_who_talked_while_asterisk_was_killed_is_not_counted_as_cut() -> None:
    dead = replace(SERVED, ended_by="caller", excused=True)
    evidence = replace(
        GOOD, callers=(dead, LEFT), rings=(replace(TALK, how="far end", excused=True),)
    )
    assert told(evidence) == {}


def test_durations_are_not_judged_while_the_fault_lasts() -> None:
    odd = replace(GOOD, rows=({**ANSWERED, "talk_seconds": 9.0}, ABANDONED))
    assert told(replace(odd, outages=((14.0, 16.0),))) == {}
    assert told(replace(odd, outages=((40.0, 50.0),))) == {"contradicted": 1}


def test_a_broken_bound_is_named_and_printed_bold() -> None:
    findings = audit(replace(GOOD, rings=(replace(TALK, how="far end"),), recoveries=(9.0,)))
    verdict = Verdict(fault=FAULTS["F5"], findings=findings, phases=5, seed=1)
    assert verdict.broken == ["cut: 1 (at most 0)", "recovery seconds: 9 (at most 5)"]
    assert "| **1** |" in verdict.row() and "| **9.0** |" in verdict.row()
    assert "| **no** |" in verdict.row()
    good = Verdict(fault=FAULTS["F5"], findings=Findings(), phases=5, seed=1)
    assert not good.broken and "| yes |" in good.row()


UNBOUNDED = {
    "F14": {"silent"},  # the caller hears nothing until the phone is known to be dead
    "restart-gracefully": {"lost"},  # Asterisk itself refuses every call
    "F25": {"double_rings"},  # a phone whose BYE is lost still talks, so far as it knows
}


def test_what_has_no_bound_is_listed() -> None:
    for fault in FAULTS.values():
        free = {name for name, _, bound in figures(Findings(), fault.bounds) if bound is None}
        assert free == UNBOUNDED.get(fault.name, set()), fault.name


async def test_a_phone_that_is_sent_two_invites_counts_one_ring_too_many() -> None:
    """On a real socket, by somebody in Asterisk's place."""
    asterisk = await Stranger.at("127.0.0.1", to=("127.0.0.1", 9))
    phone = OperatorPhone("somchai")
    await phone.plugged_in(at=(asterisk.address, asterisk.port))
    target = phone.contact.rpartition(":")[2]
    asterisk.to = ("127.0.0.1", int(target))
    for _ in range(2):
        asterisk.send(asterisk.request("INVITE", phone.user).encoded())
    await until(lambda: phone.rang_while_busy, within=5)
    assert phone.rang_while_busy == 1 and len(phone.calls) == 1
    phone.close()
    asterisk.close()
    await asyncio.sleep(0)
