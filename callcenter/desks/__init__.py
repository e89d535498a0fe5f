"""What calls are about: matters that go from office to office until the citizen has an answer.

`shared/` has what every desk uses: areas, units, grants, documents, hand-overs (hops), clocks, Thai
writing. Each desk is a folder of its own beside it. README.md says how one is added.
"""
