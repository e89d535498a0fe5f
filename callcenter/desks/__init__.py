"""What a call was about: matters that go from office to office until the citizen has an answer.

`shared/` holds what every desk uses: areas, units, grants, documents, hops, clocks, Thai writing.
Each desk is a folder of its own beside it. README.md says how one is added.
"""
