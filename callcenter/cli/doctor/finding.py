"""One finding of the doctor: good, doubtful or broken, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How a part is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report. `advice` is empty when all is well."""

    health: Health
    part: str
    what: str
    advice: str = ""


def ok(part: str, what: str) -> Finding:
    """It is well."""
    return Finding(health=Health.OK, part=part, what=what)


def warn(part: str, what: str, advice: str) -> Finding:
    """Calls are served, but something is not as it should be."""
    return Finding(health=Health.WARN, part=part, what=what, advice=advice)


def fail(part: str, what: str, advice: str) -> Finding:
    """Calls are not served, or soon will not be."""
    return Finding(health=Health.FAIL, part=part, what=what, advice=advice)
