"""The part that decides. Standard library only: no await, no clock, no sockets, no logging.

Read in this order: ids, events, facts, commands, call, offers, operator, line, routing,
engine.
"""
