"""An offer: one operator for one caller, from the ring of a phone to the end of the talk.

There are two ways to reach an operator, each with a table of its own: ring the phone (ring.py), or
join the open line that is up already (open_line.py). What both have in common is in rules.py;
ways.py says which table an offer has. While there is an offer, its call is *engaged*.
"""
