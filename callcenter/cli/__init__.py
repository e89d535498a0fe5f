"""The command line: `callcenter …`. Talks to the running service through its API like anyone else.

Only `serve`, `run` and `doctor` do more than that. Errors are sentences that say what to do, and an
exit status of 1; a traceback is always a bug.
"""
