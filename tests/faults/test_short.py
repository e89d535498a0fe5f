"""The short table of `make test`: one strike each of a few faults, on one lab, in one load."""

from tests.faults.every import FAULTS
from tests.faults.fault import Bounds
from tests.faults.play import suffers
from tests.faults.table import figures

STRIKES = ("F5", "F17", "redirect-302", "F1")
BOUNDS = Bounds(recovery_seconds=20)  # how fast it is, is told by `make faults`
OPERATORS = 4


async def test_a_reset_wire_a_lost_commit_a_fraud_by_302_and_a_killed_service_cost_nothing() -> (
    None
):
    findings = await suffers([FAULTS[name] for name in STRIKES], seed=1567, operators=OPERATORS)
    over = [f for f in figures(findings, BOUNDS) if f[2] is not None and f[1] > f[2]]
    assert not over and not findings.broken, findings
    assert findings.talks > 10, "nobody was served: this table tells nothing"
