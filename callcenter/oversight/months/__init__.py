"""The months of calls and offers in the database: made ahead, filled, and removed in time.

It has no endpoints: `callcenter database months` shows them, and `callcenter doctor` complains.
"""
