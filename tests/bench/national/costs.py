"""What the parts cost, as measured: costs.json, one figure each with its unit and its command.

Read by __main__.py; any figure can be given on the command line instead (`--cost name=value`).
Measure again on the machine you plan for: these are of two shared cores.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

FILE = Path(__file__).with_name("costs.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """One core's milliseconds, bytes, and rates borne. The names are those of costs.json."""

    engine_steps_a_second: float
    service_ms_a_call: float
    asterisk_ms_a_call: float  # signalling: from the INVITE to the end, no sound
    database_ms_a_call: float
    asterisk_talk_ms_a_second: float  # caller and operator, sound both ways
    asterisk_wait_ms_a_second: float  # a caller who hears music and speaks
    asterisk_kilobytes_a_channel: float
    service_kilobytes_a_caller: float
    calls_a_second_borne: float  # one service and one Asterisk, 1,000 callers standing
    channels_seen: float  # most that one Asterisk of ours was ever measured with
    database_bytes_a_row: float
    rows_a_second_borne: float
    journal_facts_a_second_borne: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure and where it is from."""

    value: float
    unit: str
    source: str


def measured(path: Path = FILE) -> dict[str, Measured]:
    """The figures by name."""
    told = json.loads(path.read_text())
    return {name: Measured(x["value"], x["unit"], x["from"]) for name, x in told.items()}


def costs(figures: Mapping[str, Measured], instead: Iterable[str] = ()) -> Costs:
    """The figures, some replaced: `instead` holds `name=value`."""
    values = {name: figure.value for name, figure in figures.items()}
    known = {field.name for field in fields(Costs)}
    for change in instead:
        name, _, value = change.partition("=")
        if name not in known:
            raise ValueError(f"there is no cost {name!r}; there are {', '.join(sorted(known))}")
        values[name] = float(value)
    return Costs(**values)
