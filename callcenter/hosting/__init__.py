"""Starting the real parts on one host: system packages, Asterisk, PostgreSQL, the whole stack.

Called by `python -m callcenter run`, by the Makefile (before any virtual environment exists) and
by the tests. Standard library only, and nothing of the rest of `callcenter` is imported here. It
never decides anything about a call.
"""
