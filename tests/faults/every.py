"""All faults there are."""

from tests.faults import (
    clock,
    database,
    endpoints,
    instances,
    journal,
    network,
    processes,
    strangers,
)
from tests.faults.fault import Fault

FAULTS: dict[str, Fault] = {
    fault.name: fault
    for family in (processes, network, database, journal, clock, instances, endpoints, strangers)
    for fault in family.FAULTS
}
