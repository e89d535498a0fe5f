"""Is each rule of `core/` watched by a test? Each is broken in turn, and the tests must notice.

    python -m tests.mutants              all of them; ends with 1 when one survives
    python -m tests.mutants call line    those whose name holds one of these words
    python -m tests.mutants --unit line  quickly, by the core's own unit tests alone
    python -m tests.mutants --list       their names

`broken.py` makes the mutants from the tables that the engine runs and from the syntax trees of its
modules, so that a new rule has its mutant by itself. `judge.py` runs the unit and property tests.
"""
