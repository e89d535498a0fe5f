"""An offer: one operator for one caller, from the ringing of a phone to the end of the talk.

There are two ways to reach an operator, each with a table of its own: ring the phone (ring.py), or
join the open line that is up already (open_line.py). Their common parts are in rules.py. ways.py
says which table an offer has. While a call has an offer, it is *engaged*.
"""
