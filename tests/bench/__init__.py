"""The queue beside Asterisk's own app_queue, on the same Asterisk, measured from outside.

`make bench` runs everything in interleaved blocks and prints one table of ratios; the rules are in
`lab.py` (what is the same for both), `wire.py` (the neutral clock) and `figures.py` (how a ratio
and its interval are made). Losses are printed as losses.
"""
