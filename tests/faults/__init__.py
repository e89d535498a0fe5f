"""Faults injected into the real parts under load, and what they cost callers and records.

`make faults`; `FAULT=F18 SEED=7 make faults` repeats one. `fault.py` says what a fault is, a file a
family holds them (processes, network, database, journal, clock, strangers, instances, endpoints),
`lab.py` has the parts and the load, `auditor.py` judges. See README.md.
"""
