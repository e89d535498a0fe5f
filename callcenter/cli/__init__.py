"""The command line: `callcenter …`. It talks to the running service through the API.

Only `serve`, `run` and `doctor` do more than that. An error is a sentence that says what to do,
with exit status 1. A traceback is always a bug.
"""
