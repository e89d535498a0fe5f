"""What the service tells of each call, beside what was lived, as a table."""

from collections.abc import Sequence
from typing import Any

from tests.demo.lived import Lived
from tests.demo.stage import Call

TOLERANCE_SECONDS = 1.0


def matched(calls: list[Call], records: list[dict[str, Any]]) -> list[dict[str, Any] | None]:
    """The record of each call: by the caller's number, and for a withheld one by what is left."""
    left = {record["call"]: record for record in records}
    found: list[dict[str, Any] | None] = []
    for call in calls:
        mine = next((r for r in left.values() if r["caller"].endswith(call.number)), None)
        found.append(left.pop(mine["call"]) if mine else None)
    for place, call in enumerate(calls):
        if found[place] is None:
            did = call.citizen.did
            rest = next((r for r in left.values() if r["did"] == did), None)
            found[place] = left.pop(rest["call"]) if rest else None
    return found


def ours(numbers: Sequence[str], records: Sequence[dict[str, Any]]) -> list[str]:
    """Which of the records are the demo's for certain, that had these callers: real people may call
    meanwhile. Who withheld the number is known by the operator alone."""
    return [
        record["call"]
        for record in records
        if record["caller"].endswith(tuple(numbers))
        or ((record["operator"] or "").startswith("demo-") and not _has_number(record))
    ]


def _has_number(record: dict[str, Any]) -> bool:
    return any(letter.isdecimal() for letter in record["caller"])


def differences(lived: Lived, record: dict[str, Any] | None) -> list[str]:
    """In words; empty when the service tells what was lived."""
    if record is None:
        return ["no record"]
    told = []
    if record["outcome"] != lived.outcome:
        told.append(f"outcome {record['outcome']}, lived {lived.outcome}")
    if (record["operator"] or "") != lived.operator:
        told.append(f"operator {record['operator']}, lived {lived.operator}")
    if lived.outcome != "rejected":
        told += _seconds("wait", record["wait_seconds"], lived.wait_seconds)
    told += _seconds("talk", record["talk_seconds"], lived.talk_seconds)
    return told


def _seconds(name: str, told: float | None, lived: float) -> list[str]:
    if abs((told or 0.0) - lived) <= TOLERANCE_SECONDS:
        return []
    return [f"{name} {told or 0.0:.1f} s, lived {lived:.1f} s"]


HEAD = f"{'dialled':<13}{'placed as':<28}{'became':<25}{'operator':<14}{'wait':>7}{'talk':>7}  "


def row(call: Call, lived: Lived, record: dict[str, Any] | None) -> str:
    """One line of the table: what was placed, what the service says, where they differ."""
    if record is None:
        became, operator, wait, talk = "(no record)", "", None, None
    else:
        reason = f"/{record['reason']}" if record["reason"] else ""
        became = f"{record['outcome']}{reason}"
        operator, wait, talk = record["operator"] or "", record["wait_seconds"], None
        talk = record["talk_seconds"]
    different = "; ".join(differences(lived, record))
    return (
        f"{call.citizen.did:<13}{call.citizen.story:<28}{became:<25}"
        f"{operator.removeprefix('demo-'):<14}{_shown(wait):>7}{_shown(talk):>7}  {different}"
    )


def _shown(seconds: float | None) -> str:
    return f"{seconds:.1f}" if seconds else "-"
