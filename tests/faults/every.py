"""All faults there are."""

from tests.faults import database, network, processes
from tests.faults.fault import Fault

FAULTS: dict[str, Fault] = {
    fault.name: fault for family in (processes, network, database) for fault in family.FAULTS
}
